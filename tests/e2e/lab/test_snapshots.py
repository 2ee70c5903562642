"""Hosts start from a snapshot: with all that is in it, and each as a host of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import astuple, dataclass

import pytest

import lab
from tests.e2e.lab.bare import root
from tests.e2e.lab.project import lab_command

FIRST = "first"


@dataclass(frozen=True)
class Identity:
    """What no two hosts share; a host that boots again is another only by its boot id."""

    name: str
    machine: str
    boot: str
    key: str
    address: str


def identity(host: str) -> Identity:
    """Ask a host who it is."""
    commands = ("hostname", "cat /etc/machine-id", "cat /proc/sys/kernel/random/boot_id")
    commands += ("cut -d' ' -f2 /etc/ssh/ssh_host_ed25519_key.pub", "hostname -I")
    return Identity(*root(host, "; ".join(commands)).splitlines())


@pytest.fixture(scope="module")
def source(own_lab: None) -> Iterator[Identity]:
    """Bring up a lab of its own with one host; take a snapshot of it that has a mark."""
    before = os.environ["HOMEPORT_LAB"]
    os.environ["HOMEPORT_LAB"] = f"{before}-snapshots"
    try:
        lab_command("up", FIRST)
        # Half of it from the base: a folder that is renamed, a file that is gone.
        root(FIRST, "echo kept >/srv/mark; mv /usr/share/doc /usr/share/docs; rm /etc/motd")
        found = identity(FIRST)
        lab.snapshot(FIRST, "marked")
        assert identity(FIRST) == found, "it ran on"
        root(FIRST, "echo later >/srv/mark; touch /srv/later; echo hello >/etc/motd")
        yield found
    finally:
        lab_command("down")
        os.environ["HOMEPORT_LAB"] = before


def as_marked(host: str) -> bool:
    """Return whether a host has what the snapshot has, and not what came later."""
    gone = "[ -e /usr/share/doc ] || [ -e /etc/motd ] || echo gone"
    there = f"ls -A /srv; cat /srv/mark; ls -d /usr/share/docs; {gone}"
    return root(host, there).split() == ["mark", "kept", "/usr/share/docs", "gone"]


def test_a_host_that_is_restored_has_what_the_snapshot_has_and_is_another_machine(
    source: Identity,
) -> None:
    lab.restore(FIRST, "marked")
    assert as_marked(FIRST)
    found = identity(FIRST)
    assert (found.name, found.key, found.address) == (source.name, source.key, source.address)
    assert found.machine != source.machine
    assert found.boot != source.boot

    lab.reset(FIRST)
    assert not as_marked(FIRST)
    assert root(FIRST, "ls -A /srv") == ""


def test_hosts_that_are_cloned_have_what_the_snapshot_has_and_nothing_else_in_common(
    source: Identity,
) -> None:
    lab.clone("marked", ["second", "third"])
    found = [source, identity("second"), identity("third")]
    assert [each.name for each in found] == [FIRST, "second", "third"]
    for same in zip(*map(astuple, found), strict=True):
        assert len(set(same)) == len(found), same
    assert as_marked("second")
    root("second", "rm /srv/mark")
    assert as_marked("third")
