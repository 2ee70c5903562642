"""The two contenders that Ansible runs: one playbook, by Ansible's strategy and by Mitogen's."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import yaml

from benchmarks.contenders import runtime_directory
from benchmarks.contenders.contender import PEERS, TITLE, Contender, copy
from benchmarks.contenders.reach import Reach


@dataclass(frozen=True)
class Ansible(Contender):
    """A playbook of ansible-core's modules, tuned as its documentation says."""

    def prepare(self, work: Path, hosts: Sequence[Reach]) -> None:
        """Write the playbook, its variables, its units, its settings and the inventory."""
        copy(PEERS / "ansible", work)
        copy(PEERS / "units", work / "units")
        listed = {host.name: _login(host) for host in hosts}
        known = {"app": self.app, "web_port": self.port, "title": TITLE}
        inventory = {"all": {"hosts": listed, "vars": known}}
        (work / "inventory.yml").write_text(yaml.safe_dump(inventory, width=1000))

    def command(self, work: Path, hosts: Sequence[Reach]) -> list[str]:
        """Return what its documentation says, with a fork for each host."""
        return ["ansible-playbook", "--forks", str(len(hosts)), "playbook.yml"]

    def environment(self, work: Path) -> dict[str, str]:
        """Return the settings of one run, whose shared connections are in a new folder."""
        # Where the user has settings of their own, they don't count.
        return {
            "ANSIBLE_CONFIG": str(work / "ansible.cfg"),
            "ANSIBLE_HOME": str(work / ".ansible"),
            "ANSIBLE_SSH_CONTROL_PATH_DIR": runtime_directory.new(work),
        }

    def finish(self, work: Path) -> None:
        """End the connections that are kept open for a minute in case another run follows."""
        for socket in runtime_directory.entries(work):
            line = ["ssh", "-F", "none", "-o", f"ControlPath={socket}", "-O", "exit", "host"]
            subprocess.run(line, capture_output=True, timeout=10, check=False)
        runtime_directory.remove(work)


@dataclass(frozen=True)
class Mitogen(Ansible):
    """The same playbook, by Mitogen's strategy."""

    def environment(self, work: Path) -> dict[str, str]:
        """Return Ansible's settings, and those that Mitogen's documentation adds."""
        plugins = resources.files("ansible_mitogen") / "plugins" / "strategy"
        return {
            **super().environment(work),
            "ANSIBLE_STRATEGY_PLUGINS": str(plugins),
            "ANSIBLE_STRATEGY": "mitogen_linear",
        }


def _login(host: Reach) -> dict[str, object]:
    options = {
        "UserKnownHostsFile": str(host.known_hosts),
        "StrictHostKeyChecking": "yes",
        "IdentitiesOnly": "yes",
    }
    return {
        "ansible_host": host.address,
        "ansible_port": host.port,
        "ansible_user": host.user,
        "ansible_ssh_private_key_file": str(host.key),
        "ansible_ssh_common_args": shlex.join(
            word for name, value in options.items() for word in ("-o", f"{name}={value}")
        ),
        "ansible_become": not host.as_root,
        # Mitogen's documentation: without compression on a fast network. Ansible has none anyway.
        "mitogen_ssh_compression": False,
    }
