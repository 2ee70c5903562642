"""Where a value of the inventory or of group_data stands, and where a host is reached."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pyinfra.api.inventory import Inventory

from homeport.errors import UserError
from homeport.manifest import UserErrors
from homeport.pyinfra_adapter.data_source import WHERE, with_source
from homeport.pyinfra_adapter.source_lines import line_of, line_of_second
from homeport.ssh.same_machine import address_of, once_each

PI = """\
debian = "12"
app = {
    "environment": {"A": "x"},
    **{"python": "3.13"},
    "processes": {
        "web": {"listen": 0},
    },
}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / WHERE).mkdir()
    (tmp_path / WHERE / "pi.py").write_text(PI)
    (tmp_path / WHERE / "all.py").write_text('architecture = "x"\napp = {}\n')
    return tmp_path


@pytest.mark.parametrize(
    ("variable", "keys", "line"),
    [
        ("debian", (), 1),
        ("app", (), 2),
        ("app", ("environment", "A"), 3),
        ("app", ("processes", "web", "listen"), 6),
        ("app", ("processes", "api", "listen"), 5),
        ("app", ("python",), 2),
        ("nothing", (), None),
    ],
)
def test_the_line_is_the_nearest_that_can_be_told(
    here: Path, variable: str, keys: tuple[str, ...], line: int | None
) -> None:
    assert line_of(here / WHERE / "pi.py", variable, keys) == line


def test_a_file_that_cannot_be_read_has_no_lines(here: Path) -> None:
    assert line_of(here / "nothing.py", "x") is None
    (here / "bad.py").write_text("x = (")
    assert line_of(here / "bad.py", "x") is None
    assert line_of_second(here / "bad.py", "x", "a") is None


def wrong(key: str) -> UserError:
    return UserError("is wrong", fix="mend it", file=WHERE, key=key)


@pytest.mark.parametrize(
    ("key", "nearer", "told"),
    [
        ("processes.web.listen", {}, "group_data/pi.py:6: processes.web.listen: is wrong"),
        ("architecture", {}, "group_data/all.py:1: architecture: is wrong"),
        ("debian", {"--data": {"debian": 1}}, "--data: debian: is wrong"),
        ("python", {"inventory": {"app": {}}}, "inventory: python: is wrong"),
    ],
)
def test_a_mistake_in_host_data_is_placed_where_pyinfra_took_it_from(
    here: Path, key: str, nearer: dict[str, Any], told: str
) -> None:
    assert str(with_source(wrong(key), ("other", "pi"), nearer)).startswith(told)


def test_each_of_several_mistakes_is_placed_and_others_are_left_alone(here: Path) -> None:
    elsewhere = UserError("x", fix="y", file="app.yml")
    several = with_source(UserErrors([wrong("debian"), elsewhere]), ("pi",))
    assert str(several).splitlines()[0].startswith("group_data/pi.py:1: debian: ")
    assert str(several).splitlines()[1] == "app.yml: x. Mend: y."
    (here / WHERE / "all.py").unlink()
    assert str(with_source(wrong("architecture"), ())).startswith("group_data: architecture: ")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("pi.local", {}), ("PI.local.", {})),
        (("@ssh/pi.local", {}), ("pi.local", {"ssh_port": 22})),
        (("::1", {}), ("x", {"ssh_hostname": "[0:0:0:0:0:0:0:1]"})),
        (("pi", {"ssh_config_file": "config"}), ("10.0.0.9", {"ssh_port": 2222})),
    ],
)
def test_two_ways_to_write_one_address_are_one_machine(
    here: Path, one: tuple[str, dict[str, Any]], other: tuple[str, dict[str, Any]]
) -> None:
    (here / "config").write_text("Host pi\n  HostName 10.0.0.9\n  Port 2222\n")
    assert address_of(*one) == address_of(*other)
    with pytest.raises(UserError, match=r"are one machine, .* Mend: keep one of the two names"):
        once_each(Inventory(([one, other], {})))


def test_other_ports_jumps_and_connectors_are_other_machines(here: Path) -> None:
    (here / "config").write_text("Host far\n  HostName 10.0.0.9\n  ProxyJump gate\n")
    hosts = [
        ("10.0.0.9", {}),
        ("b", {"ssh_hostname": "10.0.0.9", "ssh_port": 2222}),
        ("far", {"ssh_config_file": "config"}),
        ("@local", {}),
    ]
    once_each(Inventory((hosts, {})))
