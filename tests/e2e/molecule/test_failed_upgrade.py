"""After an upgrade that failed a host runs what it ran before, and says what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from testinfra.host import Host


def test_the_first_version_answers(answer: Mapping[str, Any]) -> None:
    assert answer["version"] == "1.0.0"


def test_the_second_deploy_was_reverted_and_the_history_says_why(
    past: list[Mapping[str, Any]], current: str
) -> None:
    good, bad = past
    assert (good["outcome"], bad["outcome"]) == ("confirmed", "reverted")
    assert "pinboard-web@b.service did not get ready" in bad["reason"]
    assert bad["release"] != good["release"] == current


def test_what_served_before_never_stopped(host: Host, past: list[Mapping[str, Any]]) -> None:
    # It entered this state during the first deploy, and has been in it ever since.
    since = "systemctl show --timestamp=unix --value -p ActiveEnterTimestamp pinboard-web@a"
    began = host.check_output(f'date -u +%FT%TZ -d "$({since})"')
    assert began <= past[0]["when"]


def test_no_broken_process_runs(host: Host) -> None:
    assert not host.service("pinboard-web@b").is_running


def test_no_deploy_is_open(host: Host) -> None:
    assert not host.file("/var/lib/homeport/pinboard/journal").exists
