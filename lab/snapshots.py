"""Snapshots: a host at one moment, kept under a label, to return to or to clone.

A snapshot is a layer: hosts are laid over it, and none is copied. It lives and ends with its lab.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from homeport.errors import UserError
from lab import hosts, machine, privilege, state
from lab.command import output
from lab.paths import Place, place
from lab.state import Host, State

_LABEL = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def snapshot(name: str, label: str) -> None:
    """Keep what is on a host, as it is at one moment, in a snapshot; the host runs on.

    Raises UserError when the lab has no such host, the label can't be read or is taken.
    """
    if not _LABEL.fullmatch(label):
        raise UserError(f"snapshot {label!r}: not a label", fix="write a-z, 0-9 and -, at most 40")
    where = place()
    current = state.require(where, name)
    if not privilege.is_root():
        return hosts.as_root("snapshot", name, label)
    with hosts.locked(where):
        directory = where.snapshot(label)
        if directory.exists():
            fix = "choose another label, or run `python -m lab down` first"
            raise UserError(f"the lab has a snapshot {label} already", fix=fix)
        beside = directory.with_name(f".{label}.new")
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        # Stopped between two instructions, as by a power cut that loses nothing.
        with machine.frozen(where, name):
            layer = ["cp", "-a", "--reflink=auto", str(where.host(name) / "upper")]
            output([*layer, str(beside / "layer")])
        host = current.hosts[name]
        saved = replace(host, layers=(label, *host.layers))
        _record(beside).write_text(json.dumps(asdict(saved)) + "\n")
        beside.rename(directory)
    return None


def restore(name: str, label: str) -> None:
    """Make a host what a snapshot is, under its own name, address and keys.

    Its machine id and boot id are new. Raises UserError when there is no such host or snapshot, or
    the snapshot is of a host of another architecture, Debian or user.
    """
    where = place()
    host = state.require(where, name).hosts[name]
    saved = read(where, label)
    if not privilege.is_root():
        return hosts.as_root("restore", name, label)
    kind = (host.architecture, host.debian, host.user, host.asks)
    if kind != (saved.architecture, saved.debian, saved.user, saved.asks):
        raise UserError(
            f"the snapshot {label} is of a host unlike {name}"
            f" ({saved.architecture}, Debian {saved.debian}, {saved.user})",
            fix="choose another host or another snapshot",
        )
    return hosts.relay(where, replace(host, base=saved.base, layers=saved.layers))


def clone(label: str, names: Sequence[str]) -> State:
    """Make and start a host of each name, each as a snapshot is; return the state of the lab.

    Each has an address, host keys, a machine id and a boot id of its own. Raises UserError when
    there is no such snapshot, it is of a bare host, or the lab has a host of one of the names.
    """
    where = place()
    with hosts.locked(where):
        current = state.require(where)
        saved = read(where, label)
        if saved.bare:
            raise UserError(
                f"the snapshot {label} is of a bare host", fix="`python -m lab up` more"
            )
        if known := sorted(current.hosts.keys() & set(names)):
            fix = "choose another name, or run `python -m lab down` first"
            raise UserError(f"the lab has a host {known[0]} already", fix=fix)
        used = {host.number for host in current.hosts.values()}
        free = sorted(set(range(2, 255)) - used)
        for name, number in zip(names, free, strict=False):
            current.hosts[name] = replace(saved, name=name, number=number)
        state.write(where, current)
    return hosts.up(())


def read(where: Place, label: str) -> Host:
    """Return the host that a snapshot was taken of, laid over the snapshot.

    Raises UserError when the lab has no such snapshot.
    """
    try:
        return state.host(json.loads(_record(where.snapshot(label)).read_text()))
    except FileNotFoundError:
        known = ", ".join(sorted(path.name for path in where.snapshots.glob("[!.]*"))) or "none"
        raise UserError(f"the lab has no snapshot {label!r}", fix=f"name one of: {known}") from None


def _record(directory: Path) -> Path:
    return directory / "host.json"
