"""The connector's entry point in a project that runs from its folder, where nothing is installed.

pyinfra finds connectors by the metadata of installed distributions (``pyinfra.connectors``). Where
homeport is one of them there is nothing to do. Else it is named by a finder of its own, which
importlib.metadata asks as it asks those of Python.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib.metadata import Distribution, DistributionFinder
from pathlib import Path
from typing import Any

NAME = "homeport"
TEXTS = {
    "METADATA": f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 0\n",
    "entry_points.txt": (
        "[pyinfra.connectors]\nopenssh = homeport.openssh.connector:OpenSSHConnector\n"
    ),
}


class _Checkout(Distribution):
    def read_text(self, filename: str) -> str | None:
        return TEXTS.get(filename)

    def locate_file(self, path: Any) -> Path:
        return Path(__file__).parents[2] / str(path)


class _Finder(DistributionFinder):
    # Last of all: an installed distribution of the name is taken instead.
    def find_spec(self, *arguments: object) -> None:
        return None

    def find_distributions(self, context: Any = None) -> Iterable[Distribution]:
        name = getattr(context, "name", None)
        return [_Checkout()] if name in (None, NAME) else []


def register() -> None:
    """Make the connector known to pyinfra in this process, once."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(_Finder())
