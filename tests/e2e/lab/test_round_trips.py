"""What goes between the controller and a host: counted, so that it can't grow unnoticed."""

from __future__ import annotations

from collections import Counter

from tests.e2e.lab.project import Project

# Connections, commands and uploads. A command that changes something makes what was seen before it
# stale: the next phase looks again. So a change of one phase costs two, and that of the last one.
# A deploy that changes something begins with a command, and is confirmed by one of its own
# connection.
# The login of one run serves the next.
NOTHING = Counter(commands=1)
ONE_VARIABLE = Counter(connections=1, commands=6)
EVERYTHING = Counter(connections=2, commands=21)
MESSAGES = {
    "Connecting to: {host} ": "connections",
    "Running command on {host}:": "commands",
    # Of no host in particular: only one is deployed to.
    "Attempting upload of ": "uploads",
}


def traffic(project: Project, host: str) -> tuple[Counter[str], list[str]]:
    """Deploy to one host; returns what went there by pyinfra's own log, and what changed."""
    done = project.converge("--limit", host, "--debug")
    counted = {
        what: done.output.count(message.format(host=host)) for message, what in MESSAGES.items()
    }
    return +Counter(counted), list(done.changed)


def test_a_deploy_takes_as_few_remote_commands_as_it_says(project: Project, fresh: str) -> None:
    went, changed = traffic(project, fresh)
    assert (went, len(changed)) == (EVERYTHING, 9), changed

    assert traffic(project, fresh) == (NOTHING, [])

    project.edit("app.yml", "PINBOARD_TITLE: Pinboard", 'PINBOARD_TITLE: Pinboard\n  MORE: "1"')
    assert traffic(project, fresh) == (ONE_VARIABLE, ["Files", "Services"])


def test_what_goes_to_a_host_besides_is_counted(project: Project, deployed: str) -> None:
    project.edit(
        "deploy.py",
        "from pyinfra import host, local\n",
        "from io import StringIO\n\n"
        "from pyinfra import host, local\n"
        "from pyinfra.facts.server import Hostname\n"
        "from pyinfra.operations import files as their_files\n\n"
        "host.get_fact(Hostname)\n"
        'their_files.put(name="Theirs", src=StringIO("x"), dest="/root/theirs", _sudo=True)\n',
    )
    went, changed = traffic(project, deployed)
    assert changed == ["Theirs"]
    assert went["commands"] > NOTHING["commands"]
    assert went["uploads"] == 1
