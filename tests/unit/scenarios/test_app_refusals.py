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
CHECKED, RELEASE = (
    "release_check: pinboard --self-test {data} {config}",
    "release: {soak: 3, keep_releases: 7}",
)
TEMPLATE = "{template: examples/pinboard/conf.j2}"
CHECK, DATABASE = '"pinboard --check {file}"', '"pinboard init {data} {config}"'
HEALTH = "health: {live: /health/live, ready: /health/ready}"
HOOK = "git_hooks: {pre-commit: python -m compileall -q examples}"
WEB, PROCESS = "processes.web", "processes.worker.command"

CONF, FIRST = "config_files.pinboard.conf", "run_once.first-user"

# What stood there, what stands there now, the key, a part of the finding, a part of its fix.
SLIPS = [
    # Unknown and missing keys
    (PACKAGES, "package: [sqlite3]", "package", "not a key", "write apt_packages"),
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
    (NAME, "name: homeport", "name", "of its own on a host", "another name"),
    *[
        (NAME, f"name: {file.name}", "name", "of its own on a host", "another name")
        for file in OURS
    ],
    (NAME, "name: 12", "name", "number", "quotes"),
    (NAME, "name:", "name", "value is missing", "remove"),
    ("  worker:", "  Worker:", "processes.Worker", "not a name", "a-z"),
    ("  worker:", "  'a b':", "processes.a b", "not a name", "a-z"),
    ("  worker:", '  "a\\nb":', "processes.'a\\nb'", "not a name", "a-z"),
    # Source
    (SOURCE, "source: ../other", "source", "outside the project", "relative"),
    (SOURCE, "source: examples/../../x", "source", "outside the project", "relative"),
    (SOURCE, "source: /srv", "source", "outside the project", "relative"),
    (SOURCE, "source: ~/app", "source", "outside the project", "relative"),
    (SOURCE, "source: exampels", "source", "no directory", "relative to"),
    (SOURCE, "source: app.yml", "source", "no directory", "relative to"),
    (SOURCE, f"source: {'x' * 300}", "source", "no directory", "relative to"),
    (SOURCE, "source: ''", "source", "empty", "write a value"),
    (SOURCE, "source: [a]", "source", "none of the forms", "a directory"),
    (SOURCE, "source: 3", "source", "none of the forms", "a directory"),
    (SOURCE, "source: {}", "source", "neither path nor git nor package", "a directory"),
    (SOURCE, "source: {dir: x}", "source", "neither path nor git nor package", "a directory"),
    (SOURCE, "source: {path: ../x}", "source.path", "outside the project", "relative"),
    (SOURCE, "source: {path: x, include: [../x]}", "source.include[0]", "outside the source", ""),
    (SOURCE, "source: {path: nowhere}", "source", "no directory", "relative to"),
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
    (PYTHON, "python: [3]", "python", "expected text, got a list", "write text"),
    (REQUIREMENTS, "requirements: ../../etc/passwd", "requirements", "outside the project", ""),
    (REQUIREMENTS, "requirements: pyproject.toml", "requirements", "not what is locked", "uv lock"),
    (REQUIREMENTS, "requirements: reqs.txt", "requirements", "no file", "relative to"),
    (REQUIREMENTS, "requirements: examples", "requirements", "no file", "relative to"),
    (INDEX, "index_url: index.example", "index_url", "not the URL", "https://"),
    (INDEX, "index_url: https://a b/simple", "index_url", "not the URL", "https://"),
    (INDEX, "index_url: --extra-index-url", "index_url", "not the URL", "https://"),
    (PACKAGES, "apt_packages: sqlite3", "apt_packages", "expected a list, got text", "[one, two]"),
    (PACKAGES, "apt_packages: {sqlite3: 1}", "apt_packages", "expected a list, got a mapping", ""),
    (PACKAGES, "apt_packages: [-y]", "apt_packages[0]", "Debian package", "alone"),
    (PACKAGES, "apt_packages: [sqlite3=3]", "apt_packages[0]", "Debian package", "alone"),
    (PACKAGES, "apt_packages: [a1, b1, a1]", "apt_packages", "'a1' is in the list twice", "one"),
    (PACKAGES, "apt_packages: [a1, ]\nskip_imports: [a-b]", "skip_imports", "already", ""),
    ("[pinboard.wsgi]", "[a.b, os;x]", "skip_imports[1]", "not the name of a module", ""),
    ('["*.md"]', "['']", "exclude[0]", "empty", ""),
    # Environment and secrets
    (ENVIRONMENT, "environment: {A: true}", "environment.A", "true or false", "quotes"),
    (ENVIRONMENT, "environment: {A: 1.10}", "environment.A", "1.10 would arrive as 1.1", "quotes"),
    (ENVIRONMENT, "environment: {A: }", "environment.A", "value is missing", '""'),
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
    (ENVIRONMENT, "environment: [A=B]", "environment", "expected a mapping, got a list", ""),
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
    (WORKER, "[run, a]", PROCESS, "expected text, got a list", "write text"),
    (TIDY, '"run {port}"', "schedules.tidy.command", "only a process listens", "remove"),
    (
        "notify: true",
        "notify: yes",
        f"{WEB}.notify",
        "expected true or false, got text",
        "without quotes",
    ),
    ("notify: true", "notify: 1", f"{WEB}.notify", "number", "true or false"),
    ("notify: true", "notify: false", f"{WEB}.notify", "watchdog needs", "remove"),
    ("watchdog: 10", "watchdog: 0", f"{WEB}.watchdog", "too small", "1 or more"),
    ("watchdog: 10", "watchdog: 10s", f"{WEB}.watchdog", "text", "whole number"),
    ("watchdog: 10", "watchdog: 1.5", f"{WEB}.watchdog", "whole number", ""),
    ("stop_timeout: 20", "stop_timeout: 99999", f"{WEB}.stop_timeout", "too large", "86400"),
    ("tasks: 64", "tasks: true", f"{WEB}.tasks", "got true or false", "whole number"),
    ("memory: 256M", "memory: 256", f"{WEB}.memory", "number", "quotes"),
    ("memory: 256M", "memory: 256MB", f"{WEB}.memory", "not a size", "256M"),
    ("memory: 256M", "memory: 101%", f"{WEB}.memory", "not a size", "25%"),
    (HEALTH, "health: /health", f"{WEB}.health", "expected a mapping, got text", ""),
    (HEALTH, "health: {live: health}", f"{WEB}.health.live", "path of a URL", "/health/live"),
    (HEALTH, "health: {live: '/a b'}", f"{WEB}.health.live", "path of a URL", "encode"),
    (HEALTH, "health:", f"{WEB}.health", "value is missing", "remove"),
    (HEALTH, "health: {interval: 5}", f"{WEB}.health", "nothing is asked", "add live or ready"),
    (
        HEALTH,
        "health: {live: {}}",
        f"{WEB}.health.live",
        "the value has no path",
        "expect_body: TEXT",
    ),
    (HEALTH, "health: {live: {expect_body: x}}", f"{WEB}.health.live", "has no path", "{path: /h"),
    (HEALTH, "health: {live: [/x]}", f"{WEB}.health.live", "none of the forms", "write a path"),
    (HEALTH, "health: {live: {path: x}}", f"{WEB}.health.live.path", "path of a URL", "start"),
    (
        HEALTH,
        "health: {ready: {path: /, expct_body: x}}",
        f"{WEB}.health.ready.expct_body",
        "key",
        "write expect_body",
    ),
    (
        HEALTH,
        "health: {ready: {path: /, expect_body: 7}}",
        f"{WEB}.health.ready.expect_body",
        "number",
        "quotes",
    ),
    (
        HEALTH,
        "health: {ready: {path: /, expect_body: ''}}",
        f"{WEB}.health.ready.expect_body",
        "empty",
        "remove",
    ),
    (
        HEALTH,
        'health: {live: {path: /, expect_body: "a\\nb"}}',
        f"{WEB}.health.live.expect_body",
        "break",
        "one",
    ),
    (HEALTH, "health: {live: /, interval: 0}", f"{WEB}.health.interval", "too small", "1 or more"),
    (HEALTH, "health: {live: /, timeout: 5s}", f"{WEB}.health.timeout", "text", "whole number"),
    (
        HEALTH,
        "health: {live: /, failure_threshold: 0}",
        f"{WEB}.health.failure_threshold",
        "too small",
        "1 or more",
    ),
    (
        HEALTH,
        "health: {live: /, max_restarts_per_hour: 9}",
        f"{WEB}.health.max_restarts_per_hour",
        "too large",
        "8 or less",
    ),
    (
        HEALTH,
        "health: {live: /, success_threshold: 0}",
        f"{WEB}.health.success_threshold",
        "too small",
        "1 or",
    ),
    (
        HEALTH,
        "health: {live: /, start_period: 0}",
        f"{WEB}.health.start_period",
        "too small",
        "1 or more",
    ),
    ("  worker:", "  web-health:", "processes.web-health", "watches web has this name", "another"),
    ("  tidy:", "  web-health:", "schedules.web-health", "watches web has this name", "another"),
    (
        "[MemoryDenyWriteExecute]",
        "[NoNewPrivileges=no]",
        f"{WEB}.disable_hardening[0]",
        "directive",
        "alone",
    ),
    ("  tidy:", "  worker:", "schedules.worker", "as well", "rename"),
    ("  first-user:", "  worker:", "run_once.worker", "a process has this name as well", "rename"),
    ("  database:", "  tidy:", "run_once.tidy", "a schedule has this name as well", "rename"),
    # Configuration files
    ("  pinboard.conf:", "  ../x:", "config_files.../x", "not the name of a conf", "relative"),
    ("  pinboard.conf:", "  /etc/x:", "config_files./etc/x", "not the name of a conf", "relative"),
    ("  pinboard.conf:", "  .x:", "config_files..x", "not the name of a conf", "server.conf"),
    ("  pinboard.conf:", "  a b:", "config_files.a b", "not the name of a conf", "letters"),
    ("  pinboard.conf:", "  conf.d:", "config_files.conf.d/extra.conf", "a file as well", "rename"),
    (
        TEMPLATE,
        "{template: none.j2}",
        "config_files.conf.d/extra.conf.template",
        "no file",
        "create",
    ),
    (TEMPLATE, "{template: ../x}", "config_files.conf.d/extra.conf.template", "outside", "keep it"),
    (
        TEMPLATE,
        "{templat: x}",
        "config_files.conf.d/extra.conf.templat",
        "not a key",
        "write template",
    ),
    (TEMPLATE, "x.j2", "config_files.conf.d/extra.conf", "expected a mapping", "keys"),
    (CHECK, "pinboard --check", f"{CONF}.validate", "where the file goes", "write {file}"),
    (CHECK, '"pinboard {port} {file}"', f"{CONF}.validate", "'{port}' in the", "use {file}"),
    (CHECK, '"pinboard { {file}"', f"{CONF}.validate", "a brace", "use {file}"),
    (CHECK, '"pinboard {file} && x"', f"{CONF}.validate", "no shell", "sh -c"),
    # Releases
    (CHECKED, "release_check: ''", "release_check", "empty", "remove"),
    (
        CHECKED,
        "release_check: x {port}",
        "release_check",
        "'{port}' in the",
        "use {config} or {data}",
    ),
    (CHECKED, "release_check: x {}", "release_check", "a brace", "use {config} or {data}"),
    (CHECKED, "release_check: x | y", "release_check", "no shell", "sh -c"),
    (CHECKED, "release_check: [x]", "release_check", "expected text, got a list", ""),
    (RELEASE, "release: {soka: 1}", "release.soka", "not a key", "write soak"),
    (RELEASE, "release: {soak: -1}", "release.soak", "too small", "0 or more"),
    (RELEASE, "release: {soak: 601}", "release.soak", "too large", "600 or less"),
    (RELEASE, "release: {drain_timeout: 1.5}", "release.drain_timeout", "number", "whole"),
    (RELEASE, "release: {keep_releases: 0}", "release.keep_releases", "too small", "1 or more"),
    (RELEASE, "release: {data_version: 0}", "release.data_version", "too small", "1 or more"),
    (
        "strategy: recreate",
        "strategy: rolling",
        f"{WEB}.strategy",
        "not one of",
        "'blue_green' or 'recreate'",
    ),
    # What runs once
    ("pinboard add-user admin", '"run {port}"', f"{FIRST}.command", "only a process", "remove"),
    ("pinboard add-user admin", '"run {}"', f"{FIRST}.command", "a brace", "{data}"),
    ("pinboard add-user admin", "[run]", FIRST, "expected a mapping, got a list", "keys"),
    ("timeout: 60,", "timout: 60,", "run_once.database.timout", "not a key", "write timeout"),
    ("timeout: 60,", "timeout: 0,", "run_once.database.timeout", "too small", "1 or more"),
    ("at: daily", "at: '0 4 * * *'", "schedules.tidy.at", "cron", "04:30"),
    ("at: daily", "at: '@daily'", "schedules.tidy.at", "not a calendar", "daily"),
    ("at: daily", 'at: "daily\\nUnit=x"', "schedules.tidy.at", "not a calendar", "daily"),
    ("at: daily", "at: 5", "schedules.tidy.at", "number", "quotes"),
    ("timeout: 600", "timeout: -1", "schedules.tidy.timeout", "too small", "1 or more"),
    # Hooks
    (HOOK, "git_hooks: {pre-comit: x}", "git_hooks.pre-comit", "not a hook", "write pre-commit"),
    (HOOK, "git_hooks: {zzz: x}", "git_hooks.zzz", "not a hook", "use one of: applypatch-msg, "),
    (HOOK, "git_hooks: {update: x}", "git_hooks.update", "not a hook", "use one of"),
    (
        HOOK,
        "git_hooks: {pre-push: 'x {port}'}",
        "git_hooks.pre-push",
        "doesn't listen",
        "remove it",
    ),
    (HOOK, "git_hooks: {pre-push: 'x && y'}", "git_hooks.pre-push", "no shell", "script"),
    (HOOK, "git_hooks: [pre-commit]", "git_hooks", "expected a mapping", "keys and values"),
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
run_once: {i: x}
"""


@pytest.mark.parametrize("old", ["p: {", "s: {c", "i: x"])
@pytest.mark.parametrize("slot", ["a", "b"])
def test_a_name_that_a_slot_needs_is_refused(read: Read, old: str, slot: str) -> None:
    new = f"web-{slot}{old[1:]}"
    with pytest.raises(UserError, match="the directory of a slot of web has this name") as caught:
        read(f"{old}", new, text=SLOTTED)
    assert (caught.value.key or "").endswith(f".web-{slot}")
    exclusive = SLOTTED.replace("listen: socket", "listen: socket, strategy: recreate")
    assert read(old, new, text=exclusive)


@pytest.mark.parametrize(
    "old, new",
    [
        (SECRET, "s3cr3t-value"),
        (SECRET, "[s3cr3t-value]"),
        (SECRET, "{s3cr3t-value: x}"),
        (ENVIRONMENT, 'environment: {A: "s3cr3t-value\\n"}'),
        (ENVIRONMENT, "environment: {A: [s3cr3t-value]}"),
        (INDEX, "index_url: https://me:s3cr3t-value@index.example/simple"),
        (INDEX, "index_url: https://s3cr3t-value@index.example/simple"),
        (INDEX, "index_url: HTTPS://me:s3cr3t-value@index.example/simple"),
        (SOURCE, "source: {git: 'ssh://git:s3cr3t-value@h.example/x', ref: a}"),
    ],
)
def test_a_message_never_shows_what_may_be_secret(read: Read, old: str, new: str) -> None:
    with pytest.raises(UserError) as caught:
        read(old, new)
    assert "s3cr3t" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
