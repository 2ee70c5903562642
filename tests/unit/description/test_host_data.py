"""Host data: read once, and a key that is nearly one of ours is no key of the user's own."""

from __future__ import annotations

import pytest

from homeport.description.host_data import HostData
from homeport.errors import UserError
from homeport.manifest import Rollout


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
