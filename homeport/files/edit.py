"""A file that isn't ours and in which one thing must change: what it is, and what it should be."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from pyinfra.api.command import StringCommand

from homeport.engine.kind import Change, Plan, payloads
from homeport.engine.secret_digest import sha256
from homeport.files import entries, install
from homeport.files.entries import File, FileState, PathEntry


@dataclass(frozen=True)
class EditableFile:
    """A file as it is on the host: its text, and whose it is."""

    text: str
    mode: str = "644"
    owner: str = "root"
    group: str = "root"


def probe(path: str) -> str:
    """Return the shell that prints a file for ``read`` in one line; nothing if there is none."""
    return f"""\
if [ -f {path} ]; then
  printf 'file\\t%s\\t%s\\t' {path} "$(stat -L -c '%a %U %G' {path})"; base64 -w 0 {path}; echo
fi
"""


def parse(line: str) -> tuple[str, EditableFile]:
    """Return the path and what was found there; raises ``ValueError``."""
    _, path, status, body = line.split("\t")
    mode, owner, group = status.split(" ")
    return path, EditableFile(base64.b64decode(body, validate=True).decode(), mode, owner, group)


def changes(
    kind: str, path: str, actual: EditableFile, text: str, check: str | None = None
) -> list[Change[PathEntry]]:
    """Return a kind's change that leads to this text, if it isn't there; mode and owner stay."""
    before = actual.text.encode()
    wanted = File(path, text.encode(), actual.mode, actual.owner, actual.group, check=check)
    seen = FileState("f", actual.mode, actual.owner, actual.group, "", sha256(before), before)
    return entries.diff(kind, [wanted], {path: seen}, key="")


def command(changes: Plan, after: str) -> StringCommand:
    """Return the command that writes what these changes want, if anything, and does the rest."""
    wanted = payloads(changes, File)
    script = install.install(wanted, after=after)
    return (
        StringCommand(script, _stdin=install.payload(wanted)) if wanted else StringCommand(script)
    )
