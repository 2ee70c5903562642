"""The boundary around one host: what its answer makes fail fails that host alone, in one line.

A host may answer anything: what can't be parsed, compared or judged. No list of the exceptions that
this raises is ever whole, so each of them counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Concatenate, ParamSpec

from pyinfra import logger
from pyinfra.api.host import Host
from pyinfra.api.state import State

from homeport.engine.kind import PreconditionError, ProbeError
from homeport.errors import UserError
from homeport.hostctl.plain_text import one_line, quoted

FAILURES = (UserError, PreconditionError, ProbeError)
"""What a host fails with, in words for a user."""
Parameters = ParamSpec("Parameters")
Call = Callable[Concatenate[State, Host, Parameters], bool]
"""What pyinfra calls in the place of a command."""
LONGEST = 200
"""Characters of an exception."""


@contextmanager
def judging(host: str, what: str) -> Iterator[None]:
    """Turn whatever is raised into one of ``FAILURES``; ``what`` names the part of the answer."""
    try:
        yield
    except FAILURES:
        raise
    except Exception as error:
        raise unreadable(host, what, error) from error


def unreadable(host: str, what: str, error: Exception) -> ProbeError:
    """Return the error of a host whose answer makes our own code fail."""
    return ProbeError(f"{host} answered what can't be read: {what} ({described(error)})")


def described(error: Exception) -> str:
    """Return an exception in a few words of one line."""
    try:
        text = one_line(str(error), LONGEST)
    except Exception:
        # Such as a number that has too many digits to be written.
        text = ""
    name = type(error).__name__
    return f"{name}: {quoted(text)}" if text else name


def failing_alone(call: Call[Parameters]) -> Call[Parameters]:
    """Return the same call, but what it raises is printed in one line, and returned as False."""

    @wraps(call)
    def call_or_fail(
        state: State, host: Host, /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> bool:
        try:
            with judging(host.name, call.__name__.strip("_").replace("_", " ")):
                return call(state, host, *args, **kwargs)
        except FAILURES as reason:
            host.log_styled(one_line(str(reason)), fg="red", log_func=logger.error)
            return False

    return call_or_fail
