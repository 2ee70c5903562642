"""Wheels: fetched once, for the host and not for the controller, and never built."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from homeport.artifacts import Lock, Pinned, PythonPlatform, download, wheels_for
from tests.support.wheel_cache import ARM, LockOf, MakeWheel, cache

__all__ = ["cache"]


@pytest.fixture
def no_pip(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From then on, fetching anything fails the test."""

    def refuse(*_: object) -> tuple[Path, ...]:
        pytest.fail("pip was asked")

    return lambda: monkeypatch.setattr(download, "download", refuse)


def test_wheels_are_for_the_host_in_the_order_of_the_lock(
    make_wheel: MakeWheel, lock_of: LockOf, target: PythonPlatform, cache: Path
) -> None:
    make_wheel("fast", tag="cp311-cp311-manylinux_2_17_x86_64")
    make_wheel("fast", tag="cp312-cp312-manylinux_2_17_aarch64")
    pins = [make_wheel("pure_one"), make_wheel("fast", tag=ARM)]
    found = wheels_for(lock_of(*pins), target, cache=cache)
    assert [wheel.filename for wheel in found] == [
        f"fast-1.0-{ARM}.whl",
        "pure_one-1.0-py3-none-any.whl",
    ]
    for wheel in found:
        assert wheel.path == cache / "wheels" / wheel.sha256 / wheel.filename
        assert wheel.path.stat().st_size == wheel.size
    assert [wheel.modules for wheel in found] == [("fast",), ("pure_one",)]


def test_wheels__the_second_time_nothing_is_asked_of_pip(
    make_wheel: MakeWheel,
    lock_of: LockOf,
    target: PythonPlatform,
    cache: Path,
    no_pip: Callable[[], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    lock = lock_of(make_wheel("one"), make_wheel("two"))
    first = wheels_for(lock, target, cache=cache)
    assert capsys.readouterr().err == "fetching 2 wheels for arm64, Python 3.11\n"
    no_pip()
    assert wheels_for(lock, target, "https://example.org/simple", cache) == first
    assert capsys.readouterr().err == ""


def test_wheels__another_lock_fetches_only_what_is_new(
    make_wheel: MakeWheel,
    lock_of: LockOf,
    target: PythonPlatform,
    cache: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    one = make_wheel("one")
    wheels_for(lock_of(one), target, cache=cache)
    capsys.readouterr()
    assert len(wheels_for(lock_of(one, make_wheel("two")), target, cache=cache)) == 2
    assert capsys.readouterr().err == "fetching 1 wheel for arm64, Python 3.11\n"


def test_wheels__a_kept_wheel_for_another_machine_is_not_taken(
    make_wheel: MakeWheel, target: PythonPlatform, cache: Path
) -> None:
    amd64 = make_wheel("fast", tag="cp311-cp311-manylinux_2_17_x86_64")
    arm64 = make_wheel("fast", tag=ARM)
    pin = Pinned("fast", "1.0", tuple(sorted(amd64.hashes + arm64.hashes)))
    other = PythonPlatform("amd64", "3.11", "12")
    (first,) = wheels_for(Lock.of([pin], other), other, cache=cache)
    (second,) = wheels_for(Lock.of([pin], target), target, cache=cache)
    assert (first.sha256, second.sha256) == (*amd64.hashes, *arm64.hashes)


def test_wheels__a_lock_without_requirements_needs_no_wheel(
    target: PythonPlatform, cache: Path, no_pip: Callable[[], None]
) -> None:
    no_pip()
    assert wheels_for(Lock.of((), target), target, cache=cache) == ()


@pytest.mark.parametrize("content", ["", "[", "{}x", "[1]", '[{"filename": "x"}]', "null"])
def test_wheels__a_torn_record_is_made_anew(
    make_wheel: MakeWheel, lock_of: LockOf, target: PythonPlatform, cache: Path, content: str
) -> None:
    lock = lock_of(make_wheel("one"))
    first = wheels_for(lock, target, cache=cache)
    (record,) = (cache / "locks").iterdir()
    record.write_text(content)
    assert wheels_for(lock, target, cache=cache) == first
    assert json.loads(record.read_text())[0]["filename"] == first[0].filename


def test_wheels__a_damaged_or_lost_wheel_is_fetched_again(
    make_wheel: MakeWheel, lock_of: LockOf, target: PythonPlatform, cache: Path
) -> None:
    lock = lock_of(make_wheel("one"))
    (first,) = wheels_for(lock, target, cache=cache)
    whole = first.path.read_bytes()
    first.path.write_bytes(whole[:-1])
    assert wheels_for(lock, target, cache=cache) == (first,)
    assert first.path.read_bytes() == whole
    first.path.unlink()
    assert wheels_for(lock, target, cache=cache) == (first,)


def test_wheels__several_deploys_at_once_do_not_get_in_each_others_way(
    make_wheel: MakeWheel, lock_of: LockOf, target: PythonPlatform, cache: Path, tmp_path: Path
) -> None:
    lock = lock_of(*(make_wheel(f"package{number}") for number in range(5)))
    (tmp_path / "lock.txt").write_text(lock.text())
    program = (
        "import sys; from pathlib import Path; from homeport.artifacts import *\n"
        "t = PythonPlatform('arm64', '3.11', '12'); lock = read_lock(Path(sys.argv[1]), t)\n"
        "print(*(w.sha256 for w in wheels_for(lock, t, cache=Path(sys.argv[2]))))\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "lock.txt"), str(cache)]
    root = Path(__file__).parents[3]
    running = [
        subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    outputs = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0] * 4, outputs
    expected = " ".join(pin.hashes[0] for pin in lock.requirements)
    assert [out.decode().strip() for out, _ in outputs] == [expected] * 4
    assert not list((cache / "tmp").iterdir())
