"""Keys that had another name once: one sentence says what each is called."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from homeport.manifest.model.app import App
from homeport.manifest.model.config_file import ConfigTemplate
from homeport.manifest.model.health import Health, Page
from homeport.manifest.model.process import Process, RunOnceJob, Schedule
from homeport.manifest.model.proxy import AcmeAccount, Proxy
from homeport.manifest.model.release_policy import ReleasePolicy

RENAMED: Mapping[type[BaseModel], Mapping[str, str]] = {
    App: {
        "check": "release_check",
        "config": "config_files",
        "front": "proxy",
        "hooks": "git_hooks",
        "index": "index_url",
        "init": "run_once",
        "packages": "apt_packages",
    },
    Proxy: {
        "body": "max_body_size",
        "headers": "response_headers",
        "health": "expose_health_paths",
        "names": "server_names",
        "repeat": "retry_non_idempotent",
        "timeout": "response_timeout",
    },
    AcmeAccount: {"directory": "directory_url"},
    ConfigTemplate: {"check": "validate"},
    Health: {
        "every": "interval",
        "failures": "failure_threshold",
        "restarts": "max_restarts_per_hour",
        "start": "start_period",
        "successes": "success_threshold",
    },
    Page: {"body": "expect_body"},
    Process: {"exclusive": "strategy: recreate", "relax": "disable_hardening"},
    ReleasePolicy: {"data": "data_version", "drain": "drain_timeout", "keep": "keep_releases"},
    RunOnceJob: {"relax": "disable_hardening"},
    Schedule: {"relax": "disable_hardening"},
}
"""Of each part of an application file: a key's name of before, and what it is called."""


def renamed(key: str, model: type[BaseModel]) -> tuple[str, str] | None:
    """Return what is wrong with a key of before and the fix, None for any other key."""
    name = RENAMED.get(model, {}).get(key)
    return None if name is None else (f"'{key}' is called '{name}'", f"write {name}")
