"""A package index in a directory, wheels made by hand, and git without anybody's settings."""

from __future__ import annotations

import hashlib
import os
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from homeport.artifacts import Lock, Pinned, PythonPlatform

MakeWheel = Callable[..., Pinned]
Git = Callable[..., str]


@pytest.fixture
def target() -> PythonPlatform:
    return PythonPlatform("arm64", "3.11", "12")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place that pip looks in: a directory of wheels."""
    directory = tmp_path / "index"
    directory.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(directory))
    return directory


@pytest.fixture
def make_wheel(index: Path) -> MakeWheel:
    def make(
        name: str,
        version: str = "1.0",
        tag: str = "py3-none-any",
        files: Mapping[str, str] | None = None,
    ) -> Pinned:
        path = index / f"{name}-{version}-{tag}.whl"
        info = f"{name}-{version}.dist-info"
        contents = {
            **(files if files is not None else {f"{name}/__init__.py": ""}),
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
        }
        record = "".join(f"{file},,\n" for file in (*contents, f"{info}/RECORD"))
        with zipfile.ZipFile(path, "w") as archive:
            for file, content in {**contents, f"{info}/RECORD": record}.items():
                archive.writestr(zipfile.ZipInfo(file), content)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return Pinned(name.replace("_", "-"), version, (digest,))

    return make


@pytest.fixture
def lock_of(target: PythonPlatform) -> Callable[..., Lock]:
    return lambda *pins: Lock.of(pins, target)


@pytest.fixture
def git(monkeypatch: pytest.MonkeyPatch) -> Git:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)

    def run(directory: Path, *arguments: str) -> str:
        identity = ["-c", "user.name=tests", "-c", "user.email=tests@localhost"]
        return subprocess.run(
            ["git", *identity, "-C", str(directory), *arguments],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()

    return run
