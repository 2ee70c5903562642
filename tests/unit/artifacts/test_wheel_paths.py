"""A wheel puts its files beside those of a venv, and never in their place or elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from homeport.artifacts import Lock, Pinned, PythonPlatform, wheels_for
from homeport.artifacts.wheel_paths import installed_path
from homeport.errors import UserError

MakeWheel = Callable[..., Pinned]
TARGET = PythonPlatform("amd64", "3.11", "12")
REFUSED = {
    "x-1.0.data/data/pyvenv.cfg": "would replace pyvenv.cfg of the venv",
    "x-1.0.data/data/share/../pyvenv.cfg": "would replace pyvenv.cfg of the venv",
    "x-1.0.data/purelib/../../../pyvenv.cfg": "would replace pyvenv.cfg of the venv",
    "../../../pyvenv.cfg": "would replace pyvenv.cfg of the venv",
    "x-1.0.data/data/bin/python": "would replace bin/python of the venv",
    "x-1.0.data/data/bin/python3": "would replace bin/python3 of the venv",
    "x-1.0.data/scripts/python3.11": "would replace bin/python3.11 of the venv",
    "x-1.0.data/scripts/python._pth": "would replace bin/python._pth of the venv",
    "x-1.0.data/scripts/activate.fish": "would replace bin/activate.fish of the venv",
    "x-1.0.data/data/bin": "would replace bin of the venv",
    "x-1.0.data/data/lib64": "would replace lib64 of the venv",
    "x-1.0.data/data/.homeport/listing": "would replace .homeport/listing of the venv",
    "x-1.0.data/data/../escaped": "leaves the venv",
    "../../../../escaped": "leaves the venv",
    "x-1.0.data/data/../../etc/ld.so.preload": "leaves the venv",
    "/etc/ld.so.preload": "a file of an unusual name",
    "a\\..\\b.py": "a file of an unusual name",
    "a\nb.py": "a file of an unusual name",
    "a\x1b[2J.py": "a file of an unusual name",
}


@pytest.mark.parametrize("name", REFUSED)
def test_wheel_paths__a_wheel_that_reaches_for_the_venv_itself_is_refused_by_name(
    name: str, make_wheel: MakeWheel, tmp_path: Path
) -> None:
    lock = Lock.of([make_wheel("x", files={"x.py": "", name: "home = /tmp"})], TARGET)
    with pytest.raises(UserError) as caught:
        wheels_for(lock, TARGET, cache=tmp_path / "cache")
    assert REFUSED[name] in str(caught.value)
    assert "x-1.0-py3-none-any.whl: this wheel " in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("program", ["python", "python3", "python3.11", "activate"])
def test_wheel_paths__a_program_that_would_be_the_venvs_python_is_refused(
    program: str, make_wheel: MakeWheel, tmp_path: Path
) -> None:
    points = f"[console_scripts]\n{program} = x:main\n"
    files = {"x.py": "", "x-1.0.dist-info/entry_points.txt": points}
    lock = Lock.of([make_wheel("x", files=files)], TARGET)
    with pytest.raises(UserError, match=f"would replace bin/{program} of the venv"):
        wheels_for(lock, TARGET, cache=tmp_path / "cache")


def test_wheel_paths__what_packages_have_is_accepted(make_wheel: MakeWheel, tmp_path: Path) -> None:
    files = {
        "x.py": "",
        "x.pth": "import x",
        "sitecustomize.py": "",
        "struct.py": "",
        "x-1.0.data/scripts/python-argcomplete-check": "#!python",
        "x-1.0.data/scripts/pythonize": "#!python",
        "x-1.0.data/data/share/man/man1/x.1": "",
        "x-1.0.data/data/etc/jupyter/x.json": "",
        "x-1.0.data/data/lib/python3.11/site-packages/x_data.py": "",
        "x-1.0.data/headers/x.h": "",
    }
    lock = Lock.of([make_wheel("x", files=files)], TARGET)
    (wheel,) = wheels_for(lock, TARGET, cache=tmp_path / "cache")
    assert wheel.scripts == ("python-argcomplete-check", "pythonize")


def test_wheel_paths__a_record_of_before_the_check_is_not_trusted(
    make_wheel: MakeWheel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin = make_wheel("x", files={"x.py": "", "x-1.0.data/data/pyvenv.cfg": ""})
    lock, home = Lock.of([pin], TARGET), tmp_path / "cache"
    with monkeypatch.context() as before:
        before.setattr("homeport.artifacts.wheels.CHECKED", 0)
        before.setattr("homeport.artifacts.wheels.check_paths", lambda wheel, scripts: None)
        wheels_for(lock, TARGET, cache=home)
    with pytest.raises(UserError, match=r"pyvenv\.cfg"):
        wheels_for(lock, TARGET, cache=home)


def test_wheel_paths__a_file_goes_where_an_installer_puts_it() -> None:
    site = "lib/python3.11/site-packages"
    assert installed_path("a/b.py", site) == f"{site}/a/b.py"
    assert installed_path("A_b-1.data/headers/h.h", site) == "include/site/python3.11/a-b/h.h"
    assert installed_path("a-1.data/data/share/x", site) == "share/x"
    assert installed_path("a-1.data/scripts/x", site) == "bin/x"
