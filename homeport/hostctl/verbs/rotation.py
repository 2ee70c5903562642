"""A rotation: one secret has a new value, in what runs and in all that is kept.

The processes start anew with it, judged as in a deploy; only then the old value goes from the
generations, so that a host on which they don't get well goes on with the old one.
"""

from __future__ import annotations

import io
import json
import secrets
import time
from collections.abc import Sequence
from typing import NamedTuple

from ..protocol import ARMED, ROTATION, WRITING
from ..slots.app_spec import AppSpec
from ..slots.pointer import Pointer
from ..snapshots import generations, secret_values, snapshot
from ..snapshots.entry import SnapshotError
from ..system.exit_codes import DONE, INCOMPLETE, CommandFailed, PreconditionFailed, Usage
from ..system.mutex import exclusive
from ..system.paths import AppPaths
from ..transaction.journal import Journal
from ..transaction.states import advance
from .activation import Activation, Request
from .app_context import AppContext
from .begin import begin
from .context import Context, person
from .transitions import DETACHED, attempt, commit, detach, require

NO_TEXT = "\x7f\ufffd" + "".join(map(chr, range(0xDC80, 0xDD00)))
"""What no value may hold: the last are bytes that aren't UTF-8, as Python reads them."""

USAGE = "usage: homeportctl secrets rotate APP NAME [--user USER] <NEW-VALUE"


class RotationRequest(NamedTuple):
    """The request for a rotation; ``deploy_id`` is that of the deploy that we go on with."""

    app: str
    name: str
    user: str | None = None
    deploy_id: str | None = None

    @classmethod
    def of(cls, args: Sequence[str]) -> RotationRequest:
        """Return what a command line asks for. Raises Usage."""
        words, options = list[str](), {"--user": "", "--deploy-id": ""}
        left = iter(word for word in args if word != DETACHED)
        for word in left:
            if word in options:
                options[word] = next(left, "")
            else:
                words.append(word)
        if len(words) != 3 or words[0] != "rotate":
            raise Usage(USAGE)
        return cls(words[1], words[2], options["--user"] or None, options["--deploy-id"] or None)


def rotate(host: Context, args: list[str]) -> int:
    """Replace a secret by what standard input has: the verb ``secrets rotate APP NAME``.

    Returns DONE, the exit code of the reversion, or INCOMPLETE if the old value is still somewhere.
    Raises PreconditionFailed, Usage.
    """
    wish = RotationRequest.of(args)
    place = host.place(wish.app)
    _require_known(place, wish.name)
    if wish.deploy_id is None:
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(host.clock.wall()))
        deploy_id = f"{stamp}-{secrets.token_hex(4)}"
        request = {"id": deploy_id, "who": wish.user or person(), "what": ROTATION}
        begin(host._replace(stdin=io.StringIO(json.dumps(request))), [wish.app])
        # It alone reads the value: no command line ever has it.
        detach(host, place, ["secrets", "rotate", wish.app, wish.name, "--deploy-id", deploy_id])
    with exclusive(place):
        journal = require(host, place, wish.deploy_id or "", (ARMED,))
        tools = AppContext(host, place)
        read: list[str] = []
        code = attempt(tools, journal, lambda: read.append(_rotate(tools, journal, wish.name)))
        if code == DONE:
            code = attempt(tools, journal, lambda: commit(tools, journal))
        if code != DONE:
            return code
        left = scrub(place, wish.name, read[0])
    for line in left:
        tools.say(line)
    return INCOMPLETE if left else DONE


def scrub(place: AppPaths, name: str, value: str) -> list[str]:
    """Make each generation hold this value of a secret; return what still holds another, in words.

    One that is damaged could hold any, and leads nowhere: it is removed.
    """
    left = []
    for gid in generations.names(place):
        try:
            images = generations.verify(place, gid)
        except SnapshotError as wrong:
            generations.remove(place, gid)
            left.append(f"{wrong}; it is removed")
            continue
        found = secret_values.replaced(place, images, {name: value})
        made = generations.rewrite(place, gid, found.images)
        left += [
            f"generation {made}: secret {each} is too short to be known" for each in found.left
        ]
    return left


def _require_known(place: AppPaths, name: str) -> None:
    pointer = Pointer.read(place)
    if pointer is None:
        raise PreconditionFailed(f"nothing of {place.app} was ever confirmed here")
    if name not in secret_values.of_host(place):
        known = ", ".join(sorted(secret_values.of_host(place)))
        raise PreconditionFailed(f"{place.app} has no secret {name!r}; it has: {known or 'none'}")
    try:
        images = generations.verify(place, pointer.generation)
    except SnapshotError as wrong:
        raise PreconditionFailed(f"{wrong}. Fix: deploy") from None
    if differing := snapshot.differing(images, place.root):
        raise PreconditionFailed(
            f"not as it was confirmed: {', '.join(differing)}. Fix: deploy, then rotate"
        )


def _rotate(tools: AppContext, journal: Journal, name: str) -> str:
    """Write the new value, have all that runs start with it, and return it.

    Raises CommandFailed.
    """
    place, value = tools.place, _value(tools)
    pointer = Pointer.read(place)
    images = generations.verify(place, pointer.generation if pointer else "")
    wanted = secret_values.replaced(place, images, {name: value})
    if wanted.left:
        raise CommandFailed(
            f"secret {wanted.left[0]} is too short to be known there."
            " Fix: change it where you deploy, and deploy"
        )
    changed = [new for old, new in zip(images, wanted.images, strict=True) if old != new]
    if not changed:
        return value
    snapshot.keep(place.snapshot, [each.path for each in changed], tools.commands, place.root)
    advance(journal, WRITING, index=snapshot.seal(place.snapshot)._asdict())
    snapshot.put_back(changed, tools.commands, place.root)
    runs = AppSpec.read(place.processes)
    singles = tuple(single.unit for single in runs.singles.values())
    Activation(tools, journal, Request(bool(runs.slots), singles, enable=tuple(runs.lone))).run()
    return value


def _value(tools: AppContext) -> str:
    text = tools.host.stdin.read()
    value = text.removesuffix("\n").removesuffix("\r")
    # systemd leaves a variable with a control character out, and starts the service all the same.
    if not value or any((c < " " and c != "\t") or c in NO_TEXT for c in value):
        raise CommandFailed("standard input has no value: one line of plain text is wanted")
    return value
