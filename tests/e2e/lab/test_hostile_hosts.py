"""A host that answers without end fails alone, in one line, and costs the controller little."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.lab.project import Project
from tests.e2e.lab.servers import OTHER, as_it_was, beneath, data, servers, settings
from tests.support.short_folder import short_folder

__all__ = ["servers", "short_folder"]
HOST = "bookworm"
MEGABYTES = 100
"""Memory that the worst answer may cost more than a good one."""
MEASURED = """\
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print("rss", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""
HOSTILE = """\
#!/bin/sh
exec sh -c "$(printf '%s' "$SSH_ORIGINAL_COMMAND" | sed "s|sh -s|{}|")"
"""
"""What sshd runs: all that is asked of the host, and for a probe something else."""
PYINFRAS_OWN = """
staging = [(name.removeprefix("@openssh/"), data) for name, data in staging]
"""
"""What has hosts reached by the connector that pyinfra brings."""
ANSWERS = {
    "endless": "yes",
    "without lines": "head -c 1000000000 /dev/zero",
    "of many bytes": "head -c 1000000000 /dev/urandom",
}


@pytest.fixture
def host(servers: None, short_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return a server whose answers are about to be no answers."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_folder))
    yield HOST
    beneath(HOST, "rm -f /usr/local/bin/hostile")
    as_it_was(HOST)


def dry(project: Project, *hosts: str) -> tuple[int, str, int]:
    """Return the exit code, the output and the most memory, in KiB, of a dry run."""
    limits = [word for host in hosts for word in ("--limit", host)]
    command = project.command("inventories/lab.py", "deploy.py", "--dry", *limits)
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *command],
        cwd=project.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    memory = re.search(r"^rss (\d+)$", done.stdout, re.M)
    assert memory is not None, done.stdout
    return done.returncode, done.stderr, int(memory[1])


@pytest.mark.parametrize(
    ("connector", "answers"),
    [("@openssh", [*ANSWERS]), ("@ssh", ["endless", "without lines"])],
    ids=["openssh", "ssh"],
)
def test_an_answer_without_end_or_of_a_gigabyte_is_one_line_of_its_host(
    project: Project, host: str, connector: str, answers: list[str]
) -> None:
    # A login that is kept goes by the settings that it began with.
    data(project, host, ssh_persist=0)
    if connector == "@ssh":
        with (project.folder / "inventories/lab.py").open("a") as inventory:
            inventory.write(PYINFRAS_OWN)
    code, output, good = dry(project, host, OTHER)
    assert code == 0, output
    for name in answers:
        script = HOSTILE.format(ANSWERS[name])
        beneath(host, f"cat >/usr/local/bin/hostile <<'END'\n{script}END\n")
        beneath(host, "chmod 755 /usr/local/bin/hostile")
        settings(host, "ForceCommand /usr/local/bin/hostile")
        code, output, memory = dry(project, host, OTHER)
        lines = [line for line in output.splitlines() if f"[{host}]" in line and "Fix: " in line]
        assert len(lines) == 1, f"{name}: {output}"
        assert "it printed more than " in lines[0], name
        assert "Traceback" not in output
        assert "Dry run: " in output
        assert "1 host refused" in output
        assert re.search(rf"\[{OTHER}\].*pinboard", output), f"{name}: the other has no plan"
        assert memory < good + MEGABYTES * 1024, f"{name}: {memory} KiB, and {good} are good"
        assert beneath(host, "pgrep -fc '^yes|[1]000000000' || true") == "0\n", name
