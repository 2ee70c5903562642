"""A campaign: damage by damage, hosts side by side, each judged by one run of the specs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from xml.etree import ElementTree

import lab
from tests.e2e.lab.project import Project
from tests.spec_faults import kinds
from tests.spec_faults.damage import Damage, Verdict, judge
from tests.spec_faults.survey import ASIDE, Survey, survey

VOLATILE = (
    r"[/ ][0-9a-f]{16}( |$)|sqlite3-|/history|/__pycache__|/\.pwd\.lock|/mtab|machine-id"
    r"|/homeport-nginx|/(passwd|group|shadow|gshadow)-|-health\.service .*failed|/certbot|/ssh_host"
)
"""What a host changes by itself, or at each start of a process."""
STATE = """\
cd /
{{ find /etc /srv /usr/local /var/lib/{app} /var/cache/{app} /var/log/{app} /var/lib/homeport \\
     /run/homeport-* -printf '%p %y %m %u:%g %l\\n'
   find /etc /srv /usr/local -type f -exec sha256sum {{}} +
   sha256sum /usr/lib/os-release /var/lib/dpkg/status
   systemctl list-unit-files --no-legend '{app}-*' 'homeport*' nginx.service
   systemctl list-units --all --plain --no-legend '{app}-*.timer' '{app}-*@*' nginx.service |
     awk '{{print $1, $2, $3}}'
   systemctl list-units --plain --no-legend --state=failed
}} 2>/dev/null | grep -vE '{volatile}' | sort
"""


def shell(host: str, script: str) -> str:
    """Run a script as root on a host, and return what it prints."""
    done = lab.run(host, f"set -eu\n{script}", root=True)
    assert done.returncode == 0, f"{script}\n{done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class Stage:
    """Hosts that are alike, to be damaged.

    + renew: makes a host anew, as it was before any damage
    + run: runs a script as root on a host, and returns what it prints
    + root: the folder below which everything lies
    + state: the script that prints what a damage may have changed
    """

    name: str
    project: Project
    described: Mapping[str, Any]
    hosts: Sequence[str]
    renew: Callable[[str], None]
    run: Callable[[str, str], str] = shell
    root: str = "/"
    state: str = STATE

    @property
    def app(self) -> str:
        """What the application is called."""
        return str(self.described["name"])

    def survey(self) -> Survey:
        """Return what stands on one of the hosts."""
        return survey(lambda script: self.run(self.hosts[0], script), self.described, self.root)


def play(stage: Stage, damages: Sequence[Damage]) -> Iterator[Verdict]:
    """Yield a verdict on each damage; the hosts are as they were when all are judged."""
    with ThreadPoolExecutor(len(stage.hosts)) as pool:
        list(pool.map(lambda host: _prepare(stage, host), stage.hosts))
        before = dict(pool.map(lambda host: (host, _state(stage, host)), stage.hosts))
        insist_green(stage)
        for now in _rounds(damages, len(stage.hosts)):
            pairs = list(zip(stage.hosts, now, strict=False))
            errors = list(pool.map(lambda pair: _apply(stage, *pair), pairs))
            failed = specs(stage, [host for host, _ in pairs], now[0])
            for (host, damage), error in zip(pairs, errors, strict=True):
                yield Verdict(damage, False, (error,)) if error else judge(damage, failed[host])
            list(pool.map(lambda pair: _undo(stage, pair[0], pair[1], before), pairs))
        insist_green(stage)


def _rounds(damages: Sequence[Damage], size: int) -> Iterator[Sequence[Damage]]:
    """Yield what is done side by side: what disturbs hosts comes last, kind by kind."""

    def key(damage: Damage) -> str:
        return damage.kind if damage.disturbs else ""

    for _, found in groupby(sorted(damages, key=key), key):
        alike = list(found)
        yield from (alike[at : at + size] for at in range(0, len(alike), size))


def _apply(stage: Stage, host: str, damage: Damage) -> str:
    """Do a damage; return why it couldn't be done, if it couldn't."""
    try:
        stage.run(host, damage.apply)
    except AssertionError as error:
        return f"it could not be done: {error}"
    return ""


def insist_green(stage: Stage) -> None:
    """Insist that every spec holds."""
    found = specs(stage, stage.hosts)
    wrong = {host: reds for host, reds in found.items() if reds}
    assert not wrong, f"before or after all damage: {wrong}"


def specs(
    stage: Stage, hosts: Sequence[str], damage: Damage | None = None
) -> dict[str, set[tuple[str, str]]]:
    """Run the specs once; return those that fail, by kind and case, of each host."""
    disturbs = bool(damage and damage.disturbs)
    chosen = ["--disruptive"] if disturbs else []
    for function, path in kinds.disturbing().items():
        if disturbs and damage and function != damage.kind:
            chosen.append(f"--deselect={path}::{function}")
    report = stage.project.folder / "report.xml"
    limit = f"--limit={','.join(hosts)}"
    done = stage.project.prove(limit, f"--junitxml={report}", *chosen)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return read(report.read_text(), hosts)


def read(report: str, hosts: Sequence[str]) -> dict[str, set[tuple[str, str]]]:
    """Return the failed specs of a report in JUnit's format, of each host."""
    failed: dict[str, set[tuple[str, str]]] = {host: set() for host in hosts}
    root = ElementTree.fromstring(report)  # noqa: S314 - pytest wrote it just now
    for case in root.iter("testcase"):
        if case.find("failure") is None and case.find("error") is None:
            continue
        function, _, rest = case.attrib["name"].partition("[")
        about = rest.removesuffix("]")
        # The longest name that fits: one may be the beginning of another.
        for host in sorted(hosts, key=len)[::-1]:
            if about == host or about.startswith(f"{host}-"):
                found = kinds.kind_and_case(function, about.removeprefix(host).removeprefix("-"))
                failed[host].add(found)
                break
    return failed


def _state(stage: Stage, host: str) -> list[str]:
    return stage.run(host, stage.state.format(app=stage.app, volatile=VOLATILE)).splitlines()


def _undo(stage: Stage, host: str, damage: Damage, before: dict[str, list[str]]) -> None:
    try:
        if damage.undo is not None:
            stage.run(host, damage.undo)
            after = _state(stage, host)
            if after == before[host]:
                return
            differs = sorted({*before[host]} ^ {*after})
            print(f"{host} is not as it was after {damage}: {differs[:4]}")
    except AssertionError as error:
        print(f"{host} can't be put right after {damage}: {error}")
    stage.renew(host)
    _prepare(stage, host)
    before[host] = _state(stage, host)


def _prepare(stage: Stage, host: str) -> None:
    stage.run(host, f"install -d -m 700 {ASIDE}")
