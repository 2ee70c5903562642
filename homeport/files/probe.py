"""The probe of paths: one ``find``, one ``sha256sum``, and the bodies of what differs."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from shlex import quote

from homeport.engine.kind import ProbeError
from homeport.engine.secret_digest import SHELL, sha256
from homeport.files import ancestors
from homeport.files.entries import Entry, File, FileState, stage
from homeport.hostctl.protocol import STAGE, VersionError, require_version

SHOWN = 65536
"""Bytes of an old file that travel for a diff; a larger one is only said to differ."""


PRIVATE_MODES = "400|440|600"
"""Modes of files whose old content stays on the host: they were secrets, whatever they are now."""


STRANGE = "?"
"""In place of the target of a link that holds a line break: it is none that was described."""


def probe(
    entries: Iterable[Entry], ledger: str, key: str, above: Iterable[str] | None = None
) -> str:
    """Return the shell that tells what is at each path, and at each path the ledger names.

    With ``above`` it tells also of each directory on the way to one of these paths, and to those
    above. It prints ``at``, ``sum``, ``secret`` and ``body`` lines, tab-separated; ``kept`` lines
    are the ledger's, and ``left`` lines name staging directories. A path that isn't there prints
    nothing.
    """
    entries = list(entries)
    files = [entry for entry in entries if isinstance(entry, File)]
    plain = [entry for entry in files if not entry.secret]
    stages = sorted({stage(path) for path in (ledger, *(entry.path for entry in entries))})
    if above is not None:
        # Of a group that is empty a ledger may be there all the same, and names what is above it.
        above = [*above, *([ledger] if entries else []), *(entry.path for entry in entries)]
    known = "|".join(quote(f"{sha256(e.content)}  {e.path}") for e in plain) or "''"
    return f"""\
set -f
paths=
{NO_WAYS if above is None else f"{ancestors.shell()}{ancestors.collect(above)}"}
at() {{ if [ -e "$1" ] || [ -L "$1" ]; then paths="$paths $1"; fi; }}
left() {{ if [ -d "$1" ]; then printf 'left\\t%s\\n' "$1"; fi; }}
if [ -f {quote(ledger)} ]; then
  while read -r path || [ -n "$path" ]; do
    printf 'kept\\t%s\\n' "$path"
    case $path in /*)
      at "$path"; left "${{path%/*}}/{STAGE}"
      if [ "${{path%/*}}" != "$last" ]; then last=${{path%/*}}; above "$last"; fi ;;
    esac
  done <{quote(ledger)}
fi
for path in {_words(entries)}; do at "$path"; done
for path in {" ".join(stages)}; do left "$path"; done
if [ -n "$paths$ways" ]; then
  find $paths $ways -maxdepth 0 -lname '*
*' -printf 'at\\t%p\\t%y\\t%m\\t%u\\t%g\\t{STRANGE}\\n' \\
    -o -printf 'at\\t%p\\t%y\\t%m\\t%u\\t%g\\t%l\\n'
fi
{_sums(plain)}
while read -r sum path; do
  if [ -z "$sum" ]; then continue; fi
  printf 'sum\\t%s  %s\\n' "$sum" "$path"
  case "$sum  $path" in
    {known}) ;;
    *) case $(stat -c %a -- "$path") in {PRIVATE_MODES}) continue ;; esac
      printf 'body\\t%s\\t' "$path"; head -c {SHOWN + 1} -- "$path" | base64 -w 0; echo ;;
  esac
done <<TOLD
$told
TOLD
{_secrets([entry for entry in files if entry.secret], key)}"""


NO_WAYS = "ways= last=; above() { :; }"
"""For files that their owner writes: nothing above them is root's."""


def _sums(files: Iterable[File]) -> str:
    """Return the shell that puts the hashes of those that are there into ``told``."""
    return f"""\
there= told=
for path in {_words(files)}; do
  if [ -f "$path" ] && [ ! -L "$path" ]; then there="$there $path"; fi
done
if [ -n "$there" ]; then told=$(sha256sum -- $there); fi"""


def _secrets(files: Sequence[File], key: str) -> str:
    if not files:
        return ""
    return f"""\
key={key}
{SHELL}
{_sums(files)}
while read -r sum path; do
  if [ -z "$sum" ]; then continue; fi
  printf 'secret\\t%s  %s\\n' "$(fingerprint "$sum")" "$path"
done <<TOLD
$told
TOLD
"""


def parse(text: str) -> tuple[dict[str, FileState], list[str], list[str]]:
    """Return the state of each path, the ledger's paths, and the staging directories left.

    Raises ``ProbeError`` for a line that the probe doesn't write.
    """
    seen: dict[str, FileState] = {}
    ledger: list[str] = []
    left: list[str] = []
    digests: dict[str, str] = {}
    bodies: dict[str, bytes] = {}
    for line in text.removesuffix("\n").split("\n") if text else ():
        match line.split("\t", 6):
            case ["kept", path]:
                ledger.append(path)
            case ["left", path]:
                left += [path] if path not in left else []
            case ["at", path, kind, mode, owner, group, target]:
                seen[path] = FileState(kind, mode, owner, group, target)
            case ["sum" | "secret", checksum] if "  " in checksum:
                digest, _, path = checksum.partition("  ")
                digests[path] = digest
            case ["body", path, body]:
                bodies[path] = base64.b64decode(body, validate=True)
            case _:
                raise ProbeError(f"a line about files is not understood: {line[:40]!r}")
    whole = {p: _join(found, digests.get(p), bodies.get(p)) for p, found in seen.items()}
    return whole, _paths(ledger), left


def _paths(ledger: list[str]) -> list[str]:
    """Return the paths of a ledger whose lines these are. Raises ProbeError."""
    if not ledger:
        return []
    version, *paths = ledger
    try:
        require_version(None if version.startswith("/") else version, "a ledger on this host")
    except VersionError as error:
        raise ProbeError(str(error)) from None
    return paths


def _join(seen: FileState, digest: str | None, body: bytes | None) -> FileState:
    shown = body if body is not None and len(body) <= SHOWN else None
    return FileState(seen.type, seen.mode, seen.owner, seen.group, seen.target, digest or "", shown)


def _words(entries: Iterable[Entry]) -> str:
    return " ".join(quote(entry.path) for entry in entries)
