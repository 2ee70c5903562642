"""Everything that is refused: what was given, and the text that a person reads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from homeport import manifest
from homeport.description.bootstrap import describe_bare
from homeport.description.by_name import goal_of, judge, lines_of, lock_of, read_options
from homeport.description.host import describe_host
from homeport.engine.kind import (
    AnyKind,
    Change,
    DesiredState,
    PreconditionError,
    ProbeError,
    ProbeOutput,
)
from homeport.errors import UserError
from homeport.hostctl.protocol import Now, Stat
from homeport.operations import PHASES
from homeport.operations.bootstrap import BOOTSTRAP
from homeport.operations.hostctl import kind as guards
from homeport.operations.hostctl.deploy_state import DeployState
from homeport.operations.hostctl.probe import HostProgramState
from homeport.operations.services.resources import Service, ServiceChange
from homeport.pyinfra_adapter import command_line
from homeport.rollout import messages
from homeport.rollout.batches import Batch, Outcome, Stop
from homeport.rollout.policy import merge_policies, rollout_of
from tests.golden.hosts import bare_data, data_of, describe, describe_fresh
from tests.golden.simulated import Simulated
from tests.golden.text import PLACES, titled
from tests.support.changes import Why, change
from tests.support.valid_app import VALID
from tests.unit.manifest.model import test_bootstrap
from tests.unit.manifest.model import test_proxy as test_proxy
from tests.unit.manifest.reading import test_merge, test_yaml_reader
from tests.unit.scenarios import test_app_refusals

Check = Callable[[], object]
REFUSED = (UserError, PreconditionError, ProbeError, ValueError, LookupError, SystemExit)


def message_of(ask: Check) -> str:
    """Return what a person reads, or that nothing was refused."""
    try:
        found = ask()
    except REFUSED as reason:
        return f"{type(reason).__name__}: {reason}"
    return f"accepted: {found}" if isinstance(found, str | list | tuple) else "accepted"


def listing(rows: Iterable[tuple[object, Check]]) -> str:
    """Return each input with what is said of it."""
    return "".join(f"{_short(str(case))}\n    => {message_of(ask)}\n" for case, ask in rows)


def _short(text: str) -> str:
    line = text.encode("unicode_escape").decode()
    return line if len(line) < 200 else f"{line[:190]}... ({len(line)} characters)"


def table(function: Callable[..., object]) -> list[Any]:
    """Return the rows that a test is run with."""
    marks = getattr(function, "pytestmark", [])
    return list(next(mark for mark in marks if mark.name == "parametrize").args[1])


def manifests(scratch: Path) -> str:
    """Return what is said of application files that are spoilt in one place."""
    project = scratch / "manifest"
    (project / "examples/pinboard").mkdir(parents=True)
    for file in ("requirements.txt", "conf.j2"):
        (project / "examples/pinboard" / file).touch()
    PLACES[str(project)] = "/manifest"

    def reading(text: str | bytes, **override: object) -> Check:
        def read() -> object:
            path = project / "app.yml"
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            manifest.validate(manifest.load(path), override or None, "group_data/pi.py")
            return None

        return read

    slips = [
        (f"{old} -> {new}", reading(VALID.replace(old, new, 1)))
        for old, new, *_ in test_app_refusals.SLIPS
    ]
    proxies = [(case, reading(test_proxy.text(case))) for case, *_ in test_proxy.SLIPS]
    behind = table(test_proxy.test_proxy__a_proxy_that_does_not_fit_what_is_behind_it_is_refused)
    proxies += [(web, reading(test_proxy.text("", web))) for web, *_ in behind]
    secret = test_app_refusals.test_a_message_never_shows_what_may_be_secret
    slips += [
        (f"{old} -> {new}", reading(VALID.replace(old, new, 1))) for old, new in table(secret)
    ]
    slotted = [
        (f"{old} -> web-a", reading(test_app_refusals.SLOTTED.replace(old, f"web-a{old[1:]}", 1)))
        for old in ("p: {", "s: {c", "i: x")
    ]
    slipped = [(key, reading(VALID, **row)) for row, key in test_merge.SLIPS]
    texts = [(name, reading(row[0])) for name, row in test_yaml_reader.UNREADABLE.items()]
    texts += [(text, reading(text)) for text in STRANGE]
    parts = {
        "app.yml, spoilt in one place": slips,
        "proxy": proxies,
        "names that a slot needs": slotted,
        "overrides": slipped,
        "texts": texts,
    }
    return "".join(titled(name, listing(rows)) for name, rows in parts.items())


STRANGE = [
    *("", "[]", "a", "name: a\nname: b\n", "{", "a: &b c\n", "a: *b\n", "? [a]\n: b\n", "1: 2\n"),
    *("a: !!python/object:x y\n", "---\na: b\n---\nc: d\n", "a: b: c\n", "\ta: b\n", "a: '\n"),
    "name: a\nsource: .\npython: '3.11'\n",
    "name: A\nsource: ..\npyhton: x\npython: 3.10\nprocesses:\n  web: {command: 'a {b}'}\n",
    "name: a\nsource: {package: x, version: '2'}\npython: '3.11'\nprocesses: {w: {command: x}}",
    "name: a\nsource: examples\npython: '3.11'\nprocesses: {w: {command: 'x {config}'}}\n",
    VALID.replace("python -m pinboard.worker", "python -m pinboard.worker\n    listen: 8000"),
    VALID.replace("python -m pinboard.worker", "x\n    health: {live: /}"),
]
"""Files that are no application file, or none that hangs together."""


def host_data(scratch: Path) -> str:
    """Return what is said of host data."""
    rows: list[tuple[object, Check]] = []
    for case in (
        {"debian": "11"}, {"debian": "bookworm"}, {"debian": None}, {"debian": "13"},
        {"architecture": "armhf"}, {"architecture": "riscv64"}, {"architecture": None},
        {"app": ["environment"]}, {"app": {"environmnt": {}}}, {"app": "x"},
        {"app": [{"environment": {"A": "1"}}, {"environment": {"A": "2"}}]},
        {"app": {"processes": {"web": {"memory": "9X"}}}}, {"app_file": ""}, {"app_file": 3},
        {"app_file": "examples/none.yml"}, {"host_type": "laptpo"}, {"host_type": "moon"},
        {"host_type": "laptop"}, {"verify_files": "maybe"}, {"allow_dirty": "perhaps"},
        {"allow_downgrade": 2}, {"debain": "12"}, {"architectur": "arm64"}, {"rollot": {}},
        {"artifact": 3}, {"artifact": "builds/none.tar.gz"},
        {"artifact": "app.yml"}, {"rollout": "yes"},
        {"app": {"secrets": {"PINBOARD_TOKEN": {"file": "secrets/no-such-token"}}}},
        {"app": {"secrets": {"PINBOARD_TOKEN": {"command": ["false"], "file": None}}}},
        {"app": {"secrets": {"PINBOARD_TOKEN": {"command": ["/no/such"], "file": None}}}},
        {"app": {"secrets": {"PINBOARD_TOKEN": {"command": ["printf", "a\\nb"], "file": None}}}},
    ):  # fmt: skip
        data = {**data_of("pinboard", "staging"), **case}
        rows.append((case, partial(_server, data)))
    bare: list[tuple[object, Check]] = []
    for row in table(test_bootstrap.test_bootstrap__what_makes_no_sense_is_an_error_with_its_key):
        data = {"ssh_user": "deploy", **row[0]}
        bare.append(
            (row[0], lambda data=data: manifest.validate_machine(data, "host data") and None)
        )  # type: ignore[misc]  # mypy infers no lambda with a default
    for case in ({"ssh_user": "root"}, {"_sudo": False}, {"authorized_keys": ["nonsense"]},
                  {"authorized_keys": ["none.pub"]}, {"authorized_keys": []}):  # fmt: skip
        bare.append((case, partial(_fresh, {**bare_data("pi"), **case})))
    rolling: list[tuple[object, Check]] = [
        (case, partial(_rolling, case))
        for case in (
            None, False, "no", 0, {}, {"batch_size": "25%", "unreachable": "skip"}, "yes", [1],
            {"canari": 1}, {"x": 1}, {"canary": -1}, {"canary": "1"}, {"pause": 1.5},
            {"pause": 10**6}, {"batch_size": 0}, {"batch_size": True}, {"batch_size": "0%"},
            {"batch_size": "101%"}, {"batch_size": None}, {"unreachable": "go"},
            {"max_failures": -1},
        )
    ]  # fmt: skip
    pair = [("a", {"batch_size": 2}), ("b", None), ("c", {})]
    rolling.append((pair, lambda: str(merge_policies(pair))))
    return (
        titled("of a deploy", listing(rows))
        + titled("of a bootstrap", listing(bare))
        + titled("of a rollout", listing(rolling))
    )


def _server(data: dict[str, Any]) -> None:
    describe_host(data, "one")


def _machine(data: dict[str, Any]) -> None:
    manifest.validate_machine(data, "host data")


def _fresh(data: dict[str, Any]) -> None:
    describe_bare("one", data)


def _rolling(case: object) -> str:
    return str(rollout_of(case))


def by_name(scratch: Path) -> str:
    """Return what is said of what ``--data`` asks."""
    rows: list[tuple[object, Check]] = []
    asks: dict[str, tuple[Callable[[], object], list[list[str]]]] = {
        "rollback.py": (goal_of, [[], ["release=0123-abc.d", "force=yes"], ["old_secrets=yes"],
                                  ["relese=x"], ["release=-x"], ["force=maybe"], ["release="],
                                  ["zzz=1"]]),
        "lock.py": (lock_of, [[], ["reason=no deploys", "for=2d"], ["for=2d"], ["reason=-x"],
                              ["reason=x", "for=1 week"], ["reason=x", "for=0d"], ["raeson=x"]]),
        "history.py": (lines_of, [[], ["lines=5"], ["lines=x"], ["lines=0"], ["line=3"]]),
    }  # fmt: skip
    for file, (ask, case) in asks.items():
        for pairs in case:
            argv = ["pyinfra", *(f"--data={pair}" for pair in pairs), "inv.py", f"deploys/{file}"]
            rows.append((f"{file} {pairs}", partial(_called, argv, ask)))
    argv = ["pyinfra", "--data=reason=x", "inv.py", "deploys/unlock.py"]
    rows.append(
        ("unlock.py reason", lambda: _called(argv, lambda: judge([read_options], {}, "one")))
    )
    laptop = {"host_type": "laptop", "allow_root": True}
    rows.append(("a laptop", lambda: _called(argv[:1], lambda: judge([], laptop, "@local"))))
    for text in ("source: code\n", "source: code\nname: ../x\n", "name: {\n"):
        rows.append((text, partial(_named, scratch / f"named-{len(text)}.yml", text)))
    return titled("what --data asks", listing(rows))


def _called(argv: list[str], ask: Check) -> str:
    # Reading it with pyinfra's own command line would patch the standard library of this process.
    pairs = (word.removeprefix("--data=").partition("=") for word in argv if word[:7] == "--data=")
    case = {name: value for name, _, value in pairs}
    with mock.patch.object(command_line, "data_options", lambda: case):
        return str(ask())


def _named(path: Path, text: str) -> object:
    path.write_text(text)
    return judge([], {"app_file": str(path)}, "one")


BOOT = "b1"
LEASE = {
    "id": "20260101T000000Z-00000000", "app": "pinboard", "who": "ann@laptop", "what": "deploy",
    "since": "2026-01-01T00:00:00Z", "holder": {"pid": 7, "start": 70},
    "moment": {"boot": BOOT, "mono": 900.0}, "ttl": 900,
}  # fmt: skip
HOLDER = Stat("sh", "S", 1, 70)
OPEN = ({"state": "armed", "id": "x", "who": "ann@laptop", "what": "deploy"}, {"state": "writing"})


def preflights(scratch: Path) -> str:
    """Return what forbids a deploy, or is worth a word."""
    description = describe("pinboard", "staging")
    plan = [change("add", "anything", "missing", None)]
    works = [
        change("change", each.unit, "x", ServiceChange(each, (Why.SAYS("x"),), (), runs=True))
        for each in description.of(Service)
    ]
    wall = int(time.time())
    situations: dict[str, dict[str, Any]] = {
        "nothing": {},
        "held": {"lease": LEASE, "process": HOLDER},
        "held by one who is gone": {"lease": LEASE, "process": None, "journal": OPEN},
        "locked": {"lock": {"who": "bob", "reason": "Friday", "until": None}},
        "locked by nobody": {"lock": {}},
        "locked for a time": {
            "lock": {"until": 1, "for": 101, "moment": {"boot": BOOT, "mono": 900.0}, "reason": "x"}
        },
        "no longer locked": {"lock": {"until": 5}},
        "all of it": {"lock": {}, "lease": LEASE, "process": HOLDER, "active": ("rubbish",)},
        "a pointer": {"active": ("slot a", "generation 012345abcdef", "release /srv/r/x")},
        "a pointer that is none": {"active": ("slot c", "generation 1", "release /x")},
        "reverted": {
            "last": {"outcome": "reverted", "what": "deploy", "who": "ann@laptop",
                     "when": "2026-01-01", "reason": "its connection was gone"},
        },
        "confirmed": {"confirmed": {"stages": {"restarted": 2.6}, "commit": None}},
        "cut off": {"lease": LEASE, "journal": OPEN},
    }  # fmt: skip
    parts = []
    for what, case in situations.items():
        found = HostProgramState(True, True, DeployState(Now(BOOT, 1000.0, wall), **case))
        for name, changes in (("changes", [*plan, *works]), ("no changes", [])):
            parts.append((f"{what}, {name}", partial(_noted, description, found, changes)))
        parts.append((f"{what}, plan", partial(_planned, description, found)))
    return titled("preflight", listing(parts))


def _noted(description: DesiredState, found: HostProgramState, changes: list[Change]) -> list[str]:
    return list(guards.check_plan(description, found, changes))


def _planned(description: DesiredState, found: HostProgramState) -> list[object]:
    return [change.as_json() for change in guards.diff(description, found)]


ODD: dict[str, list[str]] = {
    "platform": [
        "", "architecture armhf\ndebian debian 12\nsystemd 252\nuser 0",
        "architecture arm64\ndebian ubuntu 22.04\nsystemd 249\nuser 1000",
        "architecture \ndebian \nsystemd \nuser 0", "architecture amd64\ndebian debian 13\n"
        "systemd 252\nuser 0\ndisk:/srv ro\n/srv 99999 999 999\n/etc 10 100 1",
        "architecture amd64\ndebian debian 12\nsystemd 252\nuser 0\ndisk:/srv rw\n/srv 9 9 9",
    ],
    "packages": ["installed curl\nvirtual nginx nginx-core nginx-light", "rubbish"],
    "users": [
        "passwd\tpinboard:x:1000:1000::/home/pinboard:/bin/bash",
        "passwd\tpinboard:x:999:999::/var/lib/pinboard:/usr/sbin/nologin",
        "group\tpinboard:x:999:",
        "at\t/var/lib/pinboard\td\troot\nat\t/var/log/pinboard\td\tadm",
        "rubbish",
    ],
    "hostctl": ["rubbish", "there\nsums\t0\nnow\tb1 1.0 1"],
    "files": [
        "rubbish", "at\t/srv/pinboard\tf\t644\troot\troot\t",
        "at\t/etc/homeport/pinboard/environment\td\t755\troot\troot\t",
        "at\t/etc/homeport/pinboard/environment\tl\t777\troot\troot\t/x",
        "at\t/srv/pinboard\td\t700\tme\tme\t",
        "kept\tversion 1\nkept\t/etc/old\nat\t/etc/old\tf\t644\troot\troot\t",
        "left\t/etc/homeport/pinboard/.homeport-stage",
        "at\t/srv\td\t777\troot\troot\t", "claim\t/var/lib/homeport/other/files:/etc/motd",
    ],
    "venvs": ["rubbish", "venv\t/srv/x\nrubbish", "uv"],
    "releases": ["a b c", "x loose y /srv/pinboard/releases/z"],
    "config-files": ["rubbish"],
    "units": [
        "claim\t/var/lib/homeport/other/units:/etc/systemd/system/pinboard-worker.service",
        "unread\tpinboard-worker.service",
        "drop-in\t/etc/systemd/system/pinboard-worker.service.d/x.conf",
        "edited\t/etc/systemd/system/pinboard-web@a.service",
        "shadowed\t/usr/lib/systemd/system/pinboard-web@.service",
        "unmarked\t/etc/systemd/system/pinboard-worker.service",
    ],
    "proxy": [
        "claim\t/etc/nginx/conf.d/homeport-other.conf:# Answers to any other name on port 8000.",
        "lacks\t/etc/ssl/a.pem\nlacks\t/etc/ssl/a.key",
        "nginx\tActiveState=failed\nnginx\tUnitFileState=disabled",
    ],
    "services": [
        "rubbish", "Id=x\nActiveState=active", "slot\ta\nmemory\t1000\t2000",
        "memory\t1000\t2000\nId=pinboard-tidy.service\nActiveState=failed\nUnitFileState=\n"
        "InvocationID=",
    ],
    "host-keys": [""],
    "admin-users": ["deploy:x:0:0::/root:/bin/sh", "deploy:x:9:9::/home/deploy:/usr/sbin/nologin"],
    "readers": [
        "ann\tno\t7\t/home/ann\t/bin/sh\tann", "ann\tyes\t7\t/home/ann\t/bin/sh\tsudo",
        "old\tyes\t8\t/home/old\t/x\thomeport-readers", "rubbish",
    ],
    "sshd-logins": [
        "sshd\troot\tpasswordauthentication yes", "unconfirmed\t", "rubbish",
        "keys\troot\nkeys\tann\nkeys\tgit",
    ],
    "ssh-sessions": [
        'process\t7\t70\naccepted\t{"_PID": "7", "MESSAGE": "Accepted publickey for deploy from '
        '10.0.0.9 port 1 ssh2: ED25519 SHA256:other"}',
        "rubbish", "accepted\trubbish", "process\tx",
    ],
    "hostname": ["shed\nrubbish"],
    "system-services": ["told\tId=x", "rubbish"],
    "root-mount": ["rubbish", "devices\tsda1\noptions\trw"],
    "zram": ["rubbish"],
}  # fmt: skip
"""Answers that hosts give which aren't as they should be, by kind."""


