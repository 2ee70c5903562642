"""Host data: read once, and a key that is nearly one of ours is no key of the user's own."""

from __future__ import annotations

import pytest

from homeport.description.host_data import (
    KEYS,
    OLD_KEYS,
    HostData,
    check_names,
    check_old_names,
    flag,
)
from homeport.errors import UserError
from homeport.manifest import Rollout


@pytest.mark.parametrize("name", ["architectur", "architecure", "debain", "allow_dirt"])
def test_host_data__a_key_that_is_nearly_ours_is_named_with_the_one_that_was_meant(
    name: str,
) -> None:
    with pytest.raises(UserError, match=rf"^group_data: {name}: .* Fix: write (arch|deb|allow)"):
        check_names({name: 1})


@pytest.mark.parametrize(("old", "new"), OLD_KEYS.items())
def test_host_data__an_old_name_is_answered_with_the_new_one_and_its_place(
    old: str, new: str
) -> None:
    outer, _, inner = old.partition(".")
    data = {outer: {inner: 1} if inner else 1}
    output = rf"^group_data: {old}: '{inner or outer}' is called '{new}'\. Fix: write {new}\.$"
    with pytest.raises(UserError, match=output):
        check_names(data)
    assert new in (KEYS if not inner else Rollout.model_fields)
    check_old_names({outer: {new: 1} if inner else None, new: 1})


def test_host_data__other_keys_are_the_users_own() -> None:
    check_names({"app": {}, "debian": "12", "apps": 1, "ssh_user": "x", "_sudo": True, "site": "x"})


@pytest.mark.parametrize(
    ("value", "meant"),
    [(True, True), ("yes", True), (1, True), ("True", True), (False, False), ("no", False)],
)
def test_host_data__yes_and_no_may_be_written_as_people_do(value: object, meant: bool) -> None:
    assert flag({"allow_dirty": value}, "allow_dirty") is meant
    assert flag({}, "allow_dirty") is False


def test_host_data__what_is_neither_is_an_error_and_not_a_yes() -> None:
    with pytest.raises(UserError, match="'maybe' is neither yes nor no"):
        flag({"allow_dirty": "maybe"}, "allow_dirty")


def test_host_data__is_read_into_typed_fields() -> None:
    data = HostData.parse(
        {"debian": 12, "architecture": "arm64", "app": {"name": "shop"}, "verify_files": "yes"}
        | {"artifact": "builds/shop.tar.gz", "rollout": {"batch_size": 2}, "_sudo": True}
    )
    assert (data.host_type, data.app_file, data.debian) == ("server", "app.yml", "12")
    assert (data.architecture, data.artifact) == ("arm64", "builds/shop.tar.gz")
    assert (data.verify_files, data.allow_dirty, data.allow_downgrade) == (True, False, False)
    assert [dict(override) for override in data.overrides] == [{"name": "shop"}]
    assert data.rollout == Rollout(batch_size=2)
    assert data.sudo
    assert HostData.parse({"artifact": None}).artifact is None


INVALID: list[tuple[str, object]] = [
    *(("artifact", value) for value in (12, "", ["a"], True)),
    *(("app_file", value) for value in (12, "", None)),
    *((flag, "maybe") for flag in ("verify_files", "allow_dirty", "allow_downgrade")),
    *(("app", value) for value in ("x", None, ["x"])),
    ("rollout", "yes"),
    ("host_type", "moon"),
]


@pytest.mark.parametrize(("key", "value"), INVALID)
def test_host_data__an_invalid_value_is_an_error_with_its_key(key: str, value: object) -> None:
    with pytest.raises(UserError, match=rf"^(group_data|inventory): {key}: .* Fix: write "):
        HostData.parse({key: value})


@pytest.mark.parametrize(("key", "value"), INVALID)
def test_host_data__the_basics_are_read_whatever_is_wrong_with_the_rest(
    key: str, value: object
) -> None:
    data = {"architecture": "arm64", key: value}
    if key in {"app_file", "host_type"}:
        with pytest.raises(UserError, match=key):
            HostData.parse_basics(data)
    else:
        assert HostData.parse_basics(data) == HostData(architecture="arm64")


def test_host_data__how_a_host_is_reached_makes_no_difference() -> None:
    data = {"debian": "12", "site": "a"}
    other = {**data, "ssh_hostname": "b", "_sudo": True, "api_token": "c"}
    assert HostData.parse(data) == HostData.parse(other)
    assert dict(HostData.parse(other).public) == data
    assert HostData.parse(data) != HostData.parse({**data, "site": "b"})


@pytest.mark.parametrize(
    "name",
    [
        *("_sudo_password", "ssh_key", "db_password", "DB_PASSWORD", "passwd", "Passphrase"),
        *("api_key", "API_KEY", "apikey", "SECRET_KEY", "signing-key", "KEY", "github_token"),
        *("aws_credentials", "db_pass", "DB_PWD", "smtp_auth"),
    ],
)
def test_host_data__no_file_holds_what_may_be_a_secret_at_any_depth(name: str) -> None:
    data = {"site": "a", "databases": [{"name": "b", name: "hunter2"}], name: "hunter2"}
    public = {"site": "a", "databases": [{"name": "b"}]}
    assert dict(HostData.parse(data).public) == public


def test_host_data__other_names_and_data_in_a_circle_are_no_trouble() -> None:
    data: dict[str, object] = {"monkey": 1, "keyboard": "us", "passenger": 2, "author": "x"}
    assert dict(HostData.parse(data).public) == data
    data["itself"] = data
    assert HostData.parse(data).public["monkey"] == 1
