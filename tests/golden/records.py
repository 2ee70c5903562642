"""All records by the name of their file, each as a function that makes its text anew."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import islice
from pathlib import Path

from homeport.engine.kind import DesiredState
from homeport.engine.probe_script import compose
from homeport.operations import PHASES
from homeport.operations.bootstrap import BOOTSTRAP
from homeport.operations.hostctl.program import entry_points
from tests.golden import hostctl, messages, refusals
from tests.golden.hosts import APPS, KINDS, bare_data, data_of, describe, describe_fresh, name_of
from tests.golden.runs import LOGINS, Run
from tests.golden.simulated import Simulated, entries
from tests.golden.text import settled, shown, titled

Make = Callable[[Path], str]
FILES = (
    "files",
    "config-files",
    "units",
    "proxy",
    "git-hooks",
    "sshd-logins",
    "system-services",
    "zram",
)
NAMES = [kind.name for kind in PHASES]
VARIABLE = {
    "pinboard": {"environment": {"PINBOARD_TITLE": "Another"}},
    "radicale": {"environment": {"RADICALE_NEW": "1"}},
    "datasette": {"environment": {"DATASETTE_TITLE": "Another"}},
    "job": {"environment": {"JOB_TITLE": "Another"}},
}
REMOVED = {
    "pinboard": {"processes": {"worker": None}, "schedules": {"tidy": None}},
    "job": {"processes": {"worker": None}},
}


@cache
def described(app: str, kind: str) -> DesiredState:
    """Return what a host should have, or a fresh one."""
    return describe_fresh(kind) if app == "bootstrap" else describe(app, kind)


def description(app: str, kind: str) -> str:
    """Return every resource of a host, in its order."""
    return shown(described(app, kind))


def contents(app: str, kind: str) -> str:
    """Return the text of every file that a host gets."""
    return "".join(titled(name, text) for name, text in files(described(app, kind)))


def files(found: DesiredState) -> Iterator[tuple[str, str]]:
    """Yield each file with its text."""
    for group in FILES:
        if group == "zram" and not any(kind.name == "zram" for kind in kinds_of(found)):
            continue
        for entry in entries(group, found):
            content = getattr(entry, "content", None)
            if content is not None:
                yield f"{group}: {entry.path}", content.decode()


def kinds_of(found: DesiredState) -> tuple[object, ...]:
    """Return the kinds of resource that a description is looked at for."""
    return BOOTSTRAP if found.app.startswith("_") else PHASES


def probes(app: str, kind: str) -> str:
    """Return the whole script that looks at a host."""
    found = described(app, kind)
    return compose({each.name: each.probe(found, "KEY") for each in kinds_of(found)}, "NONCE")


def run(
    app: str,
    kind: str,
    had: DesiredState | None,
    execute: bool = False,
    diffs: bool = True,
    **override: object,
) -> Run:
    """Run deploy.py on a host that has what was described before, if anything was."""
    wanted = describe(app, kind, **override)
    host = Simulated(wanted, dict.fromkeys(NAMES, had) if had else {})
    data = data_of(app, kind, **override)
    return Run(host).go(data, name_of(kind), execute, diffs and not execute)


def bootstrap(
    kind: str, had: DesiredState | None, execute: bool = False, **bars: str
) -> tuple[Run, str]:
    """Run deploys/bootstrap.py on a host that is fresh, or has been through it.

    Returns the run, and the keys that it pinned.
    """
    wanted, data = describe_fresh(kind), bare_data(kind)
    names = [each.name for each in BOOTSTRAP]
    host = Simulated(wanted, dict.fromkeys(names, had) if had else {})
    run = Run(host, "deploys/bootstrap.py", bars=bars).go(data, name_of(kind), execute)
    pins = Path(data["ssh_known_hosts_file"])
    pinned = pins.read_text() if pins.exists() else ""
    # The next host is as unknown as this one was.
    pins.unlink(missing_ok=True)
    return run, pinned


def plans(app: str, kind: str) -> str:
    """Return what is planned for a host: a bare one, one that is as described, changed ones."""
    if app == "bootstrap":
        whole = described(app, kind)
        (bare, _), (same, _) = bootstrap(kind, None), bootstrap(kind, whole)
        return titled("a fresh host", bare.planned()) + titled("as described", same.planned())
    had = described(app, kind)
    parts = {
        # What new files hold is recorded with the files; once it is shown as a plan shows it.
        "a bare host": run(app, kind, None, diffs=app == "radicale"),
        "as described": run(app, kind, had),
        "one variable changed": run(app, kind, had, **VARIABLE[app]),
    }
    if app in REMOVED:
        parts["a process removed"] = run(app, kind, had, **REMOVED[app])
    return "".join(titled(name, part.planned()) for name, part in parts.items())


def phases(app: str, kind: str) -> str:
    """Return what each phase has run on a host, and how often it calls it."""
    if app == "bootstrap":
        return bootstrap_phases(kind)
    had = described(app, kind)
    parts = {
        "a first deploy": run(app, kind, None, execute=True),
        "as described": run(app, kind, had, execute=True),
        "one variable changed": run(app, kind, had, execute=True, **VARIABLE[app]),
    }
    if app in REMOVED:
        parts["a process removed"] = run(app, kind, had, execute=True, **REMOVED[app])
    return "".join(titled(name, part.phases()) for name, part in parts.items())


def bootstrap_phases(kind: str) -> str:
    """Return what each phase of a bootstrap has run, and the keys of the host that it pins."""
    (fresh, pinned), (same, _) = (
        bootstrap(kind, had, execute=True) for had in (None, described("bootstrap", kind))
    )
    return "".join(
        (
            titled("a fresh host", fresh.phases()),
            titled("pinned", pinned),
            titled("as described", same.phases()),
        )
    )


def bootstrap_failures(scratch: Path) -> str:
    """Return what comes of a bootstrap whose new login doesn't work, before or after it closes."""
    parts = {}
    for login, name in LOGINS.items():
        run, _ = bootstrap("pi", None, execute=True, **{login: "it takes no key"})
        calls = [line for phase, line, _ in run.commands if phase == "Logins"]
        parts[f"refused: {name}"] = "\n".join([*run.messages, "asked:", *calls])
    return "".join(titled(name, text) for name, text in parts.items())


