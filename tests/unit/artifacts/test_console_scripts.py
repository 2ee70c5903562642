"""Which programs a venv will have is known before there is one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from homeport.artifacts import Pinned, PythonPlatform, wheels_for
from homeport.artifacts.console_scripts import scripts_of
from homeport.artifacts.lock import Lock

DECLARED = """\
[console_scripts]
Shop-Serve = shop.cli:serve
shop= shop.cli:main [extra]

[gui_scripts]
shop-window = shop.gui:main
[shop.plugins]
not-a-program = shop.plugin
"""


def test_console_scripts__programs_are_those_declared_and_those_carried(
    make_wheel: Callable[..., Pinned], index: Path
) -> None:
    files = {
        "shop-1.0.dist-info/entry_points.txt": DECLARED,
        "shop-1.0.data/scripts/shop-admin": "#!python",
        "shop-1.0.data/data/share/x": "",
        "shop/entry_points.txt": "[console_scripts]\nx = y\n",
    }
    make_wheel("shop", files=files)
    found = scripts_of(index / "shop-1.0-py3-none-any.whl")
    assert found == ("Shop-Serve", "shop", "shop-admin", "shop-window")


def test_console_scripts__what_cannot_be_read_declares_nothing(
    make_wheel: Callable[..., Pinned], index: Path
) -> None:
    make_wheel("odd", files={"odd-1.0.dist-info/entry_points.txt": "x = y\n"})
    assert scripts_of(index / "odd-1.0-py3-none-any.whl") == ()


def test_console_scripts__they_are_remembered_with_the_wheel(
    make_wheel: Callable[..., Pinned], index: Path, tmp_path: Path, target: PythonPlatform
) -> None:
    declared = {"shop-1.0.dist-info/entry_points.txt": "[console_scripts]\nshop = shop:main\n"}
    lock = Lock.of([make_wheel("shop", files=declared)], target)
    cache = tmp_path / "kept"
    first = wheels_for(lock, target, index=None, cache=cache)
    again = wheels_for(lock, target, index=None, cache=cache)
    assert [wheel.scripts for wheel in (*first, *again)] == [("shop",), ("shop",)]
