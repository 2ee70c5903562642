"""Damage to what a host keeps, generated: every file of it, and each way in which it is spoilt."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from homeport.hostctl.transaction import history
from tests.support.shop_host import Shop

FOREIGN = b'{"version": 1, "path": "/etc/passwd", "kind": "absent"}\n'


def chance_of(seed: int) -> random.Random:
    """Return a source of choices, the same for the same seed."""
    return random.Random(seed)


def gone(path: Path, seed: int) -> None:
    """Remove the file."""
    path.unlink()


def emptied(path: Path, seed: int) -> None:
    """Leave nothing in it."""
    path.write_bytes(b"")


def cut(path: Path, seed: int) -> None:
    """Cut it off somewhere."""
    content = path.read_bytes()
    path.write_bytes(content[: chance_of(seed).randrange(len(content) - 1)])


def shortened(path: Path, seed: int) -> None:
    """Lose whole lines at the end: what is left is well formed."""
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[: chance_of(seed).randrange(len(lines))]))


def flipped(path: Path, seed: int) -> None:
    """Flip one bit."""
    content, chance = bytearray(path.read_bytes()), chance_of(seed)
    place = chance.randrange(len(content))
    content[place] ^= 1 << chance.randrange(8)
    path.write_bytes(bytes(content))


def zeroed(path: Path, seed: int) -> None:
    """Be as long as ever, and hold nothing."""
    path.write_bytes(bytes(path.stat().st_size))


def foreign(path: Path, seed: int) -> None:
    """Hold what another file of that kind holds, well formed."""
    path.write_bytes(FOREIGN)


def newer(path: Path, seed: int) -> None:
    """Be of a version that isn't known."""
    text = path.read_bytes()
    text = re.sub(rb'"version": [12]', b'"version": 7', text)
    path.write_bytes(re.sub(rb"^version [12]", b"version 7", text))


WAYS: dict[str, Callable[[Path, int], None]] = {
    way.__name__: way for way in (gone, emptied, cut, shortened, flipped, zeroed, foreign, newer)
}


def files(folder: Path) -> Iterator[Path]:
    """Yield every file in a folder."""
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


def spoil(way: str, path: Path, seed: int) -> bool:
    """Spoil a file; return whether that made any difference to it."""
    before = path.read_bytes()
    WAYS[way](path, seed)
    return not path.exists() or path.read_bytes() != before


def picture(shop: Shop) -> dict[str, object]:
    """Return all that a user of the host depends on: files, links, what runs and serves."""
    root = shop.root
    managed = [*root.glob("etc/homeport/**/*"), *root.glob("etc/systemd/system/**/*")]
    found: dict[str, object] = {str(path): path.read_bytes() for path in managed if path.is_file()}
    found["current"] = str(shop.place.current.readlink())
    found["serving"] = shop.serving()
    found["runs"] = {unit: run.invocation for unit, run in shop.systemd.runs.items()}
    return found


def last(shop: Shop) -> dict[str, object]:
    """Return the last line of the history that can be read, none if none can."""

    found = history.read(shop.place)
    return dict(found[-1]) if found else {}
