"""A host that can't be described: one spec that fails, beside those of the other hosts."""

from __future__ import annotations

from typing import Any

import pytest

from homeport.errors import UserError


class Undescribed(pytest.Item):
    """The spec of a host whose description, or connection, has an error."""

    def __init__(self, *, error: UserError, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.error = error

    def runtest(self) -> None:
        """Fail."""
        raise self.error

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """Return the error, without a traceback."""
        return f"{self.name}: {self.error}"

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Return what the spec is called."""
        return self.path, None, f"{self.name} can be described"
