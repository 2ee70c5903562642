"""More hosts like one that is there already: all that was done to it, under other names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from homeport.errors import UserError
from lab import hosts, identity, machine, ssh, state
from lab.command import output
from lab.lock import alone
from lab.paths import Place, place
from lab.state import Host, State


def copy(source: str, names: Sequence[str]) -> State:
    """Make and start a host of each name, each with what is on the source; return the state.

    The source is stopped for it, and started again. Raises UserError when there is no such source,
    or a host of one of the names.
    """
    where = place()
    with alone(where.directory / "lock", "lab", "another lab command of this checkout runs"):
        current = state.require(where, source)
        if known := sorted(current.hosts.keys() & set(names)):
            fix = "choose another name, or run `python -m lab down` first"
            raise UserError(f"the lab has a host {known[0]} already", fix=fix)
        ssh.run(where, current, source, ["sync"], root=True, stdin="", timeout=60)
        ssh.hang_up(where, source)
        machine.stop(where, source)
        used = {host.number for host in current.hosts.values()}
        free = sorted(set(range(2, 255)) - used)
        for name, number in zip(names, free, strict=False):
            current.hosts[name] = replace(current.hosts[source], name=name, number=number)
        state.write(where, current)
        ssh.prepare(where, current)
        for name in names:
            _lay(where, current.hosts[name], source)
    return hosts.up(())


def _lay(where: Place, host: Host, source: str) -> None:
    directory = where.host(host.name)
    # A layer has attributes and devices of its own that say what it hides.
    output(["cp", "-a", "--reflink=auto", str(where.host(source) / "upper"), str(directory)])
    identity.rename(where, host, machine.mount(where, host))
    (directory / "cloned").touch()
