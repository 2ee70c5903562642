"""What a wheel brings is known file by file, where a real installer puts it."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import uv

from homeport.artifacts import (
    Lock,
    Pinned,
    PythonPlatform,
    contents_of,
    is_made,
    record_rows,
    wheels_for,
)

MakeWheel = Callable[..., Pinned]
TARGET = PythonPlatform("amd64", "3.11", "12")
SITE = "lib/python3.11/site-packages"
PYTHON = Path("/usr/bin/python3.11")
FILES = {
    "pkg/__init__.py": "a = 1\n",
    "pkg/täxt.txt": "a name in another alphabet",
    "top.pth": "",
    "my_pkg-1.0.data/scripts/tool": "#!python\n",
    "my_pkg-1.0.data/scripts/shell": "#!/bin/sh\n",
    "my_pkg-1.0.data/headers/sub/my.h": "int a;\n",
    "my_pkg-1.0.data/purelib/pure.py": "",
    "my_pkg-1.0.data/platlib/plat/mod.py": "",
    "my_pkg-1.0.data/data/share/my/data.txt": "data\n",
    "my_pkg-1.0.data/data/top.txt": "at the top\n",
}
PLACES = {
    f"{SITE}/pkg/__init__.py",
    f"{SITE}/pkg/t??xt.txt",
    f"{SITE}/top.pth",
    f"{SITE}/pure.py",
    f"{SITE}/plat/mod.py",
    f"{SITE}/my_pkg-1.0.dist-info/METADATA",
    f"{SITE}/my_pkg-1.0.dist-info/WHEEL",
    "include/site/python3.11/my-pkg/sub/my.h",
    "share/my/data.txt",
}


def test_wheel_contents__every_file_is_known_by_its_place_and_its_hash(
    make_wheel: MakeWheel, tmp_path: Path
) -> None:
    lock = Lock.of([make_wheel("my_pkg", files=FILES)], TARGET)
    contents = contents_of(wheels_for(lock, TARGET, cache=tmp_path / "cache"), TARGET)
    assert contents.keys() == {"my-pkg"}
    files = contents["my-pkg"].files
    assert files.keys() == PLACES
    assert files[f"{SITE}/pkg/__init__.py"] == hashlib.sha256(b"a = 1\n").hexdigest()


@pytest.mark.skipif(not PYTHON.exists(), reason=f"{PYTHON} isn't here: no venv can be built")
def test_wheel_contents__an_installer_puts_it_there_and_says_so(
    make_wheel: MakeWheel, tmp_path: Path
) -> None:
    lock = Lock.of([make_wheel("my_pkg", files=FILES)], TARGET)
    (wheel,) = wheels_for(lock, TARGET, cache=tmp_path / "cache")
    content = contents_of([wheel], TARGET)["my-pkg"]
    venv = tmp_path / "venv"
    program = [uv.find_uv_bin(), "--no-config", "--quiet"]
    subprocess.run([*program, "venv", "--no-cache", "--python", PYTHON, venv], check=True)
    install = [*program, "pip", "install", "--no-cache", "--no-index", "--link-mode=copy"]
    subprocess.run([*install, "--python", f"{venv}/bin/python", wheel.path], check=True)
    found = [path for path in venv.rglob("*") if path.is_file() and not path.is_symlink()]
    hashes = {
        "".join(letter if letter.isascii() else "??" for letter in str(path.relative_to(venv))): (
            hashlib.sha256(path.read_bytes()).hexdigest()
        )
        for path in found
    }
    assert {path: digest for path, digest in hashes.items() if not is_made(path)} == content.files
    text = (venv / SITE / "my_pkg-1.0.dist-info/RECORD").read_text()
    rows = {place: row for place, row in record_rows(text, SITE).items() if not is_made(place)}
    assert rows == content.record
