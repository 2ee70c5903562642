"""Public data: what may be a secret stays out of files."""

from __future__ import annotations

import pytest

from homeport.description.public_data import public_data


@pytest.mark.parametrize(
    "name",
    [
        *("_sudo_password", "ssh_key", "db_password", "DB_PASSWORD", "passwd", "Passphrase"),
        *("api_key", "API_KEY", "apikey", "SECRET_KEY", "signing-key", "KEY", "github_token"),
        *("aws_credentials", "db_pass", "DB_PWD", "smtp_auth"),
    ],
)
def test_public_data__no_file_holds_what_may_be_a_secret_at_any_depth(name: str) -> None:
    data = {"site": "a", "databases": [{"name": "b", name: "hunter2"}], name: "hunter2"}
    public = {"site": "a", "databases": [{"name": "b"}]}
    assert public_data(data) == public


@pytest.mark.parametrize(
    ("value", "is_public"),
    [
        ("postgres://shop:hunter2@db.lan/shop", False),
        ("redis://:hunter2@10.0.0.7", False),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl", False),
        ("https://shop.example.org/a:b@c", True),
        ("postgres://shop@db.lan/shop", True),
    ],
)
def test_public_data__a_secret_is_known_by_its_value_too(value: str, is_public: bool) -> None:
    data = {"database_url": value, "urls": [value, "x"]}
    public = data if is_public else {"urls": ["x"]}
    assert public_data(data) == public


def test_public_data__other_names_and_data_in_a_circle_are_no_trouble() -> None:
    data: dict[str, object] = {"monkey": 1, "keyboard": "us", "passenger": 2, "author": "x"}
    assert public_data(data) == data
    data["itself"] = data
    assert public_data(data)["monkey"] == 1
