"""Byte code, compiled on a host without running any of the code that is compiled."""

from __future__ import annotations

from shlex import quote


def compiled(interpreter: str, folder: str, place: str, options: str) -> str:
    """Return the shell that compiles what lies in a folder and is about to be at a place.

    `folder` and `options` are shell, `interpreter` and `place` are words. The interpreter is that
    of the system: a venv's starts with the code of its wheels. It is isolated (`-I`), loads no
    `site` (`-S`), and starts in `/`, so no module of the folder takes the place of the standard
    library's. A file that can't be compiled is left out, as Python does when it imports one.
    """
    return (
        f"(cd / && {quote(interpreter)} -I -S -m compileall -qq {options}"
        f' -s "{folder}" -p {quote(place)} "{folder}") >/dev/null 2>&1 || true'
    )
