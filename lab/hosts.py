"""The whole lab: bring it up, take it down, put one host back to new, reboot it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from homeport.errors import UserError
from lab import base, binfmt, bridge, identity, machine, packages, privilege, ready, ssh, state
from lab.console import say, warn
from lab.lock import alone
from lab.paths import Place, place
from lab.spec import Spec, defaults, require_distinct
from lab.state import Host, State


def up(specs: Sequence[Spec] | None = None) -> State:
    """Bring up the hosts asked for and all that the lab has; return the state.

    None asks for the default ones. What runs already is left alone. Raises UserError when the
    machine can't, or a host doesn't boot.
    """
    specs = defaults() if specs is None else specs
    require_distinct(specs)
    _require_able()
    where = place()
    packages.ensure(packages.missing(packages.TOOLS))
    with locked(where):
        current = state.read(where)
        with _shared(where):
            _add(current, specs)
            _network(where, current)
            # Recorded before the first thing is made: `down` knows what may be there.
            state.write(where, current)
            bridge.ensure(where, current)
        ssh.prepare(where, current)
        privilege.give_back(where.directory)
        lock = threading.Lock()
        with ThreadPoolExecutor(max_workers=len(current.hosts)) as pool:
            started = [pool.submit(_raise, where, current, name, lock) for name in current.hosts]
        failed = [error for error in (future.exception() for future in started) if error]
        if failed:
            raise failed[0]
    return current


def down() -> list[str]:
    """End all of this checkout's lab, recorded or not; return what was removed."""
    _require_able()
    where = place()
    packages.ensure(packages.missing(packages.TOOLS))
    with locked(where):
        gone: list[str] = []
        ssh.remove(where)
        for name in sorted(machine.named(where.bridge)):
            if machine.stop(where, name.removeprefix(where.machine(""))):
                gone.append(f"host {name}")
        gone += [f"mount {Path(point).parent.name}" for point in machine.unmount(where.directory)]
        with _shared(where):
            gone += bridge.remove(where)
            if not bridge.any_lab():
                gone += bridge.restore_forwarding(where) + binfmt.disable()
        gone += base.sweep()
        for entry in where.directory.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.name != "lock":
                entry.unlink()
    return gone


def reset(name: str) -> None:
    """Make a host new: same address, same keys, nothing else of what was there. Raises
    UserError."""
    where = place()
    current = state.require(where, name)
    if not privilege.is_root():
        return as_root("reset", name)
    return relay(where, replace(current.hosts[name], layers=()))


def relay(where: Place, host: Host) -> None:
    """Throw away what a host has of its own, and boot it over what it is laid over from now on.

    Raises UserError when it doesn't boot.
    """
    with locked(where):
        current = state.require(where, host.name)
        ssh.hang_up(where, host.name)
        _clear(where, host.name)
        current.hosts[host.name] = host
        state.write(where, current)
        bridge.ensure(where, current)
        _raise(where, current, host.name, threading.Lock())


def run(
    name: str,
    what: str | Sequence[str],
    *,
    root: bool = False,
    stdin: str = "",
    timeout: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command (a list) or a shell script (a string) on a host and return its result.

    With root=True it is run by root, through sudo where the host is reached as another user.
    Raises UserError when the lab has no such host, subprocess.TimeoutExpired when it takes too
    long.
    """
    where = place()
    current = state.require(where, name)
    return ssh.run(where, current, name, what, root=root, stdin=stdin, timeout=timeout)


def _add(current: State, specs: Sequence[Spec]) -> None:
    native = binfmt.native()
    reasons: dict[str, str | None] = {}
    for spec in specs:
        wanted = spec.architecture or native
        known = current.hosts.get(spec.name)
        if known:
            # Its name alone asks for no way to enter it.
            same_login = spec in defaults() or (known.user, known.asks) == (spec.user, spec.asks)
            if (known.wanted, known.debian) != (wanted, spec.debian) or not same_login:
                raise UserError(
                    f"the lab has a host {spec.name} already, and it is another"
                    f" ({known.wanted}, Debian {known.debian}, {known.user})",
                    fix="choose another name, or run `python -m lab down` first",
                )
            continue
        used = {host.number for host in current.hosts.values()}
        number = min(set(range(2, 255)) - used)
        current.hosts[spec.name] = Host(
            spec.name, number, wanted, wanted, spec.debian, spec.user, spec.asks
        )
    for name, host in current.hosts.items():
        if host.architecture == native:
            continue
        if host.architecture not in reasons:
            reasons[host.architecture] = binfmt.enable(host.architecture)
        reason = reasons[host.architecture]
        if reason and not host.base:
            warn(
                f"{name} can't be {host.architecture} on this machine: {reason}.\n"
                f"It falls back to {native}: tests on it prove NOTHING about {host.architecture}."
            )
            current.hosts[name] = replace(host, architecture=native)


def _network(where: Place, current: State) -> None:
    if not bridge.exists(where):
        # Hosts of a lost bridge have lost their network for good; they boot again below.
        for name in current.hosts:
            machine.stop(where, name)
        current.subnet = bridge.choose(where.id, bridge.taken())


def _raise(where: Place, current: State, name: str, lock: threading.Lock) -> None:
    host, begun = current.hosts[name], time.monotonic()
    if not machine.running(where.machine(name)):
        machine.stop(where, name)
        cloned = where.host(name) / "cloned"
        if not (cloned.exists() and host.base and (base.bases() / host.base).is_dir()):
            _clear(where, name)
            # What is over a snapshot keeps the base that the snapshot was taken on.
            if not host.layers:
                emulated = host.architecture != binfmt.native()
                made = base.ensure(host.architecture, host.debian, emulated, name)
                begun = time.monotonic()
                with lock:
                    host = current.hosts[name] = replace(host, base=made)
                    state.write(where, current)
        root = machine.mount(where, host)
        if not cloned.exists():
            if host.layers:
                identity.rename(where, host, root)
            else:
                identity.give(where, current, host, root)
            cloned.touch()
        identity.place_in_network(current, host, root)
        say(name, f"booting {host.architecture}, Debian {host.debian}, {current.address(host)}")
        machine.boot(where, host)
    health = ready.wait(where, current, name, ready.BOOT_SECONDS)
    way = "ssh by password" if host.bare else "ssh"
    say(name, f"{health} after {time.monotonic() - begun:.1f} s: {way} as {host.user}")


def _clear(where: Place, name: str) -> None:
    machine.stop(where, name)
    directory = where.host(name)
    machine.unmount(directory)
    (directory / "cloned").unlink(missing_ok=True)
    for part in ("upper", "work"):
        shutil.rmtree(directory / part, ignore_errors=True)


def locked(where: Place) -> AbstractContextManager[None]:
    """Return a context manager that holds the lock of a lab: one command at a time changes it.

    Entering it waits for another command that holds the lock.
    """
    return alone(where.directory / "lock", "lab", "another lab command of this checkout runs")


def _shared(where: Place) -> AbstractContextManager[None]:
    return alone(where.directory.parent / "lock", "lab", "another checkout's lab command runs")


def _require_able() -> None:
    if sys.platform != "linux":
        raise UserError("the lab needs Linux", fix="run it in a Debian virtual machine")
    if not privilege.is_root():
        raise UserError("the lab needs root", fix="use `python -m lab`, which asks sudo for it")


def as_root(*arguments: str) -> None:
    """Run a command of the lab as root, by sudo. Raises UserError when it fails."""
    if subprocess.run(privilege.command(arguments), env=os.environ, check=False).returncode:
        raise UserError(f"python -m lab {' '.join(arguments)} failed", fix="see what it said above")
