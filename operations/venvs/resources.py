"""Virtual environments, as they are described."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from homeport import artifacts
from homeport.artifacts import Lock, PythonPlatform, Wheel, WheelContents
from homeport.hostctl.protocol import CACHE


@dataclass(frozen=True)
class Venv:
    """A virtual environment that holds exactly what one lock names, for one target.

    + contents: what the locked wheels bring, by package; every file is compared if they are given
    + store: where the host keeps wheels and uv, one for all of its venvs; ``CACHE`` if None
    + python: the interpreter to make it with, Debian's own if None
    """

    path: str
    lock: Lock
    target: PythonPlatform
    index: str | None = None
    contents: Mapping[str, WheelContents] | None = field(default=None, repr=False, compare=False)
    store: str | None = None
    python: str | None = None

    @property
    def cache(self) -> str:
        """The directory in which the host keeps wheels and uv."""
        return self.store or CACHE

    @property
    def interpreter(self) -> str:
        """The Python that it is made with."""
        return self.python or f"/usr/bin/python{self.target.python}"

    def wheels(self) -> tuple[Wheel, ...]:
        """Return the wheels of this lock, fetched now if the controller hasn't them yet."""
        return artifacts.wheels_for(self.lock, self.target, self.index)


def uv_path(cache: str) -> str:
    """Return the path of uv below a cache, by its version."""
    return f"{cache}/uv/{artifacts.uv_version()}/uv"
