"""To go back, to lock and to look back, an application's name is enough; words are read exactly."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.support.user_project import Project

HOSTS = 'pi = [("pi.invalid", {"ssh_connect_retries": 0})]\n'
ON = "[pi.invalid] there is no address for pi.invalid."


@dataclass(frozen=True)
class Run:
    """A deploy file, what ``--data`` says, what is told, and how the project is spoilt before."""

    file: str
    data: tuple[str, ...]
    message: str
    spoil: Callable[[Project], object] = lambda project: None
    more: tuple[str, ...] = ("-y",)


def broken(project: Project) -> None:
    """Leave nothing of an application but its name: as on a laptop that never made a release."""
    project.write("app.yml", "name: shop\nprocesses: {web: {command: [}}\n".replace("[", ""))
    project.remove("requirements.txt")


def secretive(project: Project) -> None:
    """Give the application a secret."""
    project.write("secrets/token", "a-value-that-no-one-may-see").chmod(0o600)
    app = (project.folder / "app.yml").read_text()
    project.write("app.yml", f"{app}secrets: {{TOKEN: {{file: secrets/token}}}}\n")


RUNS = {
    "a rollback": Run("rollback", (), ON, broken),
    "a rollback to a name": Run("rollback", ("release=0123-abc.d", "force=yes"), ON),
    "a slip that would go elsewhere": Run(
        "rollback", ("relese=x",), "--data: 'relese' is not an option here. Fix: write one of: rel"
    ),
    "the old name of a word": Run(
        "rollback", ("to=x",), "--data: to: 'to' is called 'release'. Fix: write release."
    ),
    "an old name of host data": Run(
        "rollback", (), "inventory: kind: 'kind' is called 'host_type'. Fix: write host_type.",
        lambda project: project.write("inventories/pi.py", 'pi = [("a.invalid", {"kind": "x"})]'),
    ),
    "a goal that is none": Run(
        "rollback", ("release=-x",), "--data: release: '-x' is not the name of a release. Fix: wri"
    ),
    "neither yes nor no": Run("rollback", ("force=maybe",), "--data: force: 'maybe' is neither"),
    "a lock": Run("lock", ("reason=no deploys on Friday", "for=2d"), ON, broken),
    "a lock without a reason": Run(
        "lock", ("for=2d",), '--data: reason: a lock needs a reason. Fix: say why, as in --data rea'
    ),
    "a lock for no time": Run(
        "lock", ("reason=x", "for=1 week"), "--data: for: '1 week' is not a duration. Fix: write da"
    ),
    "an end of a lock": Run("unlock", (), ON, broken),
    "an end of a lock that is given words": Run("unlock", ("reason=x",), "--data: 'reason' is no"),
    "a rotation": Run("rotate_secret", ("secret=TOKEN",), ON, secretive),
    "a rotation of no secret": Run(
        "rotate_secret", ("secret=TOKN",),
        "--data: secret: 'TOKN' is not a secret. Fix: write one of: TOKEN", secretive,
    ),
    "a rotation where there is no secret": Run(
        "rotate_secret", ("secret=",), "--data: secret: '' is not a secret. Fix: write one of: none"
    ),
    "a history": Run("history", ("lines=5",), ON, broken, ()),
    "a history of no lines": Run("history", ("lines=x",), "--data: lines: 'x' is not a number of"),
    "no name": Run(
        "rollback", (), "app.yml: the application has no name: 'None'. Fix: write name: and what",
        lambda project: project.write("app.yml", "source: code\n"),
    ),
    "a name that is none": Run(
        "rollback", (), "app.yml:2: this is not the name of an application: '../x'. Fix: write n",
        lambda project: project.write("app.yml", "source: code\nname: ../x\n"),
    ),
    "a laptop": Run(
        "rollback", (), "a laptop has no releases to go back to. Fix: name servers",
        lambda project: project.write(
            "inventories/pi.py", 'pi = [("@local", {"host_type": "laptop"})]'
        ),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    """All runs, two at a time: most of each is waiting."""

    def run(case: Run) -> tuple[int, str]:
        project = Project.made(tmp_path_factory.mktemp("project"))
        project.write("inventories/pi.py", HOSTS)
        case.spoil(project)
        data = [f"--data={pair}" for pair in case.data]
        file = f"deploys/{case.file}.py"
        return project.run("pyinfra", "inventories/pi.py", file, *case.more, *data)

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(RUNS, pool.map(run, RUNS.values()), strict=True))


@pytest.mark.parametrize("name", RUNS)
def test_name_is_enough_and_no_word_is_passed_over(
    name: str, ended: dict[str, tuple[int, str]]
) -> None:
    code, output = ended[name]
    assert RUNS[name].message in output
    assert code == 1
    assert ("Connecting to hosts" in output) == (RUNS[name].message == ON)
    assert "Traceback" not in output