def odd_hosts(scratch: Path) -> str:
    """Return what is made of hosts that are not what is described."""
    rows: list[tuple[object, Check]] = []
    for kinds, description in (
        (PHASES, describe("pinboard", "staging")),
        (BOOTSTRAP, describe_fresh("pi")),
    ):
        for kind in kinds:
            for text in ODD.get(kind.name, []):
                rows.append((f"{kind.name}: {text}", partial(_judged, kind, text, description)))
    pinboard = describe("pinboard", "staging")
    wanted = replace(pinboard, resources=(*pinboard.resources, *pinboard.resources[:40]))
    for kind in PHASES:
        had = Simulated(wanted, {}).answer(kind.name)
        rows.append((f"{kind.name}, twice described", partial(_judged, kind, had, wanted)))
    return titled("answers that are odd", listing(rows))


def _judged(kind: AnyKind, text: str, description: DesiredState) -> str:
    found = kind.parse(ProbeOutput(text, "5e"))
    changes = kind.diff(description, found, frozenset())
    judged = kind.check_plan is not None and kind.name != "hostctl"
    notes = kind.check_plan(description, found, changes) if judged else ()
    lines = [f"{change.action} {change.target.name} ({change.reason})" for change in changes]
    more = f" and {len(lines) - 3} more" if len(lines) > 3 else ""
    return "; ".join([*lines[:3], *notes]) + more


def rollouts(scratch: Path) -> str:
    """Return what is said of a rollout."""
    done, failed, gone, cut = Outcome
    known = {"a": failed, "b": gone, "c": cut, "e": done}
    statuses = {
        "a": {"release": "1-x", "open": False, "last": {"outcome": "confirmed", "when": "today"}},
        "b": {"release": "", "open": True, "last": {"outcome": "reverted", "reason": "a\nb"}},
    }
    batches = [Batch(("a",), canary=True), Batch(("b", "c"))]
    lines = [
        *messages.course(batches),
        *(messages.turn(batch) for batch in batches),
        messages.end(Stop(("a", "b", "c")), known, interrupted=False),
        messages.end(Stop(("a",), canary=True), known, interrupted=False),
        messages.end(None, known, interrupted=False),
        messages.end(None, known, interrupted=True),
        *messages.status_table(list("abcde"), known, statuses),
    ]
    return titled("a rollout", "\n".join(lines))


RECORDS = {
    "refusals/app-yml.txt": manifests,
    "refusals/host-data.txt": host_data,
    "refusals/by-name.txt": by_name,
    "refusals/preflight.txt": preflights,
    "refusals/odd-hosts.txt": odd_hosts,
    "refusals/rollout.txt": rollouts,
}
