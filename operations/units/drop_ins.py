"""Changes of a unit of ours that aren't described: a drop-in, an edit where a slot runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from shlex import quote
from typing import NamedTuple

from homeport.engine.kind import Change, Reason, Target
from homeport.hostctl.protocol import BESIDE

ASIDE = ".set-aside"


class Why(Reason):
    """The reasons why such a file is to be put back."""

    DROP_IN = "changes a unit of ours; kept as {}"
    EDITED = "differs from what its slot was made ready with"


class Override(NamedTuple):
    """A file that changes a unit of ours.

    + put_back: the shell after which the unit is as described
    + touched: the paths that this shell changes
    """

    path: str
    put_back: str
    touched: tuple[str, ...]


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


def changes(
    kind: str, lines: Sequence[tuple[str, str]], copies: Mapping[str, str]
) -> list[Change[Override]]:
    """Return a kind's changes that put right what the shell found: pairs of its type and path."""
    return [
        _drop_in(Target(kind, path))
        if what == "drop-in"
        else _edited(Target(kind, path), copies[path])
        for what, path in lines
    ]


def _drop_in(target: Target) -> Change[Override]:
    path = target.name
    aside = f"{path}{ASIDE}"
    put_back = f"mv -f {quote(path)} {quote(aside)}"
    return Change("remove", target, (Why.DROP_IN(aside),), Override(path, put_back, (path, aside)))


def _edited(target: Target, copy: str) -> Change[Override]:
    path = target.name
    beside = quote(f"{path}{BESIDE}")
    put_back = f"cp {quote(copy)} {beside}\nmv -f {beside} {quote(path)}"
    return Change("change", target, (Why.EDITED(),), Override(path, put_back, (path,)))
