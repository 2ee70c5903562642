"""Every slip is refused in one line with its place and its fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.errors import UserError
from homeport.hostctl.system.paths import AppPaths
from homeport.manifest import App
from tests.support.app_slips import (
    COMMAND,
    DATA,
    INDEX,
    LISTEN,
    NAME,
    PACKAGES,
    PYTHON,
    SECRET,
    SOURCE,
    TIDY,
    WORKER,
)
from tests.support.valid_app import Read

PLACE = AppPaths("pinboard")
OURS = [PLACE.hmac_key, PLACE.lease, PLACE.lock, PLACE.mutex]
REQUIREMENTS = "requirements: examples/pinboard/requirements.txt"
ENVIRONMENT = 'environment: {PINBOARD_TITLE: "Pinboard", WORKERS: 2}'
CHECKED, RELEASE = "check: pinboard --self-test {data} {config}", "release: {soak: 3, keep: 7}"
TEMPLATE = "{template: examples/pinboard/conf.j2}"
CHECK, DATABASE = '"pinboard --check {}"', '"pinboard init {data} {config}"'
HEALTH = "health: {live: /health/live, ready: /health/ready}"
HOOK = "hooks: {pre-commit: python -m compileall -q examples}"
WEB, PROCESS = "processes.web", "processes.worker.command"

CONF, FIRST = "config.pinboard.conf", "init.first-user"

# What stood there, what stands there now, the key, a part of the finding, a part of its fix.
SLIPS = [
    # Unknown and missing keys
    (PACKAGES, "package: [sqlite3]", "package", "not a key", "write packages"),
    (PACKAGES, "root: /", "root", "not a key", ""),
    (PACKAGES, "_root: /", "_root", "not a key", ""),
    (PACKAGES, "zzzz: 1", "zzzz", "not a key", "known here: name"),
    ("notify: true", "notfy: true", f"{WEB}.notfy", "not a key", "write notify"),
    ("{live: /h", "{life: /h", f"{WEB}.health.life", "not a key", "write live"),
    ("timeout: 600", "timout: 600", "schedules.tidy.timout", "not a key", "write timeout"),
    (SOURCE, "source: {git: 'https://h/x', reff: v1, ref: v1}", "source.reff", "key", "write ref"),
    (SOURCE, "source: {package: x, versio: '1', version: '1'}", "source.versio", "key", "version"),
    (SECRET, "{file: x, fil: y}", "secrets.PINBOARD_TOKEN.fil", "not a key", "write file"),
    (NAME, "# no name", "name", "missing", "add name:"),
    (COMMAND, "# none", f"{WEB}.command", "missing", "add command:"),
    (SOURCE, "source: {git: 'https://h.example/x'}", "source.ref", "missing", "add ref:"),
    ("at: daily, ", "", "schedules.tidy.at", "missing", "add at:"),
    # Names
    (NAME, "name: Pinboard", "name", "not a name", "a-z"),
    (NAME, "name: pin_board", "name", "not a name", "a-z"),
    (NAME, "name: 9pins", "name", "not a name", "a-z"),
    (NAME, f"name: {'a' * 32}", "name", "not a name", "31"),
    (NAME, 'name: "pinboard\\n"', "name", "not a name", "a-z"),
    (NAME, "name: ../x", "name", "not a name", "a-z"),
    (NAME, "name: root", "name", "of the system", "another name"),
    (NAME, "name: www-data", "name", "of the system", "another name"),
    *[
        (NAME, f"name: {file.name}", "name", "of its own on a host", "another name")
        for file in OURS
    ],
    (NAME, "name: 12", "name", "number", "quotes"),
    (NAME, "name:", "name", "no value", "remove"),
    ("  worker:", "  Worker:", "processes.Worker", "not a name", "a-z"),
    ("  worker:", "  'a b':", "processes.a b", "not a name", "a-z"),
    ("  worker:", '  "a\\nb":', "processes.'a\\nb'", "not a name", "a-z"),
    # Source
    (SOURCE, "source: ../other", "source", "out of the project", "relative"),
    (SOURCE, "source: examples/../../x", "source", "out of the project", "relative"),
    (SOURCE, "source: /srv", "source", "out of the project", "relative"),
    (SOURCE, "source: ~/app", "source", "out of the project", "relative"),
    (SOURCE, "source: exampels", "source", "no directory", "relative to"),
    (SOURCE, "source: app.yml", "source", "no directory", "relative to"),
    (SOURCE, f"source: {'x' * 300}", "source", "no directory", "relative to"),
    (SOURCE, "source: ''", "source", "empty", "write a value"),
    (SOURCE, "source: [a]", "source", "none of the forms", "a directory"),
    (SOURCE, "source: 3", "source", "none of the forms", "a directory"),
    (SOURCE, "source: {}", "source", "neither git nor package", "a directory"),
    (SOURCE, "source: {path: x}", "source", "neither git nor package", "a directory"),
    (SOURCE, "source: {git: x, package: y}", "source", "both git and package", "keep one"),
    (SOURCE, "source: {git: --upload-pack=x, ref: a}", "source.git", "not the URL", "https://"),
    (SOURCE, "source: {git: 'ext::sh -c x', ref: a}", "source.git", "not the URL", "https://"),
    (SOURCE, "source: {git: 'https://t0ken@h.example/x', ref: a}", "source.git", "creden", "netrc"),
    (SOURCE, "source: {git: 'https://h/x', ref: --x}", "source.ref", "not a branch", "alone"),
    (SOURCE, "source: {git: 'https://h/x', ref: a..b}", "source.ref", "not a branch", "alone"),
    (SOURCE, "source: {git: 'https://h/x', ref: 1234567}", "source.ref", "number", "quotes"),
    (SOURCE, "source: {package: x, version: 1.10}", "source.version", "number", "quotes"),
    (SOURCE, "source: {package: x, version: '>=1'}", "source.version", "version", "exact"),
    (SOURCE, "source: {package: x, version: '1.x'}", "source.version", "version", "exact"),
    (SOURCE, 'source: {package: x, version: "1\\n"}', "source.version", "version", "exact"),
    (SOURCE, f"source: {{package: x, version: '{'1' * 5000}'}}", "source.version", "version", ""),
    (SOURCE, "source: {package: 'x[y] ', version: '1'}", "source.package", "name", "alone"),
    # Python, requirements, index, packages
    (PYTHON, "python: 3.10", "python", "3.10 would be read as 3.1", '"3.11"'),
    (PYTHON, "python: 3", "python", "number", '"3.11"'),
    (PYTHON, 'python: "3.11.2"', "python", "not a Python version", '"3.11"'),
    (PYTHON, 'python: ">=3.11"', "python", "not a Python version", '"3.11"'),
    (PYTHON, 'python: "2.7"', "python", "not a Python version", '"3.11"'),
    (PYTHON, "python: [3]", "python", "a list stands where text", "write text"),
    (REQUIREMENTS, "requirements: ../../etc/passwd", "requirements", "out of the project", ""),
    (REQUIREMENTS, "requirements: pyproject.toml", "requirements", "not what is locked", "uv lock"),
    (REQUIREMENTS, "requirements: reqs.txt", "requirements", "no file", "relative to"),
    (REQUIREMENTS, "requirements: examples", "requirements", "no file", "relative to"),
    (INDEX, "index: index.example", "index", "not the URL", "https://"),
    (INDEX, "index: https://a b/simple", "index", "not the URL", "https://"),
    (INDEX, "index: --extra-index-url", "index", "not the URL", "https://"),
    (PACKAGES, "packages: sqlite3", "packages", "text stands where a list", "[one, two]"),
    (PACKAGES, "packages: {sqlite3: 1}", "packages", "a mapping stands where a list", ""),
    (PACKAGES, "packages: [-y]", "packages[0]", "Debian package", "alone"),
    (PACKAGES, "packages: [sqlite3=3]", "packages[0]", "Debian package", "alone"),
    (PACKAGES, "packages: [a1, b1, a1]", "packages", "'a1' is in the list twice", "one"),
    (PACKAGES, "packages: [a1, ]\nskip_imports: [a-b]", "skip_imports", "already", ""),
    ("[pinboard.wsgi]", "[a.b, os;x]", "skip_imports[1]", "not the name of a module", ""),
    ('["*.md"]', "['']", "exclude[0]", "empty", ""),
    # Environment and secrets
    (ENVIRONMENT, "environment: {A: true}", "environment.A", "true or false", "quotes"),
    (ENVIRONMENT, "environment: {A: 1.10}", "environment.A", "1.10 would arrive as 1.1", "quotes"),
    (ENVIRONMENT, "environment: {A: }", "environment.A", "no value", '""'),
    (ENVIRONMENT, "environment: {A: [x]}", "environment.A", "a list", "write text"),
    (ENVIRONMENT, 'environment: {A: "x\\ny"}', "environment.A", "line break", "one line"),
    (ENVIRONMENT, 'environment: {A: "x\\0y"}', "environment.A", "U+0000", ""),
    (ENVIRONMENT, 'environment: {A: "x\\e[0m"}', "environment.A", "U+001B", ""),
    (ENVIRONMENT, 'environment: {A: "x\\Ly"}', "environment.A", "U+2028", ""),
    (ENVIRONMENT, 'environment: {A: "x\\x85y"}', "environment.A", "U+0085", ""),
    (ENVIRONMENT, f"environment: {{A: {'x' * 131072}}}", "environment.A", "longer", "file"),
    (ENVIRONMENT, "environment: {1A: x}", "environment.1A", "variable", "letters"),
    (ENVIRONMENT, "environment: {A-B: x}", "environment.A-B", "variable", "letters"),
    (ENVIRONMENT, "environment: {'A=B': x}", "environment.A=B", "variable", "letters"),
    (ENVIRONMENT, "environment: {'': x}", "environment.''", "variable", "letters"),
    (ENVIRONMENT, "environment: {PATH: /bin}", "environment.PATH", "itself", "another name"),
    (ENVIRONMENT, "environment: {HOMEPORT_X: a}", "environment.HOMEPORT_X", "itself", "another"),
    (ENVIRONMENT, "environment: {NOTIFY_SOCKET: a}", "environment.NOTIFY_SOCKET", "itself", ""),
    (ENVIRONMENT, "environment: [A=B]", "environment", "a list stands where a mapping", ""),
    ("PINBOARD_TOKEN", "STATE_DIRECTORY", "secrets.STATE_DIRECTORY", "itself", "another name"),
    ("PINBOARD_TITLE", "PINBOARD_KEY", "secrets.PINBOARD_KEY", "environment sets", "keep one"),
    (SECRET, "hunter2", "secrets.PINBOARD_TOKEN", "none of the forms", "never the secret"),
    (SECRET, "{}", "secrets.PINBOARD_TOKEN", "neither file nor command", "{file: PATH}"),
    (SECRET, "{file: x, command: [y]}", "secrets.PINBOARD_TOKEN", "both", "keep one"),
    (SECRET, "{file: ''}", "secrets.PINBOARD_TOKEN.file", "empty", ""),
    (SECRET, '{file: "a\\0b"}', "secrets.PINBOARD_TOKEN.file", "U+0000", ""),
    (SECRET, "{file: ~other/x}", "secrets.PINBOARD_TOKEN.file", "another home", "~/"),
    (SECRET, "{command: pass show x}", "secrets.PINBOARD_TOKEN.command", "a list", "[one, two]"),
    (SECRET, "{command: []}", "secrets.PINBOARD_TOKEN.command", "empty", "program"),
    (SECRET, "{command: [pass, 3]}", "secrets.PINBOARD_TOKEN.command[1]", "number", "quotes"),
    # Data
    (DATA, "data: [/uploads]", "data[0]", "data directory", "relative"),
    (DATA, "data: [a, ../b]", "data[1]", "data directory", "relative"),
    (DATA, "data: [a/../../b]", "data[0]", "data directory", "relative"),
    (DATA, "data: [.]", "data[0]", "data directory", "relative"),
    (DATA, "data: ['']", "data[0]", "data directory", "relative"),
    (DATA, 'data: ["a\\nb"]', "data[0]", "data directory", "relative"),
    (DATA, "data: [a, a]", "data", "twice", "remove"),
    # Processes and schedules
    (LISTEN, "listen: 70000", f"{WEB}.listen", "70000 is not a port", "65535"),
    (LISTEN, "listen: 0", f"{WEB}.listen", "0 is not a port", "65535"),
    (LISTEN, 'listen: "8000"', f"{WEB}.listen", "neither socket nor a port", "without quotes"),
    (LISTEN, "listen: true", f"{WEB}.listen", "neither socket nor a port", "65535"),
    (LISTEN, "listen: 80.5", f"{WEB}.listen", "neither socket nor a port", "65535"),
    (LISTEN, "listen: [8000]", f"{WEB}.listen", "neither socket nor a port", "65535"),
    (LISTEN, "listen: socket", f"{WEB}.command", "{port} needs listen", "match"),
    ("    listen: 8000\n", "", f"{WEB}.command", "{port} needs listen", "match"),
    (COMMAND, "command: run {socket}", f"{WEB}.command", "{socket} needs listen", "match"),
    (WORKER, "run '", PROCESS, "quote is left open", "close"),
    (WORKER, "run {name}", PROCESS, "'{name}' in the command is not a placeholder", "{{"),
    (WORKER, '"run {"', PROCESS, "not a placeholder", "{{"),
    (WORKER, '"run }}}"', PROCESS, "not a placeholder", "{{"),
    (WORKER, "run {port!r}", PROCESS, "not a placeholder", "{{"),
    (WORKER, "run {}", PROCESS, "not a placeholder", "{{"),
    (WORKER, "cd x && run", PROCESS, "'&&' means nothing", "sh -c"),
    (WORKER, '"-run"', PROCESS, "start with a program", "name"),
    (WORKER, '"+run"', PROCESS, "start with a program", "name"),
    (WORKER, "\"''\"", PROCESS, "start with a program", "name"),
    (WORKER, "'  '", PROCESS, "empty", ""),
    (WORKER, "|\n      run a\n      run b", PROCESS, "line break", "one line"),
    (WORKER, "[run, a]", PROCESS, "a list stands where text", "write text"),
    (TIDY, '"run {port}"', "schedules.tidy.command", "only a process listens", "remove"),
    ("notify: true", "notify: yes", f"{WEB}.notify", "text stands where true", "without quotes"),
    ("notify: true", "notify: 1", f"{WEB}.notify", "number", "true or false"),
    ("notify: true", "notify: false", f"{WEB}.notify", "watchdog needs", "remove"),
    ("watchdog: 10", "watchdog: 0", f"{WEB}.watchdog", "too small", "1 or more"),
    ("watchdog: 10", "watchdog: 10s", f"{WEB}.watchdog", "text", "whole number"),
    ("watchdog: 10", "watchdog: 1.5", f"{WEB}.watchdog", "whole number", ""),
    ("stop_timeout: 20", "stop_timeout: 99999", f"{WEB}.stop_timeout", "too large", "86400"),
    ("tasks: 64", "tasks: true", f"{WEB}.tasks", "true or false stands", "whole number"),
    ("memory: 256M", "memory: 256", f"{WEB}.memory", "number", "quotes"),
    ("memory: 256M", "memory: 256MB", f"{WEB}.memory", "not a size", "256M"),
    ("memory: 256M", "memory: 101%", f"{WEB}.memory", "not a size", "25%"),
    (HEALTH, "health: /health", f"{WEB}.health", "text stands where a mapping", ""),
    (HEALTH, "health: {live: health}", f"{WEB}.health.live", "path of a URL", "/health/live"),
    (HEALTH, "health: {live: '/a b'}", f"{WEB}.health.live", "path of a URL", "encode"),
    (HEALTH, "health:", f"{WEB}.health", "no value", "remove"),
    (HEALTH, "health: {every: 5}", f"{WEB}.health", "nothing is asked", "add live or ready"),
    (HEALTH, "health: {live: {}}", f"{WEB}.health.live", "the value has no path", "body: TEXT"),
    (HEALTH, "health: {live: {body: x}}", f"{WEB}.health.live", "has no path", "{path: /h"),
    (HEALTH, "health: {live: [/x]}", f"{WEB}.health.live", "none of the forms", "write a path"),
    (HEALTH, "health: {live: {path: x}}", f"{WEB}.health.live.path", "path of a URL", "start"),
    (HEALTH, "health: {ready: {path: /, bdy: x}}", f"{WEB}.health.ready.bdy", "key", "write body"),
    (HEALTH, "health: {ready: {path: /, body: 7}}", f"{WEB}.health.ready.body", "number", "quotes"),
    (HEALTH, "health: {ready: {path: /, body: ''}}", f"{WEB}.health.ready.body", "empty", "remove"),
    (HEALTH, 'health: {live: {path: /, body: "a\\nb"}}', f"{WEB}.health.live.body", "break", "one"),
    (HEALTH, "health: {live: /, every: 0}", f"{WEB}.health.every", "too small", "1 or more"),
    (HEALTH, "health: {live: /, timeout: 5s}", f"{WEB}.health.timeout", "text", "whole number"),
    (HEALTH, "health: {live: /, failures: 0}", f"{WEB}.health.failures", "too small", "1 or more"),
    (HEALTH, "health: {live: /, restarts: 9}", f"{WEB}.health.restarts", "too large", "8 or less"),
    (HEALTH, "health: {live: /, successes: 0}", f"{WEB}.health.successes", "too small", "1 or"),
    (HEALTH, "health: {live: /, start: 0}", f"{WEB}.health.start", "too small", "1 or more"),
    ("  worker:", "  web-health:", "processes.web-health", "asks whether web lives", "another"),
    ("  tidy:", "  web-health:", "schedules.web-health", "asks whether web lives", "another"),
    ("[MemoryDenyWriteExecute]", "[NoNewPrivileges=no]", f"{WEB}.relax[0]", "directive", "alone"),
    ("  tidy:", "  worker:", "schedules.worker", "as well", "rename"),
    ("  first-user:", "  worker:", "init.worker", "a process has this name as well", "rename"),
    ("  database:", "  tidy:", "init.tidy", "a schedule has this name as well", "rename"),
    # Configuration files
    ("  pinboard.conf:", "  ../x:", "config.../x", "not the name of a conf", "relative"),
    ("  pinboard.conf:", "  /etc/x:", "config./etc/x", "not the name of a conf", "relative"),
    ("  pinboard.conf:", "  .x:", "config..x", "not the name of a conf", "server.conf"),
    ("  pinboard.conf:", "  a b:", "config.a b", "not the name of a conf", "letters"),
    ("  pinboard.conf:", "  conf.d:", "config.conf.d/extra.conf", "a file as well", "rename"),
    (TEMPLATE, "{template: none.j2}", "config.conf.d/extra.conf.template", "no file", "create"),
    (TEMPLATE, "{template: ../x}", "config.conf.d/extra.conf.template", "out of", "keep it"),
    (TEMPLATE, "{templat: x}", "config.conf.d/extra.conf.templat", "not a key", "write template"),
    (TEMPLATE, "x.j2", "config.conf.d/extra.conf", "where a mapping belongs", "keys"),
    (CHECK, "pinboard --check", f"{CONF}.check", "where the file goes", "write {}"),
    (CHECK, '"pinboard {port} {}"', f"{CONF}.check", "'{port}' in the", "{} for the file"),
    (CHECK, '"pinboard { {}"', f"{CONF}.check", "a brace", "{} for the file"),
    (CHECK, '"pinboard {} && x"', f"{CONF}.check", "no shell", "sh -c"),
    # Releases
    (CHECKED, "check: ''", "check", "empty", "remove"),
    (CHECKED, "check: x {port}", "check", "'{port}' in the", "use {config} or {data}"),
    (CHECKED, "check: x {}", "check", "a brace", "use {config} or {data}"),
    (CHECKED, "check: x | y", "check", "no shell", "sh -c"),
    (CHECKED, "check: [x]", "check", "a list stands where text", ""),
    (RELEASE, "release: {soka: 1}", "release.soka", "not a key", "write soak"),
    (RELEASE, "release: {soak: -1}", "release.soak", "too small", "0 or more"),
    (RELEASE, "release: {soak: 601}", "release.soak", "too large", "600 or less"),
    (RELEASE, "release: {drain: 1.5}", "release.drain", "number", "whole"),
    (RELEASE, "release: {keep: 0}", "release.keep", "too small", "1 or more"),
    (RELEASE, "release: {data: 0}", "release.data", "too small", "1 or more"),
    ("exclusive: true", "exclusive: 1", f"{WEB}.exclusive", "number", "true or false"),
    # What runs once
    ("pinboard add-user admin", '"run {port}"', f"{FIRST}.command", "only a process", "remove"),
    ("pinboard add-user admin", '"run {}"', f"{FIRST}.command", "a brace", "{data}"),
    ("pinboard add-user admin", "[run]", FIRST, "a list stands where a mapping", "keys"),
    ("timeout: 60,", "timout: 60,", "init.database.timout", "not a key", "write timeout"),
    ("timeout: 60,", "timeout: 0,", "init.database.timeout", "too small", "1 or more"),
    ("at: daily", "at: '0 4 * * *'", "schedules.tidy.at", "cron", "04:30"),
    ("at: daily", "at: '@daily'", "schedules.tidy.at", "not a calendar", "daily"),
    ("at: daily", 'at: "daily\\nUnit=x"', "schedules.tidy.at", "not a calendar", "daily"),
    ("at: daily", "at: 5", "schedules.tidy.at", "number", "quotes"),
    ("timeout: 600", "timeout: -1", "schedules.tidy.timeout", "too small", "1 or more"),
    # Hooks
    (HOOK, "hooks: {pre-comit: x}", "hooks.pre-comit", "not a hook", "write pre-commit"),
    (HOOK, "hooks: {zzz: x}", "hooks.zzz", "not a hook", "use one of: applypatch-msg, "),
    (HOOK, "hooks: {update: x}", "hooks.update", "not a hook", "use one of"),
    (HOOK, "hooks: {pre-push: 'x {port}'}", "hooks.pre-push", "doesn't listen", "remove it"),
    (HOOK, "hooks: {pre-push: 'x && y'}", "hooks.pre-push", "no shell", "script"),
    (HOOK, "hooks: [pre-commit]", "hooks", "where a mapping belongs", "keys and values"),
]


@pytest.mark.parametrize("old, new, key, what, fix", SLIPS, ids=lambda value: str(value)[:40])
def test_a_slip_is_refused_with_its_place_and_its_mend(
    read: Read, project: Path, old: str, new: str, key: str, what: str, fix: str
) -> None:
    with pytest.raises(UserError) as caught:
        read(old, new)
    found = getattr(caught.value, "errors", (caught.value,))
    error = next((each for each in found if each.key == key), found[0])
    assert error.key == key
    assert what in error.what
    assert fix in error.fix
    assert error.file == project / "app.yml"
    assert error.line
    assert len(str(error).splitlines()) == 1
    assert "pydantic" not in str(error)
    assert "Input" not in str(error)


def test_a_name_is_free_as_long_as_no_unit_that_asks_would_have_it(read: Read) -> None:
    ready_only = read("{live: /health/live, ready", "{ready").model_dump(exclude_none=True)
    ready_only["processes"]["web-health"] = ready_only["processes"].pop("worker")
    assert App.model_validate(ready_only).watcher("web") == "pinboard-web-health"


SLOTTED = """\
name: a
source: examples
python: "3.11"
processes: {web: {command: "x {socket}", listen: socket}, p: {command: x}}
schedules: {s: {command: x, at: daily}}
init: {i: x}
"""


@pytest.mark.parametrize("old", ["p: {", "s: {c", "i: x"])
@pytest.mark.parametrize("slot", ["a", "b"])
def test_a_name_that_a_slot_needs_is_refused(read: Read, old: str, slot: str) -> None:
    new = f"web-{slot}{old[1:]}"
    with pytest.raises(UserError, match="the directory of a slot of web has this name") as caught:
        read(f"{old}", new, text=SLOTTED)
    assert (caught.value.key or "").endswith(f".web-{slot}")
    exclusive = SLOTTED.replace("listen: socket", "listen: socket, exclusive: true")
    assert read(old, new, text=exclusive)


@pytest.mark.parametrize(
    "old, new",
    [
        (SECRET, "s3cr3t-value"),
        (SECRET, "[s3cr3t-value]"),
        (SECRET, "{s3cr3t-value: x}"),
        (ENVIRONMENT, 'environment: {A: "s3cr3t-value\\n"}'),
        (ENVIRONMENT, "environment: {A: [s3cr3t-value]}"),
        (INDEX, "index: https://me:s3cr3t-value@index.example/simple"),
        (INDEX, "index: https://s3cr3t-value@index.example/simple"),
        (INDEX, "index: HTTPS://me:s3cr3t-value@index.example/simple"),
        (SOURCE, "source: {git: 'ssh://git:s3cr3t-value@h.example/x', ref: a}"),
    ],
)
def test_a_message_never_shows_what_may_be_secret(read: Read, old: str, new: str) -> None:
    with pytest.raises(UserError) as caught:
        read(old, new)
    assert "s3cr3t" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
