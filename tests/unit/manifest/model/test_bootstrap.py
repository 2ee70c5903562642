"""Host data of the machine: taken if it makes sense, and an error with its key if it doesn't."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.errors import UserError
from homeport.manifest import BootstrapData, FileSecret, validate_machine

BARE = {"user": "pi", "password": {"file": "secrets/pi-password"}}


def read(**data: object) -> BootstrapData:
    return validate_machine({"ssh_user": "deploy", **data}, "host data")


def test_bootstrap__all_of_it_may_be_said_and_what_is_of_others_is_left_alone() -> None:
    found = read(
        bootstrap_login=BARE,
        hostname="shed",
        timezone="Europe/Berlin",
        authorized_keys=["~/.ssh/id_ed25519.pub"],
        host_key_fingerprint=f"SHA256:{'a' * 43}",
        sd_card=False,
        confirm_timeout=60,
        app={"environment": {}},
        debian="12",
    )
    assert found.bootstrap_login is not None
    assert isinstance(found.bootstrap_login.password, FileSecret)
    assert (found.hostname, found.sd_card, found.confirm_timeout) == ("shed", False, 60)


def test_bootstrap__little_need_be_said() -> None:
    found = read()
    assert (found.bootstrap_login, found.timezone, found.sd_card, found.confirm_timeout) == (
        None,
        None,
        None,
        120,
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"bootstrap_login": "pi"}, r"bootstrap_login: expected a mapping, got text"),
        ({"bootstrap_login": {"user": "pi"}}, r"bootstrap_login\.password: this key is missing"),
        (
            {"bootstrap_login": {**BARE, "users": "x"}},
            r"bootstrap_login\.users: 'users' is not a key here. Fix: write user",
        ),
        (
            {"bootstrap_login": {**BARE, "user": "Pi"}},
            r"bootstrap_login\.user: 'Pi' is not the name of a user",
        ),
        (
            {"bootstrap_login": {**BARE, "user": "pi\nroot"}},
            r"bootstrap_login\.user: .* is not the name of a user",
        ),
        (
            {"bootstrap_login": {**BARE, "password": "raspberry"}},
            r"bootstrap_login\.password: .*never the secret itself",
        ),
        (
            {"bootstrap_login": {**BARE, "password": {"file": "a", "mode": "b"}}},
            r"bootstrap_login\.password\.mode: 'mode' is not a key here",
        ),
        (
            {"bootstrap_login": {**BARE, "password": {"command": []}}},
            r"bootstrap_login\.password\.command: the command is",
        ),
        ({"hostname": "Shed"}, r"hostname: 'Shed' is not a host name"),
        ({"hostname": "shed.example.org"}, r"hostname: .* without a domain"),
        ({"hostname": "-shed"}, r"hostname: "),
        ({"hostname": "x" * 64}, r"hostname: "),
        (
            {"timezone": "Europe/Berln"},
            r"timezone: .* is not a time zone. Fix: write Europe/Berlin",
        ),
        ({"timezone": "../../etc/passwd"}, r"timezone: "),
        ({"host_key_fingerprint": "aa:bb"}, r"host_key_fingerprint: .*ssh-keygen -lf"),
        ({"sd_card": "yes"}, r"sd_card: expected true or false, got text"),
        ({"confirm_timeout": 1}, r"confirm_timeout: the number is too small. Fix: write 5 or more"),
        (
            {"authorized_keys": "ssh-ed25519 AAAA"},
            r"authorized_keys: expected a list, got text",
        ),
        ({"ssh_user": "Deploy"}, r"ssh_user: "),
        ({"ssh_user": None}, r"ssh_user: this key is missing"),
    ],
)
def test_bootstrap__what_makes_no_sense_is_an_error_with_its_key(
    data: dict[str, object], message: str
) -> None:
    with pytest.raises(UserError, match=message) as caught:
        read(**data)
    assert str(caught.value).startswith("host data: ")
    assert "raspberry" not in str(caught.value)


def test_bootstrap__several_errors_are_told_at_once() -> None:
    with pytest.raises(UserError) as caught:
        read(hostname="A", sd_card="no")
    assert str(caught.value).count("\n") == 1


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
KEYS = st.sampled_from(list(BootstrapData.model_fields))


@given(st.dictionaries(KEYS, ANY | st.fixed_dictionaries({"user": ANY, "password": ANY})))
def test_bootstrap__whatever_is_said_is_taken_or_an_error(data: dict[str, object]) -> None:
    try:
        found = validate_machine(data, "host data")
    except UserError:
        return
    assert found.ssh_user
