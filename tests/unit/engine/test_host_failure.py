"""What engine.host_failure promises."""

from __future__ import annotations

import logging

import pytest
from pyinfra.api.host import Host
from pyinfra.api.state import State

from homeport.engine.host_failure import described, failing_alone, judging
from homeport.engine.kind import PreconditionError, ProbeError
from homeport.errors import UserError
from tests.support.host_folders import Fleet

NO_TEXT = KeyError(10**5000)


@pytest.mark.parametrize("error", [RecursionError("deep"), ValueError("\x1b[2J"), MemoryError()])
def test_host_failure__any_exception_is_the_hosts_answer(error: Exception) -> None:
    with (
        pytest.raises(ProbeError, match=r"^pi answered what can't be read: units "),
        judging("pi", "units"),
    ):
        raise error


@pytest.mark.parametrize(
    "error", [ProbeError("short"), PreconditionError("other"), UserError("wrong", fix="go")]
)
def test_host_failure__what_has_words_for_a_user_keeps_them(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, judging("pi", "units"):
        raise error
    assert raised.value is error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1)])
def test_host_failure__what_ends_the_run_ends_it(error: BaseException) -> None:
    with pytest.raises(type(error)), judging("pi", "units"):
        raise error


def test_host_failure__an_exception_is_described_in_few_words_of_one_line() -> None:
    assert described(ValueError("a\nb\x1b")) == r'ValueError: "a b\x1b"'
    assert described(MemoryError()) == "MemoryError"
    assert described(NO_TEXT) == "KeyError"
    assert len(described(ValueError("x" * 10**6))) < 300


def test_host_failure__a_call_that_raises_fails_with_one_line(
    fleet: Fleet, caplog: pytest.LogCaptureFixture
) -> None:
    fleet.start("a")

    @failing_alone
    def _go_back(state: State, host: Host, well: bool) -> bool:
        return well or bool({}["x"])

    with caplog.at_level(logging.INFO):
        assert _go_back(fleet.state, fleet.host("a"), True) is True
        assert _go_back(fleet.state, fleet.host("a"), False) is False
    assert "@fake/a answered what can't be read: go back (KeyError: \"'x'\")" in caplog.text
    assert "Traceback" not in caplog.text
