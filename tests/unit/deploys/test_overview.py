"""The page of an environment tells what is described: all of it, and no secret."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport import manifest
from homeport.description import host
from homeport.engine.kind import DesiredState
from homeport.files.entries import Absent, Directory, File, Link
from homeport.operations.packages import Package
from homeport.operations.units.kind import Unit
from homeport.operations.venvs.kind import Venv
from homeport.pyinfra_adapter.inventory import InventoryHost
from tests.unit.deploys.conftest import Project
from tools.docgen import overview
from tools.docgen import unit_tables as directives
from tools.docgen.markdown import code, escaped, table
from tools.docgen.sections import sections

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


def test_everything_that_is_described_is_named(here: Project) -> None:
    told = page()
    description = host.describe_host(PI, secrets=lambda app: dict.fromkeys(app.secrets, ""))
    for resource in description.resources:
        if not isinstance(resource, Package | Unit):
            continue
        assert code(resource.name) in told
    for entry in (*description.of(File), *description.of(Directory)):
        assert f"| {code(entry.path)} |" in told
    for venv in description.of(Venv):
        assert venv.lock.id[:12] in told
        for pin in venv.lock.requirements:
            assert f"| {pin.name} | {pin.version} |" in told


def test_what_an_operator_asks_for_is_there(here: Project) -> None:
    told = page()
    for words in (
        "| `one` | `pi` | yes | arm64 | 12 | 3.11 |",
        "| source | `code` |",
        "| environment.MODE | `a b` |",
        "| `/run/shop-web` | directory, by systemd | 750 | shop:shop |",
        "| `/var/lib/shop/cache/thumbs` | directory, by systemd | 700 | shop:shop |",
        "`gunicorn --bind 0.0.0.0:8000",
        "`uvicorn --uds /run/shop-api-%i/api.sock shop.api:app`",
        "| `/run/shop-api-a` | directory, by systemd | 710 | shop:www-data |",
        "| `/run/shop-api-b` | directory, by systemd | 710 | shop:www-data |",
        "In `/etc/homeport/shop/units`; each slot has a copy in `/etc/systemd/system`.",
        "| `web` | `shop-web` | `8000` | `yes` | `/live` |",
        "| `api` | `shop-api@a`, `shop-api@b` | `socket` |",
        "| 256M |",
        "| `shop-tidy.timer` | `OnCalendar=daily` |",
        "`/ready?x=1`",
    ):
        assert words in told, words


def test_secrets_are_named_and_neither_read_nor_shown(here: Project) -> None:
    told = page()
    assert "| secrets.TOKEN | not shown |" in told
    assert "| `/etc/homeport/shop/secrets` | file, secret | 600 | root:root |" in told
    here.secret("token", "hunter2")
    here.secret("key", "letmein")
    assert page() == told
    assert "hunter2" not in told
    assert "letmein" not in told


def test_what_changes_in_the_description_changes_the_page(here: Project) -> None:
    before = page()
    here.replace("memory: 256M", "memory: 300M")
    here.app()
    assert "300M" in page()
    assert page() != before


def test_hosts_that_are_described_alike_are_told_of_once(here: Project) -> None:
    other = {**PI, "app": {"environment": {"MODE": "other"}}}
    told = page(
        InventoryHost("one", ("pi",), PI),
        InventoryHost("two", ("pi",), PI),
        InventoryHost("three", ("pi",), other),
    )
    assert re.findall("^## (.*)", told, re.M) == ["Hosts", "one, two", "three"]
    for name in ("one", "two", "three"):
        assert f"| `{name}` | `pi` |" in told


@dataclass(frozen=True)
class LoginBanner:
    """A resource of which the page knows nothing."""

    path: str
    lines: tuple[str, ...] = ()
    level: int = 3
    password: str = "hunter2"
    body: bytes = b"hunter2"
    note: str = field(default="hunter2", repr=False)
    script: str = "first\nhunter2"


def test_a_kind_that_the_page_does_not_know_has_a_section_of_its_own() -> None:
    banners = (LoginBanner("/etc/issue", ("a", "b|c")), LoginBanner("/etc/issue.net"))
    told = sections(DesiredState("shop", (*banners, "a word")))
    assert "### Login banner\n\n| path | lines | level |\n" in told
    assert "| `/etc/issue` | `a, b\\|c` | `3` |" in told
    assert "| `/etc/issue.net` |  | `3` |" in told
    assert "| `a word` |" in told
    assert "hunter2" not in told


def test_each_entry_says_what_it_is() -> None:
    entries = (Link("/b", "/a"), Absent("/c"), Directory("/a", "700"), File("/d", b"x"))
    assert sections(DesiredState("shop", entries)).splitlines()[4:] == [
        "| `/a` | directory | 700 | root:root |",
        "| `/b` | link to `/a` |  |  |",
        "| `/c` | nothing |  |  |",
        "| `/d` | file | 644 | root:root |",
    ]


def test_a_host_of_which_nothing_is_described_has_no_sections() -> None:
    assert sections(DesiredState("shop", ())) == ""


def test_a_unit_that_somebody_else_wrote_is_told_too() -> None:
    text = (
        "[Service]\n# ExecStart=no\nExecStart=/bin/a -b\nExecStart=/bin/c\nRuntimeDirectory=x y\n"
    )
    row = directives.service("other.service", text)
    assert (row["runs"], row["as"], row["memory at most"]) == (
        "`/bin/a -b`, `/bin/c`",
        "`root`",
        "",
    )
    assert [place["path"] for place in directives.directories([text])] == ["`/run/x`", "`/run/y`"]
    assert {place["mode"] for place in directives.directories([text])} == {"755"}
    timer = directives.timer("t.timer", "[Timer]\nOnBootSec=5\nOnUnitActiveSec=30\nUnit=x\n")
    assert timer["when"] == "`OnBootSec=5`, `OnUnitActiveSec=30`"


@given(st.text())
def test_whatever_a_value_holds_it_stays_in_its_cell(text: str) -> None:
    for cell in (code(text), escaped(text)):
        rows = table([{"one": "x", "two": cell, "three": "z"}]).splitlines()
        bars = [len(re.findall(r"(?<!\\)\|", row)) for row in rows]
        assert len(rows) == 3
        assert len(set(bars)) == 1


@given(st.text(alphabet="a`| \\", min_size=1))
def test_code_can_hold_backticks(text: str) -> None:
    cell = code(text)
    mark = re.match("`*", cell)
    assert mark is not None
    inside = cell.removeprefix(mark[0]).removesuffix(mark[0])
    assert mark[0] == "" or mark[0] not in re.findall("`+", inside)


def test_a_column_without_any_value_is_left_out() -> None:
    assert table([{"a": "1", "b": ""}, {"a": "2", "c": "3"}]) == (
        "| a | c |\n| --- | --- |\n| 1 |  |\n| 2 | 3 |\n"
    )


def test_a_mistake_is_one_message(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert overview.main([]) == 1
    assert overview.main([str(tmp_path / "nowhere.py")]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert all("Mend: " in line for line in said.err.splitlines())
    assert len(said.err.splitlines()) == 2
