"""The source of a host's data: the file and the line to fix, not just the name of a folder."""

from __future__ import annotations

import ast
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
    # A key is one of the data itself, or one of app.yml that the data's app sets.
    first, *rest = key.split(".")
    own = (first, tuple(rest)) if first in MAPPINGS else (key, ())
    for variable, keys in (own, ("app", (first, *rest))):
        yield from ((name, None) for name, data in nearer.items() if variable in data)
        for group in (*reversed(groups), "all"):
            file = FOLDER / f"{group}.py"
            if (line := line_of(file, variable, keys)) is not None:
                yield file, line


def line_of(file: Path, variable: str, keys: Sequence[str] = ()) -> int | None:
    """Return the line on which a variable is set, or on which its dictionary has these keys.

    The nearest line that can be told; None if the file doesn't set that variable in plain sight.
    """
    value = _assigned(file, variable)
    if value is None:
        return None
    line = value.lineno
    for key in keys:
        if not isinstance(value, ast.Dict):
            break
        at = next((n for n, node in enumerate(value.keys) if _says(node, key)), None)
        if at is None:
            break
        value = value.values[at]
        line = value.lineno
    return line


def line_of_second(file: Path, variable: str, text: str) -> int | None:
    """Return the line on which a variable's value says the same text for the second time."""
    value = _assigned(file, variable)
    if value is None:
        return None
    nodes = (node for node in ast.walk(value) if isinstance(node, ast.Constant))
    lines = sorted(node.lineno for node in nodes if node.value == text)
    return lines[1] if len(lines) > 1 else None


def _assigned(file: Path, variable: str) -> ast.expr | None:
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    found = None
    for node in tree.body:
        if isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            found = node.value if variable in names else found
    return found


def _says(node: ast.AST | None, text: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == text
