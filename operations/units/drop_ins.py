"""What changes a unit of ours without being described: a drop-in, an edit where a slot runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from shlex import quote

from homeport.engine.kind import Change
from homeport.hostctl.protocol import BESIDE

ASIDE = ".set-aside"


@dataclass(frozen=True)
class DropIn:
    """A file that changes a unit of ours, and that nobody described."""

    path: str


@dataclass(frozen=True)
class EditedUnit:
    """The unit of a slot that isn't what the slot was made ready with any more."""

    path: str
    source: str


def probe(folder: str, names: Iterable[str], copies: Mapping[str, str]) -> str:
    """Return the shell that tells of drop-ins by these names, and of copies that differ."""
    compared = [f"compare {quote(path)} {quote(copy)}" for path, copy in copies.items()]
    return "\n".join(
        [
            f"""\
for unit in {" ".join(map(quote, names))}; do
  for path in {folder}/"$unit".d/*.conf /run/systemd/system/"$unit".d/*.conf; do
    if [ -e "$path" ]; then printf 'drop-in\\t%s\\n' "$path"; fi
  done
done
compare() {{
  if [ -f "$1" ] && [ -f "$2" ] && ! cmp -s "$1" "$2"; then printf 'edited\\t%s\\n' "$1"; fi
}}""",
            *compared,
        ]
    )


def changes(lines: Sequence[tuple[str, str]], copies: Mapping[str, str]) -> list[Change]:
    """Return what puts right what the shell told: pairs of what it is, and its path."""
    found = []
    for what, path in lines:
        if what == "drop-in":
            reason = f"changes a unit of ours; kept as {path}{ASIDE}"
            found.append(Change("remove", path, reason, desired=DropIn(path)))
        else:
            reason = "differs from what its slot was made ready with"
            found.append(Change("change", path, reason, desired=EditedUnit(path, copies[path])))
    return found


def touched(desired: DropIn | EditedUnit) -> tuple[str, ...]:
    """Return the paths that this shell changes."""
    return (desired.path, *((desired.path + ASIDE,) if isinstance(desired, DropIn) else ()))


def put_back(desired: DropIn | EditedUnit) -> str:
    """Return the shell that does it: a drop-in is kept, an edit isn't."""
    path = quote(desired.path)
    if isinstance(desired, DropIn):
        return f"mv -f {path} {quote(desired.path + ASIDE)}"
    beside = quote(f"{desired.path}{BESIDE}")
    return f"cp {quote(desired.source)} {beside}\nmv -f {beside} {path}"
