"""The machine that deploys, where it is the host: a real Python, and wheels that fit it."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from homeport.artifacts import interpreter
from homeport.artifacts.interpreter import find_interpreter, local_target
from homeport.errors import UserError

PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    """Forget what was found: each test has machines of its own."""
    find_interpreter.cache_clear()
    yield
    find_interpreter.cache_clear()


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory that is all there is on the path, for a user who has nothing else."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith(("UV_", "VIRTUAL_ENV"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{folder}")
    return folder


def test_interpreter__a_shim_leads_to_the_python_that_it_starts(path: Path) -> None:
    real = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    shim = path / f"python{PYTHON}"
    shim.write_text(f'#!/bin/sh\nexec {real} "$@"\n')
    shim.chmod(0o755)
    found = find_interpreter(PYTHON)
    assert found is not None
    assert found.path == real
    assert found.version == platform.python_version()


def test_interpreter__the_python_of_a_virtual_environment_is_not_the_machines(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As in a shell in which this project's own one is active.
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    monkeypatch.setenv("PATH", f"{sys.prefix}/bin")
    found = find_interpreter(PYTHON)
    assert found is None or not found.path.startswith(f"{sys.prefix}/")


@pytest.mark.parametrize("body", [None, "exit 127", "echo nonsense"])
def test_interpreter__a_python_that_is_not_there_or_does_not_run_is_not_found(
    body: str | None, path: Path
) -> None:
    if body is not None:
        (path / "python3.10").write_text(f"#!/bin/sh\n{body}\n")
        (path / "python3.10").chmod(0o755)
    assert find_interpreter("3.10") is None


def test_interpreter__a_shim_that_starts_nothing_does_not_hide_what_comes_after_it(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    (path / f"python{PYTHON}").write_text("#!/bin/sh\necho 'no such version' >&2\nexit 127\n")
    (path / f"python{PYTHON}").chmod(0o755)
    (tmp_path / "later").mkdir()
    (tmp_path / f"later/python{PYTHON}").symlink_to(real)
    monkeypatch.setenv("PATH", f"{path}:{tmp_path}/later:/usr/bin:/bin")
    found = find_interpreter(PYTHON)
    assert found is not None
    assert found.version.startswith(f"{PYTHON}.")
    assert Path(found.path).is_file()


def test_interpreter__this_machine_is_a_target_with_its_own_glibc_and_patch() -> None:
    target = local_target(PYTHON)
    assert target.glibc == tuple(map(int, platform.libc_ver()[1].split(".")))
    assert target.python == PYTHON
    assert target.python_full_version.startswith(f"{PYTHON}.")


def test_interpreter__without_that_python_it_is_still_a_target() -> None:
    assert local_target("3.9").python_full_version.startswith("3.9.")


@pytest.mark.parametrize(
    ("name", "answer", "message"),
    [
        ("system", "Darwin", "this machine is no Linux with glibc"),
        ("libc_ver", ("", ""), "this machine is no Linux with glibc"),
        ("libc_ver", ("musl", "1.2"), "this machine is no Linux with glibc"),
        ("machine", "riscv64", "riscv64: only amd64 and arm64 are supported"),
    ],
)
def test_interpreter__a_machine_that_is_not_supported_is_told_so(
    name: str, answer: object, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, name, lambda: answer)
    with pytest.raises(UserError, match=message) as caught:
        local_target(PYTHON)
    assert "Fix: " in str(caught.value)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_interpreter__a_32_bit_system_on_a_64_bit_kernel_is_refused(
    machine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(interpreter.sys, "maxsize", 2**31 - 1)
    with pytest.raises(UserError, match="32-bit systems aren't supported"):
        local_target(PYTHON)
