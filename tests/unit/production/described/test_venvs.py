"""What is wrong with a venv is told by its own means: asked of a real one, broken for real."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from homeport.engine.kind import DesiredState
from homeport.operations.venvs.resources import Venv
from tests.production.described import venvs
from tests.support.real_delivery import as_root
from tests.support.real_shell import run
from tests.support.venv_host import PYTHON, Host, host, make_wheel, real

__all__ = ["host"]


pytestmark = [real, as_root]
SITE = "lib/python3.11/site-packages"


def edited(file: str, old: str, new: str) -> Callable[[Path], None]:
    def fault(venv: Path) -> None:
        text = (venv / file).read_text()
        assert old in text
        (venv / file).write_text(text.replace(old, new))

    return fault


def another_python(venv: Path) -> None:
    shutil.copy(PYTHON, venv.parent.parent / "python3.11")
    (venv / "bin/python").unlink()
    (venv / "bin/python").symlink_to(venv.parent.parent / "python3.11")


def dead(venv: Path) -> None:
    (venv / "bin/python").unlink()
    (venv / "bin/python").symlink_to("/usr/bin/python3.0")


CFG = "include-system-site-packages = false"
FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "its Python does not run": (dead, "does not run"),
    "its Python is another": (another_python, "python3.11, not /usr/bin/python3.11"),
    "the system's packages": (edited("pyvenv.cfg", CFG, CFG.replace("false", "true")), "let in"),
    "not kept out": (edited("pyvenv.cfg", CFG, ""), "let in (not kept out)"),
    "no pyvenv.cfg": (lambda venv: (venv / "pyvenv.cfg").unlink(), "let in (not kept out)"),
    "a path of somebody's": (
        lambda venv: (venv / SITE / "_virtualenv.pth").write_text("/opt"),
        "_virtualenv.pth is from no wheel",
    ),
    "a linked path": (
        lambda venv: (venv / SITE / "mine.pth").symlink_to("/opt/mine.pth"),
        "mine.pth is no file",
    ),
    "a linked package": (
        lambda venv: (venv / SITE / "mine").symlink_to("/usr/lib/python3"),
        "mine is no file",
    ),
    "an edited file": (edited(f"{SITE}/alpha.py", "runs", "walks"), "alpha.py was changed"),
    "another version": (
        edited(f"{SITE}/alpha-1.0.dist-info/METADATA", "1.0", "0.9"),
        "alpha is 0.9; the lock says 1.0",
    ),
    "a venv that is gone": (shutil.rmtree, "not there"),
}


def faults(host: Host, *described: Venv) -> list[list[str]]:
    question = venvs.question(DesiredState("shop", described))
    answer = run(f"set -eu\n{question}").stdout.decode()
    return [venvs.faults(venv, answer.removesuffix("\n")) for venv in described]


@pytest.fixture
def pair(host: Host) -> tuple[Venv, Venv]:
    pair = (
        host.venv("v1", make_wheel(host.root, "alpha")),
        host.venv("v2", make_wheel(host.root, "beta")),
    )
    assert [done.returncode for done in host.deploy(*pair)] == [0, 0]
    return pair


@pytest.mark.parametrize("fault", FAULTS)
def test_venvs__what_is_wrong_with_a_venv_is_told_of_that_one(
    host: Host, pair: tuple[Venv, Venv], fault: str
) -> None:
    broken, whole = pair
    assert faults(host, *pair) == [[], []]
    do, message = FAULTS[fault]
    do(Path(broken.path))
    one, other = faults(host, broken, whole)
    assert message in "; ".join(one)
    assert other == []
    subprocess.run(["rm", "-rf", broken.path], check=True)
