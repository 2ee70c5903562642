"""What hostctl.snapshots.pins promises."""

from __future__ import annotations

import pytest

from homeport.hostctl.protocol import VersionError
from homeport.hostctl.snapshots import generations, pins
from homeport.hostctl.system.exit_codes import DONE, REFUSED
from tests.support.pruned_shop import deploy, releases
from tests.support.rehearsed_host import APP, Rehearsed
from tests.support.shop_host import Shop

Capture = pytest.CaptureFixture[str]


def test_pins__what_is_pinned_stays(shop: Shop) -> None:
    (first,) = (each.gid for each in generations.read_all(shop.place))
    for name in (first, "v2"):
        pins.add(shop.place, name)
    deploy(shop, "v2", "v3", "v4", "v5", "v6")
    assert releases(shop) == {"v1", "v2", "v4", "v5", "v6"}
    assert len(generations.read_all(shop.place)) == 5


def test_pin_names_what_is_there_and_keeps_what_a_person_wrote(rehearsed: Rehearsed) -> None:
    (rehearsed.place.releases / "r1").mkdir(parents=True)
    (rehearsed.place.generations / "0123456789ab").mkdir(parents=True)
    rehearsed.place.pins.write_text("r0   # for the auditors\n\n# nothing else\n")
    assert rehearsed.run("pin", APP, "r9") == REFUSED
    for name in ("r1", "0123456789ab", "r1"):
        assert rehearsed.run("pin", APP, name) == DONE
    assert pins.read(rehearsed.place) == ["r0", "r1", "0123456789ab"]
    assert rehearsed.run("unpin", APP, "r1") == DONE
    assert rehearsed.run("unpin", APP, "r1") == REFUSED
    assert rehearsed.place.pins.read_text() == (
        "# version 1\nr0   # for the auditors\n\n# nothing else\n0123456789ab\n"
    )


def test_pins__of_another_version_are_refused(rehearsed: Rehearsed, capsys: Capture) -> None:
    rehearsed.place.own.mkdir(parents=True)
    rehearsed.place.pins.write_text("# version 2\nr0 = a reason\n")
    with pytest.raises(VersionError, match="is of version 2"):
        pins.read(rehearsed.place)
    assert rehearsed.run("unpin", APP, "r0") == REFUSED
    assert "pins is of version 2, and this homeport knows 1 alone" in capsys.readouterr().err
    assert rehearsed.place.pins.read_text() == "# version 2\nr0 = a reason\n"


def test_pin_cannot_name_what_lies_elsewhere(rehearsed: Rehearsed) -> None:
    (rehearsed.place.releases / "r1").mkdir(parents=True)
    for name in ("..", "r1/../r1", "", "."):
        assert rehearsed.run("pin", APP, name) == REFUSED
