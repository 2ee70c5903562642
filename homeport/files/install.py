"""Send a group of files in one command: staged beside, checked, synced, renamed into place.

The script is generic and holds no content, so it may show in a process list; the contents travel
as a tar archive on standard input, in base64 only where a connector can't send bytes. A staging
directory lies in each directory of destination, so that a rename never crosses a file system; it
has mode 0700, and its files have their final owner and mode from the start: no other user can read
a secret at any time.
"""

from __future__ import annotations

import base64
import io
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from shlex import quote

from homeport.engine.kind import ROOT, SnapshotContext
from homeport.files.entries import Absent, Directory, File, Link, PathEntry, StaleStaging, stage
from homeport.hostctl.protocol import BESIDE
from homeport.ssh.stdin_lines import LazyLines

FOLDER = """\
folder() {
  if [ -L "$4" ]; then echo "$4 is a link; move it away, then deploy again" >&2; exit 1; fi
  install -d -m "$1" -o "$2" -g "$3" "$4"
}"""
"""The shell that makes a directory in one that is root's alone: what isn't a link stays none."""
CHUNK = 57 * 1024
BYTES, BASE64 = "bytes", "base64"
"""The first line of a ``StdinPayload``: how the rest is coded."""


class StdinPayload:
    """Bytes for standard input. Whatever prints, stores or dumps it shows nothing of them."""

    def __init__(self, *parts: bytes) -> None:
        self._parts = parts

    def readlines(self) -> LazyLines:
        """Return the bytes as base64 lines; a connector of pyinfra's calls this."""
        return LazyLines(self.__iter__)

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes as they are; the OpenSSH connector calls this."""
        yield f"{BYTES}\n".encode()
        yield from self._parts

    def __iter__(self) -> Iterator[str]:
        # One after the other, so that they are never there all at once.
        yield BASE64
        whole = io.BytesIO(b"".join(self._parts))
        while chunk := whole.read(CHUNK):
            yield base64.b64encode(chunk).decode()


def decode(bytes_go_to: str, base64_goes_to: str = "") -> str:
    """Return the shell that hands a ``StdinPayload`` on standard input to a command, decoded."""
    other = base64_goes_to or f"base64 -d | {bytes_go_to}"
    cases = f"{BYTES}) {bytes_go_to} ;; {BASE64}) {other} ;; *) exit 1 ;;"
    return f'{{ IFS= read -r coding; case "$coding" in {cases} esac; }}'


def unpack(options: str) -> str:
    """Return the shell that unpacks a ``StdinPayload``; systemd compares times of units."""
    return decode(f"tar -x --no-overwrite-dir -m {options}")


@dataclass(frozen=True)
class Member:
    """One file of an archive."""

    name: str
    content: bytes
    mode: str = "644"
    owner: str = "root"
    group: str = "root"


def archive(
    members: Iterable[Member], folders: Iterable[str] = (), snapshot_context: SnapshotContext = ROOT
) -> bytes:
    """Return a tar archive of these members, in folders that only their keeper may enter."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for folder in folders:
            info = tarfile.TarInfo(folder)
            info.type, info.mode = tarfile.DIRTYPE, 0o700
            info.uname, info.gname = snapshot_context.owner, snapshot_context.group
            tar.addfile(info)
        for member in members:
            info = tarfile.TarInfo(member.name)
            info.size, info.mode = len(member.content), int(member.mode, 8)
            info.uname, info.gname = member.owner, member.group
            tar.addfile(info, io.BytesIO(member.content))
    return buffer.getvalue()


