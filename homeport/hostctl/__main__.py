"""The command: ``homeportctl VERB ...``, for root, during a deploy, at boot, or by hand."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import NamedTuple

from .plain_text import plain
from .protocol import VersionError
from .system import atomic_files
from .system.app_secrets import shown
from .system.disk_reserve import Reserve
from .system.exit_codes import FAILED, REFUSED, USAGE, CommandFailed, PreconditionFailed, Usage
from .system.paths import AppPaths
from .verbs.context import Context


class Verb(NamedTuple):
    """A verb: the module and function that do it, how it is written, how many words it takes.

    It is imported when it is wanted and not before: a Pi takes a while for each module.
    """

    does: str
    usage: str
    least: int = 0
    most: int | None = None
    writes: bool = True


VERBS = {
    "begin": Verb("begin:begin", "begin APP", 1, 1),
    "snapshot": Verb("snapshot:take", "snapshot APP ID PATH...", 3),
    "renew": Verb("renew:renew", "renew APP ID", 2, 2, writes=False),
    "watchdog": Verb("deadman:run", "watchdog APP ID", 2, 2),
    # From here on it switches.
    "activate": Verb("transitions:activate", "activate APP ID", 2, 3),
    "confirm": Verb("transitions:confirm", "confirm APP ID", 2, 2),
    "revert": Verb("transitions:undo", "revert APP ID [--if-gone] REASON...", 2),
    "rollback": Verb(
        "rollback:rollback",
        "rollback APP [NAME] [--force] [--old-secrets] [--dry [--json]] [--basis JSON]"
        " [--deploy-id ID] [--user USER]",
        1,
    ),
    "secrets": Verb("rotation:rotate", "secrets rotate APP NAME [--user USER] [--basis JSON]", 3),
    "cleanup": Verb("cleanup:cleanup", "cleanup APP", 1, 1),
    "boot": Verb("boot:boot", "boot", 0, 0),
    # And these are for people.
    "served": Verb("served:served", "served APP [PROCESS]", 1, 2, writes=False),
    "status": Verb("admin:status", "status [APP]", 0, 1, writes=False),
    "history": Verb("admin:show", "history APP [N] [--json]", 1, 3, writes=False),
    "lock": Verb("admin:set_lock", "lock REASON [--for 2d|3h|30m] [--user USER]", 1),
    "unlock": Verb("admin:unlock", "unlock", 0, 0),
    "pin": Verb("admin:pin", "pin APP NAME", 2, 2),
    "unpin": Verb("admin:unpin", "unpin APP NAME", 2, 2),
}


def main(argv: list[str], host: Context) -> int:
    """Do what is asked; return the exit code."""
    reserve = Reserve(AppPaths("", host.root).reserve)
    atomic_files.free_space_hooks[:] = [reserve.give]
    try:
        verb = _verb(argv)
        try:
            module, _, function = verb.does.partition(":")
            return int(
                getattr(import_module(f".verbs.{module}", __package__), function)(host, argv[1:])
            )
        finally:
            if verb.writes:
                reserve.make()
    except Usage as wrong:
        return _say(wrong, USAGE)
    except (PreconditionFailed, VersionError) as reason:
        return _say(reason, REFUSED)
    except (CommandFailed, OSError) as reason:
        return _say(reason, FAILED)


def _verb(argv: list[str]) -> Verb:
    if not argv or argv[0] not in VERBS:
        raise Usage(f"usage: homeportctl {'|'.join(VERBS)} ...")
    verb, count = VERBS[argv[0]], len(argv) - 1
    if count < verb.least or (verb.most is not None and count > verb.most):
        raise Usage(f"usage: homeportctl {verb.usage}")
    return verb


def _say(reason: Exception, code: int) -> int:
    print(f"homeportctl: {reason}", file=sys.stderr)
    return code


def run() -> int:
    """Do what the command line asks, on this host; return the exit code."""
    # Output must leave before the next step: the controller follows it.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # it is a file here
    host = Context()
    text = shown(host.root)
    sys.stdout, sys.stderr = plain(sys.stdout, text), plain(sys.stderr, text)
    return main(sys.argv[1:], host)


if __name__ == "__main__":
    sys.exit(run())
