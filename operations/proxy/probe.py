"""The probe of sites: the files, and what nginx and systemd say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from shlex import quote
from typing import NamedTuple

from homeport.engine.kind import DesiredState, ProbeOutput
from homeport.files import managed_set
from homeport.files.managed_set import ManagedSetState
from homeport.operations.proxy import certificates, sandbox
from homeport.operations.proxy.resources import (
    DEFAULT_PORT,
    DEFAULT_SITE,
    FOLDER,
    NAME,
    UNIT,
    Sandbox,
    Site,
    entries,
)

OWN = (
    *("nginx", "answers", "shown", "there", "lacks", "claim", "renewal", "taken", "default"),
    *("sandbox", "hinders", "unhardened", "needs"),
)
"""What lines of the answer begin with that aren't about files."""


class Taken(NamedTuple):
    """A port that something else than the described site listens on: which process of which unit.

    All but the port is empty where that can't be known.
    """

    port: int
    pid: str
    program: str
    unit: str


@dataclass(frozen=True)
class ProxyState:
    """The files that the host has, and what nginx and systemd say.

    ``answers``, ``shown`` and ``there`` are by the site's place in the description: the digest
    that it says, the certificate that it shows, and the one that lies on the host. ``taken`` are
    the ports of sites that don't answer, and of Debian's own site where that is yet to start.
    """

    files: ManagedSetState
    nginx: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    there: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    claims: tuple[tuple[str, str], ...] = ()
    renewal: tuple[str, ...] = ()
    taken: tuple[Taken, ...] = ()
    default_site: bool = False
    sandbox: sandbox.SandboxState = sandbox.NONE


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that looks at the files, and asks nginx what it runs."""
    sites, snapshot_context = description.of(Site), description.snapshot_context
    script = managed_set.probe(description.app, NAME, entries(description), key, snapshot_context)
    if snapshot_context.ledgers is None:
        script += f"\n{certificates.probe(description.app)}"
        script += "" if sites else sandbox.probe_leaving()
    if not sites:
        return script
    if description.of(Sandbox):
        script += f"\n{sandbox.probe()}"
    claims = " ".join(f"-e {quote(claim)}" for site in sites for claim in site.claims)
    asking = "\n".join(_asking(number, site) for number, site in enumerate(sites))
    return f"""\
{script}
set +f
grep -sHxF {claims} -- {FOLDER}/homeport-*.conf | sed 's/^/claim\\t/'
told=$(systemctl show -p ActiveState,UnitFileState -- {UNIT})
printf 'nginx\\t%s\\n' $told
ask() {{
  curl -q -s -k -g -m 3 --noproxy '*' --connect-to ::127.0.0.1: -o /dev/null \\
    -w 'answers\\t'"$1"'\\t%header{{x-homeport-proxy}}\\n%{{certs}}' "$2" 2>/dev/null | sed -n "
      /^answers/p
      /BEGIN CERT/,/END CERT/{{s/^Cert://;s/^/shown\\t$1\\t/;p;/END CERT/q}}"
}}
taken() {{
  hex=$(printf %04X "$1")
  # Below init's own control group, the outermost unit: a user may make those that are within.
  base=$(sed -n 's/^0:://p' /proc/1/cgroup 2>/dev/null || :)
  base=${{base%/init.scope}}
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | while read -r _ at _ state _ _ _ _ _ inode _; do
    case "$at $state" in *":$hex 0A") echo "$inode" ;; esac
  done | sort -u | while read -r inode; do
    pid=$(find /proc/[0-9]*/fd -lname "socket:\\[$inode\\]" 2>/dev/null | head -n 1)
    pid=${{pid#/proc/}} pid=${{pid%%/*}}
    program=$(tr -cd 'A-Za-z0-9._+@-' <"/proc/$pid/comm" 2>/dev/null || :)
    group=$(sed -n 's/^0:://p' "/proc/$pid/cgroup" 2>/dev/null || :)
    unit=$(printf %s "${{group#"$base"}}" | grep -oE '[^/]+\\.(service|scope)(/|$)' | head -n 1)
    unit=$(printf %s "$unit" | tr -cd 'A-Za-z0-9._+@-')
    printf 'taken\\t%s\\t%s\\t%s\\t%s\\n' "$1" "$pid" "$program" "$unit"
  done
}}
there() {{
  for file in "$2" "$3"; do [ -f "$file" ] || printf 'lacks\\t%s\\n' "$file"; done
  if [ -f "$2" ]; then
    sed -n "/BEGIN CERT/,/END CERT/{{s/^/there\\t$1\\t/;p;/END CERT/q}}" "$2"
  fi
}}
{asking}
case $told in *ActiveState=active*) ;; *)
  if [ ! -e /usr/sbin/nginx ] || [ -e {DEFAULT_SITE} ]; then
    printf 'default\\tyes\\n'
    taken {DEFAULT_PORT}
  fi ;;
esac
"""


def _asking(number: int, site: Site) -> str:
    # Finding the owner of a port reads every process: only where our site doesn't answer.
    lines = [f"answer=$(ask {number} {quote(site.url)})", "printf '%s\\n' \"$answer\""]
    lines.append(f"case $answer in *{site.digest}*) ;; *) taken {site.port} ;; esac")
    if site.certificate:
        lines.append(f"there {number} {quote(site.certificate)} {quote(site.key)}")
    return "\n".join(lines)


def parse(answer: ProbeOutput) -> ProxyState:
    """Return what was found, or raise ``ProbeError``."""
    lines = [line.partition("\t") for line in answer.lines]
    files = "\n".join("".join(line) for line in lines if line[0] not in OWN)
    values = {own: [what for name, _, what in lines if name == own] for own in OWN}
    claims = (what.partition(":") for what in values["claim"])
    return ProxyState(
        managed_set.parse(ProbeOutput(files, answer.key)),
        dict(_pair(line, "=") for line in values["nginx"]),
        dict(_pair(line) for line in values["answers"]),
        _joined(values["shown"]),
        _joined(values["there"]),
        tuple(values["lacks"]),
        tuple((path, line) for path, _, line in claims),
        tuple(values["renewal"]),
        tuple(dict.fromkeys(map(_taken, values["taken"]))),
        bool(values["default"]),
        sandbox.parse(values),
    )


def _taken(line: str) -> Taken:
    port, pid, program, unit = line.split("\t")
    return Taken(int(port), pid, program, unit)


def _pair(line: str, by: str = "\t") -> tuple[str, str]:
    name, _, value = line.partition(by)
    return name, value


def _joined(lines: Sequence[str]) -> dict[str, str]:
    whole: dict[str, str] = {}
    for number, line in map(_pair, lines):
        whole[number] = whole.get(number, "") + line.strip()
    return whole
