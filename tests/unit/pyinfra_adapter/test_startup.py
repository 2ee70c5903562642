"""What is wrong with a description is said before pyinfra connects to anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pyinfra.api.config import Config
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State
from pyinfra.context import ctx_state

from homeport.errors import UserError
from homeport.pyinfra_adapter.startup import before_connecting

PROJECT = Path(__file__).parents[3]


@pytest.mark.parametrize("file", ["deploy.py", "deploys/verify_deps.py"])
def test_startup__an_error_in_app_yml_ends_the_run_before_it_connects(
    tmp_path: Path, file: str
) -> None:
    for name in (
        "deploy.py",
        "config.py",
        "homeport",
        "kinds",
        "operations",
        "deploys",
        "templates",
    ):
        (tmp_path / name).symlink_to(PROJECT / name)
    app = (PROJECT / "app.yml").read_text()
    assert "listen: socket" in app
    (tmp_path / "app.yml").write_text(app.replace("listen: socket", "listen: 80000"))
    (tmp_path / "hosts.py").write_text(
        "hosts = [('@local', {'debian': '12', 'architecture': 'amd64'})]\n"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pyinfra", "hosts.py", file, "--dry", "-y"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    output = done.stdout + done.stderr
    assert done.returncode == 1
    assert "app.yml:" in output
    assert "processes.web.listen: 80000 is not a port. Fix: write a port from 1 to" in output
    assert "Connecting" not in output
    assert "Traceback" not in output


@pytest.fixture
def state() -> State:
    return State()


def start(state: State, check: object, *names: str, limit: object = None) -> None:
    with ctx_state.use(state):
        before_connecting(check)
    inventory = Inventory(([(f"@fake/{name}", {"name": name}) for name in names], {}))
    hosts = [inventory.get_host(f"@fake/{name}") for name in limit] if limit else None
    state.init(inventory, Config(), initial_limit=hosts)


def test_startup__every_host_is_checked_once_the_inventory_is_known(state: State) -> None:
    checked: list[str] = []
    start(state, lambda host: checked.append(host.data.get("name")), "a", "b")
    assert checked == ["a", "b"]
    assert state.initialised


def test_startup__a_host_beyond_the_limit_is_nobodys_business(state: State) -> None:
    checked: list[str] = []
    start(state, lambda host: checked.append(host.data.get("name")), "a", "b", limit=["b"])
    assert checked == ["b"]


def test_startup__an_error_is_one_line_and_exit_code_1(
    state: State, capsys: pytest.CaptureFixture[str]
) -> None:
    def check(host: Host) -> None:
        raise UserError("x is wrong", fix="write y", file="app.yml", line=3)

    with pytest.raises(SystemExit) as caught:
        start(state, check, "a")
    assert caught.value.code == 1
    assert capsys.readouterr().err == "app.yml:3: x is wrong. Fix: write y.\n"


def test_startup__an_inventory_without_hosts_is_an_error_and_no_success(
    state: State, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        start(state, lambda host: None)
    assert caught.value.code == 1
    assert capsys.readouterr().err == "inventory: there is no host in it. Fix: name one.\n"


def test_startup__an_error_of_ours_is_not_taken_for_an_error_of_the_users(state: State) -> None:
    with pytest.raises(ZeroDivisionError):
        start(state, lambda host: 1 / 0, "a")
