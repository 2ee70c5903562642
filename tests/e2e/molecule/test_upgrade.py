"""After an upgrade a host runs the new version, and the old one is there to go back to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from testinfra.host import Host


def test_the_second_version_answers(answer: Mapping[str, Any]) -> None:
    assert answer["version"] == "1.1.0"


def test_both_deploys_were_confirmed(past: list[Mapping[str, Any]], current: str) -> None:
    assert [deploy["outcome"] for deploy in past] == ["confirmed", "confirmed"]
    first, second = (deploy["release"] for deploy in past)
    assert first != second == current


def test_the_first_release_is_kept(host: Host, past: list[Mapping[str, Any]]) -> None:
    assert host.file(past[0]["release"]).is_directory


def test_the_worker_is_the_new_one(host: Host, current: str) -> None:
    worker = host.check_output("systemctl show --value -p MainPID pinboard-worker")
    assert host.file(f"/proc/{worker}/cwd").exists
    assert current in host.check_output("tr '\\0' '\\n' </proc/%s/environ", worker)
