"""Releases: every file that the artifact has, no other, and its owner's alone to change."""

from __future__ import annotations

import hashlib
import tarfile
from functools import cache
from pathlib import Path
from shlex import quote

from homeport.engine.kind import DesiredState
from homeport.operations.releases import Release


def question(description: DesiredState) -> str:
    """Return the shell that lists each release, and hashes its files."""
    paths = " ".join(quote(release.path) for release in description.of(Release))
    # Byte code is made on the host, and is judged by who may write it.
    return f"""\
for release in {paths}; do
  if [ -d "$release" ]; then
    find "$release" -printf 'at\\t%p\\t%y\\t%m\\t%u:%g\\t%l\\n' \\
      -type f ! -name '*.pyc' -exec sha256sum -- {{}} +
  fi
done
"""


def faults(release: Release, answer: str) -> list[str]:
    """Return what is wrong with a release, file by file."""
    lines = [line.split("\t") for line in answer.splitlines()]
    below = f"{release.path}/"
    entries = [line[1:] for line in lines if line[0] == "at"]
    if release.path not in {entry[0] for entry in entries}:
        return ["it is not there"]
    hashes = [line[0].partition("  ") for line in lines if line[0] != "at"]
    found = {path.removeprefix(below): digest for digest, _, path in hashes if below in path}
    links = {path.removeprefix(below): leads for path, kind, _, _, leads in entries if kind == "l"}
    wanted_files, wanted_links = contents(release.artifact.path)
    wanted_links = {**wanted_links, "venv": f"../../venvs/{Path(release.venv.path).name}"}
    wrong = compare(wanted_files, found) + compare(wanted_links, links)
    for path, kind, mode, owner, _ in entries:
        if path.startswith((release.path, below)) and kind != "l":
            if owner.partition(":")[0] != release.owner:
                wrong.append(f"{path} belongs to {owner}, not to {release.owner}")
            if release.owner == "root" and not int(mode, 8) & 0o004:
                wrong.append(f"{path} has mode {mode}: the service user can't read it")
            if int(mode, 8) & 0o022:
                wrong.append(f"{path} has mode {mode}: others than {release.owner} may write it")
    return wrong


@cache
def contents(archive: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Return the hash of every file in an artifact, and where every link in it leads."""
    files, links = {}, {}
    with tarfile.open(archive) as tar:
        for member in tar:
            name = member.name.removeprefix("./")
            if member.isfile():
                stream = tar.extractfile(member)
                files[name] = hashlib.sha256(stream.read() if stream else b"").hexdigest()
            elif member.issym():
                links[name] = member.linkname
    return files, links


def compare(wanted: dict[str, str], found: dict[str, str]) -> list[str]:
    """Return which names are missing, differ, or are too many."""
    wrong = [f"{name} is missing" for name in sorted(wanted.keys() - found.keys())]
    wrong += [f"{name} is not from the artifact" for name in sorted(found.keys() - wanted.keys())]
    both = sorted(wanted.keys() & found.keys())
    return wrong + [f"{name} was changed" for name in both if wanted[name] != found[name]]
