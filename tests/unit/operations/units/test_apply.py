"""Unit files: judged before they are in place, read after, and gone with what they ran."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from homeport.engine.kind import DesiredState, ProbeOutput
from homeport.files import managed_set
from homeport.files.entries import Absent
from homeport.files.env_file import HEADER
from homeport.hostctl.protocol import PROGRAM
from homeport.operations.units import apply, kind, resources
from homeport.operations.units.resources import Unit
from tests.support.changes import change
from tests.support.fake_programs import Programs
from tests.support.fake_systemd_units import (
    BEGUN,
    WEB,
    Probe,
    described,
    first,
    folder,
    host,
    probe,
)
from tests.support.real_delivery import as_root, run_command
from tests.support.real_shell import SHELLS, is_shell

__all__ = ["folder", "host", "probe"]


pytestmark = as_root


TIDY = Unit("shop-tidy.timer", "[Timer]\nOnCalendar=daily\n")


@pytest.mark.parametrize("shell", SHELLS)
def test_units_are_checked_written_and_read(
    shell: Sequence[str], folder: Path, probe: Probe, host: str, log: Path
) -> None:
    description = described(WEB, TIDY)
    found = probe(description, shell)
    (command,) = apply.apply(description, found, kind.diff(description, found))
    is_shell(command.get_raw_value(), shell)
    log.write_text("")
    done = run_command(command, shell, host)
    assert (done.returncode, done.stderr) == (0, "")
    assert (folder / WEB.name).read_text() == WEB.text
    stage = f"{folder}/.homeport-stage"
    assert log.read_text().splitlines() == [
        f"systemd-analyze verify --man=no --recursive-errors=no {stage}/{WEB.name} "
        f"{stage}/{TIDY.name}",
        "systemctl daemon-reload",
    ]
    assert kind.diff(description, probe(description, shell)) == []


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    "complaint",
    [
        "/x/shop-web.service:2: Unknown key name 'Exec' in section 'Service', ignoring.",
        "Failed to prepare filename shop-web.service: Invalid argument",
    ],
)
def test_unit_that_systemd_complains_of_is_not_installed(
    complaint: str, shell: Sequence[str], folder: Path, probe: Probe, host: str, log: Path
) -> None:
    (folder / WEB.name).write_text(f"{HEADER}old")
    found = probe(described(WEB), shell)
    (command,) = apply.apply(described(WEB), found, kind.diff(described(WEB), found))
    log.write_text("")
    done = run_command(command, shell, host, env={"SAYS": complaint})
    assert done.returncode == 1
    assert complaint in done.stderr
    assert (folder / WEB.name).read_text() == f"{HEADER}old"
    assert [path.name for path in folder.iterdir()] == [WEB.name]
    assert "daemon-reload" not in log.read_text()


def test_units__what_systemd_complains_of_in_units_of_others_is_not_ours(
    folder: Path, probe: Probe, host: str
) -> None:
    found = probe(described(WEB))
    (command,) = apply.apply(described(WEB), found, kind.diff(described(WEB), found))
    says = "/lib/systemd/system/shopxweb.service:9: Unit uses KillMode=none."
    assert run_command(command, path=host, env={"SAYS": says}).returncode == 0
    assert (folder / WEB.name).exists()


def test_unit_that_leaves_is_stopped_and_disabled_before_its_file_goes(
    folder: Path, probe: Probe, host: str, log: Path, tmp_path: Path
) -> None:
    found = probe(described(WEB, TIDY))
    (command,) = apply.apply(described(WEB, TIDY), found, kind.diff(described(WEB, TIDY), found))
    run_command(command, path=host)
    (folder / "theirs.service").write_text("not ours")
    log.write_text("")

    found = probe(described(TIDY))
    changes = kind.diff(described(TIDY), found)
    assert [(change.action, Path(change.target.name).name) for change in changes] == [
        ("remove", WEB.name),
        ("change", "units"),
    ]
    (command,) = apply.apply(described(TIDY), found, changes)
    log.write_text("")
    assert run_command(command, path=host).returncode == 0
    assert log.read_text().splitlines() == [
        f"systemctl disable --now --quiet {WEB.name}",
        f"systemctl reset-failed {WEB.name}",
        "systemctl daemon-reload",
    ]
    assert sorted(path.name for path in folder.iterdir()) == [TIDY.name, "theirs.service"]


def test_unit_that_can_not_be_stopped_keeps_its_file(
    folder: Path, probe: Probe, programs: Programs, host: str
) -> None:
    found = probe(described(WEB))
    (command,) = apply.apply(described(WEB), found, kind.diff(described(WEB), found))
    run_command(command, path=host)
    found = probe(described())
    (command,) = apply.apply(described(), found, kind.diff(described(), found))
    path = programs(systemctl='case "$1" in disable) exit 1;; esac')
    assert run_command(command, path=path).returncode == 1
    assert (folder / WEB.name).read_text() == WEB.text


def test_unit_that_systemd_has_not_read_is_read_and_nothing_more(
    folder: Path, probe: Probe, host: str, log: Path
) -> None:
    description = described(WEB, TIDY)
    found = probe(description)
    (command,) = apply.apply(description, found, kind.diff(description, found))
    run_command(command, path=host)

    found = probe(description, unread=TIDY.name)
    (change,) = kind.diff(description, found)
    assert (change.action, change.target.name) == ("change", f"{folder}/{TIDY.name}")
    assert change.reason == "systemd has not read it since it changed"
    (command,) = apply.apply(description, found, [change])
    log.write_text("")
    assert run_command(command, path=host).returncode == 0
    assert log.read_text() == "systemctl daemon-reload\n"


def test_units__a_staging_directory_left_behind_goes_without_a_word_to_systemd_analyze(
    folder: Path, probe: Probe, host: str, log: Path
) -> None:
    description = described(WEB)
    found = probe(description)
    (command,) = apply.apply(description, found, kind.diff(description, found))
    run_command(command, path=host)
    (folder / ".homeport-stage").mkdir()
    (change,) = kind.diff(description, found := probe(description))
    (command,) = apply.apply(description, found, [change])
    log.write_text("")
    assert run_command(command, path=host).returncode == 0
    assert not (folder / ".homeport-stage").exists()
    assert "verify" not in log.read_text()


def test_units__only_what_systemd_runs_from_is_stopped_when_it_leaves(folder: Path) -> None:
    found = kind.parse(ProbeOutput("", "key"))

    def applied(path: str) -> str:
        leaving = change("remove", path, "no longer described", Absent(path))
        (command,) = apply.apply(described(), found, [leaving])
        return str(command.get_raw_value())

    assert "systemctl disable --now --quiet a.service\n" in applied(f"{folder}/a.service")
    assert "systemctl disable" not in applied("/etc/homeport/shop/units/a@.service")


def test_units__where_a_deploy_has_begun_the_host_first_keeps_what_is_there(
    folder: Path, probe: Probe
) -> None:
    begun = DesiredState("shop", (WEB,), BEGUN)
    ledger = managed_set.ledger_path("shop", resources.NAME)
    words = [PROGRAM, "snapshot", "shop", BEGUN.deploy]
    above = ledger.rpartition("/")[0]
    assert first(begun, probe(begun)) == [*words, above, ledger, f"{folder}/{WEB.name}"]

    (folder / f"{WEB.name}.d").mkdir()
    drop_in = folder / f"{WEB.name}.d/theirs.conf"
    drop_in.touch()
    aside = [str(drop_in), f"{drop_in}.set-aside"]
    assert first(begun, probe(begun))[-2:] == aside
