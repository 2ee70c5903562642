"""The parts of the application on this host, as the controller has described it in a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..protocol import VERSION, VersionError
from ..serving.proxy_check import ProxyCheck
from ..system import atomic_files
from .health_gates import Gate

if TYPE_CHECKING:
    from ..shapes import AppDocument, ProcessDocument


@dataclass(frozen=True)
class ProcessSpec:
    """One process that is gated. ``socket`` is empty unless it runs in slots.

    ``link`` leads to where it serves, if that is a socket, and the proxy gets there by the folder
    ``proxied``; outside slots it makes both itself. ``port`` is 0 if it listens on none.
    """

    name: str
    unit: str
    ready: bool = False
    deadline: float = 90
    successes: int = 1
    socket: str = ""
    link: str = ""
    port: int = 0
    proxied: str = ""
    proxy: ProxyCheck | None = None

    @property
    def template(self) -> str:
        """The name of the file that holds the text of its units."""
        return f"{self.unit}.service"

    def at(self, slot: str) -> str:
        """Return its unit in a slot."""
        return f"{self.unit}{slot}.service"

    def listens(self, slot: str) -> str:
        """Return its private socket in a slot."""
        return self.socket.replace("{slot}", slot)


@dataclass(frozen=True)
class AppSpec:
    """All processes of an application, in slots and out of them, its timers and its numbers."""

    release: str = ""
    check: str = ""
    slots: Mapping[str, ProcessSpec] = field(default_factory=dict)
    singles: Mapping[str, ProcessSpec] = field(default_factory=dict)
    timers: tuple[str, ...] = ()
    soak: float = 5
    drain_timeout: float = 10
    keep_releases: int = 5
    data_version: int = 1

    @classmethod
    def read(cls, path: Path) -> AppSpec:
        """Return what the file says: nothing at all without one. Raises ``ValueError``."""
        found: AppDocument | None = atomic_files.document(path, VERSION)
        if found is None:
            return cls()
        try:
            return cls(
                found["release"],
                found["check"],
                dict(_processes(found["slots"])),
                dict(_processes(found["singles"])),
                tuple(found["timers"]),
                found["soak"],
                found["drain_timeout"],
                found["keep_releases"],
                found["data_version"],
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"{path} can't be understood: {error!r}") from None

    @classmethod
    def read_or_empty(cls, path: Path) -> AppSpec:
        """Return what the file says, and nothing at all if that can't be understood.

        Raises VersionError if it is of another version.
        """
        try:
            return cls.read(path)
        except VersionError:
            raise
        except ValueError:
            return cls()

    def units(self, slot: str) -> list[str]:
        """Return the units of a slot."""
        return [process.at(slot) for process in self.slots.values()]

    @property
    def lone(self) -> list[str]:
        """The units outside slots, timers included."""
        return [*(process.unit for process in self.singles.values()), *self.timers]

    def gates(self, slot: str) -> list[Gate]:
        """Return what each process of a slot has to pass."""
        return [self._gate(each, each.at(slot), slot) for each in self.slots.values()]

    def gate(self, unit: str) -> Gate:
        """Return what a unit outside slots has to pass: to stay up, if nothing more is known."""
        for single in self.singles.values():
            if single.unit == unit:
                return self._gate(single, unit, None)
        return Gate(unit)

    def all_gates(self, slot: str | None, names: Sequence[str] = ()) -> list[Gate]:
        """Return what all processes have to pass, or those of these names: in a slot, and alone."""
        known = [*(self.slots.values() if slot else ()), *self.singles.values()]
        return [
            self._gate(each, each.at(slot), slot)
            if slot and each.name in self.slots
            else self.gate(each.unit)
            for each in known
            if not names or each.name in names
        ]

    def proxy_gates(self, slot: str | None) -> list[Gate]:
        """Return what the process behind the proxy has to pass: nothing, if there is none."""
        return [gate for gate in self.all_gates(slot) if gate.proxy]

    def _gate(self, process: ProcessSpec, unit: str, slot: str | None) -> Gate:
        question = (self.check, "ready", process.name) if process.ready else ()
        return Gate(
            unit, question, slot, process.deadline, process.successes, process.port, process.proxy
        )


def _processes(data: Mapping[str, ProcessDocument]) -> Iterator[tuple[str, ProcessSpec]]:
    known = ProcessSpec.__dataclass_fields__.keys()
    for name, values in data.items():
        facts: Any = {key: value for key, value in values.items() if key in known}
        if proxy := values.get("proxy"):
            facts["proxy"] = ProxyCheck(**proxy, proxied=values["proxied"])
        yield name, ProcessSpec(**{**facts, "name": name})
