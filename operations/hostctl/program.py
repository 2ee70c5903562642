"""The program as it is shipped: its modules, and what starts it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from homeport.engine.host_programs import host_program
from homeport.engine.secret_digest import sha256
from homeport.files.entries import File
from homeport.hostctl import protocol

LIBRARY = protocol.LIBRARY


BOOT = protocol.BOOT_UNIT


UNIT = f"{protocol.UNITS}/{BOOT}"


ROOT = Path(__file__).parents[2]


START = b"""\
import runpy
runpy.run_module("hostctl", run_name="__main__", alter_sys=True)
"""


@cache
def modules() -> dict[str, bytes]:
    """Return the program's modules by their path in its folder."""
    package = ROOT / "hostctl"
    sources = sorted(path.relative_to(package.parent) for path in package.rglob("*.py"))
    found = {str(path): (package.parent / path).read_bytes() for path in sources}
    return {"__main__.py": START, **found}


@cache
def entry_points() -> tuple[File, File]:
    """Return what starts the program: by hand or in a deploy, and at boot."""
    return (
        File(protocol.PROGRAM, host_program("homeportctl"), "755"),
        File(UNIT, host_program(BOOT)),
    )


@cache
def digest() -> str:
    """Return what ``sha256sum`` of all of it, and once more of what that says, comes to."""
    sums = [f"{sha256(text)}  {name}\n" for name, text in modules().items()]
    sums += [f"{sha256(file.content)}  {file.path}\n" for file in entry_points()]
    return sha256("".join(sums).encode())
