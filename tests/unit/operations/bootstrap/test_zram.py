"""What operations.bootstrap.zram promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.engine.kind import ProbeOutput
from homeport.files.managed_set import ManagedSetState
from homeport.operations.bootstrap import zram
from homeport.operations.bootstrap.zram import FILE, PACKAGE, UNIT
from tests.support.fake_programs import Programs
from tests.support.sd_card import CARD, DESCRIPTION, targets

CAN = {"possible"}


def swap(words: set[str], devices: tuple[str, ...] = CARD, ledger: tuple[str, ...] = ()):
    return zram.ZramState(ManagedSetState({}, ledger, (), "key"), devices, frozenset(words))


def test_zram__a_card_gets_its_swap_in_memory() -> None:
    found = targets(zram.diff(DESCRIPTION, swap(CAN)))
    assert (found[0], found[-1]) == (PACKAGE, UNIT)
    assert FILE in found


@pytest.mark.parametrize(
    ("words", "devices"),
    [
        ({"possible", "on"}, CARD),
        ({"possible", "container"}, CARD),
        (set(), CARD),
        (CAN, ("sda1", "sda")),
    ],
)
def test_zram__no_swap_is_made_where_one_is_or_none_can_be(
    words: set[str], devices: tuple[str, ...]
) -> None:
    assert zram.diff(DESCRIPTION, swap(words, devices)) == []


def test_zram__a_swap_of_ours_stays_ours() -> None:
    ours = swap({"possible", "on", "package"}, ledger=(FILE,))
    assert UNIT not in targets(zram.diff(DESCRIPTION, ours))
    assert FILE in targets(zram.diff(DESCRIPTION, ours))  # it is gone from the host


def test_zram__the_swap_is_turned_on_after_its_file_is_there(programs: Programs, log: Path) -> None:
    found = swap(CAN)
    install, write = zram.apply(DESCRIPTION, found, zram.diff(DESCRIPTION, found))
    assert PACKAGE in install.get_raw_value()
    text = write.get_raw_value()
    assert text.index("mv -f -t /etc/systemd/zram") < text.index("systemctl start")
    again = swap({"possible", "package"})
    only = [change for change in zram.diff(DESCRIPTION, again) if change.target.name == UNIT]
    (command,) = zram.apply(DESCRIPTION, again, only)
    assert "systemctl start" in command.get_raw_value()


def test_zram__what_the_host_says_of_zram_is_understood(programs: Programs) -> None:
    from tests.support.real_shell import run

    path = programs(
        modprobe="", systemd_detect_virt="exit 1", dpkg_query="echo installed", lsblk="echo mmcblk0"
    )
    done = run(f"set -eu\n{zram.probe(DESCRIPTION, 'key')}", path=path)
    assert done.returncode == 0, done.stderr
    found = zram.parse(ProbeOutput(done.stdout.decode(), "key"))
    assert {"possible", "package"} <= found.words
    assert "container" not in found.words
    assert found.devices == ("mmcblk0",)
