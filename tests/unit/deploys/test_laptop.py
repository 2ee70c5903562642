"""A laptop's description, and the one command that it leads to, run for real."""

from __future__ import annotations

import grp
import os
import pwd
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from honcho.environ import parse_procfile
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from homeport import manifest
from homeport.artifacts import Interpreter, Lock, Target
from homeport.description import host
from homeport.description import laptop_facts as here
from homeport.description.host import describe_host, kind_of
from homeport.description.laptop import laptop
from homeport.description.laptop_facts import LaptopFacts, found
from homeport.engine.kind import DesiredState
from homeport.errors import UserError
from homeport.files.entries import Directory, File
from homeport.manifest import App
from homeport.operations.git_hooks import GitHook, mark
from homeport.operations.packages import Package
from homeport.operations.platform.kind import HostPlatform, LocalPlatform
from homeport.operations.releases import Release
from homeport.operations.services.resources import CurrentLink, Service
from homeport.operations.units.kind import Unit
from homeport.operations.users import ServiceUser
from homeport.operations.venvs.kind import Venv
from tests.unit.deploys.conftest import Project

ME = pwd.getpwuid(os.geteuid()).pw_name
OURS = grp.getgrgid(os.getegid()).gr_name
LAPTOP = {"kind": "laptop"}
MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture
def mine(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The project as the one that is deployed, with a Python that is surely there."""
    project.replace('"3.11"', f'"{MINOR}"')
    project.app()
    monkeypatch.setattr(host, "root", lambda: project.root)
    monkeypatch.setattr(host, "_loaded", manifest.load)
    monkeypatch.setattr(here, "root", lambda: project.root)
    base = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    python = Interpreter(base, f"{MINOR}.1")
    monkeypatch.setattr(here.artifacts, "find_interpreter", lambda wanted: python)
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    return project


def git(project: Project, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(project.root), *arguments], check=True, capture_output=True)


def test_a_laptop_is_described_without_accounts_units_services_and_packages(mine: Project) -> None:
    description = describe_host(LAPTOP, "@local")
    for kind in (HostPlatform, Package, ServiceUser, Unit, Service, Release, GitHook):
        assert description.of(kind) == ()
    (workstation,) = description.of(LocalPlatform)
    assert replace(workstation, interpreter="") == LocalPlatform(MINOR, "", ("sqlite3",), None)
    assert workstation.interpreter.startswith("/")


def test_everything_lies_in_one_folder_and_belongs_to_its_user(mine: Project) -> None:
    local = f"{mine.root}/local"
    description = describe_host(LAPTOP)
    entries = [*description.of(File), *description.of(Directory)]
    assert all(entry.path == local or entry.path.startswith(f"{local}/") for entry in entries)
    assert {(entry.owner, entry.group) for entry in entries} == {(ME, OURS)}
    assert (description.keeper.owner, description.keeper.ledgers) == (ME, f"{local}/homeport")
    (venv,) = description.of(Venv)
    assert venv.cache.startswith(f"{local}/homeport/")
    assert [c.path for c in description.of(CurrentLink)] == [f"{local}/venv"]


def test_nobody_else_may_read_what_is_described(mine: Project) -> None:
    description = describe_host(LAPTOP)
    modes = {entry.path.rpartition("/")[2]: entry.mode for entry in description.of(File)}
    assert modes == {"environment": "600", "secrets": "600", "Procfile": "600", "run": "700"}
    folders = {entry.path: entry.mode for entry in description.of(Directory)}
    assert folders[f"{mine.root}/local"] == "700"
    (secret,) = (file for file in description.of(File) if file.secret)
    assert b'TOKEN="hunter2"' in secret.content
    for file in description.of(File):
        assert file is secret or b"hunter2" not in file.content


def test_data_and_sockets_have_their_directories(mine: Project) -> None:
    local = f"{mine.root}/local"
    folders = {entry.path.removeprefix(local) for entry in describe_host(LAPTOP).of(Directory)}
    assert folders >= {"/data/uploads", "/data/cache", "/data/cache/thumbs", "/runtime/api"}


def test_configuration_files_know_the_places_of_a_laptop(mine: Project) -> None:
    local = f"{mine.root}/local"
    (mine.root / "code/shop.conf.j2").write_text("{{ paths.state }} {{ secrets.TOKEN }}\n")
    mine.replace(
        "processes:\n", "config: {a/shop.conf: {template: code/shop.conf.j2}}\nprocesses:\n"
    )
    mine.replace("python -m shop.worker", "python -m shop.worker {config}/a/shop.conf {data}")
    mine.app()
    description = describe_host(LAPTOP)
    files = {file.path.removeprefix(local): file for file in description.of(File)}
    made = files["/config/a/shop.conf"]
    assert (made.content, made.mode, made.secret) == (
        f"{local}/data hunter2\n".encode(),
        "600",
        True,
    )
    assert {f"{local}/config", f"{local}/config/a"} <= {d.path for d in description.of(Directory)}
    assert (
        f"shop.worker {local}/config/a/shop.conf {local}/data\n"
        in files["/Procfile"].content.decode()
    )
    assert '"CONFIGURATION_DIRECTORY": CONFIGURATION,' in program(description)
    assert f"CONFIGURATION = '{local}/config'" in program(description)


def test_code_of_a_repository_is_a_release_and_that_of_the_project_runs_as_it_is(
    mine: Project,
) -> None:
    git_ = ["git", "-c", "user.name=tests", "-c", "user.email=tests@localhost", "-C"]
    source = str(mine.root / "code")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"], ["tag", "v1"]):
        subprocess.run([*git_, source, *command], check=True)
    live = program(describe_host(LAPTOP))
    assert f"'{source}'" in live
    mine.replace("source: code", f"source: {{git: 'file://{source}', ref: v1}}")
    mine.app()
    description = describe_host(LAPTOP)
    (release,) = description.of(Release)
    assert (release.user, release.owner) == (None, ME)
    assert release.path.startswith(f"{mine.root}/local/releases/")
    assert f"'{mine.root}/local/current'" in program(description)
    assert [c.release for c in description.of(CurrentLink)] == [release.path, release.venv.path]


def test_a_laptops_files_are_no_part_of_a_release_even_if_the_project_is_the_source(
    mine: Project,
) -> None:
    mine.replace("source: code", "source: .")
    (mine.root / "local").mkdir(mode=0o700)
    app = mine.app()
    before = here.code_of(app, Lock("0", ()))
    (mine.root / "local/secrets").write_text("TOKEN=hunter2")
    assert here.code_of(app, Lock("0", ())).id == before.id


def test_a_secret_is_no_part_of_a_release_even_if_the_project_is_the_source(mine: Project) -> None:
    mine.replace("source: code", "source: .")
    app = mine.app()
    before = here.code_of(app, Lock("0", ()))
    mine.secret("token", "another one")
    assert here.code_of(app, Lock("0", ())).id == before.id
    (mine.root / "secrets/theirs").write_text("no secret of this application")
    assert here.code_of(app, Lock("0", ())).id != before.id


def program(description: DesiredState) -> str:
    (run,) = (file for file in description.of(File) if file.path.endswith("/run"))
    return run.content.decode()


# hooks


def test_a_hook_runs_its_command_through_the_one_command(mine: Project) -> None:
    git(mine, "init", "-q")
    mine.text += "hooks: {pre-commit: 'python -c \"print(1)\"', commit-msg: check}\n"
    mine.app()
    hooks = {Path(hook.path).name: hook for hook in describe_host(LAPTOP).of(GitHook)}
    assert hooks["pre-commit"].path == f"{mine.root}/.git/hooks/pre-commit"
    assert hooks["pre-commit"].text.splitlines()[1].startswith(mark("shop"))
    assert hooks["pre-commit"].text.endswith("\nexec \"./$run\" --here python -c 'print(1)'\n")
    assert hooks["commit-msg"].text.endswith('\nexec "./$run" --here check "$@"\n')
    assert "\nrun=local/run\n" in hooks["pre-commit"].text


def test_hooks_without_a_repository_are_a_mistake_and_without_git_a_lack(
    mine: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine.text += "hooks: {pre-commit: check}\n"
    mine.app()
    with pytest.raises(UserError, match=r"hooks: git has no work tree here .*Mend: run `git init`"):
        describe_host(LAPTOP)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    description = describe_host(LAPTOP)
    assert description.of(GitHook) == ()
    assert description.of(LocalPlatform)[0].git == ""


def test_hooks_mean_nothing_to_a_server(mine: Project) -> None:
    mine.replace(f'"{MINOR}"', '"3.11"')
    mine.text += "hooks: {pre-commit: check}\n"
    mine.app()
    assert describe_host({"architecture": "amd64", "debian": "12"}).of(GitHook) == ()


# what doesn't fit


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("labtop", "@local", "'labtop' is not a kind of host. Mend: write kind = \"laptop\""),
        (3, "@local", "'3' is not a kind of host. Mend: write one of: server, laptop"),
        ("laptop", "pi.local", "pi.local is not the machine that deploys"),
        ("laptop", "@ssh/pi.local", "@ssh/pi.local is not the machine that deploys"),
    ],
)
def test_a_kind_that_does_not_fit_is_refused(kind: object, name: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        kind_of({"kind": kind}, name)
    assert f"inventory: kind: {message}" in str(caught.value)


def test_a_host_is_a_server_unless_its_data_says_otherwise() -> None:
    assert kind_of({}, "@local") == kind_of({"kind": "server"}, "pi.local") == "server"
    assert kind_of(LAPTOP, "@local") == "laptop"


@pytest.mark.parametrize("folder", ["my project", "a:b", "ünicode", "$HOME", "x" * 161])
def test_a_project_at_a_path_that_needs_quoting_is_told_to_move(
    folder: str, mine: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(here, "root", lambda: Path("/none") / folder)
    with pytest.raises(UserError, match=r"needs a path of at most 160 letters.* Mend: move or"):
        describe_host(LAPTOP)


def test_a_source_at_a_path_that_needs_quoting_is_told_to_move(mine: Project) -> None:
    (mine.root / "code").rename(mine.root / "my code")
    mine.replace("source: code", "source: my code")
    mine.app()
    with pytest.raises(UserError, match=r"my code: a laptop's deploy needs a path"):
        describe_host(LAPTOP)


def test_a_folder_that_was_made_by_somebody_else_is_told(
    mine: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mine.root / "local").mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(UserError, match=r"belongs to somebody else than you.*sudo chown -R 12345 "):
        describe_host(LAPTOP)


def test_a_user_without_a_name_is_told(mine: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4123456789)
    with pytest.raises(UserError, match="your user, 4123456789, or its group has no name here"):
        describe_host(LAPTOP)


def test_without_the_wanted_python_there_is_still_a_description_to_refuse(
    mine: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(here.artifacts, "find_interpreter", lambda wanted: None)
    assert describe_host(LAPTOP).of(LocalPlatform)[0].interpreter == ""


def test_a_socket_whose_path_is_too_long_for_one_is_told(mine: Project) -> None:
    app = mine.app()
    known = found(app)
    far = replace(known, place=replace(known.place, folder=f"/{'x' * 100}/local"))
    with pytest.raises(UserError, match=r"processes.api.listen: .* longer than 107 characters"):
        laptop(app, far)


# the one command


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[App, LaptopFacts]]:
    """A laptop whose files are put where they are described, with a venv that is only a Python."""
    project = Project(tmp_path_factory.mktemp("laptop"))
    local = project.root / "local"
    (local / "venv/bin").mkdir(parents=True)
    (local / "venv/bin/python").symlink_to(sys.executable)
    (project.root / "code/src").mkdir()
    place = here.LaptopPaths("shop", str(local))
    target = Target("amd64", MINOR, libc=(2, 36))
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


def given_to(known: LaptopFacts, **env: str) -> dict[str, str]:
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
def test_values_arrive_exactly_as_they_were_described(
    deployed: tuple[App, LaptopFacts], public: Mapping[str, str], secret: Mapping[str, str]
) -> None:
    app, known = deployed
    public = {name: value for name, value in public.items() if name not in secret}
    put(app.model_copy(update={"environment": public}), replace(known, secrets=secret))
    arrived = given_to(known, V_A="of the shell", PORT="of the shell", LC_ALL="C")
    described = {**public, **secret}
    assert {name: arrived[name] for name in described} == described


def test_a_command_is_given_what_a_unit_gives(
    deployed: tuple[App, LaptopFacts], mine: Project
) -> None:
    app, known = deployed
    put(app, known)
    mine.replace(f'"{MINOR}"', '"3.11"')
    (unit,) = (unit for unit in mine.describe().of(Unit) if unit.name == "shop-web.service")
    directories = re.findall(r"^(\w+)Directory=", unit.text, re.M)
    wanted = {f"{name.upper()}_DIRECTORY" for name in directories if name != "Working"}
    wanted |= set(re.findall(r"(\w+)=1", unit.text.partition("Environment=")[2].splitlines()[0]))
    arrived = given_to(known)
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


def test_what_was_meant_for_the_shell_does_not_lead_the_application_astray(
    deployed: tuple[App, LaptopFacts],
) -> None:
    app, known = deployed
    put(app.model_copy(update={"environment": {"PYTHONPATH": "/described"}}), known)
    env = {"PYTHONPATH": "/shell", "PYTHONHOME": "/x", "VIRTUAL_ENV": "/x", "NOTIFY_SOCKET": "/x"}
    arrived = given_to(known, **env, TERM="vt100")
    assert arrived["PYTHONPATH"] == f"{known.code}/src:{known.code}:/described"
    assert arrived["TERM"] == "vt100"
    assert not arrived.keys() & {"PYTHONHOME", "VIRTUAL_ENV", "NOTIFY_SOCKET"}


def test_a_process_has_a_directory_for_its_socket_and_nobodys_idea_of_a_port(
    deployed: tuple[App, LaptopFacts],
) -> None:
    app, known = deployed
    put(app, known)
    arrived = given_to(known, HONCHO_PROCESS_NAME="api.1", PORT="5100")
    assert arrived["RUNTIME_DIRECTORY"] == known.place.runtime("api")
    assert not arrived.keys() & {"PORT", "HONCHO_PROCESS_NAME"}


def test_a_command_runs_beside_the_code_or_here_if_that_is_asked_for(
    deployed: tuple[App, LaptopFacts], tmp_path: Path
) -> None:
    app, known = deployed
    put(app, known)
    assert run(known, "pwd", cwd=str(tmp_path)).stdout == f"{known.code}\n"
    assert run(known, "--here", "pwd", cwd=str(tmp_path)).stdout == f"{tmp_path}\n"


def test_what_can_not_be_run_is_told_in_a_line(deployed: tuple[App, LaptopFacts]) -> None:
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


def test_the_command_tells_how_it_is_used(deployed: tuple[App, LaptopFacts]) -> None:
    app, known = deployed
    put(app, known)
    assert "run COMMAND..." in run(known, "--help").stderr


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(st.sampled_from("\"'\\$%#{} `!*~;&|=aé") | PLAIN_TEXT), min_size=1))
def test_the_words_of_a_command_pass_the_procfile_unharmed(
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
