"""Secrets that are searched for wherever a run may have left them, here and on a host."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import lab
from homeport.hostctl.masking import SHORTEST, Masks, forms

WATCH = """\
import json, os, select, sys, time
canaries, own = [each.encode() for each in json.loads(sys.stdin.readline())], str(os.getpid())
seen, looks, FILES = set(), 0, ("cmdline", "environ", "cgroup")
while not select.select([sys.stdin], [], [], 0.01)[0]:
    looks += 1
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            words, variables, group = (
                open(f"/proc/{pid}/{name}", "rb").read() for name in FILES
            )
        except OSError:
            continue
        # A service has its secrets in its environment, in its own unit.
        own_unit = b"/pinboard-" in group or b"-pinboard" in group or b"homeport-check-" in group
        found = words if own_unit else words + variables
        if pid != own and any(canary in found for canary in canaries):
            seen.add(f"{words!r} of {group!r}")
print(json.dumps([looks, sorted(seen)]))
"""
"""A program that looks at all processes of this machine, those of its hosts included."""
PLACES = "/ /run /tmp /dev/shm"
"""Where files are on a host: file systems of their own."""
SEARCH = f"""\
cat >/run/canaries
find {PLACES} -xdev -type f -cnewer /run/canaries-begin ! -path '/run/canaries*' \\
  ! -path '/proc/*' ! -path '/sys/*' -print0 | xargs -0 -r grep -liaF -f /run/canaries --
journalctl -q -b -o export --no-pager | grep -qiaF -f /run/canaries && echo journal
rm /run/canaries
"""


class Canaries:
    """Secrets by their names.

    + host: where they go
    """

    def __init__(self, values: Mapping[str, str], host: str) -> None:
        self.values, self.host = values, host
        self._masks = Masks(values)
        lab.run(host, "touch /run/canaries-begin", root=True)

    @property
    def patterns(self) -> list[str]:
        """All forms of them that a search may find, each on one line."""
        found = {form for value in self.values.values() for form in forms(value)}
        return sorted(form for form in found if len(form) >= SHORTEST and "\n" not in form)

    @contextmanager
    def in_no_process(self) -> Iterator[None]:
        """Insist that they are in no command line and no environment meanwhile, on either end."""
        as_root = ["sudo", "-n"] if os.geteuid() else []
        with subprocess.Popen(
            [*as_root, sys.executable, "-I", "-c", WATCH],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as watching:
            assert watching.stdin is not None
            watching.stdin.write(f"{json.dumps([*self.values.values()])}\n")
            watching.stdin.flush()
            try:
                yield
            finally:
                output, _ = watching.communicate()
        times, seen = json.loads(output)
        assert times > 10
        assert seen == []

    def insist_shown_nowhere(self, text: str) -> None:
        """Insist that a text shows no part of any of them."""
        known = set(text.splitlines())
        shown = [line for line in self._masks(text).splitlines() if line not in known]
        assert shown == [], shown

    def in_files_here(self, folders: Iterable[Path], since: Path, depth: int = 99) -> set[str]:
        """Return the files of this machine that were written since another, and hold any."""
        find = ["find", *map(str, folders), "-maxdepth", str(depth), "-type", "f"]
        find += ["-cnewer", str(since), "-print0"]
        files = subprocess.run(find, capture_output=True, check=False).stdout
        search = ["xargs", "-0", "-r", "grep", "-liaF", *(f"-e{each}" for each in self.patterns)]
        done = subprocess.run([*search, "--"], input=files, capture_output=True, check=False)
        return set(done.stdout.decode().splitlines())

    def in_files_there(self) -> set[str]:
        """Return what holds any on the host: files, and ``journal``."""
        text = "".join(f"{each}\n" for each in self.patterns)
        done = lab.run(self.host, SEARCH, root=True, stdin=text)
        assert done.stderr == "", done.stderr
        return set(done.stdout.splitlines())

    def open_there(self, files: Iterable[str]) -> str:
        """Return which of these files others than root may read, all directories considered."""
        reads = "setpriv --reuid=nobody --clear-groups test -r"
        script = f'for file; do if {reads} "$file"; then echo "$file"; fi; done'
        words = ["sh", "-c", script, "sh", *sorted(files)]
        return lab.run(self.host, words, root=True).stdout
