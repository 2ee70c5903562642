"""The contenders: all do one job, none knows of another, and each reaches only whom it knows."""

from __future__ import annotations

import ast
import runpy
import socket
from pathlib import Path

import pytest
import yaml

from benchmarks.contenders import CONTENDERS, Contender, Reach
from benchmarks.contenders.contender import TITLE
from benchmarks.expected_state import PACKAGES
from homeport.description.host import describe_host
from homeport.operations.packages.resources import Package

PEERS = Path("benchmarks/contenders/setups")
each = pytest.mark.parametrize("contender", CONTENDERS, ids=lambda contender: contender.name)


def reach(tmp_path: Path, user: str = "deploy") -> Reach:
    """Return a host behind a proxy."""
    return Reach("one", "127.0.0.1", 4022, user, tmp_path / "key", tmp_path / "known")


def test_contender__they_stand_side_by_side() -> None:
    for name in ("name", "title", "app", "port", "config", "python", "code", "state"):
        assert len({getattr(contender, name) for contender in CONTENDERS}) == len(CONTENDERS)


@each
def test_contender__every_host_is_reached_by_its_own_port_and_a_key_that_is_known(
    contender: Contender, tmp_path: Path, work: Path
) -> None:
    contender.prepare(work, [reach(tmp_path)])
    (written,) = [*work.glob("inventory.*")]
    text = written.read_text()
    for setting in ("127.0.0.1", "4022", "deploy", str(tmp_path / "key"), str(tmp_path / "known")):
        assert setting in text
    if written.suffix == ".py":
        ((_, data),) = runpy.run_path(str(written))["hosts"]
        assert data["ssh_strict_host_key_checking"] == "yes"
        assert data["_sudo"] is True
    else:
        host = yaml.safe_load(text)["all"]["hosts"]["one"]
        assert "StrictHostKeyChecking=yes" in host["ansible_ssh_common_args"]
        assert host["ansible_become"] is True


@each
def test_contender__whoever_is_root_needs_no_sudo(contender: Contender, tmp_path: Path) -> None:
    contender.prepare(tmp_path, [reach(tmp_path, "root")])
    (written,) = [*tmp_path.glob("inventory.*")]
    assert "_sudo" not in written.read_text()
    assert "ansible_become: true" not in written.read_text()


@each
def test_contender__its_command_runs_where_its_own_files_are(
    contender: Contender, tmp_path: Path
) -> None:
    hosts = [reach(tmp_path)]
    contender.prepare(tmp_path, hosts)
    folder, line = contender.folder(tmp_path), contender.command(tmp_path, hosts)
    files = [word for word in line if word.endswith((".py", ".yml"))]
    assert files
    assert all((folder / file).is_file() for file in files)


@each
def test_contender__no_run_finds_a_connection_of_another(
    contender: Contender, tmp_path: Path
) -> None:
    first, second = contender.environment(tmp_path), contender.environment(tmp_path)
    keys = ("ANSIBLE_SSH_CONTROL_PATH_DIR", "XDG_RUNTIME_DIR")
    folders = [Path(found[key]) for found in (first, second) for key in keys if key in found]
    assert len(set(folders)) == len(folders) == (0 if contender.name == "pyinfra" else 2)
    for folder in folders:
        assert folder.stat().st_mode & 0o077 == 0
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(folder / "0123456789"))
    contender.finish(tmp_path)
    assert not any(folder.exists() for folder in folders)


def test_contender__homeport_has_an_account_of_the_job_and_its_packages(
    tmp_path: Path, work: Path
) -> None:
    (homeport,) = (contender for contender in CONTENDERS if contender.name == "homeport")
    homeport.prepare(work, [reach(tmp_path)])
    ((_, data),) = runpy.run_path(str(work / "inventory.py"))["hosts"]
    description = describe_host(data, "one")
    assert description.app == homeport.app
    names = {package.name for package in description.of(Package)}
    assert {name.replace("python3.11", "python3") for name in names} == set(PACKAGES)


def test_contender__what_pyinfra_runs_names_its_connector(tmp_path: Path, work: Path) -> None:
    for name, host in (("homeport", "@openssh/one"), ("pyinfra", "@ssh/one")):
        (contender,) = (one for one in CONTENDERS if one.name == name)
        contender.prepare(work, [reach(tmp_path)])
        ((found, _),) = runpy.run_path(str(work / "inventory.py"))["hosts"]
        assert found == host


def test_contender__all_are_told_the_same() -> None:
    app = yaml.safe_load(Path("benchmarks/job/app.yml").read_text())
    assert app["environment"] == {"JOB_TITLE": TITLE}
    assert len(app["config_files"]) == 30
    (pyinfra,) = (contender for contender in CONTENDERS if contender.name == "pyinfra")
    data = runpy.run_path(str(PEERS / "pyinfra/group_data/all.py"))
    assert (data["title"], data["app"], data["web_port"], data["config"], data["code"]) == (
        TITLE,
        pyinfra.app,
        pyinfra.port,
        pyinfra.config,
        pyinfra.code,
    )
    (homeport,) = (contender for contender in CONTENDERS if contender.name == "homeport")
    assert app["processes"]["web"]["listen"] == homeport.port


def test_contender__the_peers_install_the_same_packages() -> None:
    tasks = yaml.safe_load((PEERS / "ansible/playbook.yml").read_text())[0]["tasks"]
    (apt,) = [task["ansible.builtin.apt"] for task in tasks if "ansible.builtin.apt" in task]
    # What a module of Ansible's needs on the host is no part of the job.
    assert apt["name"] == [*PACKAGES, "python3-packaging"]
    text = (PEERS / "pyinfra/deploy.py").read_text()
    (lists,) = [
        ast.literal_eval(node.value)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.keyword) and node.arg == "packages"
    ]
    assert lists == list(PACKAGES)


def test_contender__no_peer_uses_anything_of_ours() -> None:
    for file in PEERS.rglob("*"):
        if file.is_file() and file.suffix != ".pyc":
            text = file.read_text()
            assert "homeport" not in text
            assert "from operations" not in text
