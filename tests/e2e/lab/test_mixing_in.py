"""What docs/extending.md shows works as it stands: ordinary operations, and a kind of one's own."""

from __future__ import annotations

import re

import pytest

import lab
from tests.e2e.lab.project import ROOT, Deploy, Project

PAGE = (ROOT / "docs/extending.md").read_text()
PYTHON = re.findall(r"^```python\n(.*?)^```$", PAGE, re.M | re.S)
DIFFS = re.findall(r"^```diff\n(.*?)^```$", PAGE, re.M | re.S)
SHOWN = re.findall(r"^```text\n(.*?)^```$", PAGE, re.M | re.S)
DEPLOY, KIND, CUSTOM, PROOF = PYTHON
IN_DEPLOY, IN_PROOFS = DIFFS
IN_A_DRY_RUN, OF_MASKS = SHOWN


def command_count(done: Deploy, host: str) -> int:
    """Return how many remote commands pyinfra's debug log speaks of for a host."""
    return done.output.count(f"Running command on {host}:")


def patched(text: str, diff: str) -> str:
    """Return a text after a diff without line numbers: what it adds follows what it shows."""
    lines, at = text.splitlines(), 0
    for mark, line in ((shown[0], shown[1:]) for shown in diff.splitlines()):
        if mark == "+":
            lines.insert(at, line)
            at += 1
            continue
        assert line in lines[at:], f"not there: {line}"
        at = lines.index(line, at) + (mark == " ")
        if mark == "-":
            del lines[at]
    return "".join(f"{line}\n" for line in lines)


def prints(done: Deploy, shown: str) -> None:
    """Insist that a run printed these lines, however wide its columns are."""
    for line in shown.splitlines():
        pattern = r"\s+".join(re.escape(word) for word in line.split())
        assert re.search(pattern, done.output), f"not printed: {line}\n{done.output}"


@pytest.fixture
def mixed(project: Project) -> Project:
    """Return the project with the page's deploy.py: ordinary operations among the phases."""
    (project.folder / "deploy.py").write_text(DEPLOY)
    return project


@pytest.fixture
def masking(project: Project) -> Project:
    """Return the project with the page's kind, its phase and its proof."""
    (project.folder / "kinds/masks.py").write_text(KIND)
    (project.folder / "kinds/__init__.py").write_text(CUSTOM)
    story = project.folder / "deploy.py"
    story.write_text(patched(story.read_text(), IN_DEPLOY))
    described = project.folder / "tests/production/described"
    (described / "masks.py").write_text(PROOF)
    proofs = described / "__init__.py"
    proofs.write_text(patched(proofs.read_text(), IN_PROOFS))
    return project


def copies(host: str) -> int:
    """Return how many copies of the data a host has."""
    found = lab.run(host, "ls /var/backups/pinboard 2>/dev/null || :", root=True)
    return len(found.stdout.split())


def test_ordinary_operations_before_between_and_after_work_and_the_plan_says_what_it_cannot_know(
    mixed: Project, fresh: str
) -> None:
    prints(mixed.dry("--limit", fresh), IN_A_DRY_RUN)
    assert copies(fresh) == 0
    first = mixed.converge("--limit", fresh)
    assert {"Room for copies", "Copy the data", "Services"} <= set(first.changed)
    assert copies(fresh) == 0, "there was no data yet"

    again = mixed.converge("--limit", fresh, "--debug")
    assert again.changed == {}
    # One look of ours, and the one question of the ordinary operation that asks.
    assert command_count(again, fresh) == 2

    mixed.edit("app.yml", "exclude: [README.md, requirements.in]", "exclude: [README.md]")
    dry = mixed.dry("--limit", fresh)
    done = mixed.converge("--limit", fresh)
    # Files: what is to run names its release.
    ours, theirs = {"Files", "Releases", "Services"}, {"Copy the data", "Keep five copies"}
    assert set(done.changed) == ours | theirs
    assert done.plan(fresh) == dry.plan(fresh)
    assert copies(fresh) == 1


def test_what_an_ordinary_operation_undoes_is_put_right_by_a_later_phase_or_the_next_deploy(
    deployed: str, mixed: Project
) -> None:
    undo = "rm -f /srv/pinboard/bin/check-imports; systemctl stop pinboard-worker"
    before = (mixed.folder / "deploy.py").read_text()
    mixed.edit(
        "deploy.py",
        'units.converge(name="Units")',
        f'server.shell(name="Undo", commands=["{undo}"])\nunits.converge(name="Units")',
    )
    done = mixed.converge("--limit", deployed)
    assert ("services", "~", "pinboard-worker.service") in done.plan(deployed)
    assert "files" not in {kind for kind, _, _ in done.plan(deployed)}
    assert lab.run(deployed, "systemctl is-active pinboard-worker").stdout.strip() == "active"

    (mixed.folder / "deploy.py").write_text(before)
    fixed = mixed.converge("--limit", deployed)
    assert fixed.plan(deployed) == [("files", "+", "/srv/pinboard/bin/check-imports")]


def test_a_kind_of_ones_own_is_planned_made_once_and_proven_like_ours(
    deployed: str, masking: Project
) -> None:
    targets = ["sleep.target", "suspend.target"]
    plan = [("masks", "~", target) for target in targets]
    dry = masking.dry("--limit", deployed)
    prints(dry, OF_MASKS)
    assert dry.plan(deployed) == plan
    ask = f"systemctl is-enabled {' '.join(targets)} || :"
    try:
        assert "masked" not in lab.run(deployed, ask).stdout.split()

        done = masking.converge("--limit", deployed)
        assert done.plan(deployed) == plan
        assert lab.run(deployed, ask).stdout.split() == ["masked", "masked"]
        again = masking.converge("--limit", deployed, "--debug")
        assert again.changed == {}
        assert command_count(again, deployed) == 1

        specs = ("--limit=" + deployed, "-k", "Mask")
        proven = masking.prove(*specs)
        assert proven.returncode == 0, proven.stdout
        assert "2 passed" in proven.stdout
        lab.run(deployed, "systemctl unmask sleep.target", root=True)
        broken = masking.prove(*specs)
        assert "sleep.target is not masked" in broken.stdout
        assert "1 failed, 1 passed" in broken.stdout
        assert masking.converge("--limit", deployed).plan(deployed) == plan[:1]
    finally:
        lab.run(deployed, f"systemctl unmask {' '.join(targets)}", root=True)


def test_a_file_of_yours_comes_and_goes_like_any_other(project: Project, deployed: str) -> None:
    before = (project.folder / "kinds/__init__.py").read_text()
    project.edit("kinds/__init__.py", "return ()", 'return (File("/etc/yours", b"yes\\n"),)')
    project.edit(
        "kinds/__init__.py", "import Data", "import Data\nfrom homeport.files.entries import File"
    )
    assert ("files", "+", "/etc/yours") in project.converge("--limit", deployed).plan(deployed)
    assert lab.run(deployed, "cat /etc/yours").stdout == "yes\n"
    (project.folder / "kinds/__init__.py").write_text(before)
    assert ("files", "-", "/etc/yours") in project.converge("--limit", deployed).plan(deployed)
    assert lab.run(deployed, "cat /etc/yours || echo gone").stdout.strip() == "gone"
