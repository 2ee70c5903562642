"""Releases: the application's code and its venv in a directory of their own, never changed again.

A release is unpacked beside, byte-compiled, proven to import, and renamed: one that is there under
its name is whole. It is owned by root and only read by the service user, who imports it in the
sandbox of a service.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote
from typing import NamedTuple

from pyinfra.api.command import StringCommand

from homeport.artifacts import Artifact
from homeport.engine.byte_code import compiled
from homeport.engine.kind import (
    NOTHING,
    Because,
    Change,
    Commands,
    DesiredState,
    Kind,
    PendingTargets,
    ProbeOutput,
    Reason,
    Target,
    payloads,
)
from homeport.engine.phase import operation_for
from homeport.engine.sandbox import Sandbox
from homeport.files.install import StdinPayload, decode
from homeport.operations.venvs.resources import Venv

NAME = "releases"
COMPILED = "--invalidation-mode unchecked-hash"


SECONDS = 75
"""How long imports may take: one module, with what check-imports allows it."""
MORE = 5
"""Seconds that each further module has."""


@dataclass(frozen=True)
class StartedFrom:
    """Modules that commands start from which share a sandbox."""

    sandbox: Sandbox
    modules: tuple[str, ...]


@dataclass(frozen=True)
class Release:
    """An artifact and its venv, at a path that is named after both.

    + owner: whose its files are, who deploys
    + check: the program that imports modules
    + environment: the files that hold the environment, in systemd's order
    + sandbox: where modules are imported; None for the user who deploys, on a laptop
    + named: modules that commands name; they are imported too, if the release has them
    + started: of those, what is imported in a sandbox of its own, because its command runs in it
    + skip_imports: modules that are not imported when the release is checked
    """

    path: str
    artifact: Artifact
    venv: Venv
    check: str
    environment: tuple[str, ...]
    sandbox: Sandbox | None = None
    named: tuple[str, ...] = ()
    started: tuple[StartedFrom, ...] = ()
    skip_imports: tuple[str, ...] = ()
    owner: str = "root"

    def modules(self) -> list[str]:
        """Return every top-level module of the lock, in its order, and of the application.

        After them come the modules that commands start from: a top-level package tells nothing
        of what breaks further down.
        """
        theirs = (name for wheel in self.venv.wheels() for name in wheel.modules)
        names = dict.fromkeys((*theirs, *self.artifact.modules))
        ours = {name.partition(".")[0] for name in names}
        started = (name for name in self.named if name.partition(".")[0] in ours)
        return [name for name in dict.fromkeys((*names, *started)) if name not in self.skip_imports]


class ReleasesState(NamedTuple):
    """A release that is there: the digest of its files, its venv, and whether others may write."""

    digest: str
    link: str
    loose: bool = False


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that prints, for each release that is there, the digest of its files."""
    pairs = " ".join(f"{r.owner}:{quote(r.path)}" for r in description.of(Release))
    # Byte code is ours and never checked by Python against its source, so source is what counts.
    return f"""\
for release in {pairs}; do
  owner=${{release%%:*}} release=${{release#*:}}
  if [ -d "$release" ]; then
    cd "$release"
    sums=$(find . \\( -path ./venv -o -name __pycache__ \\) -prune -o -type f -print0 \\
      | sort -z | xargs -0 -r sha256sum)
    digest=$(printf %s "$sums" | sha256sum)
    loose=$(find . \\( ! -user "$owner" -o -perm /022 \\) ! -type l -print -quit)
    echo "${{digest%% *}} ${{loose:+loose}} $(readlink venv || true) $release"
  fi
done
"""


def parse(answer: ProbeOutput) -> dict[str, ReleasesState]:
    """Return what was found of each release that is there."""
    found = {}
    for line in answer.lines:
        digest, loose, link, path = line.split(" ")
        found[path] = ReleasesState(digest, link, loose == "loose")
    return found


class Why(Reason):
    """The reasons why a release is to be built."""

    NEW = "new release, {}{}"
    LEFT_OUT = "not in it: {}"
    EDITED = "its files were edited on the host; built anew"
    LOOSE = "others than {} may write its files on the host; built anew"


