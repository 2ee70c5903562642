"""What description.app_build promises."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from homeport.artifacts import Lock, Pinned
from homeport.description.host import describe, describe_host
from homeport.errors import UserError
from homeport.operations.releases import Release
from homeport.operations.services.resources import CurrentLink
from homeport.operations.venvs.resources import Venv
from tests.support.described_app import TARGET, Project
from tests.support.described_hosts import PI, here
from tests.support.described_parts import services, units

__all__ = ["here"]


def test_app_build__a_change_of_code_is_another_release_in_the_same_venv(project: Project) -> None:
    before = project.describe()
    (project.root / "code/shop/__init__.py").write_text("x = 1\n")
    after = project.describe()
    assert before.of(Venv) == after.of(Venv)
    assert before.of(Release)[0].path != after.of(Release)[0].path
    assert before.of(CurrentLink)[0].release != after.of(CurrentLink)[0].release
    assert units(before) == units(after)


def test_app_build__a_change_of_the_lock_is_another_venv_and_another_release(
    project: Project,
) -> None:
    app, built = project.app(), project.built()
    locked = replace(built, lock=Lock.of([Pinned("flask", "3.0", ("a" * 64,))], TARGET))
    before, after = describe(app, built), describe(app, locked)
    assert before.of(Venv)[0].path != after.of(Venv)[0].path
    assert before.of(Release)[0].path != after.of(Release)[0].path


def test_app_build__the_release_is_what_current_leads_to_and_its_venv_what_it_links_to(
    project: Project,
) -> None:
    description = project.describe()
    (release,), (venv,), (current,) = (
        description.of(kind) for kind in (Release, Venv, CurrentLink)
    )
    assert (current.path, current.release, current.venv) == (
        "/srv/shop/current", release.path, venv.path,
    )  # fmt: skip
    assert release.venv == venv
    assert release.check == "/srv/shop/bin/check-imports"
    assert release.sandbox is not None
    assert release.sandbox.properties[:2] == ("User=shop", "Group=shop")
    assert release.environment == (
        "/etc/homeport/shop/environment",
        "/etc/homeport/shop/secrets",
    )
    started = [service for service in services(description).values() if service.digest]
    assert {service.current for service in started} == {current}


def test_app_build__a_secret_that_others_may_read_is_refused_by_name(here: Project) -> None:
    (here.root / "secrets/token").chmod(0o644)
    with pytest.raises(UserError, match=r"secrets.TOKEN: others may read this secret"):
        describe_host(PI)


def test_app_build__a_package_that_is_not_locked_is_refused(here: Project) -> None:
    lock = "source: {package: flask, version: '3.0'}\nrequirements: code/requirements.txt"
    here.replace("source: code", lock)
    (here.root / "code/requirements.txt").write_text(f"click==8.1 --hash=sha256:{'a' * 64}\n")
    here.app()
    with pytest.raises(UserError, match="flask isn't in it") as caught:
        describe_host(PI)
    assert caught.value.file == here.root / "code/requirements.txt"
    assert "flask==3.0 into requirements.in" in caught.value.fix
    assert "uv pip compile" in caught.value.fix


def test_app_build__the_code_of_a_repository_is_what_its_ref_names(
    here: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    git = ["git", "-c", "user.name=tests", "-c", "user.email=tests@localhost", "-C"]
    source = here.root / "code"
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"], ["tag", "v1"]):
        subprocess.run([*git, str(source), *command], check=True)
    directory = describe_host(PI).of(Release)[0].artifact
    here.replace("source: code", f"source: {{git: 'file://{source}', ref: v1}}")
    here.app()
    (source / "shop/more.py").touch()
    here.replace(f"source: {{git: 'file://{source}', ref: v1}}", "source: code")
    here.app()
    with pytest.raises(UserError, match=r"app.yml:2: source: .*'shop/more.py'\. Fix: commit it"):
        describe_host(PI)
    assert describe_host({**PI, "allow_dirty": "yes"}).of(Release)[0].artifact.dirty
    assert not describe_host({**PI, "host_type": "laptop", "allow_root": True}).of(Release), (
        "a laptop runs what is there"
    )
    here.replace("source: code", f"source: {{git: 'file://{source}', ref: v1}}")
    here.app()
    repository = describe_host(PI).of(Release)[0].artifact
    assert repository.id == directory.id
    assert (repository.commit, repository.dirty) == (directory.commit, False)
