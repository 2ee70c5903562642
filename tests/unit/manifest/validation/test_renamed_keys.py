"""A key's name of before is answered with what it is called, at its place, and nothing else."""

from __future__ import annotations

import pytest

from homeport.errors import UserError
from homeport.manifest.validation.renamed_keys import RENAMED
from tests.support.valid_app import Read

KEYS = {
    "check": "release_check",
    "config": "config_files",
    "config_files.shop.conf.check": "validate",
    "front": "proxy",
    "hooks": "git_hooks",
    "index": "index_url",
    "init": "run_once",
    "packages": "apt_packages",
    "processes.web.exclusive": "strategy: recreate",
    "processes.web.health.every": "interval",
    "processes.web.health.failures": "failure_threshold",
    "processes.web.health.live.body": "expect_body",
    "processes.web.health.restarts": "max_restarts_per_hour",
    "processes.web.health.start": "start_period",
    "processes.web.health.successes": "success_threshold",
    "processes.web.relax": "disable_hardening",
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
    "run_once.first.relax": "disable_hardening",
    "schedules.tidy.relax": "disable_hardening",
}
PARTS = {
    "config_files": {"shop.conf": {"template": "shop.j2"}},
    "processes": {
        "web": {
            "command": "run {socket}",
            "listen": "socket",
            "health": {"live": {"path": "/live"}},
        }
    },
    "proxy": {
        "process": "web",
        "server_names": ["shop.example"],
        "tls": {"acme": {"email": "me@shop.example"}},
    },
    "release": {},
    "run_once": {"first": {"command": "run"}},
    "schedules": {"tidy": {"command": "run", "at": "daily"}},
}
MINIMAL = 'name: shop\nsource: examples\npython: "3.11"\n'


def test_renamed_keys__every_row_of_the_table_is_tried() -> None:
    rows = sorted(new for names in RENAMED.values() for new in names.values())
    assert sorted(KEYS.values()) == rows


@pytest.mark.parametrize("path, name", KEYS.items())
def test_renamed_keys__an_old_key_gets_one_sentence(read: Read, path: str, name: str) -> None:
    parts = path.replace("shop.conf", "shop/conf").split(".")
    parents, old = [part.replace("/", ".") for part in parts[:-1]], parts[-1]

    def with_old(found: object, names: list[str]) -> dict[str, object]:
        assert isinstance(found, dict)
        if not names:
            return {**found, old: "x"}
        return {**found, names[0]: with_old(found[names[0]], names[1:])}

    with pytest.raises(UserError) as caught:
        read(text=MINIMAL, **with_old(PARTS, parents))
    errors = getattr(caught.value, "errors", (caught.value,))
    (error,) = [each for each in errors if each.key == path]
    assert error.what == f"'{old}' is called '{name}'"
    assert error.fix == f"write {name}"


def test_renamed_keys__a_slip_still_gets_the_nearest_key(read: Read) -> None:
    with pytest.raises(UserError, match=r"'proxi' is not a key here. Fix: write proxy\."):
        read(text=MINIMAL, proxi={})


def test_renamed_keys__a_new_name_is_a_key_of_its_part() -> None:
    for model, names in RENAMED.items():
        known = {field.alias or name for name, field in model.model_fields.items()}
        assert {name.partition(":")[0] for name in names.values()} <= known
        assert not known & set(names)