def diff(
    description: DesiredState, actual: dict[str, ReleasesState], pending: PendingTargets = NOTHING
) -> list[Change[Release]]:
    """Return one change for each release that is missing, edited, or open to be edited."""
    changes: list[Change[Release]] = []
    for release in description.of(Release):
        there = actual.get(release.path)
        wanted = ReleasesState(release.artifact.tree_digest, _link(release))
        if there is None:
            changes.append(Change("add", Target(NAME, release.path), _origin(release), release))
        elif there != wanted:
            edited = (there.digest, there.link) != (wanted.digest, wanted.link)
            because = Why.EDITED() if edited else Why.LOOSE(release.owner)
            changes.append(Change("change", Target(NAME, release.path), (because,), release))
    return changes


def apply(
    description: DesiredState, actual: dict[str, ReleasesState], changes: Sequence[Change[Release]]
) -> Commands:
    """Yield one command for each release: it unpacks, compiles, imports everything, renames."""
    for release in payloads(changes, Release):
        yield StringCommand(
            _build(release), _stdin=StdinPayload(release.artifact.path.read_bytes())
        )


def _build(release: Release) -> str:
    return f"""\
set -eu
umask 022
place={quote(release.path)}
stage="${{place%/*}}/.new"
old="${{place%/*}}/.old"
rm -rf "$stage" "$old"
trap 'rm -rf "$stage" "$old"' EXIT
mkdir "$stage"
{decode('tar -xz --no-same-owner --no-same-permissions -C "$stage"')} \\
  || {{ code=$?; cat >/dev/null; exit $code; }}
cd "$stage"
ln -s {_link(release)} venv
{compiled(release.venv.interpreter, "$stage", release.path, COMPILED)}
chmod -R a+rX,go-w .
{_imported(release, release.sandbox) if release.sandbox else _imported_here(release)}
sync -f .
if [ -e "$place" ]; then mv -T "$place" "$old"; fi
mv -T "$stage" "$place"
sync "${{place%/*}}"
"""


def _imported(release: Release, strictest: Sandbox) -> str:
    """Return the shell that imports the modules of a release, each in the sandbox of its command.

    What is imported along with the module of a command is the command's as well. Everything else
    is imported in the strictest sandbox.
    """
    names = release.modules()
    own = {name for part in release.started for name in part.modules if name in names}
    everywhere = [name for name in names if name not in own]
    lines = ["loaded="]
    for part in release.started:
        if first := [name for name in part.modules if name in names]:
            words = f"{_words(first)} -- {_words(everywhere)}"
            check = _check(release, part.sandbox, words, len(names), shown=True)
            lines.append(f'loaded="$loaded $({check})"')
    if len(lines) == 1:
        return _check(release, strictest, _words(names), len(names))
    lines.append("set --")
    for name in everywhere:
        add = f'set -- "$@" {quote(name)}'
        if name not in release.named:
            add = f'case " $loaded " in *" {name} "*) ;; *) {add} ;; esac'
        lines.append(add)
    lines.append(_check(release, strictest, '"$@"', len(names)))
    return "\n".join(lines)


def _check(
    release: Release, sandbox: Sandbox, words: str, number: int, *, shown: bool = False
) -> str:
    command = f"venv/bin/python -B -P {quote(release.check)} {words}"
    failure = "The release can't be imported here"
    return sandbox.command('"$stage"', command, failure, SECONDS + MORE * number, shown=shown)


def _imported_here(release: Release) -> str:
    environment = " ".join(quote(path) for path in release.environment)
    return f"""\
cat {environment} | timeout -k 5 {SECONDS + MORE * len(release.modules())} \\
  env -i PATH=/usr/bin:/bin venv/bin/python -B -I {quote(release.check)} \\
    {_words(release.modules())}"""


def _words(names: Sequence[str]) -> str:
    return " ".join(map(quote, names))


def _link(release: Release) -> str:
    return f"../../venvs/{release.venv.path.rpartition('/')[2]}"


def _origin(release: Release) -> tuple[Because, ...]:
    artifact = release.artifact
    commit = f"commit {artifact.commit[:12]}" if artifact.commit else "no commit"
    new = Why.NEW(commit, ", with changes not committed" if artifact.dirty else "")
    if not artifact.left_out:
        return (new,)
    return new, Why.LEFT_OUT(", ".join(map(str, artifact.left_out)))


KIND = Kind(NAME, probe, parse, diff, apply)
converge = operation_for(KIND)
"""Build the described releases that are missing."""
