"""An SD card is spared where there is one, and nothing else of fstab or of the image is touched."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.engine.kind import DesiredState, ProbeError, ProbeOutput
from homeport.files import edit
from homeport.files.managed_set import ManagedSetState
from homeport.operations.bootstrap import root_mount as mounts
from homeport.operations.bootstrap import zram as swaps
from homeport.operations.bootstrap.root_mount import NoatimeRoot, with_noatime
from homeport.operations.bootstrap.zram import FILE, PACKAGE, UNIT, Zram
from tests.unit.engine.delivering import as_root, run_command
from tests.unit.engine.shell import checked
from tests.unit.operations.machines import Programs

CARD = ("mmcblk0p2", "mmcblk0")
FSTAB = "PARTUUID=1-01 /boot vfat defaults 0 2\nPARTUUID=1-02 / ext4 defaults 0 1\n"
ASKED = DesiredState("_host", (NoatimeRoot(), Zram()))
FORCED = DesiredState("_host", (NoatimeRoot(True), Zram(True)))
SPARED_NOT = DesiredState("_host", (NoatimeRoot(False), Zram(False)))

options = st.lists(
    st.sampled_from(["rw", "defaults", "noatime", "relatime", "errors=remount-ro", "atime"]),
    min_size=1,
    max_size=4,
    unique=True,
)
gaps = st.sampled_from([" ", "\t", "  \t"])
entries = st.builds(
    lambda source, place, gap, given, rest: (
        gap.join([source, place, "ext4", ",".join(given)]) + rest
    ),
    st.sampled_from(["LABEL=x", "/dev/mmcblk0p2", "PARTUUID=1-02", "#LABEL=x"]),
    st.sampled_from(["/", "/boot", "/home"]),
    gaps,
    options,
    st.sampled_from(["", " 0 1", "\t0\t0"]),
)
fstabs = st.lists(st.one_of(entries, st.sampled_from(["", "# / ext4 atime", "proc"])), max_size=5)


def root_options(fstab: str) -> list[list[str]]:
    """The options of the root file system, as mount(8) reads them."""
    rows = (line.split() for line in fstab.splitlines() if not line.lstrip().startswith("#"))
    return [row[3].split(",") for row in rows if len(row) > 3 and row[1] == "/"]


@given(fstabs)
def test_only_the_options_of_the_root_file_system_change(rows: list[str]) -> None:
    fstab = "".join(f"{row}\n" for row in rows)
    after = with_noatime(fstab)
    assert with_noatime(after) == after
    changed = [
        (a, b) for a, b in zip(fstab.splitlines(), after.splitlines(), strict=True) if a != b
    ]
    assert len(changed) <= 1
    for before, now in changed:
        old, new = before.split(), now.split()
        assert old[1] == "/"
        assert (old[:3], old[4:]) == (new[:3], new[4:])
    if roots := root_options(after):
        assert "noatime" in roots[0]
        assert not {"relatime", "atime", "strictatime"} & set(roots[0])
        kept = [option for option in root_options(fstab)[0] if not option.endswith("atime")]
        assert [option for option in roots[0] if option != "noatime"] == kept


def mounted(devices: tuple[str, ...] = CARD, has: str = "rw,relatime", fstab: str | None = FSTAB):
    found = edit.EditableFile(fstab) if fstab is not None else None
    return mounts.RootMountState(devices, frozenset(has.split(",")), found)


def targets(changes: list) -> list[str]:
    return [change.target for change in changes]


def test_a_card_is_spared_and_a_disk_is_left_alone() -> None:
    assert targets(mounts.diff(ASKED, mounted())) == ["/etc/fstab", "/"]
    assert mounts.diff(ASKED, mounted(("sda1", "sda"))) == []
    assert mounts.diff(ASKED, mounted(())) == []


def test_host_data_have_the_last_word() -> None:
    assert targets(mounts.diff(FORCED, mounted(("sda1", "sda")))) == ["/etc/fstab", "/"]
    assert mounts.diff(SPARED_NOT, mounted()) == []


def test_what_is_spared_already_is_left_alone() -> None:
    spared = FSTAB.replace("ext4 defaults", "ext4 defaults,noatime")
    assert mounts.diff(ASKED, mounted(has="rw,noatime", fstab=spared)) == []
    assert targets(mounts.diff(ASKED, mounted(has="rw,relatime", fstab=spared))) == ["/"]


@pytest.mark.parametrize("fstab", [None, "", "# UNCONFIGURED FSTAB\n"])
def test_a_root_that_fstab_does_not_name_is_the_boot_loaders(fstab: str | None) -> None:
    assert mounts.diff(ASKED, mounted(fstab=fstab)) == []


def test_the_root_is_looked_at() -> None:
    found = mounts.parse(ProbeOutput(checked(mounts.probe(ASKED, "")), ""))
    options = subprocess.run(["findmnt", "-no", "OPTIONS", "/"], capture_output=True, text=True)
    assert found.options == frozenset(options.stdout.strip().split(","))
    if Path("/etc/fstab").exists():
        assert found.fstab is not None
        assert found.fstab.text == Path("/etc/fstab").read_text()
    with pytest.raises(ProbeError):
        mounts.parse(ProbeOutput("options\trw", ""))


@as_root
@pytest.mark.parametrize(("staged", "present", "code"), [(0, 0, 0), (1, 0, 1), (1, 1, 0)])
def test_an_fstab_that_is_worse_than_before_never_reaches_its_place(
    programs: Programs,
    log: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    staged: int,
    present: int,
    code: int,
) -> None:
    file = tmp_path / "fstab"
    file.write_text(FSTAB)
    monkeypatch.setattr(mounts, "FSTAB", str(file))
    found = mounted()
    (command,) = mounts.apply(ASKED, found, mounts.diff(ASKED, found))
    path = programs(
        findmnt=f'case "$*" in *stage*) exit {staged};; *) exit {present};; esac', mount=""
    )
    assert bool(run_command(command, path=path).returncode) is bool(code)
    assert ("noatime" in file.read_text()) is not bool(code)
    assert ("mount -o remount,noatime /" in log.read_text()) is not bool(code)


NOTHING_KEPT = ManagedSetState({}, (), (), "key")
CAN = {"possible"}


def swap(words: set[str], devices: tuple[str, ...] = CARD, ledger: tuple[str, ...] = ()):
    return swaps.ZramState(ManagedSetState({}, ledger, (), "key"), devices, frozenset(words))


def test_a_card_gets_its_swap_in_memory() -> None:
    found = targets(swaps.diff(ASKED, swap(CAN)))
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
def test_no_swap_is_made_where_one_is_or_none_can_be(
    words: set[str], devices: tuple[str, ...]
) -> None:
    assert swaps.diff(ASKED, swap(words, devices)) == []


def test_a_swap_of_ours_stays_ours() -> None:
    ours = swap({"possible", "on", "package"}, ledger=(FILE,))
    assert UNIT not in targets(swaps.diff(ASKED, ours))
    assert FILE in targets(swaps.diff(ASKED, ours))  # somebody has taken it away


def test_the_swap_is_turned_on_after_its_file_is_there(programs: Programs, log: Path) -> None:
    found = swap(CAN)
    install, write = swaps.apply(ASKED, found, swaps.diff(ASKED, found))
    assert PACKAGE in install.get_raw_value()
    text = write.get_raw_value()
    assert text.index("mv -f -t /etc/systemd/zram") < text.index("systemctl start")
    again = swap({"possible", "package"})
    only = [change for change in swaps.diff(ASKED, again) if change.target == UNIT]
    (command,) = swaps.apply(ASKED, again, only)
    assert "systemctl start" in command.get_raw_value()


def test_what_the_host_says_of_zram_is_understood(programs: Programs) -> None:
    from tests.unit.engine.shell import run

    path = programs(
        modprobe="", systemd_detect_virt="exit 1", dpkg_query="echo installed", lsblk="echo mmcblk0"
    )
    done = run(f"set -eu\n{swaps.probe(ASKED, 'key')}", path=path)
    assert done.returncode == 0, done.stderr
    found = swaps.parse(ProbeOutput(done.stdout.decode(), "key"))
    assert {"possible", "package"} <= found.words
    assert "container" not in found.words
    assert found.devices == ("mmcblk0",)
