"""What files.edit promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.operations.bootstrap import root_mount
from tests.support.fake_programs import Programs
from tests.support.real_delivery import as_root, run_command
from tests.support.sd_card import DESCRIPTION, FSTAB, mounted


@as_root
@pytest.mark.parametrize(("staged", "present", "code"), [(0, 0, 0), (1, 0, 1), (1, 1, 0)])
def test_edit__an_fstab_that_is_worse_than_before_never_reaches_its_place(
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
    monkeypatch.setattr(root_mount, "FSTAB", str(file))
    found = mounted()
    (command,) = root_mount.apply(DESCRIPTION, found, root_mount.diff(DESCRIPTION, found))
    path = programs(
        findmnt=f'case "$*" in *stage*) exit {staged};; *) exit {present};; esac', mount=""
    )
    assert bool(run_command(command, path=path).returncode) is bool(code)
    assert ("noatime" in file.read_text()) is not bool(code)
    assert ("mount -o remount,noatime /" in log.read_text()) is not bool(code)
