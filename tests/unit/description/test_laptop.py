"""A laptop's description, and the one command that it leads to, run for real."""

from __future__ import annotations

import runpy
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from homeport.artifacts import Lock
from homeport.description import laptop_facts
from homeport.description.app_build import root
from homeport.description.host import describe_host
from homeport.description.host_data import HostData
from homeport.description.laptop import laptop
from homeport.description.laptop_facts import found
from homeport.engine.kind import DesiredState
from homeport.errors import UserError
from homeport.files.entries import Directory, File
from homeport.manifest import load, validate
from homeport.operations.git_hooks import GitHook, mark
from homeport.operations.packages.resources import Package
from homeport.operations.platform.resources import HostPlatform, LocalPlatform
from homeport.operations.releases import Release
from homeport.operations.services.resources import CurrentLink, Service
from homeport.operations.units.resources import Unit
from homeport.operations.users.resources import ServiceUser
from homeport.operations.venvs.resources import Venv
from tests.support.described_app import Project
from tests.support.described_laptop import LAPTOP, ME, MINOR, OURS, mine

__all__ = ["mine"]


def git(project: Project, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(project.root), *arguments], check=True, capture_output=True)


def test_laptop_is_described_without_accounts_units_services_and_packages(mine: Project) -> None:
    description = describe_host(LAPTOP, "@local")
    for kind in (HostPlatform, Package, ServiceUser, Unit, Service, Release, GitHook):
        assert description.of(kind) == ()
    (workstation,) = description.of(LocalPlatform)
    assert replace(workstation, interpreter="") == LocalPlatform(MINOR, "", ("sqlite3",), None)
    assert workstation.interpreter.startswith("/")


def test_laptop__everything_lies_in_one_folder_and_belongs_to_its_user(mine: Project) -> None:
    local = f"{mine.root}/local"
    description = describe_host(LAPTOP)
    entries = [*description.of(File), *description.of(Directory)]
    assert all(entry.path == local or entry.path.startswith(f"{local}/") for entry in entries)
    assert {(entry.owner, entry.group) for entry in entries} == {(ME, OURS)}
    assert (description.snapshot_context.owner, description.snapshot_context.ledgers) == (
        ME,
        f"{local}/homeport",
    )
    (venv,) = description.of(Venv)
    assert venv.cache.startswith(f"{local}/homeport/")
    assert [c.path for c in description.of(CurrentLink)] == [f"{local}/venv"]


def test_laptop__nobody_else_may_read_what_is_described(mine: Project) -> None:
    description = describe_host(LAPTOP)
    modes = {entry.path.rpartition("/")[2]: entry.mode for entry in description.of(File)}
    assert modes == {"environment": "600", "secrets": "600", "Procfile": "600", "run": "700"}
    folders = {entry.path: entry.mode for entry in description.of(Directory)}
    assert folders[f"{mine.root}/local"] == "700"
    (secret,) = (file for file in description.of(File) if file.secret)
    assert b'TOKEN="hunter2"' in secret.content
    for file in description.of(File):
        assert file is secret or b"hunter2" not in file.content


def test_laptop__data_and_sockets_have_their_directories(mine: Project) -> None:
    local = f"{mine.root}/local"
    folders = {entry.path.removeprefix(local) for entry in describe_host(LAPTOP).of(Directory)}
    assert folders >= {"/data/uploads", "/data/cache", "/data/cache/thumbs", "/runtime/api"}


