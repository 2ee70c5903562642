"""The machine: it activates what was written, and ends each deploy by a confirmation or a way back.

It runs on the host, and is alone there while it does. Each step is written down before the next
begins; so from any point at which it may be cut off, ``revert`` leads back to what ran before, or,
if that point lies after the confirmation, forward to what was confirmed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

from ..plain_text import one_line
from ..protocol import (
    ACTIVATING,
    ARMED,
    CONFIRMED,
    FROM_INPUT,
    IF_GONE,
    PROGRAM,
    REVERTED,
    REVERTING,
    SOAKED,
    UNCHANGED,
    WRITING,
)
from ..protocol import INCOMPLETE as INCOMPLETELY
from ..slots.app_spec import AppSpec
from ..slots.health_gates import HostFailed
from ..slots.pointer import Pointer
from ..snapshots import generations
from ..system import atomic_files
from ..system.exit_codes import (
    ALREADY_CONFIRMED,
    DONE,
    FAILED,
    INCOMPLETE,
    UNSERVED,
    CommandFailed,
    PreconditionFailed,
    Usage,
)
from ..system.exit_codes import REVERTED as WENT_BACK
from ..system.mutex import exclusive
from ..system.paths import AppPaths
from ..system.process_handle import ProcessHandle, wait_for_writers
from ..system.systemd import UnitFailed
from ..transaction import lease
from ..transaction.journal import Journal
from ..transaction.states import ENDS, advance
from .activation import Activation, Request
from .app_context import AppContext, speak
from .context import Context
from .finalize import finalize
from .reversion import Reversion

DETACHED = "--detached"
"""For our own call: we run in a unit of our own, which outlives the caller."""

BROKEN = (CommandFailed, OSError, ValueError)


def activate(host: Context, args: list[str]) -> int:
    """Switch to what was written: the verb ``activate APP ID``.

    Returns DONE, or the exit code of the reversion. Raises PreconditionFailed, Usage.
    """
    place, deploy_id = host.place(args[0]), args[1]
    require(host, place, deploy_id, (ARMED, WRITING))
    if args[2:] != [DETACHED]:
        detach(host, place, ["activate", *args])
    try:
        request = Request.of(json.loads(host.stdin.read()))
    except (ValueError, KeyError, TypeError) as wrong:
        raise Usage(f"activate reads what is to be done as JSON: {wrong!r}") from None
    with exclusive(place):
        journal = require(host, place, deploy_id, (ARMED, WRITING))
        tools = AppContext(host, place)
        return attempt(tools, journal, Activation(tools, journal, request).run)


def detach(host: Context, place: AppPaths, words: list[str]) -> None:
    """Go on as a unit of our own, with the same input, output and exit code."""
    options = ["--quiet", "--wait", "--pipe", "--collect", f"--unit={worker(place.app)}"]
    host.commands.become(["systemd-run", *options, "--", PROGRAM, *words, DETACHED])


def worker(app: str) -> str:
    """Return the name of the unit in which an activation runs."""
    return f"homeportctl-activate-{app}"


def attempt(tools: AppContext, journal: Journal, work: Callable[[], None]) -> int:
    """Do what may fail; if it does, say why and go back. Return the exit code."""
    try:
        work()
    except BROKEN as wrong:
        # A full disk or a dead proxy isn't the release's fault, and the next try may succeed.
        judged = isinstance(wrong, UnitFailed) and not isinstance(wrong, HostFailed)
        _go_back(tools, journal, _complain(wrong), judged=judged)
        return INCOMPLETE if _is_incomplete(journal) else FAILED
    return DONE


def confirm(host: Context, args: list[str]) -> int:
    """Make a deploy final: the verb ``confirm APP ID``.

    Returns DONE, or REVERTED if it was cut off and is reverted. Raises PreconditionFailed.
    """
    place, deploy_id = host.place(args[0]), args[1]
    with exclusive(place):
        journal = host.journal(place)
        if journal is None or journal.id != deploy_id or journal.state in (*ENDS, REVERTING):
            if journal is not None and journal.id == deploy_id:
                revert(host, place, "it was cut off")
            if _ended(host, place, deploy_id).state == CONFIRMED:
                return DONE
            speak(f"homeportctl: deploy {deploy_id} was reverted", sys.stderr)
            return WENT_BACK
        require(host, place, deploy_id, (ARMED, WRITING, SOAKED))
        tools = AppContext(host, place)
        code = attempt(tools, journal, lambda: commit(tools, journal))
        return DONE if code == DONE else WENT_BACK


def commit(tools: AppContext, journal: Journal) -> None:
    """Confirm a deploy, if what it has started is still well. Raises ``Failed``."""
    place, began = tools.place, journal.reached(ACTIVATING) or {}
    if soaked := journal.reached(SOAKED):
        tools.gates.steady(soaked["invocations"])
    runs, before = AppSpec.read(place.processes), Pointer.read(place)
    slot = began.get("slot") or (before.slot if before else None)
    tools.gates.served(runs.proxy_gates(slot))
    generation = generations.keep(place, tools.commands, journal.first)
    serving = before.slot if before and runs.slots else None
    advance(
        journal,
        CONFIRMED,
        slot=began.get("slot") or serving,
        generation=began.get("generation", generation.gid),
        release=generation.release,
        data=max(generation.data, before.data if before else 0),
        back=began.get("back", False),
        outcome=UNCHANGED if before and journal.state == ARMED else CONFIRMED,
    )
    finalize(tools, journal)


def undo(host: Context, args: list[str]) -> int:
    """Go back: the verb ``revert APP ID [--if-gone] REASON...``; return the exit code.

    Raises PreconditionFailed.
    """
    place, deploy_id = host.place(args[0]), args[1]
    if args[2:3] == [IF_GONE]:
        return _undo_if_gone(host, place, deploy_id, " ".join(args[3:]))
    words = [host.stdin.readline()] if args[2:] == [FROM_INPUT] else args[2:]
    reason = one_line(" ".join(words)) or "it was asked for"
    journal = host.journal(place)
    if journal is not None and journal.id == deploy_id:
        # Whatever is at work may be cut off, and would be waited for otherwise.
        AppContext(host, place).systemd.stop([f"{worker(place.app)}.service"])
        # Who could not confirm what was well here may have been kept out by it.
        revert(host, place, reason, judged=journal.state == SOAKED)
    ended = _ended(host, place, deploy_id)
    if ended.state == CONFIRMED:
        way = f"`homeportctl rollback {place.app}` leads back"
        speak(f"homeportctl: deploy {deploy_id} is confirmed. {way}", sys.stderr)
        return ALREADY_CONFIRMED
    if unserved := ended.lines[-1].get("unserved"):
        speak(f"homeportctl: reverted, but people are not served: {unserved}", sys.stderr)
        return UNSERVED
    return INCOMPLETE if _is_incomplete(ended) else DONE


def _undo_if_gone(host: Context, place: AppPaths, deploy_id: str, reason: str) -> int:
    # That was judged a while ago, and its controller may have been heard of since.
    with exclusive(place):
        journal, held = host.journal(place), lease.read(place)
        if journal is None or journal.id != deploy_id:
            raise PreconditionFailed(f"deploy {deploy_id} of {place.app} isn't open")
        if held is not None and held.id == deploy_id and not held.gone(host.clock, journal):
            raise PreconditionFailed(f"there is a {held}. Fix: wait until it is over")
        return revert(host, place, reason)


def revert(
    host: Context, place: AppPaths, reason: str, *, judged: bool = False, booting: bool = False
) -> int:
    """Go back from wherever an open deploy has come to; return the exit code.

    One that was confirmed is brought to its end instead. Raises OSError, or SnapshotError, if files
    can't be put back; it may be called again.

    + judged: whether it is because of what was deployed, which is marked for it
    + booting: while the host starts nothing may be waited for
    """
    with exclusive(place):
        journal = host.journal(place)
        if journal is None:
            return DONE
        tools = AppContext(host, place)
        if journal.state in ENDS:
            finalize(tools, journal)
        else:
            _go_back(tools, journal, reason, judged=judged, booting=booting)
        if _is_incomplete(journal):
            return INCOMPLETE
        return DONE if journal.state == CONFIRMED else WENT_BACK


def _is_incomplete(journal: Journal) -> bool:
    return journal.lines[-1].get("outcome") == INCOMPLETELY


def _go_back(
    tools: AppContext, journal: Journal, reason: str, *, judged: bool = False, booting: bool = False
) -> None:
    if journal.state in ENDS:
        return finalize(tools, journal)
    again = journal.state == REVERTING
    if not again:
        advance(journal, REVERTING, reason=reason, judged=judged)
    if journal.reached(ACTIVATING) is None:
        # Who has begun to write may still be at it. Once we are told to switch, all is written.
        writers = [ProcessHandle.of(line.get("writer")) for line in journal.lines]
        wait_for_writers(writer for writer in writers if writer)
    reversion = Reversion(tools, journal, booting, again)
    reversion.run()
    unserved = reversion.unserved
    facts = {} if reversion.whole else {"outcome": INCOMPLETELY}
    advance(journal, REVERTED, complaints=reversion.complaints, unserved=unserved, **facts)
    for complaint in reversion.complaints:
        speak(complaint, sys.stderr)
    if not reversion.whole:
        speak("homeportctl: not all is as it was: see above", sys.stderr)
    if unserved:
        speak(f"homeportctl: reverted, but people are not served: {unserved}", sys.stderr)
    return finalize(tools, journal)


def require(host: Context, place: AppPaths, deploy_id: str, states: tuple[str, ...]) -> Journal:
    """Return the journal of that deploy if it is in one of these states. Raises
    PreconditionFailed."""
    journal = host.journal(place)
    if journal is None or journal.id != deploy_id:
        raise PreconditionFailed(f"deploy {deploy_id} of {place.app} isn't open")
    if journal.state not in states:
        raise PreconditionFailed(f"deploy {deploy_id} of {place.app} is {journal.state}")
    return journal


def _ended(host: Context, place: AppPaths, deploy_id: str) -> Journal:
    """Return the journal of the last deploy. Raises PreconditionFailed if it isn't this one's."""
    lines = atomic_files.records(place.last_journal)
    last = Journal(place, host.clock, lines) if lines else None
    if last is None or last.id != deploy_id:
        raise PreconditionFailed(f"deploy {deploy_id} of {place.app} isn't open")
    return last


def _complain(wrong: Exception) -> str:
    reason = one_line(wrong.reason if isinstance(wrong, UnitFailed) else str(wrong))
    log = wrong.log if isinstance(wrong, UnitFailed) else ()
    last = ["its last lines:", *(f"  {line}" for line in log)] if log else []
    speak("\n".join([f"homeportctl: {reason}", *last]), sys.stderr)
    return reason
