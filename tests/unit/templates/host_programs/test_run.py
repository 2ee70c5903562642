"""The small programs that run on a host, run for real."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from homeport.engine.host_programs import host_program
from tests.support.host_shells import each_shell, place
from tests.support.real_shell import is_shell

__all__ = ["place"]


@each_shell
@pytest.mark.parametrize("name", ["record-start", "run", "wait-for-socket", "publish-socket"])
def test_run__a_program_is_shell(name: str, shell: Sequence[str]) -> None:
    is_shell(host_program(name).decode(), shell)


def start(
    place: Path, *command: str, shell: Sequence[str] = ("sh",), **env: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*shell, f"{place}/bin/run", *command],
        env={"PATH": "/usr/bin:/bin", **env},
        cwd=place / "current",
        capture_output=True,
        text=True,
    )


@each_shell
def test_run__a_command_is_found_in_the_venv_of_the_current_release(
    shell: Sequence[str], place: Path
) -> None:
    done = start(place, "tool", "a b", "$x", "", shell=shell)
    assert (done.stdout, done.stderr) == ("v1: a b $x \n", "")


@each_shell
def test_run__a_command_knows_its_place_by_the_name_that_never_changes(
    shell: Sequence[str], place: Path
) -> None:
    script = 'echo "$PWD"; pwd -P; echo "$PYTHONPATH"; echo "$PATH"; cat where'
    done = start(place, "sh", "-c", script, shell=shell, PYTHONPATH="/elsewhere")
    release = f"{place}/releases/r1"
    path = f"{place}/venvs/v1/bin:/usr/local/bin:/usr/bin:/bin"
    assert done.stdout.splitlines() == [release, release, f"{release}:/elsewhere", path, "r1"]


@each_shell
def test_run__a_process_stays_with_the_release_that_it_was_started_from(
    shell: Sequence[str], place: Path
) -> None:
    flip = f"ln -sfn {place}/releases/r2 {place}/new; mv -T {place}/new {place}/current"
    done = start(place, "sh", "-c", f"{flip}; cat where; tool late; pwd", shell=shell)
    assert done.stdout.splitlines() == ["r1", "v1: late", f"{place}/releases/r1"]
    assert start(place, "cat", "where").stdout == "r2\n"


@each_shell
def test_run__code_in_a_src_folder_is_found(shell: Sequence[str], place: Path) -> None:
    (place / "releases/r1/src").mkdir()
    done = start(place, "sh", "-c", 'echo "$PYTHONPATH"', shell=shell)
    assert done.stdout == f"{place}/releases/r1/src:{place}/releases/r1\n"


@each_shell
def test_run__the_process_is_the_command_itself_and_gets_the_signals(
    shell: Sequence[str], place: Path
) -> None:
    with subprocess.Popen(
        [*shell, f"{place}/bin/run", "sh", "-c", "echo $$"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert int(process.stdout.read()) == process.pid


@each_shell
def test_run__a_command_that_fails_or_is_not_there_is_told_by_its_exit_code(
    shell: Sequence[str], place: Path
) -> None:
    assert start(place, "sh", "-c", "exit 7", shell=shell).returncode == 7
    assert start(place, "no-such-command", shell=shell).returncode == 127
    (place / "current").unlink()
    (place / "current").symlink_to("nowhere")
    done = subprocess.run([*shell, f"{place}/bin/run", "echo"], capture_output=True, text=True)
    assert done.returncode != 0
    assert done.stdout == ""


@each_shell
def test_run__a_check_is_run_from_a_release_that_is_not_current_yet(
    shell: Sequence[str], place: Path
) -> None:
    release = f"{place}/releases/r2"
    done = start(place, "sh", "-c", "cat where; tool", shell=shell, HOMEPORT_RELEASE=release)
    assert done.stdout.splitlines() == ["r2", "v2: "]
    assert start(place, "cat", "where", shell=shell).stdout == "r1\n"
