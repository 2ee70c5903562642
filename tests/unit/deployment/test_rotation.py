"""A rotation is the host's own work: the value goes there by standard input, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.deployment import rotation
from homeport.deployment.rotation import SecretValue
from homeport.engine import run as session
from tests.support.called_hostctl import BASIS, calls, placed, run
from tests.support.host_folders import Fleet

__all__ = ["calls"]

VALUE = "a-value-that-no-one-may-see"


@pytest.mark.parametrize("code", [0, 1])
def test_rotation_is_asked_for_by_name_and_its_value_is_sent(
    fleet: Fleet,
    calls: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    code: int,
) -> None:
    placed(calls, monkeypatch, secrets=code)
    monkeypatch.setattr(rotation, "who", lambda: "me@desk")
    fleet.start("a")
    with caplog.at_level("DEBUG"):
        wanted = rotation.described("shop", "TOKEN", SecretValue(VALUE))
        fleet.on_each(lambda: session.start_run(rotation.KINDS, wanted))
        fleet.add(rotation.converge)
        assert not calls.exists()
        run(fleet)
    request = f"secrets rotate shop TOKEN --basis {BASIS} --user me@desk\n"
    assert calls.read_text() == request
    assert calls.with_name(f"{calls.name}.value").read_text() == f"{VALUE}\n"
    assert fleet.failed() == ({"a"} if code else set())
    assert caplog.text.count("rotation  ~ secret TOKEN of shop") == 1
    assert caplog.text.count("rotation    generation 0123, release old") == 1
    assert ("not rotated" in caplog.text) == bool(code)
    output = capfd.readouterr()
    assert VALUE not in caplog.text + output.out + output.err


def test_rotation__a_value_shows_nothing_of_itself() -> None:
    value = SecretValue(VALUE)
    assert VALUE not in repr(value) + str(value) + repr(rotation.described("shop", "TOKEN", value))
