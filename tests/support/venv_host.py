"""Wheels made by hand, and a place where venvs are really built from them and looked at."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import uv

from homeport import artifacts
from homeport.artifacts import Lock, Pinned, PythonPlatform, Wheel
from homeport.engine.kind import DesiredState, ProbeOutput
from homeport.operations.venvs import apply, kind, probe, resources
from homeport.operations.venvs.drift import Drift
from homeport.operations.venvs.probe import VenvsState
from homeport.operations.venvs.resources import Venv
from tests.support.real_delivery import run_command
from tests.support.real_shell import checked
from tests.support.sample_app import TARGET

PYTHON = f"/usr/bin/python{TARGET.python}"
real = pytest.mark.skipif(
    not Path(PYTHON).exists(), reason=f"{PYTHON} isn't here: a venv can't be built for real"
)


def make_wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    files: Mapping[str, str] | None = None,
    hashed: bool = True,
) -> Wheel:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    contents = {
        f"{name}.py": f"version = {version!r}\ndef main():\n    print('runs')\n",
        **(files or {}),
        f"{info}/entry_points.txt": f"[console_scripts]\n{name} = {name}:main\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerows([file, *(_row(text) if hashed else ("", ""))] for file, text in contents.items())
    rows.writerow([f"{info}/RECORD", "", ""])
    record = table.getvalue()
    with zipfile.ZipFile(path, "w") as archive:
        for file, content in {**contents, f"{info}/RECORD": record}.items():
            archive.writestr(zipfile.ZipInfo(file), content)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Wheel(path.name, digest, path, path.stat().st_size, (name,))


def _row(text: str) -> tuple[str, int]:
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"sha256={digest.rstrip('=')}", len(text.encode())


class Host:
    """A place for venvs, the cache beside it, and what the controller has to send."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.wheels = root, dict[Lock, tuple[Wheel, ...]]()
        self.venvs = root / "srv/venvs"
        self.venvs.mkdir(parents=True)
        self.fetched: list[str] = []
        for module in (resources, probe):
            monkeypatch.setattr(module, "CACHE", str(root / "cache"))
        monkeypatch.setattr(artifacts, "wheels_for", lambda lock, target, index: self.wheels[lock])
        monkeypatch.setattr(artifacts, "uv_binary", self.uv)

    def uv(self, architecture: str) -> Path:
        self.fetched.append(architecture)
        # The real one, without its fifty megabytes.
        script = self.root / "uv"
        script.write_text(f'#!/bin/sh\nexec {uv.find_uv_bin()} "$@"\n')
        return script

    def venv(self, name: str, *wheels: Wheel, target: PythonPlatform = TARGET) -> Venv:
        pins = [
            Pinned(wheel.modules[0], wheel.filename.split("-")[1], (wheel.sha256,))
            for wheel in wheels
        ]
        lock = Lock.of(pins, target)
        self.wheels[lock] = wheels
        return Venv(f"{self.venvs}/{name}", lock, target)

    def deeply(self, venv: Venv) -> Venv:
        """The same venv, of which every file is to be compared with its wheel."""
        return replace(venv, contents=artifacts.contents_of(self.wheels[venv.lock], venv.target))

    def probe(self, *wanted: Venv) -> VenvsState:
        return probe.parse(ProbeOutput(checked(probe.probe(DesiredState("shop", wanted), "")), ""))

    def drifts(self, venv: Venv) -> list[Drift]:
        return kind.drifts_of(venv, self.probe(venv))

    def deploy(self, *wanted: Venv) -> Iterator[subprocess.CompletedProcess[str]]:
        description, found = DesiredState("shop", wanted), self.probe(*wanted)
        for command in apply.apply(description, found, kind.diff(description, found)):
            yield run_command(command)

    def imports(self, venv: Venv, code: str) -> str:
        done = subprocess.run(
            [f"{venv.path}/bin/python", "-I", "-c", code], capture_output=True, text=True
        )
        return done.stdout + done.stderr


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(tmp_path, monkeypatch)
