"""Ways to damage what is at a path, each with its own inverse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from shlex import quote

from tests.spec_faults.survey import ASIDE, Place


@dataclass(frozen=True)
class Way:
    """What is done to a path: by its kind, in words, as shell, and the shell that takes it back."""

    kind: str
    name: str
    apply: str
    undo: str
    besides: tuple[str, ...] = ()


READS, WRITES = "test_reads_only_its_own", "test_writes_none_of_its_code"
"""The specs of what the service user can read and change, which depend on every path."""


def opened(place: Place) -> Way:
    """Return that every user may read and change it."""
    path = quote(place.path)
    return Way(
        "opened",
        f"{place.path} is opened to every user",
        f"chmod a+rwX {path}",
        _rights(place),
        (READS, WRITES),
    )


def shown(place: Place) -> Way:
    """Return that every user may read it, and none more may change it."""
    path = quote(place.path)
    return Way(
        "shown",
        f"{place.path} is shown to every user",
        f"chmod a+rX {path}",
        _rights(place),
        (READS,),
    )


def closed(place: Place) -> Way:
    """Return that its owner alone may use it."""
    path = quote(place.path)
    name = f"{place.path} is closed to all but its owner"
    return Way("closed", name, f"chmod go= {path}", _rights(place), (READS,))


def owned(place: Place, user: str) -> Way:
    """Return that it belongs to another user."""
    path = quote(place.path)
    name = f"{place.path} belongs to {user}"
    return Way("owned", name, f"chown -h {user} {path}", _rights(place), (READS, WRITES))


def grouped(place: Place, group: str) -> Way:
    """Return that it belongs to another group."""
    path = quote(place.path)
    name = f"{place.path} belongs to the group {group}"
    return Way("grouped", name, f"chgrp -h {group} {path}", _rights(place), (READS,))


def changed(place: Place, text: str = "# changed") -> Way:
    """Return that its content is another one: a line more, which a program may never reach."""
    path, aside = quote(place.path), _aside(place)
    return Way(
        "changed",
        f"{place.path} has another line",
        f"cp -p {path} {aside}; printf '\\n{text}\\n' >>{path}",
        f"cat {aside} >{path}; touch -r {aside} {path}; rm {aside}",
    )


def emptied(place: Place) -> Way:
    """Return that it holds nothing."""
    path, aside = quote(place.path), _aside(place)
    return Way(
        "emptied",
        f"{place.path} is empty",
        f"cp -p {path} {aside}; : >{path}",
        f"cat {aside} >{path}; touch -r {aside} {path}; rm {aside}",
    )


def removed(place: Place) -> Way:
    """Return that it is gone."""
    path, aside = quote(place.path), _aside(place)
    return Way(
        "removed",
        f"{place.path} is gone",
        f"mv -T {path} {aside}",
        f"mv -T {aside} {path}",
        (READS,),
    )


def linked(place: Place) -> Way:
    """Return that a link stands in its place, to the same content elsewhere."""
    path, aside = quote(place.path), _aside(place)
    return Way(
        "linked",
        f"{place.path} is a link to the same elsewhere",
        f"mv -T {path} {aside}; ln -s {aside} {path}",
        f"rm {path}; mv -T {aside} {path}",
        (READS,),
    )


def directed(place: Place, target: str) -> Way:
    """Return that a link leads elsewhere."""
    path = quote(place.path)
    return Way(
        "directed",
        f"{place.path} leads to {target}",
        f"ln -sfn {quote(target)} {path}",
        f"ln -sfn {quote(place.target)} {path}; chown -h {place.owner}:{place.group} {path}",
    )


def added(folder: str, name: str, text: str) -> Way:
    """Return that there is one file more in a folder."""
    path = quote(f"{folder}/{name}")
    keep = f"touch -r {quote(folder)} {ASIDE}/.folder"
    return Way(
        "added",
        f"{folder} has {name}",
        f"{keep}; printf '%s\\n' {quote(text)} >{path}",
        f"rm {path}; touch -r {ASIDE}/.folder {quote(folder)}",
    )


def of_file(place: Place) -> Iterator[Way]:
    """Yield every way to damage a file of root's."""
    yield from (opened(place), owned(place, "daemon"), grouped(place, "games"))
    yield from (changed(place), emptied(place), removed(place), linked(place))


def of_folder(place: Place) -> Iterator[Way]:
    """Yield every way to damage a folder that leaves in place what is in it."""
    yield from (opened(place), owned(place, "daemon"), grouped(place, "games"))


def _rights(place: Place) -> str:
    path = quote(place.path)
    back = f"chown -h {place.owner}:{place.group} {path}"
    return back if place.kind == "l" else f"{back}; chmod {place.mode} {path}"


def _aside(place: Place) -> str:
    return quote(f"{ASIDE}/{place.path.strip('/').replace('/', '%')}")
