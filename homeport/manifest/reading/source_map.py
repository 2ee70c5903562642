"""The source of each value of an application: the line of its file, or what overrides it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from homeport.errors import UserError
from homeport.manifest.reading.document import Document
from homeport.manifest.reading.merge import Merged
from homeport.manifest.types.issues import Issue, KeyPath, dotted


@dataclass(frozen=True)
class SourceMap:
    """A document and the override that was laid over it; ``where`` names the override.

    All are equal: two applications that say the same are the same, wherever they say it.
    """

    document: Document | None = field(default=None, compare=False, repr=False)
    merged: Merged = field(default_factory=lambda: Merged({}), compare=False, repr=False)
    where: str = field(default="", compare=False)

    def error(self, complaint: Issue) -> UserError:
        """Return the complaint as an error, with the file and line of the key to blame."""
        keys: Sequence[KeyPath] = complaint.keys
        blamed = [path for path in keys if self.merged.is_overridden(path)]
        path = keys[0]
        file: Path | str | None = None
        line: int | None = None
        if blamed:
            path, file = blamed[0], self.where
        elif self.document is not None:
            file = self.document.path
            lines = self.document.lines
            near = (path[:length] for length in range(len(path), -1, -1))
            line = next((lines[step] for step in near if step in lines), None)
        return UserError(
            complaint.what, fix=complaint.fix, file=file, line=line, key=dotted(path) or None
        )
