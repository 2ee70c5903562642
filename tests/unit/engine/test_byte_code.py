"""Byte code is compiled by the system's Python, and nothing of what is compiled is run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from homeport.engine.byte_code import compiled


def compile_(folder: Path, place: str, options: str = "") -> subprocess.CompletedProcess[str]:
    script = f"set -eu; stage={folder}; {compiled(sys.executable, '$stage', place, options)}"
    return subprocess.run(["sh", "-c", script], cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize("options", ["", "-j 0"])
def test_byte_code__modules_of_the_folder_take_no_modules_place(
    options: str, tmp_path: Path
) -> None:
    for name in ("struct", "sitecustomize", "compileall", "os", "good"):
        (tmp_path / f"{name}.py").write_text(f"open('{tmp_path}/ran', 'w')\n")
    (tmp_path / "bad.py").write_text("def f(:\n")
    done = compile_(tmp_path, "/srv/place", options)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (tmp_path / "ran").exists()
    names = {path.name.partition(".")[0] for path in tmp_path.rglob("*.pyc")}
    assert names == {"struct", "sitecustomize", "compileall", "os", "good"}


def test_byte_code__it_names_the_place_where_the_code_is_going_to_be(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1 / 0\n")
    compile_(tmp_path, "/srv/place")
    (code,) = tmp_path.rglob("*.pyc")
    assert b"/srv/place/a.py" in code.read_bytes()


def test_byte_code__an_interpreter_that_is_not_there_leaves_code_as_it_is(tmp_path: Path) -> None:
    line = compiled("/none/python", str(tmp_path), "/srv/place", "")
    assert subprocess.run(["sh", "-c", f"set -e; {line}"]).returncode == 0
