"""What templates.laptop.run promises."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from honcho.environ import parse_procfile
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from homeport.artifacts import Lock, PythonPlatform
from homeport.description import laptop_facts
from homeport.description.laptop import laptop
from homeport.description.laptop_facts import LaptopFacts
from homeport.files.entries import Directory, File
from homeport.manifest import App
from homeport.operations.units.resources import Unit
from tests.support.described_app import Project
from tests.support.described_laptop import ME, MINOR, OURS, mine

__all__ = ["mine"]


# the one command


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[App, LaptopFacts]]:
    """A laptop whose files are put where they are described, with a venv that is only a Python."""
    project = Project(tmp_path_factory.mktemp("laptop"))
    local = project.root / "local"
    (local / "venv/bin").mkdir(parents=True)
    (local / "venv/bin/python").symlink_to(sys.executable)
    (project.root / "code/src").mkdir()
    place = laptop_facts.LaptopPaths("shop", str(local))
    target = PythonPlatform("amd64", MINOR, libc=(2, 36))
    code = str(project.root / "code")
    yield (
        project.app(),
        LaptopFacts(place, ME, OURS, target, sys.executable, Lock("0", ()), code, None),
    )


def put(app: App, known: LaptopFacts) -> None:
    description = laptop(app, known)
    for directory in description.of(Directory):
        Path(directory.path).mkdir(exist_ok=True)
    for file in description.of(File):
        Path(file.path).write_bytes(file.content)
        Path(file.path).chmod(int(file.mode, 8))


def run(
    known: LaptopFacts, *command: str, cwd: str = "/", **env: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [known.place.run, *command],
        env={"PATH": "/usr/bin:/bin", **env},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=30,
    )


def arguments_of(known: LaptopFacts, **env: str) -> dict[str, str]:
    """Return the environment that a command really gets."""
    done = subprocess.run(
        [known.place.run, "env", "-0"],
        env={"PATH": "/usr/bin:/bin", **env},
        capture_output=True,
        check=True,
    )
    pairs = (pair.partition("=") for pair in done.stdout.decode().split("\0") if pair)
    return {name: value for name, _, value in pairs}


NAMES = st.from_regex(r"V_[A-Z0-9_]{0,5}", fullmatch=True)
PLAIN_TEXT = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])
VALUES = st.text(st.sampled_from("\"'\\$%# `!*~;&|=é\u00a0\U0001f40d\t") | PLAIN_TEXT, max_size=20)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(NAMES, VALUES, max_size=4), st.dictionaries(NAMES, VALUES, max_size=2))
@example({"V_A": "a \"b\" 'c' $HOME %h # no \\n \\", "V_B": ""}, {"V_C": " spaces "})
@example({"IFS": ",", "UID": "x", "OPTIND": "y", "_": "z", "PORT": "80", "LC_ALL": "C"}, {})
def test_laptop_run__values_arrive_exactly_as_they_were_described(
    deployed: tuple[App, LaptopFacts], public: Mapping[str, str], secret: Mapping[str, str]
) -> None:
    app, known = deployed
    public = {name: value for name, value in public.items() if name not in secret}
    put(app.model_copy(update={"environment": public}), replace(known, secrets=secret))
    arrived = arguments_of(known, V_A="of the shell", PORT="of the shell", LC_ALL="C")
    described = {**public, **secret}
    assert {name: arrived[name] for name in described} == described


def test_laptop_run__a_command_is_given_what_a_unit_gives(
    deployed: tuple[App, LaptopFacts], mine: Project
) -> None:
    app, known = deployed
    put(app, known)
    mine.replace(f'"{MINOR}"', '"3.11"')
    (unit,) = (unit for unit in mine.describe().of(Unit) if unit.name == "shop-web.service")
    directories = re.findall(r"^(\w+)Directory=", unit.text, re.M)
    wanted = {f"{name.upper()}_DIRECTORY" for name in directories if name != "Working"}
    wanted |= set(re.findall(r"(\w+)=1", unit.text.partition("Environment=")[2].splitlines()[0]))
    arrived = arguments_of(known)
    assert wanted == {name for name in arrived if name.endswith("_DIRECTORY")} | {
        "PYTHONUNBUFFERED",
        "PYTHONDONTWRITEBYTECODE",
    }
    local = known.place.folder
    state = f"{local}/data:{local}/data/cache/thumbs:{local}/data/uploads"
    assert arrived["STATE_DIRECTORY"] == state
    assert arrived["PATH"].split(":")[0] == f"{local}/venv/bin"
    assert arrived["PYTHONPATH"] == f"{known.code}/src:{known.code}"
    assert arrived["PWD"] == known.code


def test_laptop_run__what_was_meant_for_the_shell_does_not_lead_the_application_astray(
    deployed: tuple[App, LaptopFacts],
) -> None:
    app, known = deployed
    put(app.model_copy(update={"environment": {"PYTHONPATH": "/described"}}), known)
    env = {"PYTHONPATH": "/shell", "PYTHONHOME": "/x", "VIRTUAL_ENV": "/x", "NOTIFY_SOCKET": "/x"}
    arrived = arguments_of(known, **env, TERM="vt100")
    assert arrived["PYTHONPATH"] == f"{known.code}/src:{known.code}:/described"
    assert arrived["TERM"] == "vt100"
    assert not arrived.keys() & {"PYTHONHOME", "VIRTUAL_ENV", "NOTIFY_SOCKET"}


def test_laptop_run__a_process_has_a_directory_for_its_socket_and_nobodys_idea_of_a_port(
    deployed: tuple[App, LaptopFacts],
) -> None:
    app, known = deployed
    put(app, known)
    arrived = arguments_of(known, HONCHO_PROCESS_NAME="api.1", PORT="5100")
    assert arrived["RUNTIME_DIRECTORY"] == known.place.runtime("api")
    assert not arrived.keys() & {"PORT", "HONCHO_PROCESS_NAME"}


def test_laptop_run__a_command_runs_beside_the_code_or_here_if_that_is_asked_for(
    deployed: tuple[App, LaptopFacts], tmp_path: Path
) -> None:
    app, known = deployed
    put(app, known)
    assert run(known, "pwd", cwd=str(tmp_path)).stdout == f"{known.code}\n"
    assert run(known, "--here", "pwd", cwd=str(tmp_path)).stdout == f"{tmp_path}\n"


def test_laptop_run__what_can_not_be_run_is_told_in_a_line(
    deployed: tuple[App, LaptopFacts],
) -> None:
    app, known = deployed
    put(app, known)
    done = run(known, "no-such-command")
    assert (done.returncode, done.stdout) == (127, "")
    assert done.stderr == "local/run: no-such-command: No such file or directory\n"
    assert run(known, "sh", "-c", "exit 7").returncode == 7
    Path(known.place.environment[0]).unlink()
    done = run(known, "true")
    assert done.returncode == 1
    assert re.fullmatch(r"local/run: \S+/environment: No such file.*deploy again.*\n", done.stderr)


def test_laptop_run__the_command_tells_how_it_is_used(deployed: tuple[App, LaptopFacts]) -> None:
    app, known = deployed
    put(app, known)
    assert "run COMMAND..." in run(known, "--help").stderr


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(st.sampled_from("\"'\\$%#{} `!*~;&|=aé") | PLAIN_TEXT), min_size=1))
def test_laptop_run__the_words_of_a_command_pass_the_procfile_unharmed(
    deployed: tuple[App, LaptopFacts], words: list[str]
) -> None:
    app, known = deployed
    command = shlex.join(["show", *words]).replace("{", "{{").replace("}", "}}")
    process = app.processes["worker"].model_copy(update={"command": command})
    put(app.model_copy(update={"processes": {"worker": process}}), known)
    show = Path(known.place.latest) / "bin/show"
    show.write_text("#!/bin/sh\nprintf '%s\\0' \"$@\"\n")
    show.chmod(0o755)
    line = parse_procfile(Path(known.place.procfile).read_text()).processes["worker"]
    done = subprocess.run(line, shell=True, capture_output=True, check=True)  # noqa: S602 - as honcho does
    assert done.stdout.decode().split("\0")[:-1] == words
