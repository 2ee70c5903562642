"""A rotation: one secret has a new value, in what runs and in all that is kept.

The processes start anew with it, judged as in a deploy; only then the old value goes from the
generations, so that a host on which they don't get well goes on with the old one.
"""

from __future__ import annotations

import io
import json
import secrets
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..protocol import ARMED, ROTATION, WRITING
from ..slots.app_spec import AppSpec
from ..slots.pointer import Pointer
from ..snapshots import generations, secret_values, snapshot
from ..snapshots.entry import SnapshotError
from ..snapshots.scrub import former, holding, scrub
from ..system.exit_codes import DONE, INCOMPLETE, CommandFailed, PreconditionFailed
from ..system.mutex import exclusive
from ..system.paths import AppPaths
from ..transaction.journal import Journal
from ..transaction.states import advance
from . import basis
from .activation import Activation, Request
from .app_context import AppContext
from .begin import begin
from .cleanup import cleanup, idle_slots
from .context import Context, person
from .rotation_request import RotationRequest
from .transitions import attempt, commit, detach, require

if TYPE_CHECKING:
    from ..shapes import Basis, BeginRequest

NO_TEXT = "\x7f\ufffd" + "".join(map(chr, range(0xDC80, 0xDD00)))
"""What no value may hold: the last are bytes that aren't UTF-8, as Python reads them."""


def rotate(host: Context, args: list[str]) -> int:
    """Replace a secret by what standard input has: the verb ``secrets rotate APP NAME``.

    Returns DONE, the exit code of the reversion, or INCOMPLETE if the old value is still somewhere.
    Raises PreconditionFailed, Usage.
    """
    wish = RotationRequest.of(args)
    place = host.place(wish.app)
    # It goes first: what is found after it may be newer, and never older.
    now: Basis = basis.current(host, place) if wish.dry else {}
    basis.require_unmoved(host, place, wish.basis)
    _require_known(place, wish.name)
    if wish.dry:
        plan = list(planned(place, wish.name))
        found = json.dumps({"plan": plan, "basis": now}, sort_keys=True)
        print(found if wish.as_json else "\n".join(plan))
        return DONE
    if wish.deploy_id is None:
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(host.clock.wall()))
        deploy_id = f"{stamp}-{secrets.token_hex(4)}"
        who = wish.user or person()
        request: BeginRequest = {
            "id": deploy_id, "who": who, "what": ROTATION, "basis": wish.basis,
        }  # fmt: skip
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
        values = former(place, wish.name, read[0])
        left = scrub(place, wish.name, read[0])
    if idle_slots(place):
        # What serves no more was started with the old value, and has a copy of it.
        cleanup(host, [wish.app])
    left += [f"{path} has a former value of {wish.name}" for path in holding(place, values)]
    for line in left:
        tools.say(line)
    return INCOMPLETE if left else DONE


def planned(place: AppPaths, name: str) -> Iterator[str]:
    """Yield what a rotation replaces: the secret in what runs, and in each generation."""
    pointer = Pointer.read(place)
    yield f"secret {name}, in what runs"
    for each in generations.read_all(place):
        runs = pointer is not None and pointer.generation == each.gid
        release = each.release.rpartition("/")[2]
        yield f"generation {each.gid}, release {release}{', which runs' if runs else ''}"


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
