"""Where a host's data comes from: the file and the line to fix, not just the name of a folder."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from homeport.errors import UserError, UserErrors

FOLDER = Path("group_data")
WHERE = str(FOLDER)
"""What stands for the file in an error that was made without knowing the host."""

MAPPINGS = ("rollout",)
"""Host data of ours that has keys itself, such as ``rollout.batch_size``."""

NOWHERE: Mapping[str, Container[str]] = MappingProxyType({})


def with_source(
    error: UserError, groups: Sequence[str], nearer: Mapping[str, Container[str]] = NOWHERE
) -> UserError:
    """Return the error, with the file and line of the data that made it.

    + groups: those of the host, in pyinfra's order: a later one counts for more
    + nearer: what counts for more than any group, by what to call it
    """
    if isinstance(error, UserErrors):
        return UserErrors([with_source(each, groups, nearer) for each in error.errors])
    if error.file != WHERE:
        return error
    file, line = next(_places(error.key or "", groups, nearer), (WHERE, None))
    return UserError(error.what, fix=error.fix, file=file, line=line, key=error.key)


def _places(
    key: str, groups: Sequence[str], nearer: Mapping[str, Container[str]]
) -> Iterator[tuple[Path | str, int | None]]:
    # A run without an error spares itself the import.
    from homeport.pyinfra_adapter.source_lines import line_of

    # A key is one of the data itself, or one of app.yml that the data's app sets.
    first, *rest = key.split(".")
    own = (first, tuple(rest)) if first in MAPPINGS else (key, ())
    for variable, keys in (own, ("app", (first, *rest))):
        yield from ((name, None) for name, data in nearer.items() if variable in data)
        for group in (*reversed(groups), "all"):
            file = FOLDER / f"{group}.py"
            if (line := line_of(file, variable, keys)) is not None:
                yield file, line
