"""The probe of packages: what is installed, and what no package of this release is called."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import NamedTuple

from homeport.engine.kind import DesiredState, ProbeError, ProbeOutput
from homeport.operations.packages.resources import Package

OFFERS = Path(__file__).with_name("offers.sh").read_text()
"""The shell function that tells what apt knows of a name."""


class PackagesState(NamedTuple):
    """The packages that are installed whole, and the providers of each name that none has.

    A name that apt doesn't know is in neither: its lists may be out of date.
    """

    installed: frozenset[str]
    virtual: Mapping[str, tuple[str, ...]] = {}


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that prints which packages are installed, and who provides the others."""
    names = " ".join(quote(package.name) for package in description.of(Package))
    if not names:
        return ":\n"
    # dpkg-query exits 1 when it doesn't know a name; the names it prints are all the same true.
    return f"""\
{OFFERS}
told=$(dpkg-query -W -f '${{db:Status-Status}} ${{Package}}\\n' {names} 2>/dev/null || [ $? = 1 ])
missing=
for name in {names}; do
  case "
$told
" in *"
installed $name
"*) echo "installed $name" ;; *) missing="$missing $name" ;; esac
done
memory='-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache='
if [ -n "$missing" ]; then offers $missing; fi
"""


def parse(answer: ProbeOutput) -> PackagesState:
    """Return what was found; raises ``ProbeError`` when it is not understood."""
    installed, virtual = set[str](), dict[str, tuple[str, ...]]()
    for line in answer.lines:
        match line.split(" "):
            case ["installed", name]:
                installed.add(name)
            case ["offered", _]:
                pass
            case ["virtual", name, *providers]:
                virtual[name] = tuple(dict.fromkeys(providers))
            case _:
                raise ProbeError(f"a line about packages is not understood: {line[:40]!r}")
    return PackagesState(frozenset(installed), virtual)
