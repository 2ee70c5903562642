"""Units of slots: written and checked where systemd doesn't read them; its copies are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from homeport.engine.kind import DesiredState, PreconditionError
from homeport.files import managed_set
from homeport.operations.units import apply, kind, resources
from homeport.operations.units.resources import Unit
from homeport.operations.units.slot_units import SlotUnit
from tests.support.fake_systemd_units import Probe, folder, host, probe
from tests.support.real_delivery import as_root, run_command
from tests.support.real_shell import SHELLS, is_shell

__all__ = ["folder", "host", "probe"]


pytestmark = as_root
TEXT = "# Written by homeport; edited\n[Service]\nExecStart=/bin/web %i\n"


@pytest.fixture
def web(folder: Path, tmp_path: Path) -> SlotUnit:
    for place in ("etc/units", "slots/a/etc/units", "slots/b/etc/units"):
        (tmp_path / place).mkdir(parents=True)
    return SlotUnit("shop-web@.service", TEXT, f"{tmp_path}/etc/units", f"{tmp_path}/slots")


def described(*resources: Unit) -> DesiredState:
    return DesiredState("shop", resources)


def made_ready(unit: SlotUnit) -> None:
    """Give each slot its copies, as the host does."""
    for copy, path in unit.slot_copies.items():
        Path(path).write_text(unit.text)
        Path(copy).write_text(unit.text)


@pytest.mark.parametrize("shell", SHELLS)
def test_unit_of_slots_is_checked_and_written_and_nothing_is_stopped_when_it_leaves(
    shell: Sequence[str], web: SlotUnit, probe: Probe, host: str, log: Path
) -> None:
    found = probe(described(web), shell)
    (command,) = apply.apply(described(web), found, kind.diff(described(web), found))
    is_shell(command.get_raw_value(), shell)
    log.write_text("")
    assert run_command(command, shell, host).returncode == 0
    assert Path(web.place).read_text() == TEXT
    assert log.read_text().splitlines() == [
        "systemd-analyze verify --man=no --recursive-errors=no "
        f"{web.folder}/.homeport-stage/{web.name}",
        "systemctl daemon-reload",
    ]
    assert kind.diff(described(web), probe(described(web), shell)) == []

    found = probe(described(), shell)
    (command,) = apply.apply(described(), found, kind.diff(described(), found))
    log.write_text("")
    assert run_command(command, shell, host).returncode == 0
    assert not Path(web.place).exists()
    assert "disable" not in log.read_text()


@pytest.mark.parametrize("name", ["shop-web@i.service", "shop-web@.service"])
def test_slot_units__what_systemd_complains_of_in_any_instance_is_a_complaint(
    name: str, web: SlotUnit, probe: Probe, host: str
) -> None:
    found = probe(described(web))
    (command,) = apply.apply(described(web), found, kind.diff(described(web), found))
    done = run_command(command, path=host, env={"SAYS": f"{name}: Command /x is not executable"})
    assert done.returncode == 1
    assert not Path(web.place).exists()


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("slot", ["a", "b"])
def test_unit_of_a_slot_that_somebody_edited_is_put_back(
    slot: str, shell: Sequence[str], web: SlotUnit, probe: Probe, host: str, log: Path, folder: Path
) -> None:
    found = probe(described(web))
    (command,) = apply.apply(described(web), found, kind.diff(described(web), found))
    run_command(command, path=host)
    made_ready(web)
    assert kind.diff(described(web), probe(described(web), shell)) == []

    edited = folder / f"shop-web@{slot}.service"
    edited.write_text("[Service]\nExecStart=/bin/theirs\n")
    (change,) = kind.diff(described(web), found := probe(described(web), shell))
    assert (change.action, change.target.name) == ("change", str(edited))
    (command,) = apply.apply(described(web), found, [change])
    log.write_text("")
    assert run_command(command, shell, host).returncode == 0
    assert edited.read_text() == TEXT
    assert log.read_text() == "systemctl daemon-reload\n"
    assert sorted(path.name for path in folder.iterdir()) == [
        "shop-web@a.service",
        "shop-web@b.service",
    ]


def test_slot_units__a_slot_that_runs_an_older_unit_is_left_to_the_switch(
    web: SlotUnit, probe: Probe
) -> None:
    made_ready(web)
    newer = SlotUnit(web.name, f"{TEXT}Restart=no\n", web.folder, web.slots)
    targets = [
        change.target.name for change in kind.diff(described(newer), probe(described(newer)))
    ]
    assert targets[0] == newer.place
    assert not any("@a" in target or "@b" in target for target in targets)


@pytest.mark.parametrize("name", ["shop-web@a.service", "shop-web@.service"])
def test_slot_units__a_drop_in_of_one_slot_or_of_both_is_set_aside(
    name: str, web: SlotUnit, probe: Probe, host: str, folder: Path
) -> None:
    found = probe(described(web))
    (command,) = apply.apply(described(web), found, kind.diff(described(web), found))
    run_command(command, path=host)
    theirs = folder / f"{name}.d/override.conf"
    theirs.parent.mkdir()
    theirs.write_text("[Service]\nProtectSystem=false\n")
    (change,) = kind.diff(described(web), found := probe(described(web)))
    assert (change.action, change.target.name) == ("remove", str(theirs))
    (command,) = apply.apply(described(web), found, [change])
    assert run_command(command, path=host).returncode == 0
    assert [path.name for path in theirs.parent.iterdir()] == ["override.conf.set-aside"]


def test_slot_units__systemd_is_asked_of_the_units_of_both_slots_as_long_as_they_are_there(
    web: SlotUnit, probe: Probe, host: str, folder: Path
) -> None:
    found = probe(described(web))
    (command,) = apply.apply(described(web), found, kind.diff(described(web), found))
    run_command(command, path=host)
    # It was stopped and removed a moment ago, and systemd is about to be told.
    assert kind.diff(described(web), probe(described(web), unread="shop-web@b.service")) == []
    (folder / "shop-web@b.service").write_text("[Service]\n")
    found = probe(described(web), unread="shop-web@b.service")
    (change,) = kind.diff(described(web), found)
    assert change.target.name == f"{resources.FOLDER}/shop-web@b.service"


def rivals(folder: Path, web: SlotUnit) -> list[tuple[Unit, Unit]]:
    return [
        # One unit for two: the process web of shop-x, and the process x-web of shop.
        (web, SlotUnit(web.name, TEXT, "/etc/homeport/other/units", web.slots)),
        # One folder in /run for two: a slot of shop's web, and the process a of shop-web.
        (web, Unit("shop-web-a.service", TEXT)),
        (Unit("shop-web-b.service", TEXT), web),
    ]


@pytest.mark.parametrize("which", range(3))
def test_slot_units__a_slot_of_another_application_is_never_taken_over(
    which: int, web: SlotUnit, probe: Probe, folder: Path
) -> None:
    ours, theirs = rivals(folder, web)[which]
    for app, unit in (("shop", None), ("other", theirs)):
        ledger = Path(managed_set.ledger_path(app, "units"))
        ledger.parent.mkdir(parents=True)
        ledger.write_text(f"{unit.place}\n" if unit else "")
    with pytest.raises(PreconditionError, match="belongs to the application other;"):
        kind.diff(described(ours), probe(described(ours)))
