"""A command that can't be started is refused with its line, before the first change."""

from __future__ import annotations

import dataclasses
import tarfile
from pathlib import Path

import pytest

from homeport.artifacts import Wheel
from homeport.engine.kind import DesiredState, ProbeOutput, Target
from homeport.errors import UserError
from homeport.operations import executables
from homeport.operations.executables import Executable
from homeport.operations.packages.resources import Package
from homeport.operations.venvs.resources import Venv
from tests.support.real_shell import run
from tests.support.sample_app import ARTIFACT, RELEASE

NOWHERE: frozenset[str] = frozenset()
CODE = dataclasses.replace(ARTIFACT, programs=("bin/serve", "tools/link"))
WHEEL = Wheel("g.whl", "0" * 64, Path("/none"), 1, (), scripts=("gunicorn", "flask"))


@pytest.fixture(autouse=True)
def wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Venv, "wheels", lambda self: (WHEEL,))


def start(name: str) -> DesiredState:
    release = dataclasses.replace(RELEASE, artifact=CODE)
    program = Executable(name, release, "processes.web.command", "app.yml", 9)
    return DesiredState("shop", (Package("figlet"), program))


@pytest.mark.parametrize(
    "name",
    [
        *("python", "python3", "python3.11", "gunicorn", "flask"),
        *("bin/serve", "./bin/serve", "tools/link/x", "/srv/shop/current/bin/serve"),
        *("venv/bin/flask", "/srv/shop/current/venv/bin/gunicorn"),
    ],
)
def test_executables__what_the_venv_and_the_release_bring_is_known_without_the_host(
    name: str,
) -> None:
    assert executables.diff(start(name), NOWHERE) == []


@pytest.mark.parametrize("name", ["figlet", "/usr/bin/figlet"])
def test_executables__what_the_host_has_is_asked_of_the_host(name: str) -> None:
    assert executables.diff(start(name), frozenset({name})) == []
    with pytest.raises(UserError, match="is neither in the venv nor on the host"):
        executables.diff(start(name), NOWHERE)


def test_executables__a_package_that_is_still_to_come_may_bring_it() -> None:
    assert (
        executables.diff(start("figlet"), NOWHERE, frozenset({Target("packages", "figlet")})) == []
    )
    with pytest.raises(UserError):
        executables.diff(start("figlet"), NOWHERE, frozenset({Target("users", "figlet")}))
    with pytest.raises(UserError):  # no package is unpacked into a release
        executables.diff(start("bin/figlet"), NOWHERE, frozenset({Target("packages", "figlet")}))


def test_executables__a_script_of_the_projects_own_is_led_to_its_module(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "hub"\n[project.scripts]\nhub = "hub.cli:main"\n'
    )
    with tarfile.open(tmp_path / "code.tar.gz", "w:gz") as packed:
        packed.add(tmp_path / "pyproject.toml", "pyproject.toml")
    code = dataclasses.replace(CODE, path=tmp_path / "code.tar.gz")
    release = dataclasses.replace(RELEASE, artifact=code)
    program = Executable("hub", release, "processes.web.command", "app.yml", 9)
    with pytest.raises(UserError, match=r"Fix: write `python -m hub\.cli`: the script hub comes"):
        executables.diff(DesiredState("hub", (program,)), NOWHERE)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gunicron", "'gunicron' is neither in the venv nor on the host. Fix: write gunicorn."),
        ("serve", "'serve' is neither in the venv nor on the host. Fix: write ./bin/serve."),
        ("zzz", "Fix: lock a package that brings it, or name the Debian package that does under"),
        ("venv/bin/flsk", "'venv/bin/flsk' is not in the venv. Fix: write flask."),
        ("bin/other", "is not an executable file of the application. Fix: correct the path, or"),
        ("../x", "'../x' points outside the release. Fix: name a file of the application."),
        ("bin/../../x", "points outside the release"),
        ("/srv/shop/current/nope", "is not an executable file of the application"),
    ],
)
def test_executables__a_program_that_is_nowhere_is_told_with_its_line_and_its_mend(
    name: str, message: str
) -> None:
    with pytest.raises(UserError) as caught:
        executables.diff(start(name), NOWHERE)
    assert str(caught.value).startswith("app.yml:9: processes.web.command: ")
    assert message in str(caught.value)


def test_executables__the_probe_finds_what_a_service_would_find(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin/tool").touch(mode=0o755)
    (venv / "bin/text").touch(mode=0o644)
    (venv / "bin/folder").mkdir()
    release = dataclasses.replace(RELEASE, venv=dataclasses.replace(RELEASE.venv, path=str(venv)))
    names = ("tool", "text", "folder", "sh", "/bin/sh", "/bin/nope", "cd", "it's; exit 3", "")
    described = DesiredState("shop", tuple(Executable(name, release, "k") for name in names))
    done = run(f"set -eu\n{executables.probe(described, '')}")
    assert (done.returncode, done.stderr) == (0, b"")
    assert executables.parse(ProbeOutput(done.stdout.decode(), "")) == {"tool", "sh", "/bin/sh"}


def test_executables__nothing_is_ever_changed() -> None:
    assert executables.KIND.apply is None
