"""Files, directories and links: type, mode, owner, content; a secret's content is never shown."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from shlex import quote

from homeport.engine.kind import DesiredState
from homeport.files.entries import Absent, Directory, File, Link
from homeport.operations.bootstrap.system_services import SystemService
from homeport.operations.git_hooks import GitHook
from homeport.operations.proxy.resources import Site
from homeport.operations.services.resources import CurrentLink
from homeport.operations.units.resources import FOLDER, Unit

Entry = Directory | File | Link | Absent | CurrentLink
TYPES = {File: "regular file", Directory: "directory", Link: "symbolic link"}


def question(description: DesiredState) -> str:
    """Return the shell that tells what is at each path.

    Under a key that the host draws, a secret is hashed with it: its plain hash goes nowhere.
    """
    kinds = (File, Directory, Link, Absent, CurrentLink)
    entries = [entry for entry in description.resources if isinstance(entry, kinds)]
    for unit in description.of(Unit):
        entries += [_file(unit), *_overrides(unit)]
    entries += [_site(site) for site in description.of(Site)]
    entries += [hook.file for hook in description.of(GitHook)]
    entries += [entry for daemon in description.of(SystemService) for entry in daemon.settings]
    files = [entry for entry in entries if isinstance(entry, File)]
    secret = _words(file.path for file in files if file.secret)
    return f"""\
printf 'me\\t%s:%s\\n' "$(id -un)" "$(id -gn)"
stat --printf 'at\\t%n\\t%F\\t%a\\t%U:%G\\t%N\\n' -- {_words(e.path for e in entries)} \\
  2>/dev/null || [ $? = 1 ]
sha256sum -- {_words(file.path for file in files if not file.secret)} </dev/null 2>/dev/null || :
for path in {secret}; do
  if [ -f "$path" ]; then
    read -r key </proc/sys/kernel/random/uuid
    hash=$({{ printf %s "$key"; cat -- "$path"; }} | sha256sum)
    printf 'secret\\t%s\\t%s\\t%s\\n' "$path" "$key" "${{hash%% *}}"
  fi
done
"""


def faults(entry: Entry, answer: str, reader: str = "root") -> list[str]:
    """Return what is wrong at a path; ``reader`` is the group that may read it if it is secret."""
    lines = [line.split("\t") for line in answer.splitlines()]
    found = {line[1]: line[2:] for line in lines if line[0] == "at"}.get(entry.path)
    if isinstance(entry, Absent):
        return [f"there is a {found[0]}, and should not be"] if found else []
    if found is None:
        return ["it is not there"]
    if isinstance(entry, Link | CurrentLink):
        target = entry.target if isinstance(entry, Link) else entry.release
        _, _, leads = found[3].partition(" -> ")
        return (
            [] if leads == f"'{target}'" else [f"it points to {leads or 'nothing'}, not {target}"]
        )
    kind, mode, owner, _ = found
    if kind.replace("regular empty", "regular") != TYPES[type(entry)]:
        return [f"it is a {kind}, not a {TYPES[type(entry)]}"]
    wrong = []
    if mode != entry.mode:
        wrong.append(f"its mode is {mode}, not {entry.mode}")
    if owner != f"{entry.owner}:{entry.group}":
        wrong.append(f"it belongs to {owner}, not {entry.owner}:{entry.group}")
    if isinstance(entry, File):
        wrong += _secret(entry, lines) if entry.secret else _plain(entry, lines)
        # Who asks is root, but on a laptop.
        me = next((fields[0] for what, *fields in lines if what == "me"), "root:root")
        owner_, _, group_ = me.partition(":")
        reader = group_ if reader == "root" else reader
        if entry.secret and (_others(mode, group_, reader) or owner != f"{owner_}:{reader}"):
            who = owner_ if reader == group_ else f"{owner_} and {reader}"
            wrong.append(f"it is a secret that others than {who} may read")
    return wrong


def unit_faults(unit: Unit, answer: str) -> list[str]:
    """Return what is wrong with the file of a unit, and what would override it."""
    there = [entry.path for entry in _overrides(unit) if faults(entry, answer)]
    wrong = [f"{path} may change it, and is not described" for path in there]
    return faults(_file(unit), answer) + wrong


def hook_faults(hook: GitHook, answer: str) -> list[str]:
    """Return what is wrong with a hook of git."""
    return faults(hook.file, answer)


def site_faults(site: Site, answer: str) -> list[str]:
    """Return what is wrong with a file that nginx reads."""
    return faults(_site(site), answer)


def daemon_faults(daemon: SystemService, answer: str) -> list[str]:
    """Return what is wrong with the settings of ours that a daemon reads."""
    return [
        f"{entry.path}: {fault}" for entry in daemon.settings for fault in faults(entry, answer)
    ]


def _file(unit: Unit) -> File:
    return File(unit.place, unit.text.encode())


def _site(site: Site) -> File:
    return File(site.path, site.text.encode())


def _overrides(unit: Unit) -> list[Absent]:
    return [Absent(f"{FOLDER}/{name}.d") for name in unit.dropin_names]


def _plain(file: File, lines: list[list[str]]) -> list[str]:
    wanted = f"{hashlib.sha256(file.content).hexdigest()}  {file.path}"
    return [] if [wanted] in lines else ["its content is not what is described"]


def _others(mode: str, group: str, reader: str) -> int:
    return int(mode, 8) & (0o077 if reader == group else 0o037)


def _secret(file: File, lines: list[list[str]]) -> list[str]:
    for what, *fields in lines:
        if what == "secret" and fields[0] == file.path:
            _, key, digest = fields
            if hashlib.sha256(key.encode() + file.content).hexdigest() == digest:
                return []
    return ["its content, which is secret, is not what is described"]


def _words(paths: Iterable[str]) -> str:
    return " ".join(quote(path) for path in paths)