def test_laptop__configuration_files_know_the_places_of_a_laptop(mine: Project) -> None:
    local = f"{mine.root}/local"
    (mine.root / "code/shop.conf.j2").write_text("{{ paths.state }} {{ secrets.TOKEN }}\n")
    mine.replace(
        "processes:\n", "config_files: {a/shop.conf: {template: code/shop.conf.j2}}\nprocesses:\n"
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


def test_laptop__code_of_a_repository_is_a_release_and_that_of_the_project_runs_as_it_is(
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
    assert (release.sandbox, release.owner) == (None, ME)
    assert release.path.startswith(f"{mine.root}/local/releases/")
    assert f"'{mine.root}/local/current'" in program(description)
    assert [c.release for c in description.of(CurrentLink)] == [release.path, release.venv.path]


def test_laptops_files_are_no_part_of_a_release_even_if_the_project_is_the_source(
    mine: Project,
) -> None:
    mine.replace("source: code", "source: .\nexclude: [secrets]")
    (mine.root / "local").mkdir(mode=0o700)
    app = mine.app()
    before = laptop_facts.code_of(app, Lock("0", ()))
    (mine.root / "local/secrets").write_text("TOKEN=hunter2")
    assert laptop_facts.code_of(app, Lock("0", ())).id == before.id


def test_laptop__a_secret_is_no_part_of_a_release_even_if_the_project_is_the_source(
    mine: Project,
) -> None:
    mine.replace("source: code", "source: .")
    (mine.root / "secrets/key").unlink()  # a command reads it: no key of app.yml names the file
    app = mine.app()
    before = laptop_facts.code_of(app, Lock("0", ()))
    mine.secret("token", "another one")
    assert laptop_facts.code_of(app, Lock("0", ())).id == before.id
    (mine.root / "secrets/theirs").write_text("a secret of another application")
    with pytest.raises(UserError, match=r"secrets: holds secrets, going by its name"):
        laptop_facts.code_of(app, Lock("0", ()))


def program(description: DesiredState) -> str:
    (run,) = (file for file in description.of(File) if file.path.endswith("/run"))
    return run.content.decode()


# hooks


def test_laptop__a_hook_runs_its_command_through_the_one_command(mine: Project) -> None:
    git(mine, "init", "-q")
    mine.text += "git_hooks: {pre-commit: 'python -c \"print(1)\"', commit-msg: check}\n"
    mine.app()
    hooks = {Path(hook.path).name: hook for hook in describe_host(LAPTOP).of(GitHook)}
    assert hooks["pre-commit"].path == f"{mine.root}/.git/hooks/pre-commit"
    assert hooks["pre-commit"].text.splitlines()[1].startswith(mark("shop"))
    assert hooks["pre-commit"].text.endswith("\nexec \"./$run\" --here python -c 'print(1)'\n")
    assert hooks["commit-msg"].text.endswith('\nexec "./$run" --here check "$@"\n')
    assert "\nrun=local/run\n" in hooks["pre-commit"].text


def test_laptop__hooks_without_a_repository_are_an_error_and_without_git_a_lack(
    mine: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine.text += "git_hooks: {pre-commit: check}\n"
    mine.app()
    with pytest.raises(
        UserError, match=r"git_hooks: git has no work tree here .*Fix: run `git init`"
    ):
        describe_host(LAPTOP)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    description = describe_host(LAPTOP)
    assert description.of(GitHook) == ()
    assert description.of(LocalPlatform)[0].git == ""


def test_laptop__hooks_mean_nothing_to_a_server(mine: Project) -> None:
    mine.replace(f'"{MINOR}"', '"3.11"')
    mine.text += "git_hooks: {pre-commit: check}\n"
    mine.app()
    assert describe_host({"architecture": "amd64", "debian": "12"}).of(GitHook) == ()


# what doesn't fit


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("labtop", "@local", "'labtop' is not a host type. Fix: write host_type = \"laptop\""),
        (3, "@local", "'3' is not a host type. Fix: write one of: server, laptop"),
        ("laptop", "pi.local", "pi.local is not the machine that deploys"),
        ("laptop", "@ssh/pi.local", "@ssh/pi.local is not the machine that deploys"),
    ],
)
def test_laptop__a_kind_that_does_not_fit_is_refused(kind: object, name: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        HostData.parse({"host_type": kind}, name)
    assert f"inventory: host_type: {message}" in str(caught.value)


def test_laptop__a_host_is_a_server_unless_its_data_says_otherwise() -> None:
    assert HostData.parse({}, "@local").host_type == "server"
    assert HostData.parse({"host_type": "server"}, "pi.local").host_type == "server"
    assert HostData.parse(LAPTOP, "@local").host_type == "laptop"


def test_laptop__a_socket_whose_path_is_too_long_for_one_is_told(mine: Project) -> None:
    app = mine.app()
    known = found(app, HostData(allow_root=True))
    far = replace(known, place=replace(known.place, folder=f"/{'x' * 100}/local"))
    with pytest.raises(UserError, match=r"processes.api.listen: .* longer than 107 characters"):
        laptop(app, far)


def test_laptop__the_sample_is_reached_from_no_other_machine() -> None:
    override = runpy.run_path(str(root() / "group_data/laptop.py"))["app"]
    app = validate(load(root() / "app.yml"), {**override, "name": "pinboard"}, "laptop.py")
    ports = [each for each in app.processes.values() if isinstance(each.listen, int)]
    assert [each.command.count("--bind 127.0.0.1:{port}") for each in ports] == [1]
    assert app.proxy is None
