"""A deploy file of the project is known by its path, and one that is only called alike isn't."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.user_project import Project

OWN = """\
from pyinfra.operations import server

server.shell(commands="true")
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "project").mkdir()
    made = Project.made(tmp_path / "project")
    made.edit("app.yml", "name: shop", "name: No Name")
    return made


@pytest.mark.parametrize(
    "name", ["predeploy.py", "my-rollback.py", "mine/deploy.py", "mine/deploys/history.py"]
)
def test_command_line__a_file_of_ones_own_is_not_judged_by_the_end_of_its_name(
    project: Project, name: str
) -> None:
    (project.folder / name).parent.mkdir(parents=True, exist_ok=True)
    project.write(name, OWN)
    code, output = project.run("pyinfra", "@local", name, "-y")
    assert code == 0, output
    assert "Success" in output


@pytest.mark.parametrize(
    "words",
    [
        ("./deploy.py",),
        ("{folder}/deploy.py",),
        ("deploys/../deploys/rollback.py",),
        ("--chdir", "{folder}", "{folder}/deploy.py"),
        ("--chdir", "../project", "../project/deploy.py"),
        ("--chdir", "../project", "deploy.py"),
    ],
)
def test_command_line__a_deploy_file_is_judged_by_whatever_path_it_is_given(
    project: Project, words: tuple[str, ...]
) -> None:
    arguments = [word.format(folder=project.folder) for word in words]
    code, output = project.run("pyinfra", "@local", *arguments, "-y")
    assert code == 1, output
    assert output.count("Fix: ") == 1
    assert "app.yml" in output
    assert "Traceback" not in output


def test_command_line__where_a_file_of_ones_own_runs_too_somebody_is_asked(
    project: Project,
) -> None:
    project.edit("app.yml", "name: No Name", "name: shop")
    project.write("mine.py", OWN)
    code, output = project.run("pyinfra", "@local", "deploys/history.py", "mine.py")
    assert code != 0
    assert "no terminal to confirm on" in output


@pytest.mark.parametrize("name", ["deploy.py", "deploys/bootstrap.py", "deploys/history.py"])
def test_command_line__a_word_of_another_command_is_no_deploy_file(
    project: Project, name: str
) -> None:
    code, output = project.run("pyinfra", "@local", "-y", "exec", "--", "cat", name)
    assert code == 0, output
    assert "Fix: " not in output
