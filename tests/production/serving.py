"""What people reach: by the proxy the start that serves, and on a port the unit's own process.

The start names itself by its token, which is part of systemd's id of it; who listens on a port is
told by ss(8). None of the project's programs has a part in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from shlex import quote
from typing import Any

from homeport.description.paths import HostPaths
from homeport.engine.kind import DesiredState
from homeport.files.entries import File
from homeport.hostctl.protocol import ACTIVE_SLOT, TOKEN_DIGITS, TOKEN_HEADER
from tests.production.slots import active_of

LEAST_BAD = 500
ASK = f"""\
ask() {{
  curl -q -s -k -g --path-as-is --noproxy '*' --max-time "$2" --connect-to ::127.0.0.1: \\
    -H "{TOKEN_HEADER}: $3" -o /dev/null -w '%{{http_code}} %header{{x-homeport-answered}}' \\
    "$1" || :
}}
"""


def reached(description: DesiredState) -> dict[str, Mapping[str, Any]]:
    """Return the processes that people reach by the proxy or on a port, by name."""
    path = HostPaths(description.app).processes
    texts = [json.loads(file.content) for file in description.of(File) if file.path == path]
    each = {name: found for text in texts for name, found in _processes(text).items()}
    return {name: found for name, found in each.items() if "proxy" in found or "port" in found}


def _processes(text: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {**text["slots"], **text["singles"]}


def question(description: DesiredState) -> str:
    """Return the shell that asks as people do, and tells who listens on each port."""
    found = reached(description)
    lines = [ASK]
    for name, process in found.items():
        if "port" in process:
            lines.append(_owners(name, process["port"]))
        else:
            lines.append(_by_proxy(description.app, name, process))
    return "\n".join(lines) if found else ":"


def _owners(name: str, port: int) -> str:
    pids = f"ss -Hlntup 'sport = :{port}' | grep -o 'pid=[0-9]*' | cut -d= -f2 | sort -u"
    return f"""\
init=$(sed -n 's/^0:://p' /proc/1/cgroup)
for pid in $({pids}); do
  program=$(tr -cd 'A-Za-z0-9._+@-' </proc/$pid/comm)
  group=$(sed -n 's/^0:://p' /proc/$pid/cgroup)
  printf 'owner\\t{name}\\t%s\\t%s\\n' "$program" "${{group#"${{init%/init.scope}}"}}"
done"""


def _by_proxy(app: str, name: str, process: Mapping[str, Any]) -> str:
    unit = process["unit"]
    if "socket" in process:
        unit = f"{unit}$(readlink {quote(active_of(app, name))} || echo {ACTIVE_SLOT}).service"
    url, timeout, other = quote(process["proxy"]["url"]), process["proxy"]["timeout"], "0" * 16
    return f"""\
token=$(systemctl show -p InvocationID --value "{unit}" | cut -c1-{TOKEN_DIGITS})
printf 'served\\t{name}\\t%s\\t%s\\n' "$(ask {url} {timeout} "$token")" "$(ask {url} 5 {other})\""""


def faults(name: str, process: Mapping[str, Any], answer: str) -> list[str]:
    """Return why people don't reach a process, or reach another one."""
    lines = [line.split("\t") for line in answer.splitlines()]
    if "port" in process:
        return _port_faults(process, [line[2:] for line in lines if line[:2] == ["owner", name]])
    found = next((line[2:] for line in lines if line[:2] == ["served", name]), ["000", "000"])
    (status, _, answered), (_, _, other) = (words.partition(" ") for words in found)
    wrong = []
    if answered in ("", "-"):
        wrong.append(f"the proxy does not reach its start ({status})")
    elif int(status) >= LEAST_BAD or status == "400":
        wrong.append(f"it answers {status} by the proxy")
    if other not in ("", "-"):
        wrong.append("the proxy reaches it whatever start is asked for")
    return wrong


def _port_faults(process: Mapping[str, Any], owners: list[list[str]]) -> list[str]:
    port, unit = process["port"], process["unit"]
    if any(_unit(group) == unit for _, group in owners):
        return []
    others = ", ".join(f"{program} of {_unit(group)}" for program, group in owners)
    return [f"port {port} is not its own: {others or 'nothing'} listens there"]


def _unit(group: str) -> str:
    # The outermost one: what is below that, a user may have made.
    parts = group.split("/")
    return next((name for name in parts if name.endswith((".service", ".scope"))), parts[-1])
