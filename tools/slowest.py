"""The ten slowest tests of one run or several, by the reports that pytest writes as JUnit XML."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from pathlib import Path

COUNT = 10


def slowest(reports: Iterable[Path], count: int = COUNT) -> list[tuple[float, str]]:
    """Return the slowest tests of all reports, the slowest first: seconds, and what it is called.

    The seconds are those of a test with its fixtures. Raises OSError and ElementTree.ParseError.
    """
    timed = []
    for report in reports:
        for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - our own pytest wrote it
            name = f"{case.get('classname', '')}.{case.get('name', '')}"
            timed.append((float(case.get("time", "0")), name))
    return sorted(timed, reverse=True)[:count]


def main() -> None:
    """Print the slowest tests of the reports that the command line names."""
    print(f"The {COUNT} slowest tests, in seconds:")
    for seconds, name in slowest(Path(argument) for argument in sys.argv[1:]):
        print(f"{seconds:8.1f}  {name}")


if __name__ == "__main__":
    main()
