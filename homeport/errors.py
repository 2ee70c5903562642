"""Errors that a user can fix: where, what, and the fix, in one line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")

SHOWN = 20
"""Errors that are shown at once."""


class UserError(Exception):
    """An error that the user can fix.

    Its text is one line: ``app.yml:12: processes.web.listen: 70000 is not a port. Fix: ...``.
    The command prints that line alone, without a traceback.
    """

    def __init__(
        self,
        what: str,
        *,
        fix: str,
        file: Path | str | None = None,
        line: int | None = None,
        key: str | None = None,
    ) -> None:
        self.what, self.fix, self.file, self.line, self.key = what, fix, file, line, key
        shown = None if file is None else _near(Path(file))
        place = shown if line is None else f"{shown}:{line}"
        where = "".join(f"{part}: " for part in (place, key) if part)
        super().__init__(f"{where}{what.rstrip('.')}. Fix: {fix.rstrip('.')}.")


class UserErrors(UserError):  # noqa: N818 - it is several
    """Several errors; its text has a line for each, its attributes are those of the first."""

    def __init__(self, errors: Sequence[UserError]) -> None:
        first = errors[0]
        super().__init__(first.what, fix=first.fix, file=first.file, line=first.line, key=first.key)
        self.errors = tuple(errors)

    def __str__(self) -> str:
        lines = [str(error) for error in self.errors[:SHOWN]]
        if more := len(self.errors) - len(lines):
            lines.append(f"... and {more} more")
        return "\n".join(lines)


def exit_on_user_error(work: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
    """Return a function that prints a ``UserError`` of ``work`` and exits with code 1.

    Any other exception of it is raised as it is.
    """

    def work_or_tell(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Returned:
        try:
            return work(*args, **kwargs)
        except UserError as error:
            print(error, file=sys.stderr)
            sys.exit(1)

    return work_or_tell


def _near(file: Path) -> str:
    # As the user would write it: from here, if it is below here.
    here = Path.cwd()
    return str(file.relative_to(here) if file.is_relative_to(here) else file)
