"""Keys of the application file that had another name, and what each is called now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from homeport.manifest.types.command import placeholders
from homeport.manifest.types.issues import Issue, KeyPath, quoted

RENAMED_KEYS = {
    "check": "release_check",
    "config": "config_files",
    "config_files.*.check": "validate",
    "front": "proxy",
    "hooks": "git_hooks",
    "index": "index_url",
    "init": "run_once",
    "packages": "apt_packages",
    "processes.*.exclusive": "strategy: recreate",
    "processes.*.health.every": "interval",
    "processes.*.health.failures": "failure_threshold",
    "processes.*.health.live.body": "expect_body",
    "processes.*.health.ready.body": "expect_body",
    "processes.*.health.restarts": "max_restarts_per_hour",
    "processes.*.health.start": "start_period",
    "processes.*.health.successes": "success_threshold",
    "processes.*.relax": "disable_hardening",
    "proxy.body": "max_body_size",
    "proxy.headers": "response_headers",
    "proxy.health": "expose_health_paths",
    "proxy.names": "server_names",
    "proxy.repeat": "retry_non_idempotent",
    "proxy.timeout": "response_timeout",
    "proxy.tls.acme.directory": "directory_url",
    "release.data": "data_version",
    "release.drain": "drain_timeout",
    "release.keep": "keep_releases",
    "run_once.*.relax": "disable_hardening",
    "schedules.*.relax": "disable_hardening",
}
"""By their paths in the file, with ``*`` for a name that the user chose; parents by new names."""

RENAMED_PLACEHOLDERS = {"config_files.*.validate": ("", "file")}
"""The placeholder of a command by its key: its old name, and its new one."""

NAMED_BY_USER = {"config_files", "processes", "run_once", "schedules"}


def renamed_keys(
    data: Mapping[str, object], above: KeyPath = (), pattern: str = ""
) -> Iterator[Issue]:
    """Yield a complaint for each key and placeholder of the data that has its old name.

    The keys below one with an old name are found as well.
    """
    for key, value in data.items():
        path = (*above, key)
        step = "*" if pattern in NAMED_BY_USER else key
        here = f"{pattern}.{step}" if pattern else step
        if new := RENAMED_KEYS.get(here):
            fix = "remove it" if value is False and ": " in new else f"write {new}"
            yield Issue(f"{quoted(key)} is called {quoted(new)}", fix, (path,))
            here = f"{here.removesuffix(step)}{new}"
        if isinstance(value, Mapping):
            yield from renamed_keys(value, path, here)
        elif isinstance(value, str) and here in RENAMED_PLACEHOLDERS:
            yield from _placeholder(value, path, *RENAMED_PLACEHOLDERS[here])


def _placeholder(command: str, path: KeyPath, old: str, new: str) -> Iterator[Issue]:
    try:
        found = placeholders(command)
    except ValueError:
        # A quote is left open, which is an error of its own.
        return
    if old in found:
        what = f"'{{{old}}}' is called '{{{new}}}'"
        yield Issue(what, f"write {{{new}}}", (path,))
