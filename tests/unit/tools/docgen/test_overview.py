"""The page of an environment tells what is described: all of it, and no secret."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from homeport import manifest
from homeport.description import host
from homeport.files.entries import Directory, File
from homeport.operations.packages.resources import Package
from homeport.operations.units.resources import Unit
from homeport.operations.venvs.resources import Venv
from homeport.pyinfra_adapter.inventory import InventoryHost
from tests.support.described_app import Project
from tools.docgen import overview
from tools.docgen.markdown import code

PI = {"architecture": "arm64", "debian": "12", "_sudo": True, "ssh_password": "letmein"}


@pytest.fixture
def here(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The project as the one that is told of; its secrets are nowhere to be read."""
    project.app()
    for name in ("token", "key"):
        (project.root / "secrets" / name).unlink()
    monkeypatch.setattr(host, "root", lambda: project.root)
    monkeypatch.setattr(host, "_loaded", manifest.load)
    return project


def page(*rows: InventoryHost) -> str:
    return overview.page("i.py", rows or (InventoryHost("one", ("pi",), PI),), "make docs")


def test_overview__everything_that_is_described_is_named(here: Project) -> None:
    text = page()
    description = host.describe_host(PI, secrets=lambda app: dict.fromkeys(app.secrets, ""))
    for resource in description.resources:
        if not isinstance(resource, Package | Unit):
            continue
        assert code(resource.name) in text
    for entry in (*description.of(File), *description.of(Directory)):
        assert f"| {code(entry.path)} |" in text
    for venv in description.of(Venv):
        assert venv.lock.id[:12] in text
        for pin in venv.lock.requirements:
            assert f"| {pin.name} | {pin.version} |" in text


def test_overview__what_an_operator_asks_for_is_there(here: Project) -> None:
    text = page()
    for words in (
        "| `one` | `pi` | yes | arm64 | 12 | 3.11 |",
        "| source | `code` |",
        "| environment.MODE | `a b` |",
        "| `/run/shop-web` | directory, by systemd | 750 | shop:shop |",
        "| `/var/lib/shop/cache/thumbs` | directory, by systemd | 700 | shop:shop |",
        "`gunicorn --bind 0.0.0.0:8000",
        "`uvicorn --uds /run/shop-api-%i/api.sock shop.api:app`",
        "| `/run/shop-api-a` | directory, by systemd | 750 | shop:shop |",
        "| `/run/shop-api-b` | directory, by systemd | 750 | shop:shop |",
        "In `/etc/homeport/shop/units`; each slot has a copy in `/etc/systemd/system`.",
        "| `web` | `shop-web` | `8000` | `yes` | `/live` |",
        "| `api` | `shop-api@a`, `shop-api@b` | `socket` |",
        "| 256M |",
        "| `shop-tidy.timer` | `OnCalendar=daily` |",
        "`/ready?x=1`",
    ):
        assert words in text, words


def test_overview__secrets_are_named_and_neither_read_nor_shown(here: Project) -> None:
    text = page()
    assert "| secrets.TOKEN | not shown |" in text
    assert "| `/etc/homeport/shop/secrets` | file, secret | 600 | root:root |" in text
    here.secret("token", "hunter2")
    here.secret("key", "letmein")
    assert page() == text
    assert "hunter2" not in text
    assert "letmein" not in text


def test_overview__what_changes_in_the_description_changes_the_page(here: Project) -> None:
    before = page()
    here.replace("memory: 256M", "memory: 300M")
    here.app()
    assert "300M" in page()
    assert page() != before


def test_overview__hosts_that_are_described_alike_are_told_of_once(here: Project) -> None:
    other = {**PI, "app": {"environment": {"MODE": "other"}}}
    text = page(
        InventoryHost("one", ("pi",), PI),
        InventoryHost("two", ("pi",), PI),
        InventoryHost("three", ("pi",), other),
    )
    assert re.findall("^## (.*)", text, re.M) == ["Hosts", "one, two", "three"]
    for name in ("one", "two", "three"):
        assert f"| `{name}` | `pi` |" in text


def test_overview__an_error_is_one_message(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert overview.main([]) == 1
    assert overview.main([str(tmp_path / "nowhere.py")]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert all("Fix: " in line for line in captured.err.splitlines())
    assert len(captured.err.splitlines()) == 2
