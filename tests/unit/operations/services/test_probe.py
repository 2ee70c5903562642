"""What operations.services.probe promises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from homeport.engine.kind import DesiredState, ProbeError, ProbeOutput
from homeport.operations.services import kind
from homeport.operations.services import probe as observing
from homeport.operations.services.resources import CurrentLink
from homeport.operations.units.resources import Unit
from tests.support.fake_programs import Programs
from tests.support.real_shell import SHELLS, checked
from tests.support.sample_app import ONCE, TIMER, WEB
from tests.support.service_samples import API, DESCRIPTION, IN_SLOTS, KEY

# What systemctl and the records say.

SHOWN = """\
Id=shop-web.service
ActiveState=active
UnitFileState=enabled
InvocationID=i1

Id=shop-tidy.timer
ActiveState=inactive
UnitFileState=
InvocationID=
"""


def test_services__several_units_are_told_apart() -> None:
    found = kind.parse(ProbeOutput(f"link\t/l\t/x y\ninode\t/p\t7\n{SHOWN}", KEY))
    assert found.links == {"/l": "/x y"}
    assert found.inodes == {"/p": "7"}
    assert found.states["shop-web.service"].properties["ActiveState"] == "active"
    assert found.states["shop-tidy.timer"].properties == {
        "Id": "shop-tidy.timer",
        "ActiveState": "inactive",
        "UnitFileState": "",
        "InvocationID": "",
    }


def test_services__a_record_belongs_to_its_unit() -> None:
    records = "record\tshop-web.service\tinvocation i1 \nrecord\tother.service\tunit abc \n"
    found = kind.parse(ProbeOutput(records + SHOWN, KEY))
    assert found.states["shop-web.service"].record == {"invocation i1"}
    assert found.states["shop-tidy.timer"].record == frozenset()


@pytest.mark.parametrize(
    "text",
    ["Unit shop.service could not be found.", "link\t/l", "record\tx", "inode\t/p",
     "ActiveState=active", "Id=a.service", "Id=a.service\nActiveState=active\n",
     "Id=a.service\nActiveState=active\nUnitFileState=\n"],
)  # fmt: skip
def test_services__an_answer_that_is_not_understood_is_an_error(text: str) -> None:
    with pytest.raises(ProbeError):
        kind.parse(ProbeOutput(f"{SHOWN}\n{text}\n", KEY))


@pytest.mark.parametrize("shell", SHELLS)
def test_services__the_probe_tells_links_records_and_states_and_no_secret(
    shell: Sequence[str],
    tmp_path: Path,
    programs: Programs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(observing, "RECORDS", str(tmp_path / "run"))
    (tmp_path / "releases/r1").mkdir(parents=True)
    (tmp_path / "v1").mkdir()
    (tmp_path / "current").symlink_to(tmp_path / "releases/r1")
    (tmp_path / "run").mkdir()
    current = CurrentLink(f"{tmp_path}/current", f"{tmp_path}/releases/r1", f"{tmp_path}/v1")
    web = replace(WEB, current=current)
    (tmp_path / "run/shop-web.service").write_text(
        "invocation i1\nunit abcd\n"
        f"target {current.release} {current.path}\n"
        f"inode {(tmp_path / 'releases/r1').stat().st_ino} {current.path}\n"
        f"target ../v1 {current.path}/venv\n"
        f"inode {(tmp_path / 'v1').stat().st_ino} {current.path}/venv\n"
        f"sha256 {'e' * 64} /etc/env\nsha256 {'5' * 64} /etc/sec\n"
    )
    path = programs(systemctl=f"cat <<'END'\n{SHOWN}END")
    description = DesiredState("shop", (current, web, TIMER))
    probe = kind.probe(description, KEY)
    text = checked(f"PATH={path}\n{probe}", shell)
    assert "5" * 64 not in text
    found = kind.parse(ProbeOutput(text, KEY))
    (change,) = kind.diff(description, found)
    assert change.target.name == TIMER.unit


def test_services__units_and_links_that_are_not_there_are_no_error(
    programs: Programs, tmp_path: Path
) -> None:
    path = programs(systemctl=f"cat <<'END'\n{SHOWN}END")
    text = checked(f"PATH={path}\n{kind.probe(DESCRIPTION, KEY)}")
    found = kind.parse(ProbeOutput(text, KEY))
    assert (found.links, found.inodes) == ({}, {})


@pytest.mark.parametrize("shell", SHELLS)
def test_services__a_record_is_seen_by_the_look(shell: Sequence[str], tmp_path: Path) -> None:
    description = DesiredState("shop", (replace(ONCE, record=f"{tmp_path}/init"),))
    for there in (False, True):
        text = checked(kind.probe(description, KEY), shell)
        assert bool(kind.parse(ProbeOutput(text, KEY)).done) is there
        (tmp_path / "init").touch()


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("pointer", ["slot a\ngeneration 1\n", "slot -\n", "", None])
def test_services__the_probe_asks_for_the_slot_that_the_pointer_names(
    pointer: str | None,
    shell: Sequence[str],
    tmp_path: Path,
    programs: Programs,
    log: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("POINTERS", "SLOTS", "RECORDS"):
        monkeypatch.setattr(observing, name, str(tmp_path / name))
    units = tmp_path / "SLOTS/shop/slots/a/etc/units"
    units.mkdir(parents=True)
    for name in ("shop-api@.service", "shop-old@.service", "other.service"):
        (units / name).touch()
    (tmp_path / "RECORDS").mkdir()
    (tmp_path / "RECORDS/shop-api@a.service").write_text("invocation i1\nunit abcd\n")
    if pointer is not None:
        (tmp_path / "POINTERS/shop").mkdir(parents=True)
        (tmp_path / "POINTERS/shop/active").write_text(pointer)
    path = programs(systemctl="")
    job = Unit("shop-tidy.service", "")
    described = DesiredState("shop", (*IN_SLOTS.resources, job, Unit(API.unit, "")))
    text = checked(f"PATH={path}\n{kind.probe(described, KEY)}", shell)
    found = kind.parse(ProbeOutput(text, KEY))
    (call,) = log.read_text().splitlines()
    requested = call.partition(" -- ")[2].split()
    if pointer and pointer.startswith("slot a"):
        assert found.slot == "a"
        assert found.slot_units == ("shop-api@a.service", "shop-old@a.service")
        assert "record\tshop-api@a.service\tunit abcd" in text
        in_slot = ["shop-api@a.service", "shop-old@a.service"]
        assert requested == [TIMER.unit, *in_slot, "shop-tidy.service"]
    else:
        assert (found.slot, found.slot_units) == (None, ())
        assert requested == [TIMER.unit, "shop-tidy.service"]
    assert found.memory is not None
    assert 0 < found.memory <= found.total
