"""Releases: the application's code and its venv in a directory of their own, never changed again.

A release is unpacked beside, byte-compiled, proven to import, and renamed: one that is there under
its name is whole. It is owned by root and only read by the service user.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote
from typing import NamedTuple

from pyinfra.api.command import StringCommand

from homeport.artifacts import Artifact
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
from homeport.files.install import StdinPayload, decode
from homeport.operations.venvs.resources import Venv

NAME = "releases"


@dataclass(frozen=True)
class Release:
    """An artifact and its venv, at a path that is named after both.

    + user: whom the modules are imported as; None for the user who deploys
    + owner: whose its files are, who deploys
    + check: the program that imports modules; it reads the environment on standard input
    + environment: the files that hold that environment, in systemd's order
    + named: modules that commands name; they are imported too, if the release has them
    + skip_imports: modules that are not imported when the release is checked
    """

    path: str
    artifact: Artifact
    venv: Venv
    user: str | None
    check: str
    environment: tuple[str, ...]
    named: tuple[str, ...] = ()
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
        return [name for name in (*names, *started) if name not in self.skip_imports]


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
    become = ""
    if release.user is not None:
        ids = "--reuid={0} --regid={0}".format(quote(release.user))
        become = f"setpriv {ids} --init-groups --inh-caps=-all --no-new-privs"
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
venv/bin/python -m compileall -q -s "$stage" -p "$place" -x /venv/ \\
  --invalidation-mode unchecked-hash . >/dev/null || true
cat {" ".join(quote(path) for path in release.environment)} \\
  | {become} env -i PATH=/usr/bin:/bin venv/bin/python -B -I {quote(release.check)} \\
    {" ".join(quote(name) for name in release.modules())}
chmod -R a+rX,go-w .
sync -f .
if [ -e "$place" ]; then mv -T "$place" "$old"; fi
mv -T "$stage" "$place"
sync "${{place%/*}}"
"""


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
