"""Programs of a host are shipped with what the protocol says."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.engine import host_programs
from homeport.hostctl import protocol


def test_host_program__what_the_protocol_says_is_filled_in_and_nothing_else_is_touched() -> None:
    boot = host_programs.host_program(protocol.BOOT_UNIT).decode()
    assert f"\nExecStart={protocol.PROGRAM} boot\n" in boot
    assert host_programs.MARK.search(boot) is None
    run = (host_programs.FOLDER / "run").read_bytes()
    assert host_programs.host_program("run") == run


def test_host_program__a_name_that_the_protocol_lacks_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "odd").write_text("cd @NOWHERE@ && ls web@a.service\n")
    monkeypatch.setattr(host_programs, "FOLDER", tmp_path)
    with pytest.raises(AttributeError, match="NOWHERE"):
        host_programs.host_program("odd")
