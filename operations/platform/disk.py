"""Whether the disks that a deploy writes to can be written to: asked with the rest of the probe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from shlex import quote

from homeport.hostctl import protocol

LEAST = 16 * 1024
"""Kibibytes that must be free. Not what a deploy needs: what a host needs to be worth one."""

LEAST_FILES = 100

HINT = "`df -h; df -i; du -xh / | sort -h | tail -n 30` shows where it went"


def probe(app: str) -> str:
    """Return the shell that tells of each place: writable, free space, files in all and free."""
    places = (
        f"{protocol.HOME}/{app}",
        protocol.STATE,
        protocol.CACHE,
        f"{protocol.CONFIG}/{app}",
        protocol.UNITS,
    )
    return f"""\
places=
for place in {" ".join(quote(place) for place in places)}; do
  while [ ! -d "$place" ]; do place=${{place%/*}}; place=${{place:-/}}; done
  if [ -w "$place" ]; then echo "disk:$place rw"; else echo "disk:$place ro"; fi
  places="$places $place"
done
df -k --output=file,avail,itotal,iavail $places 2>/dev/null || :
"""


def blockers(actual: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield what keeps a deploy from being written, given the facts by name."""
    for name, words in actual.items():
        if not name.startswith("disk:"):
            continue
        place = name.removeprefix("disk:")
        if words[0] == "ro":
            yield (
                f"{place} can't be written to; see why with `dmesg | tail`, then run "
                "`mount -o remount,rw /` or reboot: a failing SD card is put into this state"
            )
        elif len(free := actual.get(place, ())) == 3:
            yield from _lacks(place, free)


def _lacks(place: str, words: Sequence[str]) -> Iterator[str]:
    # A file system without a fixed number of files says 0 or -.
    free, files, left = (int(word) if word.isdecimal() else 0 for word in words)
    if free < LEAST:
        yield f"{place} has {free // 1024} MiB left, and 16 is the least; {HINT}"
    elif files and left < LEAST_FILES:
        yield f"{place} has room for {left} files, and 100 is the least; {HINT}"