def failures(scratch: Path) -> str:
    """Return what comes of a deploy whose host says no to one of its steps."""
    answers = {
        "begin": (3, "homeportctl: it is locked\n"),
        "activate": (4, "web is not ready\n"),
        "confirm": (4, "it was reverted\n"),
        "revert": (3, "d1 is confirmed\n"),
    }
    parts = {}
    wanted = describe("radicale", "staging")
    for verb in ("begin", "activate", "confirm"):
        for code in (1, answers[verb][0], 127):
            says = {verb: (code, answers[verb][1]), "revert": (0, "")}
            run = Run(Simulated(wanted), says=says)
            run.go(data_of("radicale", "staging"), name_of("staging"), execute=True)
            calls = [line for _, line, _ in run.commands if line.startswith("/usr/local/sbin")]
            text = "\n".join([*run.messages, "asked:", *calls])
            parts[f"{verb} ends with {code}"] = text
    return "".join(titled(name, text) for name, text in parts.items())


def scenario(name: str, scratch: Path) -> str:
    """Return what the program on a host does in one scenario."""
    return titled(name, hostctl.transcript(name, scratch))


def program(scratch: Path) -> str:
    """Return what starts the program on a host: its modules are code, and recorded by what they do.

    Their names are those of the members that are sent.
    """
    return "".join(titled(file.path, file.content.decode()) for file in entry_points())


def sentences(scratch: Path) -> str:
    """Return every sentence of the code."""
    return messages.sentences()


def on_a_host(folder: str, app: str, kind: str, scratch: Path) -> str:
    """Return one record of a host, or how it differs from that of the kind it is most like."""
    text, like = _whole(folder, app, kind), LIKE.get((app, kind))
    if like is None:
        return text
    other = _whole(folder, app, like)
    if text == other:
        return f"as on {like}\n"
    lines = difflib.unified_diff(other.splitlines(), text.splitlines(), n=1, lineterm="")
    # Where in the record it is, its neighbours tell.
    shown = ("@@" if line.startswith("@@") else line for line in islice(lines, 2, None))
    return f"as on {like}, but for\n" + "".join(f"{line}\n" for line in shown)


@cache
def _whole(folder: str, app: str, kind: str) -> str:
    return settled(MAKES[folder](app, kind))


LIKE = {
    **{(app, kind): "staging" for app in APPS for kind in ("debian-13", "pi")},
    ("bootstrap", "staging"): "pi",
}
MAKES = {
    "descriptions": description,
    "files": contents,
    "probes": probes,
    "plans": plans,
    "phases": phases,
}


def _records() -> Iterator[tuple[str, Make]]:
    hosts = [(app, kind) for app in APPS for kind in KINDS]
    hosts += [("bootstrap", kind) for kind in ("pi", "staging")]
    for folder in MAKES:
        for app, kind in hosts:
            yield f"{folder}/{app}-{kind}.txt", partial(on_a_host, folder, app, kind)
    for name in hostctl.SCENARIOS:
        yield f"hostctl/{name.replace(' ', '-')}.txt", partial(scenario, name)
    yield from refusals.RECORDS.items()
    yield "refusals/of-a-deploy.txt", failures
    yield "refusals/of-a-bootstrap.txt", bootstrap_failures
    yield "files/program.txt", program
    yield "messages.txt", sentences


RECORDS: dict[str, Make] = dict(_records())
