"""A dry run ends with one line: how many changes on how many hosts, and that none was made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pyinfra.api.state import StateStage
from pyinfra.operations import server

from homeport.deployment import deploy_lock
from homeport.pyinfra_adapter.dry_run import HostPlan, print_summary, summary
from tests.support.colour_kinds import Begin, Colour, as_described, begin, colours, operations
from tests.support.host_folders import Fleet

__all__ = ["begin", "colours"]

PROJECT = Path(__file__).parents[3]
NOTHING, GONE, NO = HostPlan(), HostPlan(reached=False, refused=True), HostPlan(5, refused=True)


@pytest.mark.parametrize(
    ("plans", "value"),
    [
        ([HostPlan(3), HostPlan(4)], "7 changes on 2 hosts; nothing was changed."),
        ([HostPlan(1), NOTHING], "1 change on 1 host; nothing was changed."),
        ([NOTHING] * 3, "no changes on 3 hosts."),
        ([NOTHING], "no changes on 1 host."),
        (
            [HostPlan(2, 1), HostPlan(0, 1)],
            "2 changes and 2 unpredicted operations on 2 hosts; nothing was changed.",
        ),
        ([HostPlan(0, 1)], "1 unpredicted operation on 1 host; nothing was changed."),
        ([HostPlan(2), NO], "2 changes on 1 host, 1 host refused; nothing was changed."),
        ([NOTHING, NO, NO], "no changes on 1 host, 2 hosts refused; nothing was changed."),
        ([NOTHING, GONE], "no changes on 1 host, 1 host unreachable; nothing was changed."),
        ([NO], "1 host refused; nothing was changed."),
        ([NO, GONE], "1 host refused, 1 host unreachable; nothing was changed."),
    ],
)
def test_summary__counts_changes_and_the_hosts_that_have_them(
    plans: list[HostPlan], value: str
) -> None:
    assert summary(plans) == f"Dry run: {value}"


def test_the_line_in_the_deployment_guide_is_one_that_is_printed() -> None:
    page = (PROJECT / "docs/deployment-guide.md").read_text()
    assert f"\n--> {summary([HostPlan(3), HostPlan(4), NO])}\n" in page


def last_line(fleet: Fleet, caplog: pytest.LogCaptureFixture) -> str:
    fleet.state.set_stage(StateStage.Prepare)
    with caplog.at_level("INFO", logger="pyinfra"):
        print_summary(fleet.state)
    return caplog.messages[-1]


def test_the_changes_of_phases_are_counted_as_the_plan_shows_them(
    fleet: Fleet, colours: list[Colour], begin: Begin, caplog: pytest.LogCaptureFixture
) -> None:
    begin("a", "b")
    as_described(fleet, "b")
    fleet.add(*operations(colours))
    assert last_line(fleet, caplog) == "--> Dry run: 6 changes on 1 host; nothing was changed."


def test_an_ordinary_operation_is_counted_apart_also_behind_the_last_phase(
    fleet: Fleet, colours: list[Colour], begin: Begin, caplog: pytest.LogCaptureFixture
) -> None:
    begin("a")
    as_described(fleet, "a")
    fleet.add(*operations(colours))
    fleet.add(server.shell, commands=["true"])
    output = "--> Dry run: 1 unpredicted operation on 1 host; nothing was changed."
    assert last_line(fleet, caplog) == output


def test_a_host_that_is_refused_counts_as_that_and_its_changes_do_not(
    fleet: Fleet, colours: list[Colour], begin: Begin, caplog: pytest.LogCaptureFixture
) -> None:
    begin("a", "b")
    as_described(fleet, "b")
    (fleet.root / "a/three").write_text("rubbish")
    fleet.add(*operations(colours))
    output = "--> Dry run: no changes on 1 host, 1 host refused; nothing was changed."
    assert last_line(fleet, caplog) == output


def test_a_lock_is_a_change(fleet: Fleet, caplog: pytest.LogCaptureFixture) -> None:
    fleet.start("a")
    fleet.add(deploy_lock.lock, reason="it's Friday")
    assert last_line(fleet, caplog) == "--> Dry run: 1 change on 1 host; nothing was changed."


def test_a_run_that_ends_before_its_plan_is_made_has_no_such_line(
    fleet: Fleet, caplog: pytest.LogCaptureFixture
) -> None:
    fleet.start("a")
    with caplog.at_level("INFO", logger="pyinfra"):
        print_summary(fleet.state)
    assert caplog.messages == []


CONFIG = f"""\
import sys
sys.path.insert(0, {str(PROJECT)!r})
from homeport.pyinfra_adapter.install import DeployFile, Need, install
need = Need(lambda files, host: None)
install([DeployFile("lock.py", need), DeployFile("report.py", need, changes=False)])
"""
LOCK = """\
from homeport.deployment import deploy_lock
deploy_lock.lock(reason="Friday", name="Lock")
"""
DOUBT = "Detected changes may not include"


def pyinfra(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "config.py").write_text(CONFIG)
    (folder / "lock.py").write_text(LOCK)
    (folder / "report.py").write_text("")
    (folder / "mine.py").write_text("from pyinfra.operations import server\nserver.shell('true')\n")
    command = [sys.executable, "-B", "-m", "pyinfra", "@local", *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


@pytest.mark.parametrize("options", [(), ("-y",), ("--json",)])
def test_a_dry_run_ends_with_that_line_and_without_pyinfras_doubt(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    done = pyinfra(tmp_path, *options, "lock.py", "--dry")
    assert done.returncode == 0
    last = done.stderr.splitlines()[-1]
    assert last == "--> Dry run: 1 change on 1 host; nothing was changed."
    assert "Friday" in done.stderr
    assert DOUBT not in done.stderr


@pytest.mark.parametrize("arguments", [("report.py", "--dry"), ("mine.py", "--dry")])
def test_a_run_that_is_no_dry_run_of_ours_ends_as_pyinfra_has_it_end(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = pyinfra(tmp_path, *arguments)
    assert "Dry run: " not in done.stderr
    assert DOUBT in done.stderr
