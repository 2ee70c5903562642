"""Many hosts, a batch at a time: a canary first, and nobody after one that failed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.lab.fleet import HOSTS, current, fleet_lab, roll_out
from tests.e2e.lab.project import PINBOARD, Project
from tests.e2e.lab.test_refused_hosts import data

ROLLOUT = 'rollout = {"canary": 1, "batch_size": 2}\n'


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Roll out to a fleet that nothing was deployed to; return the release that all have."""
    with fleet_lab():
        project = Project(tmp_path_factory.mktemp("first"))
        in_batches(project)
        done = roll_out(project)
        assert done.code == 0, done.output
        assert done.turns == ["laptop (canary)", "staging, web"]
        (release,) = {current(host) for host in HOSTS}
        assert {row[:2] for row in done.table.values()} == {(release, "done")}
        assert list(done.table) == [*HOSTS]
        yield release


@pytest.fixture
def fleet(project: Project, release: str) -> Project:
    """Return a project whose fleet has a release already."""
    in_batches(project)
    return project


def in_batches(project: Project, rollout: str = ROLLOUT) -> None:
    """Ask for batches, for all hosts."""
    file: Path = project.folder / "group_data/all.py"
    file.write_text(f"{file.read_text()}\n{rollout}")


def broken(project: Project) -> None:
    """Describe a worker that doesn't stay up."""
    project.edit("app.yml", "python -m pinboard.worker", "sh -c 'echo last words >&2; exit 3'")


def test_a_canary_that_does_not_get_ready_goes_back_and_stops_the_rest(
    fleet: Project, release: str
) -> None:
    broken(fleet)
    done = roll_out(fleet)
    assert done.code == 1
    assert done.turns == ["laptop (canary)"]
    assert "last words" in done.output
    assert "--> Stopped: laptop failed, and a canary must succeed" in done.output
    assert [row[1] for row in done.table.values()] == ["failed", "not started", "not started"]
    assert {row[0] for row in done.table.values()} == {release}
    assert done.table["laptop"][2].startswith("reverted ")
    assert "Traceback" not in done.output


def test_who_cannot_be_reached_is_named_and_stops_the_rest_or_is_passed_over(
    fleet: Project, release: str
) -> None:
    data(fleet, "staging", ssh_port=9, ssh_connect_retries=0)
    fleet.edit("group_data/all.py", '"batch_size": 2', '"batch_size": 1')
    stopped = roll_out(fleet)
    assert stopped.code == 1
    assert stopped.turns == ["laptop (canary)", "staging"]
    assert "--> Stopped: staging can't be reached, and max_failures is exceeded" in stopped.output
    assert stopped.table["staging"] == ("unknown", "can't be reached", "-")
    assert stopped.table["web"][:2] == (release, "not started")

    fleet.edit("group_data/all.py", '"batch_size": 1', '"batch_size": 1, "unreachable": "skip"')
    passed = roll_out(fleet)
    assert passed.code == 1
    assert passed.turns == ["laptop (canary)", "staging", "web"]
    assert [row[1] for row in passed.table.values()] == ["done", "can't be reached", "done"]


def test_all_hosts_at_once_are_refused_before_any_is_called_unless_that_is_meant(
    fleet: Project, release: str
) -> None:
    refused = fleet.deploy()
    assert refused.code == 1
    assert "3 hosts would be deployed to at once" in refused.output
    assert "python -m homeport.rollout inventories/lab.py -y" in refused.output
    assert "Connecting" not in refused.output
    for meant in (["--limit", "laptop"], ["--data", "rollout=no"]):
        assert fleet.converge(*meant).changed == {}
    assert fleet.dry().code == 0
    dry = roll_out(fleet, "--dry")
    assert dry.code == 0
    assert dry.output.rstrip().endswith("--> Dry run: no changes on 3 hosts.")
    assert "    2. staging, web" in dry.output
    assert dry.output.count("Connecting to hosts") == 1


def test_ctrl_c_in_a_batch_has_its_hosts_go_back_and_says_who_has_what(
    fleet: Project, release: str
) -> None:
    tidy = fleet.folder / "examples/pinboard/pinboard/tidy.py"
    tidy.write_text(tidy.read_text() + "\n# another release\n")
    done = roll_out(fleet, until="Starting operation: Services")
    assert done.code == 1
    assert "--> Interrupted" in done.output
    assert [row[1] for row in done.table.values()] == ["cut off", "not started", "not started"]
    assert {row[0] for row in done.table.values()} == {release}
    assert current("laptop") == release
    assert "Traceback" not in done.output


def test_every_host_serves_after_all_that(fleet: Project, release: str) -> None:
    import lab

    done = roll_out(fleet)
    assert done.code == 0, done.output
    for host in HOSTS:
        assert '"ready":true' in lab.run(host, f"curl -s {PINBOARD}/health/ready").stdout
