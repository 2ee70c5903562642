"""The facts of a host: architecture, release, systemd, user, identity, and packages."""

from __future__ import annotations

from shlex import quote

from homeport.engine.kind import (
    DesiredState,
    ProbeError,
    ProbeOutput,
)
from homeport.operations.packages.probe import OFFERS
from homeport.operations.platform import disk
from homeport.operations.platform.resources import HostPlatform, LocalPlatform

FACTS = ("architecture", "debian", "systemd", "user")


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that tells architecture, release, systemd and who we are."""
    names = [quote(name) for here in description.of(LocalPlatform) for name in here.packages]
    # What isn't Debian, or has no systemd, says so with an empty answer: it is refused by name.
    looked = MACHINE + (_installed(" ".join(names)) if names else "")
    return looked + (disk.probe(description.app) if description.of(HostPlatform) else "")


def _installed(names: str) -> str:
    return f"{OFFERS}\n{INSTALLED.format(names, names)}"


MACHINE = """\
echo "architecture $(dpkg --print-architecture 2>/dev/null || true)"
if [ -r /etc/os-release ]; then . /etc/os-release; fi
echo "debian ${ID-} ${VERSION_ID-}"
set -- $(systemctl --version 2>/dev/null || :)
version=${2-}
echo "systemd ${version%%[!0-9]*}"
echo "user $(id -u)"
machine= boot=
read -r machine 2>/dev/null </etc/machine-id || :
read -r boot 2>/dev/null </proc/sys/kernel/random/boot_id || :
echo "machine $machine $boot"
"""


# dpkg-query exits 1 when it doesn't know a name; the names it prints are all the same true.
INSTALLED = """\
if command -v dpkg-query >/dev/null; then
  told=$(dpkg-query -W -f '${{db:Status-Status}}:${{Package}} ' {} 2>/dev/null || [ $? = 1 ])
  echo "dpkg $told"
  missing=
  for name in {}; do
    case " $told " in *" installed:$name "*) ;; *) missing="$missing $name" ;; esac
  done
  memory='-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache='
  if [ -n "$missing" ]; then offers $missing | sed -n 's/^virtual /virtual:/p'; fi
fi
"""


def parse(answer: ProbeOutput) -> dict[str, list[str]]:
    """Return the facts, by name; raises ``ProbeError`` if one of them is missing."""
    facts = {name: words for name, *words in map(str.split, answer.lines)}
    if missing := [name for name in FACTS if name not in facts]:
        raise ProbeError(f"the host does not say its {', '.join(missing)}")
    return facts
