"""What goes wrong goes wrong on its own host, says why, and leaves what ran running."""

from __future__ import annotations

import lab
from tests.e2e.lab.project import PINBOARD, Project


def ready(host: str) -> bool:
    """Return whether the application answers on a host."""
    return '"ready":true' in lab.run(host, f"curl -s {PINBOARD}/health/ready").stdout


def test_a_host_that_fails_in_mid_deploy_fails_the_run_and_leaves_the_others_right(
    project: Project,
) -> None:
    lab.reset("laptop")
    lab.reset("staging")
    tidy = project.folder / "examples/pinboard/pinboard/tidy.py"
    fault = "if __import__('os').path.exists('/etc/fault'):\n    raise RuntimeError('a fault')\n"
    tidy.write_text(f"{tidy.read_text()}\n{fault}")
    lab.run("laptop", "touch /etc/fault", root=True).check_returncode()

    done = project.deploy("--limit", "laptop", "--limit", "staging")
    assert done.code != 0
    assert "import pinboard.tidy: RuntimeError: a fault" in done.output
    assert done.changed["Files"] == ["laptop", "staging"]
    assert done.changed["Services"] == ["staging"]
    assert ready("staging")
    assert "reverted: laptop runs what it ran before" in done.output
    # Nothing of it stays but what is kept by its content, and costs nobody anything.
    left = "ls -A /srv/pinboard/bin /etc/homeport /srv/pinboard/current /etc/systemd/system/pin*"
    assert lab.run("laptop", left, root=True).stdout == ""

    lab.run("laptop", "rm /etc/fault", root=True).check_returncode()
    fixed = project.converge("--limit", "laptop", "--limit", "staging")
    assert {host for hosts in fixed.changed.values() for host in hosts} == {"laptop"}
    assert ready("laptop")


def test_a_release_that_cannot_be_imported_is_never_switched_to(
    project: Project, deployed: str
) -> None:
    before = lab.run(deployed, "readlink /srv/pinboard/current").stdout
    tidy = project.folder / "examples/pinboard/pinboard/tidy.py"
    tidy.write_text(tidy.read_text() + "\nimport no_such_module\n")
    done = project.deploy("--limit", deployed)
    assert done.code != 0
    assert "import pinboard.tidy: ModuleNotFoundError: No module named 'no_such" in done.output
    assert lab.run(deployed, "readlink /srv/pinboard/current").stdout == before
    assert ready(deployed)


def test_a_service_that_does_not_stay_up_fails_the_deploy_with_its_last_lines(
    project: Project, deployed: str
) -> None:
    code = 'import sys; sys.tracebacklimit = 0; open(\\"/proc/meminfo\\")'
    words = f"""sh -c 'echo last words >&2; exec python -c "{code}"'"""
    project.edit("app.yml", "python -m pinboard.worker", words)
    done = project.deploy("--limit", deployed)
    assert done.code != 0
    assert "last words" in done.output
    # The message names the directive that allows what the sandbox hides.
    assert "Fix: name ProcSubset under disable_hardening: of that command" in done.output
    assert "Traceback" not in done.output
    assert f"reverted: {deployed} runs what it ran before" in done.output
    assert "last words" not in lab.run(deployed, "cat /etc/systemd/system/pinboard-w*").stdout


def test_a_unit_that_systemd_does_not_understand_never_reaches_its_place(
    project: Project, deployed: str
) -> None:
    project.edit("templates/server/service.j2", "KillMode=mixed", "KilMode=mixed")
    done = project.deploy("--limit", deployed)
    assert done.code != 0
    assert "KilMode" in done.output
    unit = "/etc/systemd/system/pinboard-worker.service"
    assert "KilMode" not in lab.run(deployed, f"cat {unit}").stdout
    assert lab.run(deployed, f"ls -a {unit.rpartition('/')[0]}").stdout.count("stage") == 0


def test_a_host_of_another_architecture_is_refused_before_anything_changes(
    project: Project, fresh: str
) -> None:
    done = project.deploy("--limit", fresh, "--data", "architecture=arm64")
    assert done.code != 0
    assert 'it is amd64, but group_data says arm64; set architecture = "amd64"' in done.output
    assert lab.run(fresh, "test -e /srv/pinboard || which curl").returncode == 1


def test_an_error_in_app_yml_is_told_before_any_connection_is_made(project: Project) -> None:
    project.edit("app.yml", "listen: socket", "listn: socket")
    done = project.deploy()
    assert done.code == 1
    assert "processes.web.listn: 'listn' is not a key here. Fix: write listen." in done.output
    assert "Connecting" not in done.output
    assert "Traceback" not in done.output


def test_an_error_in_group_data_is_told_before_any_connection_is_made(project: Project) -> None:
    project.edit("group_data/pi.py", '"memory": "192M"', '"memory": "plenty"')
    done = project.deploy()
    assert done.code == 1
    lines = (project.folder / "group_data/pi.py").read_text().splitlines()
    (line,) = (number for number, text in enumerate(lines, 1) if "plenty" in text)
    assert f"group_data/pi.py:{line}: processes.web.memory: " in done.output
    assert "Connecting" not in done.output
