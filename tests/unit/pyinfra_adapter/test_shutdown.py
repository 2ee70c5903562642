"""A run ends at once, and still as it would have: its code, its last words, what is due at exit."""

from __future__ import annotations

from pathlib import Path

from tests.support.run_folder import folder, run

__all__ = ["folder"]


def test_shutdown__a_run_that_went_well_ends_with_0_and_all_that_it_said(folder: Path) -> None:
    done = run(folder, "exec", "--", "true")
    assert done.returncode == 0
    assert "Disconnecting from hosts" in done.stdout + done.stderr
    assert done.stdout.endswith("at exit\n")


def test_shutdown__a_run_that_went_wrong_ends_with_1_and_its_error(folder: Path) -> None:
    done = run(folder, "exec", "--", "false")
    assert done.returncode == 1
    assert "pyinfra error: No hosts remaining!" in done.stdout + done.stderr
    assert "at exit\n" in done.stdout


def test_shutdown__an_error_in_a_deploy_file_is_told_in_pyinfras_own_way(folder: Path) -> None:
    (folder / "wrong.py").write_text("1 / 0\n")
    done = run(folder, "wrong.py")
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stdout + done.stderr


def test_shutdown__nobody_waits_for_memory_to_be_taken_apart(folder: Path) -> None:
    assert "taken apart" not in run(folder, "exec", "--", "true").stdout
    config = (folder / "config.py").read_text()
    (folder / "config.py").write_text(config.replace("\nexit_fast()", ""))
    assert "taken apart" in run(folder, "exec", "--", "true").stdout
