"""The arguments of a rollout: an inventory and options of pyinfra, repeated for each batch."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

LIMIT = "--limit"
AT_ONCE = ("--data", "rollout=no")
"""What lets a run deploy to all its hosts at once."""


@dataclass(frozen=True)
class Arguments:
    """A call of pyinfra, without the files that it is to run."""

    inventory: str
    options: tuple[str, ...] = ()

    @property
    def dry(self) -> bool:
        """Whether the run changes nothing (--dry)."""
        return "--dry" in self.options

    def whole(self, file: str) -> list[str]:
        """Return the arguments of pyinfra that run a file on all hosts that the user chose."""
        return [*self.options, self.inventory, file]

    def only(self, file: str, hosts: Iterable[str], groups: Collection[str]) -> list[str]:
        """Return the arguments of pyinfra that run a file on these hosts alone.

        ``groups`` are all groups of the inventory: a host may have the name of one.
        """
        limits = (f"{LIMIT}={exactly(host, groups)}" for host in hosts)
        return [*_without_limits(self.options), *limits, self.inventory, file]


def exactly(host: str, groups: Collection[str]) -> str:
    """Return the pattern for --limit that matches this host alone: no other, no group.

    ``exactly("web", {"web"})`` is ``[w]eb``.
    """
    pattern = re.sub(r"[*?[]", r"[\g<0>]", host)
    return f"[{pattern[0]}]{pattern[1:]}" if pattern in groups else pattern


def _without_limits(options: Iterable[str]) -> Iterable[str]:
    remaining = iter(options)
    for option in remaining:
        if option == LIMIT:
            next(remaining, None)
        elif not option.startswith(f"{LIMIT}="):
            yield option
