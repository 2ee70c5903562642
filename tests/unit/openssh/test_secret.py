"""Passwords of host data: read where they are kept, and never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.hostctl.masking import KNOWN
from homeport.openssh.secret import SecretError, concealed, hidden, read


def test_secret__a_password_is_written_there_or_read_from_a_file_or_a_command(
    tmp_path: Path,
) -> None:
    file = tmp_path / "password"
    file.write_text("hunter2\n")
    file.chmod(0o600)
    assert read(None, "sudo_password") is None
    for value in ("hunter2", {"file": str(file)}, {"command": ["echo", "hunter2"]}):
        found = read(value, "sudo_password")
        assert found == "hunter2"
        assert "hunter2" not in repr(found)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"file": "/no/such/file"}, "sudo_password: can't be read"),
        ({"command": ["false"]}, "its command exits with 1"),
        ({"command": []}, "sudo_password is neither"),
        ({"other": "x"}, "sudo_password is neither"),
    ],
)
def test_secret__one_that_cannot_be_read_says_why(value: object, message: str) -> None:
    with pytest.raises(SecretError, match=message):
        read(value, "sudo_password")


def test_secret__a_log_has_none() -> None:
    data = {"ssh_user": "ann", "ssh_password": "hunter2", "sudo_password": "hunter2"}
    assert "hunter2" not in str(hidden(data))


def test_secret__passwords_in_clear_are_concealed_and_masked() -> None:
    data = {"ssh_user": "ann", "ssh_password": "short", "ssh_key_password": "correct horse"}
    more = {"_sudo_password": "battery staple", "ssh_port": 22, "sudo_password": {"file": "x"}}
    found = concealed({**data, **more})
    assert found == {**data, **more}
    shown = repr(found)
    assert not [word for word in ("short'", "correct", "battery") if word in shown]
    assert KNOWN("key=correct horse, battery staple") == "key=(password), (password)"
