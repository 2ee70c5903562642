"""A recorded answer is given anew to every look, as the host that was recorded would."""

from __future__ import annotations

import pytest

from benchmarks.scale.recording import Player, Recording, Unheard, load
from homeport.engine.probe_script import compose, parse
from homeport.engine.secret_digest import fingerprint, sha256
from tests.support.recorded_host import RECORDING, TOKEN

PROBES = {"platform": "id", "users": ":", "files": "set -f\nkey=now\nfind"}


def answered(nonce: str, host: str = "one", recording: Recording = RECORDING) -> dict[str, str]:
    lines = Player(recording).lines(compose(PROBES, nonce), host)
    answers = parse([line.rstrip("\n") for line in lines], list(PROBES), nonce, "now")
    return {kind: answer.text for kind, answer in answers.items()}


@pytest.mark.parametrize("nonce", ["0123", "abcd"])
def test_recording__every_look_is_answered_in_frames_of_its_own(nonce: str) -> None:
    assert answered(nonce)["users"] == ""
    assert answered(nonce)["platform"].startswith("architecture amd64\n")


def test_recording__secrets_are_fingerprinted_under_the_key_of_the_look() -> None:
    lines = answered("0123")["files"].splitlines()
    assert lines == [
        f"sum\t{sha256(b'x')}  /etc/x",
        f"secret\t{fingerprint('now', TOKEN)}  /etc/secret",
    ]


def test_recording__each_host_is_a_machine_of_its_own_and_stays_it() -> None:
    one, again, two = (answered("0123", host)["platform"] for host in ("one", "one", "two"))
    assert one == again != two
    assert len(one.splitlines()[1].split()) == 3


def test_recording__what_was_not_recorded_is_not_made_up() -> None:
    player = Player(RECORDING)
    with pytest.raises(Unheard, match="not a look"):
        list(player.lines("echo HOMEPORT", "one"))
    with pytest.raises(Unheard, match="units"):
        list(player.lines(compose({"platform": "id", "units": "ls"}, "0123"), "one"))


def test_recording_is_read_as_it_was_written() -> None:
    assert load(RECORDING.dump()) == RECORDING
