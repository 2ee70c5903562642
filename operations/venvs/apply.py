"""The build of a venv: on the host, by uv, offline, from wheels that the controller sends."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from shlex import quote

from pyinfra.api.command import StringCommand

from homeport import artifacts
from homeport.artifacts import Wheel
from homeport.engine.byte_code import compiled
from homeport.engine.kind import (
    Change,
    Commands,
    DesiredState,
    payloads,
)
from homeport.engine.secret_digest import sha256
from homeport.files.install import Member, StdinPayload, archive, unpack
from homeport.operations.venvs.installed import FUNCTIONS
from homeport.operations.venvs.probe import VenvsState
from homeport.operations.venvs.resources import Venv, uv_path


def apply(
    description: DesiredState, actual: VenvsState, changes: Sequence[Change[Venv]]
) -> Commands:
    """Yield one command for each venv: it takes the missing wheels, checks, builds, renames."""
    at_hand = actual
    for venv in payloads(changes, Venv):
        wheels = venv.wheels()
        sent = [wheel for wheel in wheels if wheel.sha256 not in at_hand.wheels]
        members = [
            Member(f"wheels/{wheel.sha256}/{wheel.filename}", wheel.path.read_bytes())
            for wheel in sent
        ]
        if not at_hand.uv:
            uv = artifacts.uv_binary(venv.target.architecture)
            members.append(Member("uv", uv.read_bytes(), mode="755"))
        members.append(Member("requirements.txt", venv.lock.text().encode()))
        sums = "".join(f"{sha256(member.content)}  {member.name}\n" for member in members)
        members.append(Member("SHA256SUMS", sums.encode()))
        # uv is most of it, and shrinks to less than half.
        sent_whole = StdinPayload(gzip.compress(archive(members), compresslevel=1))
        yield StringCommand(_build(venv, wheels), _stdin=sent_whole)
        at_hand = VenvsState(
            actual.installed, at_hand.wheels | {wheel.sha256 for wheel in wheels}, uv=True
        )


def _build(venv: Venv, wheels: Sequence[Wheel]) -> str:
    cache, uv, python = venv.cache, uv_path(venv.cache), quote(venv.interpreter)
    links = " ".join(quote(f"{cache}/wheels/{wheel.sha256}/{wheel.filename}") for wheel in wheels)
    sums = "".join(f"{w.sha256}  {cache}/wheels/{w.sha256}/{w.filename}\n" for w in wheels)
    sync = f"""\
cat >kept <<'SUMS'
{sums}SUMS
sha256sum --quiet -c kept || damaged
mkdir links
ln -s -t links {links}
{uv} pip sync --quiet --no-cache --no-index --find-links links --require-hashes \
--no-build --link-mode copy --python venv/bin/python requirements.txt
"""
    return f"""\
set -eu
umask 022
place={quote(venv.path)}
stage="${{place%/*}}/.new"
rm -rf "$stage"
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage" {cache}/wheels {uv.rpartition("/")[0]}
cd "$stage"
{unpack("-z --no-same-owner")} || {{ code=$?; cat >/dev/null; exit $code; }}
sha256sum --quiet -c SHA256SUMS
damaged() {{
  while read -r sum path; do
    if [ "$(sha256sum <"$path")" != "$sum  -" ]; then rm -rf "${{path%/*}}"; fi
  done <kept
  echo 'A wheel that was kept here is damaged or gone, and is removed. Fix: deploy again.' >&2
  exit 1
}}
if [ -d wheels ]; then for wheel in wheels/*; do
  rm -rf {cache}/"$wheel"
  mv -T "$wheel" {cache}/"$wheel"
done; fi
if [ -e uv ]; then mv -f uv {uv}.new; mv -f {uv}.new {uv}; fi
UV_PYTHON_DOWNLOADS=never UV_NO_CONFIG=1
export UV_PYTHON_DOWNLOADS UV_NO_CONFIG
{uv} venv --quiet --no-cache --relocatable --python {python} venv
{sync if wheels else ""}{compiled(venv.interpreter, "$stage/venv", venv.path, "-j 0")}
chmod -R a+rX,go-w venv
cd venv
{FUNCTIONS}keep
cd ..
sync -f "$stage"
if [ -e "$place" ]; then mv -T "$place" old; fi
mv -T venv "$place"
sync "${{place%/*}}"
"""
