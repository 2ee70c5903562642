"""What ssh.same_machine promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pyinfra.api.inventory import Inventory

from homeport.errors import UserError
from homeport.ssh.same_machine import address_of, once_each
from tests.support.group_data_files import here

__all__ = ["here"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("pi.local", {}), ("PI.local.", {})),
        (("@ssh/pi.local", {}), ("pi.local", {"ssh_port": 22})),
        (("::1", {}), ("x", {"ssh_hostname": "[0:0:0:0:0:0:0:1]"})),
        (("pi", {"ssh_config_file": "config"}), ("10.0.0.9", {"ssh_port": 2222})),
    ],
)
def test_same_machine__two_ways_to_write_one_address_are_one_machine(
    here: Path, one: tuple[str, dict[str, Any]], other: tuple[str, dict[str, Any]]
) -> None:
    (here / "config").write_text("Host pi\n  HostName 10.0.0.9\n  Port 2222\n")
    assert address_of(*one) == address_of(*other)
    with pytest.raises(UserError, match=r"are one machine, .* Fix: keep one of the two names"):
        once_each(Inventory(([one, other], {})))


def test_same_machine__other_ports_jumps_and_connectors_are_other_machines(here: Path) -> None:
    (here / "config").write_text("Host far\n  HostName 10.0.0.9\n  ProxyJump gate\n")
    hosts = [
        ("10.0.0.9", {}),
        ("b", {"ssh_hostname": "10.0.0.9", "ssh_port": 2222}),
        ("far", {"ssh_config_file": "config"}),
        ("@local", {}),
    ]
    once_each(Inventory((hosts, {})))
