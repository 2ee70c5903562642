"""What a lock says, and which lines it must not have."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeport.artifacts import Lock, Pinned, PythonPlatform, read_lock
from homeport.errors import UserError
from tests.support.lock_file import PI, A, B, Read, read

__all__ = ["read"]


PINS = st.lists(
    st.tuples(
        st.from_regex(r"[a-z][a-z0-9]{0,6}(-[a-z]{1,4})?", fullmatch=True),
        st.integers(0, 99),
        st.lists(st.text("0123456789abcdef", min_size=64, max_size=64), min_size=1, max_size=3),
    ),
    unique_by=lambda pin: pin[0],
    max_size=6,
)


def _written(pins: list[tuple[str, int, list[str]]], seed: int) -> bytes:
    """The same lock as somebody else's tool might have written it."""
    chance = random.Random(seed)
    lines = []
    for name, version, hashes in chance.sample(pins, len(pins)):
        spelled = name.replace("-", chance.choice("-_.")).title()
        extras = chance.choice(["", "[standard]"])
        marker = chance.choice(["", ' ; sys_platform == "linux"', " ; python_version >= '3.8'"])
        between = chance.choice([" ", " \\\n    ", "\\\n "])
        options = [f"--hash=sha256:{value}" for value in chance.sample(hashes, len(hashes))]
        start = f"{spelled}{extras}=={version}{marker}"
        lines.append(
            between.join([start, *options]) + chance.choice(["", "  # why", "\n    # via x"])
        )
        lines.append(chance.choice(["", "# a comment", "   "]))
    return chance.choice(["\n", "\r\n"]).join("\n".join(lines).split("\n")).encode()


@settings(deadline=None)
@given(PINS, st.integers(), st.integers())
def test_lock__order_comments_spelling_and_line_ends_do_not_make_another_lock(
    tmp_path_factory: pytest.TempPathFactory,
    pins: list[tuple[str, int, list[str]]],
    one: int,
    other: int,
) -> None:
    file = tmp_path_factory.getbasetemp() / "lock.txt"
    locks = []
    for seed in (one, other):
        file.write_bytes(_written(pins, seed))
        locks.append(read_lock(file, PI))
    assert locks[0] == locks[1]
    assert [pin.name for pin in locks[0].requirements] == sorted(name for name, _, _ in pins)


@settings(deadline=None)
@given(PINS)
def test_lock__the_rendered_lock_reads_as_the_same_lock(
    tmp_path_factory: pytest.TempPathFactory, pins: list[tuple[str, int, list[str]]]
) -> None:
    file = tmp_path_factory.getbasetemp() / "lock.txt"
    file.write_bytes(_written(pins, 0))
    lock = read_lock(file, PI)
    file.write_text(lock.text())
    assert read_lock(file, PI) == lock


def test_lock__another_version_hash_python_or_architecture_is_another_lock() -> None:
    pin = Pinned("six", "1.17.0", (A,))
    ids = [
        Lock.of([pin], PI).id,
        Lock.of([Pinned("six", "1.16.0", (A,))], PI).id,
        Lock.of([Pinned("six", "1.17.0", (B,))], PI).id,
        Lock.of([pin], PythonPlatform("amd64", "3.11", "12")).id,
        Lock.of([pin], PythonPlatform("arm64", "3.13", "13")).id,
    ]
    assert len(set(ids)) == len(ids)


def test_lock__only_what_applies_to_the_host_is_in_its_lock(read: Read) -> None:
    text = (
        f"async-timeout==5.0.1 ; python_full_version < '3.11.3' --hash=sha256:{A}\n"
        f"colorama==0.4 ; sys_platform == 'win32' --hash=sha256:{A}\n"
        f"numpy==1.26 ; python_version < '3.12' --hash=sha256:{A}\n"
        f"numpy==2.1 ; python_version >= '3.12' --hash=sha256:{B}\n"
    )
    assert [str(pin) for pin in read(text).requirements] == ["async-timeout==5.0.1", "numpy==1.26"]
    newer = read(text, PythonPlatform("arm64", "3.13", "13"))
    assert [str(pin) for pin in newer.requirements] == ["numpy==2.1"]


def test_lock__without_requirements_the_lock_is_empty() -> None:
    lock = read_lock(None, PI)
    assert (lock.requirements, lock.text()) == ((), "")


def test_lock_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    for name in ("requirements.txt", "uv.lock"):
        with pytest.raises(UserError, match=r"No such file.* Fix: "):
            read_lock(tmp_path / name, PI)


UV_LOCK = """\
version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "app"
version = "1.0"
source = { virtual = "." }
dependencies = [
    { name = "colorama", marker = "sys_platform == 'win32'" },
    { name = "six" },
]

[package.metadata]
requires-dist = [{ name = "colorama", marker = "sys_platform == 'win32'" }, { name = "six" }]

[[package]]
name = "colorama"
version = "0.4.6"
source = { registry = "https://example.org/simple" }
wheels = [{ url = "https://example.org/colorama-0.4.6-py3-none-any.whl", hash = "sha256:HASH" }]

[[package]]
name = "six"
version = "1.17.0"
source = { registry = "https://example.org/simple" }
wheels = [{ url = "https://example.org/six-1.17.0-py3-none-any.whl", hash = "sha256:HASH" }]
"""


def test_lock__a_uv_lock_says_the_same_and_its_directory_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "app"\nversion = "1.0"\nrequires-python = ">=3.11"\n'
        'dependencies = ["six", "colorama; sys_platform == \'win32\'"]\n'
    )
    (tmp_path / "uv.lock").write_text(UV_LOCK.replace("HASH", A))
    before = sorted(tmp_path.iterdir())
    lock = read_lock(tmp_path / "uv.lock", PI)
    assert lock == Lock.of([Pinned("six", "1.17.0", (A,))], PI)
    assert sorted(tmp_path.iterdir()) == before


def test_lock__a_uv_lock_gives_what_the_project_needs_to_run_and_no_group(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "app"\nversion = "1.0"\nrequires-python = ">=3.11"\n'
        'dependencies = ["six"]\n[dependency-groups]\ndev = []\nlint = ["colorama"]\n'
        '[tool.uv]\ndefault-groups = ["dev", "lint"]\n'
    )
    text = UV_LOCK.replace("HASH", A)
    text = text.replace('{ name = "colorama", marker = "sys_platform == \'win32\'" }, ', "")
    groups = '\n[package.dev-dependencies]\ndev = []\nlint = [{ name = "colorama" }]\n'
    before, mark, after = text.partition("\n[package.metadata]")
    needed = '\n\n[package.metadata.requires-dev]\ndev = []\nlint = [{ name = "colorama" }]\n'
    head, second, rest = after.partition("\n\n[[package]]")
    (tmp_path / "uv.lock").write_text(f"{before}{groups}{mark}{head}{needed}{second}{rest}")
    assert [pin.name for pin in read_lock(tmp_path / "uv.lock", PI).requirements] == ["six"]


def test_lock__a_broken_uv_lock_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text("version = 1\n")
    with pytest.raises(UserError, match=r"uv\.lock: uv can't read it: .*Fix: run `uv lock`"):
        read_lock(tmp_path / "uv.lock", PI)