def install(
    entries: Sequence[PathEntry],
    before: str = "",
    check: str = "",
    after: str = "",
    keep: str = "",
) -> str:
    """Return the script that puts these entries in place, all of them or, if a check fails, none.

    Staging directories of an earlier deploy go first. Directories come next, then removals, then
    files in the order of their first folder, so that a ledger named first is on the disk before
    anything that it speaks of.

    + before: shell that runs when all is staged and checked, before the first removal
    + check: shell that judges the staged files; they lie in ``STAGE`` beside their place
    + after: shell that runs when everything is in place and synced
    + keep: shell that runs first of all, and has the host keep what is there
    """
    files = [entry for entry in entries if isinstance(entry, File)]
    stages = list(dict.fromkeys(stage(entry.path) for entry in files))
    left = [entry.path for entry in entries if isinstance(entry, StaleStaging)]
    lines = ["set -eu", keep, "umask 077", f"rm -rf {_words(left)}" if left else ""]
    folders = [entry for entry in entries if isinstance(entry, Directory)]
    lines.append(FOLDER if folders else "")
    lines += [
        f"folder {each.mode} {quote(each.owner)} {quote(each.group)} {quote(each.path)}"
        for each in folders
    ]
    if files:
        # tar would make up what is missing, with rights of its own choosing.
        lines += [
            f"for place in {_words(str(PurePosixPath(folder).parent) for folder in stages)}; do",
            '  [ -d "$place" ] || { echo "$place is no directory; describe it" >&2; exit 1; }',
            "done",
            *_owners(files),
            f"clean() {{ rm -rf {_words(stages)}; }}",
            "trap clean EXIT",
            "clean",
            f"{unpack('-p --same-owner -C /')} || {{ code=$?; cat >/dev/null; exit $code; }}",
            *_checks(files),
            check,
            f"sync {_words(_staged(entry.path) for entry in files)}",
        ]
    lines.append(before)
    lines += [_remove(entry) for entry in entries if isinstance(entry, Absent)]
    for folder in stages:
        place = str(PurePosixPath(folder).parent)
        names = [_staged(entry.path) for entry in files if stage(entry.path) == folder]
        lines.append(f"mv -f -t {quote(place)} {_words(names)}")
    for entry in entries:
        if isinstance(entry, Link):
            beside = f"{entry.path}{BESIDE}"
            lines.append(f"ln -sfn {quote(entry.target)} {quote(beside)}")
            lines.append(f"mv -fT {quote(beside)} {quote(entry.path)}")
    written = (entry for entry in entries if not isinstance(entry, Absent | StaleStaging))
    places = sorted({str(PurePosixPath(entry.path).parent) for entry in written})
    lines += [f"sync {_words(places)}" if places else "", after]
    return "\n".join(line for line in lines if line)


def payload(entries: Sequence[PathEntry], snapshot_context: SnapshotContext = ROOT) -> StdinPayload:
    """Return what the script of ``install`` reads from standard input."""
    files = [entry for entry in entries if isinstance(entry, File)]
    members = [
        Member(_staged(f.path).lstrip("/"), f.content, f.mode, f.owner, f.group) for f in files
    ]
    return StdinPayload(
        archive(members, sorted({stage(f.path).lstrip("/") for f in files}), snapshot_context)
    )


def _owners(files: Sequence[File]) -> list[str]:
    # tar gives the files of an unknown owner to root, without a word.
    names = [("passwd", file.owner) for file in files] + [("group", file.group) for file in files]
    return [
        f"getent {base} {quote(name)} >/dev/null"
        f" || {{ echo {quote(f'{name} is not in {base}')} >&2; exit 1; }}"
        for base, name in dict.fromkeys(names)
        if name != "root"
    ]


def _checks(files: Sequence[File]) -> list[str]:
    return [
        entry.check.replace("{}", quote(_staged(entry.path)))
        for entry in files
        if entry.check is not None
    ]


def _remove(entry: Absent) -> str:
    path = quote(entry.path)
    return (
        f"if [ -d {path} ] && [ ! -L {path} ]; then rmdir --ignore-fail-on-non-empty {path}; "
        f"else rm -f {path}; fi"
    )


def _staged(path: str) -> str:
    return f"{stage(path)}/{PurePosixPath(path).name}"


def _words(paths: Iterable[str]) -> str:
    return " ".join(quote(path) for path in paths)
