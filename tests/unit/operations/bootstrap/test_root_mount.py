"""An SD card is spared where there is one, and nothing else of fstab or of the image is touched."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.engine.kind import DesiredState, ProbeError, ProbeOutput
from homeport.files.managed_set import ManagedSetState
from homeport.operations.bootstrap import root_mount
from homeport.operations.bootstrap.root_mount import NoatimeRoot, with_noatime
from homeport.operations.bootstrap.zram import Zram
from tests.support.real_shell import checked
from tests.support.sd_card import DESCRIPTION, FSTAB, mounted, targets

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
    lambda source, place, gap, options, rest: (
        gap.join([source, place, "ext4", ",".join(options)]) + rest
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
def test_root_mount__only_the_options_of_the_root_file_system_change(rows: list[str]) -> None:
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
        expected = [option for option in root_options(fstab)[0] if not option.endswith("atime")]
        assert [option for option in roots[0] if option != "noatime"] == expected


def test_root_mount__a_card_is_spared_and_a_disk_is_left_alone() -> None:
    assert targets(root_mount.diff(DESCRIPTION, mounted())) == ["/etc/fstab", "/"]
    assert root_mount.diff(DESCRIPTION, mounted(("sda1", "sda"))) == []
    assert root_mount.diff(DESCRIPTION, mounted(())) == []


def test_root_mount__host_data_have_the_last_word() -> None:
    assert targets(root_mount.diff(FORCED, mounted(("sda1", "sda")))) == ["/etc/fstab", "/"]
    assert root_mount.diff(SPARED_NOT, mounted()) == []


def test_root_mount__what_is_spared_already_is_left_alone() -> None:
    spared = FSTAB.replace("ext4 defaults", "ext4 defaults,noatime")
    assert root_mount.diff(DESCRIPTION, mounted(has="rw,noatime", fstab=spared)) == []
    assert targets(root_mount.diff(DESCRIPTION, mounted(has="rw,relatime", fstab=spared))) == ["/"]


@pytest.mark.parametrize("fstab", [None, "", "# UNCONFIGURED FSTAB\n"])
def test_root_mount__a_root_that_fstab_does_not_name_is_the_boot_loaders(fstab: str | None) -> None:
    assert root_mount.diff(DESCRIPTION, mounted(fstab=fstab)) == []


def test_root_mount__the_root_is_looked_at() -> None:
    found = root_mount.parse(ProbeOutput(checked(root_mount.probe(DESCRIPTION, "")), ""))
    options = subprocess.run(["findmnt", "-no", "OPTIONS", "/"], capture_output=True, text=True)
    assert found.options == frozenset(options.stdout.strip().split(","))
    if Path("/etc/fstab").exists():
        assert found.fstab is not None
        assert found.fstab.text == Path("/etc/fstab").read_text()
    with pytest.raises(ProbeError):
        root_mount.parse(ProbeOutput("options\trw", ""))


UNMANAGED = ManagedSetState({}, (), (), "key")
