"""Passwords of host data: read where they are kept, and never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.openssh.secret import SecretError, hidden, read


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
