"""The verbs that people run by hand: questions, locks, pins and cleanup."""

from __future__ import annotations

import json
import sys

from ..plain_text import one_line
from ..protocol import VersionError
from ..serving.proxy_check import NGINX
from ..slots.app_spec import AppSpec
from ..slots.pointer import Pointer, read_pointer
from ..snapshots import pins
from ..system import atomic_files
from ..system.exit_codes import DONE, PreconditionFailed, Usage
from ..system.mutex import exclusive
from ..system.paths import AppPaths
from ..system.systemd import Systemd
from ..transaction import deploy_lock, history, lease
from .context import Context, person
from .served import unserved

PATIENCE = 5
"""Seconds for which an application is waited for that is asked whether people reach it."""


def status(host: Context, args: list[str]) -> int:
    """Print what runs, what is open and what is locked: the verb ``status [APP]``.

    Returns DONE.
    """
    place = host.place(args[0]) if args else AppPaths("", host.root)
    if (locked := deploy_lock.read(place, host.clock)) is not None:
        print(locked)
    if (held := lease.read(place)) is not None:
        app = host.journal(AppPaths(held.app, host.root))
        print(f"open: {held}; {held.gone(host.clock, app) or 'in progress'}")
    for app_name in args or place.apps():
        for line in _app(host, host.place(app_name)):
            print(f"{app_name}: {line}")
    return DONE


def _app(host: Context, place: AppPaths) -> list[str]:
    lines = []
    if (active := read_pointer(place)) is not None:
        lines.append("runs " + ", ".join(f"{name} {value}" for name, value in active.items()))
    if (journal := host.journal(place)) is not None:
        lines.append(
            f"deploy {journal.id} is open: {journal.state}, {journal.remaining():.0f} s left"
        )
    lines += [*_not_running(host, place), *_not_reached(host, place)]
    for record in history.read(place, 1):
        facts = {name: record.get(name) for name in ("what", "outcome", "when", "who", "reason")}
        # A reason may have words of an application: it is one line all the same.
        words = [one_line(str(value)) for value in facts.values() if value]
        lines.append(f"last: {' '.join(words)}")
    return lines or ["nothing is known of it"]


def _not_running(host: Context, place: AppPaths) -> list[str]:
    pointer, runs = Pointer.read(place), AppSpec.read_or_empty(place.processes)
    gates = runs.all_gates(pointer.slot if pointer else None)
    units = [gate.unit for gate in gates] + [NGINX] * any(gate.proxy for gate in gates)
    # What a timer starts runs now and then: only its failure is news.
    started = [timer.replace(".timer", ".service") for timer in runs.timers]
    shown = Systemd(host.commands).show([*units, *runs.timers, *started])
    return [
        f"{unit} is {state.state}: `journalctl -u {unit}` there says why"
        for unit, state in shown.items()
        if (state.state == "failed" if unit in started else not state.active)
    ]


def _not_reached(host: Context, place: AppPaths) -> list[str]:
    try:
        return [f"people don't reach {line}" for line in unserved(host, place, patience=PATIENCE)]
    except VersionError:
        raise
    except ValueError as error:
        return [str(error)]


def show(host: Context, args: list[str]) -> int:
    """Print the outcome of each deploy, or of the last N: the verb ``history APP [N] [--json]``.

    Returns DONE. Raises ``Usage`` if N is no number.
    """
    words = [arg for arg in args if arg != "--json"]
    place = host.place(words[0])
    if len(words) > 1 and not words[1].isdigit():
        raise Usage(f"{words[1]!r} is no number of deploys")
    last = int(words[1]) if len(words) > 1 else None
    found = history.read(place, last)
    as_json, dropped = "--json" in args, history.dropped(place)
    if dropped and (last is None or last > len(found)):
        print(f"{dropped} older ones are dropped", file=sys.stderr if as_json else sys.stdout)
    lines = [json.dumps(each, sort_keys=True) for each in found] if as_json else None
    for line in history.table(found) if lines is None else lines:
        print(line)
    return DONE


def set_lock(host: Context, args: list[str]) -> int:
    """Lock the host: the verb ``lock REASON [--for TIME] [--user USER]``.

    Returns DONE. Raises ``Usage`` without a reason, and for a TIME that is no duration.
    """
    words, seconds, who = [], None, person()
    left = iter(args)
    for word in left:
        if word == "--for":
            seconds = deploy_lock.lasting(next(left, ""))
        elif word == "--user":
            who = next(left, who)
        else:
            words.append(word)
    if not (reason := " ".join(words).strip()):
        raise Usage("lock REASON [--for 2d|3h|30m]: a reason is wanted")
    place = AppPaths("", host.root)
    with exclusive(place):
        print(deploy_lock.set_(place, host.clock, who, reason, seconds))
    return DONE


def unlock(host: Context, args: list[str]) -> int:
    """Unlock the host: the verb ``unlock``. Returns DONE."""
    place = AppPaths("", host.root)
    with exclusive(place):
        locked = deploy_lock.read(place, host.clock)
        atomic_files.remove(place.lock)
    print("it isn't locked" if locked is None else f"unlocked; it was {locked}")
    return DONE


def pin(host: Context, args: list[str]) -> int:
    """Pin a release or generation, so that pruning keeps it: the verb ``pin APP NAME``.

    Returns DONE. Raises ``PreconditionFailed`` if the host has none of that name.
    """
    place, name = host.place(args[0]), args[1]
    with exclusive(place):
        folders = [each for each in (place.releases, place.generations) if each.is_dir()]
        there = {entry.name for folder in folders for entry in folder.iterdir()}
        if name.startswith(".") or name not in there:
            raise PreconditionFailed(f"{place.app} has no release and no generation {name!r}")
        pins.add(place, name)
    return DONE


def unpin(host: Context, args: list[str]) -> int:
    """Unpin a release or generation: the verb ``unpin APP NAME``.

    Returns DONE. Raises ``PreconditionFailed`` if it isn't pinned.
    """
    place = host.place(args[0])
    with exclusive(place):
        if not pins.drop(place, args[1]):
            raise PreconditionFailed(f"{args[1]!r} is not pinned")
    return DONE
