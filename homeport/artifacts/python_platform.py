"""The platform of a host, as far as wheels care: architecture, Python, glibc."""

from __future__ import annotations

import re
from dataclasses import dataclass

from packaging.tags import Tag, compatible_tags, cpython_tags

from homeport.errors import UserError

_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
_32_BIT = {"armhf", "armel", "i386"}
_GLIBC = {"12": (2, 36), "13": (2, 41)}
_OLDEST_GLIBC = {"amd64": 5, "arm64": 17}
_OLD_NAMES = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
# Markers such as `python_full_version < "3.11.3"` are common enough to need the patch version.
_PACKAGED_PYTHON = {("12", "3.11"): "3.11.2", ("13", "3.13"): "3.13.5"}
_OLDEST_PYTHON = 9


@dataclass(frozen=True)
class PythonPlatform:
    """A kind of host: `PythonPlatform("arm64", "3.11", "12")`.

    `architecture` is Debian's name for it, `python` its minor version, `debian` the major one.
    A machine that was probed instead has its own `libc`, and `patch`, its full Python version.
    Raises ``UserError`` for a system that homeport doesn't support.
    """

    architecture: str
    python: str
    debian: str = ""
    libc: tuple[int, int] | None = None
    patch: str | None = None

    def __post_init__(self) -> None:
        if self.architecture not in _MACHINES:
            reason = (
                "32-bit systems aren't supported"
                if self.architecture in _32_BIT
                else "only amd64 and arm64 are supported"
            )
            raise UserError(
                f"the host's architecture is {self.architecture}: {reason}",
                fix="install a 64-bit Debian or Raspberry Pi OS (arm64 or amd64) on the host",
            )
        if self.libc is None and self.debian not in _GLIBC:
            raise UserError(
                f"the host runs Debian {self.debian}: only 12 and 13 are supported",
                fix="upgrade the host to Debian 12 or 13",
            )
        minor = re.fullmatch(r"3\.(\d+)", self.python)
        if not minor or int(minor[1]) < _OLDEST_PYTHON:
            raise UserError(
                f"{self.python} is not a Python version that is supported",
                fix="name a minor version, such as 3.11",
            )

    def __str__(self) -> str:
        libc = self.libc
        system = f"Debian {self.debian}" if libc is None else f"glibc {libc[0]}.{libc[1]}"
        return f"{system}, {self.architecture}, Python {self.python}"

    @property
    def system(self) -> str:
        """The system in one word, which decides on wheels: `debian12`, or `glibc2.36`."""
        libc = self.libc
        return f"debian{self.debian}" if libc is None else f"glibc{libc[0]}.{libc[1]}"

    @property
    def python_full_version(self) -> str:
        """The version with its patch: the probed one, that of Debian's Python, or else `.0`."""
        return self.patch or _PACKAGED_PYTHON.get((self.debian, self.python), f"{self.python}.0")

    @property
    def glibc(self) -> tuple[int, int]:
        """The version of glibc on the host, major and minor."""
        return self.libc or _GLIBC[self.debian]

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platform tags of the wheels that run there, newest first (PEP 600)."""
        machine = _MACHINES[self.architecture]
        major, newest = self.glibc
        names: list[str] = []
        for minor in range(newest, _OLDEST_GLIBC[self.architecture] - 1, -1):
            names.append(f"manylinux_{major}_{minor}_{machine}")
            if minor in _OLD_NAMES:
                names.append(f"{_OLD_NAMES[minor]}_{machine}")
        return tuple(names)

    @property
    def tags(self) -> tuple[Tag, ...]:
        """Every tag of the wheels that run there, best first (PEP 425)."""
        version, interpreter = self._version, f"cp{self.python.replace('.', '')}"
        return (
            *cpython_tags(version, abis=[interpreter], platforms=self.platforms),
            *compatible_tags(version, interpreter=interpreter, platforms=self.platforms),
        )

    @property
    def environment(self) -> dict[str, str]:
        """The values of all environment markers of the host's Python, by name (PEP 508)."""
        return {
            "implementation_name": "cpython",
            "implementation_version": self.python_full_version,
            "os_name": "posix",
            "platform_machine": _MACHINES[self.architecture],
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": self.python_full_version,
            "python_version": self.python,
            "sys_platform": "linux",
        }

    @property
    def _version(self) -> tuple[int, int]:
        major, minor = self.python.split(".")
        return int(major), int(minor)
