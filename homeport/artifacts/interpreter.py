"""The machine that this runs on, as far as wheels care: a CPython, the architecture, the glibc."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import uv

from homeport.artifacts.python_platform import PythonPlatform
from homeport.errors import UserError

_FIND = ("python", "find", "--system", "--no-python-downloads", "--no-config", "--no-project")
# A shim, such as pyenv's, is no interpreter: what it starts has another path.
_TELL = """\
import os, platform, sys
base = getattr(sys, "_base_executable", None) or sys.executable
print(sys.implementation.name, os.path.realpath(base), platform.python_version(), sep="\\n")
"""
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
_32_BIT = {"x86_64": "i386", "aarch64": "armhf"}


@dataclass(frozen=True)
class Interpreter:
    """A Python of this machine: its path without links, and its version, such as 3.11.2."""

    path: str
    version: str


@cache
def find_interpreter(python: str) -> Interpreter | None:
    """Return the CPython of a minor version (`3.11`) that uv or PATH has, None if there is none.

    Nothing is downloaded. For a virtual environment it is the Python that it was made from.
    """
    for path in _candidates(python):
        fields = _output_lines(path, "-I", "-S", "-c", _TELL)
        if len(fields) == 3 and fields[0] == "cpython" and fields[2].startswith(f"{python}."):
            return Interpreter(fields[1], fields[2].rstrip("+"))
    return None


def _candidates(python: str) -> Iterator[str]:
    yield from _output_lines(uv.find_uv_bin(), *_FIND, f"cpython@{python}")
    # uv gives up at a shim that starts nothing, though a good one may follow it.
    for folder in os.get_exec_path():
        if path := shutil.which(f"python{python}", path=folder):
            yield path


def local_target(python: str) -> PythonPlatform:
    """Return this machine with a Python of that minor version, as a target.

    Raises ``UserError`` if this is no Linux with glibc, or `PythonPlatform` doesn't support it.
    """
    fix = "deploy from Linux with glibc, on amd64 or arm64, or to a host that has it"
    library, version = platform.libc_ver()
    numbers = re.match(r"(\d+)\.(\d+)", version)
    if platform.system() != "Linux" or library != "glibc" or not numbers:
        raise UserError(f"this machine is no Linux with glibc: {platform.platform()}", fix=fix)
    machine = platform.machine()
    # A 64-bit kernel may carry a 32-bit system; it shows in the pointers of our own Python.
    names = _MACHINES if sys.maxsize > 2**32 else _32_BIT
    interpreter = find_interpreter(python)
    return PythonPlatform(
        names.get(machine, machine),
        python,
        libc=(int(numbers[1]), int(numbers[2])),
        patch=interpreter.version if interpreter else None,
    )


def _output_lines(*command: str) -> list[str]:
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except OSError:
        return []
    return done.stdout.splitlines() if done.returncode == 0 else []
