"""The rules of `app.yml` for the files of a source: the patterns of those that ship, or don't."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

REPOSITORY = (".git", ".hg", ".svn")
"""What no release has, whatever app.yml says."""
BYTE_CODE = ("__pycache__", "*.pyc")
"""What a host makes itself for each release."""
LEFT_BY_TOOLS = (
    *(".venv", "venv", "node_modules", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox"),
    *("*.egg-info", ".DS_Store", "*.swp"),
)
"""What tools leave beside code: left out where no git says what belongs to it."""


@dataclass(frozen=True)
class SourceRules:
    """Patterns (fnmatch), as `exclude` and `source.include` in app.yml have them.

    One without a slash is matched against every name, one with a slash against the path from the
    source: `*.log`, `docs/drafts`. What matches a directory matches all below it. `own` are paths
    from the source of homeport's own files: they are neither excluded nor included.
    """

    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    own: tuple[str, ...] = ()

    def own_part(self, path: str) -> str | None:
        """Return the file, or the directory above it, that is homeport's own."""
        return next((each for each in lineage(path) if each in self.own), None)

    def excluded_part(self, path: str) -> str | None:
        """Return the file, or the directory above it, that is excluded."""
        return matched(path, self.exclude)

    def includes(self, path: str) -> bool:
        """Return whether `source.include` has the file, or a directory above it."""
        return matched(path, self.include) is not None

    def names(self, path: str) -> bool:
        """Return whether `source.include` has this very name or path, and no glob that fits it."""
        return matches(path, (text for text in self.include if not {*"*?["} & {*text}))


def lineage(path: str) -> Iterator[str]:
    """Yield the directories above a path, from the top, and the path itself."""
    parts = path.split("/")
    yield from ("/".join(parts[: length + 1]) for length in range(len(parts)))


def matched(path: str, patterns: Iterable[str]) -> str | None:
    """Return the first of the directories above a path, or the path, that a pattern matches."""
    patterns = tuple(patterns)
    return next((each for each in lineage(path) if matches(each, patterns)), None)


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Return whether a pattern matches this path itself."""
    name = path.rpartition("/")[2]
    return any(
        fnmatchcase(path if "/" in text.rstrip("/") else name, text.strip("/")) for text in patterns
    )
