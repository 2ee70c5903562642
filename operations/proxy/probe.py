"""The probe of sites: the files, and what nginx and systemd say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from shlex import quote

from homeport.engine.kind import DesiredState, ProbeOutput
from homeport.files import managed_set
from homeport.files.managed_set import ManagedSetState
from homeport.operations.proxy import certificates
from homeport.operations.proxy.resources import FOLDER, NAME, UNIT, Site, entries

OWN = ("nginx", "answers", "shown", "there", "lacks", "claim", "renewal")
"""What lines of the answer begin with that aren't about files."""


@dataclass(frozen=True)
class ProxyState:
    """The files that the host has, and what nginx and systemd say.

    ``answers``, ``shown`` and ``there`` are by the site's place in the description: the digest
    that it says, the certificate that it shows, and the one that lies on the host.
    """

    files: ManagedSetState
    nginx: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    there: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    claims: tuple[tuple[str, str], ...] = ()
    renewal: tuple[str, ...] = ()


def probe(description: DesiredState, key: str) -> str:
    """Return the shell that looks at the files, and asks nginx what it runs."""
    sites, snapshot_context = description.of(Site), description.snapshot_context
    script = managed_set.probe(description.app, NAME, entries(description), key, snapshot_context)
    if snapshot_context.ledgers is None:
        script += f"\n{certificates.probe(description.app)}"
    if not sites:
        return script
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
there() {{
  for file in "$2" "$3"; do [ -f "$file" ] || printf 'lacks\\t%s\\n' "$file"; done
  if [ -f "$2" ]; then
    sed -n "/BEGIN CERT/,/END CERT/{{s/^/there\\t$1\\t/;p;/END CERT/q}}" "$2"
  fi
}}
{asking}
"""


def _asking(number: int, site: Site) -> str:
    lines = [f"ask {number} {quote(site.url)}"]
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
    )


def _pair(line: str, by: str = "\t") -> tuple[str, str]:
    name, _, value = line.partition(by)
    return name, value


def _joined(lines: Sequence[str]) -> dict[str, str]:
    whole: dict[str, str] = {}
    for number, line in map(_pair, lines):
        whole[number] = whole.get(number, "") + line.strip()
    return whole
