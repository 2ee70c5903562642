"""The lab's verbs."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Sequence

from homeport.errors import UserError
from lab import hosts, machine, privilege, ready, snapshots, ssh, state
from lab.paths import Place, place
from lab.spec import GRAMMAR, parse_all


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m lab", description="Real test hosts.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    up = verbs.add_parser("up", help="make and start hosts; without names: laptop, staging, pi")
    up.add_argument("hosts", nargs="*", metavar="HOST", help=GRAMMAR.replace("%", "%%"))
    verbs.add_parser("down", help="remove all hosts, the network and the NAT of this checkout")
    verbs.add_parser("status", help="show the hosts")
    shell = verbs.add_parser("shell", help="a shell on a host, or one command")
    shell.add_argument("host")
    shell.add_argument("command", nargs=argparse.REMAINDER)
    for verb, what in (("reset", "make a host new"), ("reboot", "reboot a host and wait for it")):
        verbs.add_parser(verb, help=what).add_argument("host")
    for verb, what in (
        ("snapshot", "keep what is on a host under a label"),
        ("restore", "make a host what a snapshot is"),
    ):
        verb_of_two = verbs.add_parser(verb, help=what)
        verb_of_two.add_argument("host")
        verb_of_two.add_argument("label")
    clone = verbs.add_parser("clone", help="make new hosts from a snapshot")
    clone.add_argument("label")
    clone.add_argument("hosts", nargs="+", metavar="HOST")
    chosen = parser.parse_args(arguments)
    try:
        return _do(chosen, arguments)
    except UserError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1


def _do(chosen: argparse.Namespace, arguments: Sequence[str]) -> int:
    where = place()
    if chosen.verb == "status":
        return _status(where)
    if chosen.verb == "shell":
        host = state.require(where, chosen.host).hosts[chosen.host]
        # No key opens a bare host: it is entered from beneath.
        bare = ssh.inside(where, host.name, "root") if host.bare else []
        shell = ["sh", "-c", " ".join(chosen.command)] if chosen.command else ["bash", "-l"]
        command = [*bare, *shell] if bare else [*ssh.command(where, host.name), *chosen.command]
        os.execvp(command[0], command)  # noqa: S606 - it is to become ssh, or nsenter
    specs = parse_all(chosen.hosts) if chosen.verb == "up" else ()
    if not privilege.is_root():
        command = privilege.command(arguments)
        os.execvp(command[0], command)  # noqa: S606 - it is to become sudo
    if chosen.verb == "up":
        hosts.up(specs)
        print(f"ssh -F {where.ssh_config} HOST")
    elif chosen.verb == "down":
        gone = hosts.down()
        print("removed: " + ", ".join(gone) if gone else "nothing to remove")
    elif chosen.verb == "reset":
        hosts.reset(chosen.host)
    elif chosen.verb == "snapshot":
        snapshots.snapshot(chosen.host, chosen.label)
    elif chosen.verb == "restore":
        snapshots.restore(chosen.host, chosen.label)
    elif chosen.verb == "clone":
        snapshots.clone(chosen.label, chosen.hosts)
    else:
        ready.reboot(chosen.host)
    return 0


def _status(where: Place) -> int:
    current = state.require(where)
    for name, host in sorted(current.hosts.items()):
        alive = "up" if machine.running(where.machine(name)) else "DOWN"
        wanted = "" if host.architecture == host.wanted else f" (NOT {host.wanted}, as wanted)"
        bare = f"  came bare, password in {where.password(name)}" if host.bare else ""
        print(
            f"{name:<12} {alive:<5} {host.user}@{current.address(host)}"
            f"  Debian {host.debian}  {host.architecture}{wanted}{bare}"
        )
    print(f"ssh -F {where.ssh_config} HOST")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        # Not waiting for the threads that boot hosts; builds die with us.
        sys.stdout.flush()
        print("\ninterrupted; `python -m lab down` removes what is there", file=sys.stderr)
        if threading.active_count() > 1:
            os._exit(130)
        sys.exit(130)
