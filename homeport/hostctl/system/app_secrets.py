"""The secrets of an application on its host: nothing that this program prints shows one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ..plain_text import harmless
from .paths import AppPaths

if TYPE_CHECKING:
    from ..masking import Masks


def masks(places: Iterable[AppPaths]) -> Masks:
    """Return the masks of the secrets of these applications, of each release that may run."""
    # A verb that prints nothing spares itself the import.
    from ..environment_file import variables
    from ..masking import Masks

    found = Masks()
    for place in places:
        for file in (place.etc / "secrets", *place.slots.glob("*/etc/secrets")):
            for name, secret in variables(_text(file)).items():
                found.add(name, secret)
    return found


def log_lines(place: AppPaths, unit: str, lines: Iterable[str]) -> tuple[str, ...]:
    """Return what may be shown of the log of a unit: of an application, which writes anything."""
    masked = masks([place])
    if masked.short:
        names = ", ".join(masked.short)
        why = f"it could hold {names}, too short to be masked"
        return (f"(not shown: {why}; see `journalctl -u {unit}`)",)
    return tuple(map(masked, lines))


def shown(root: Path) -> Callable[[str], str]:
    """Return what turns a text into one that this program may print."""
    found: list[Masks] = []

    def show(text: str) -> str:
        if not found:
            found.append(masks(AppPaths(app, root) for app in AppPaths("", root).apps()))
        return harmless(found[0](text))

    return show


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""
