"""A secret is read where the deploy runs, and an error never repeats it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from homeport.errors import UserError
from homeport.secret_refs import from_command, from_file


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.touch(mode=0o600)
    return path


@pytest.mark.parametrize(
    ("content", "value"),
    [("a", "a"), ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a"), (" a b ", " a b "),
     ("grüße", "grüße"), ("a\u2028b\x85c", "a\u2028b\x85c"), ("a\tb", "a\tb"),
     ("$x \"y\" 'z' \\", "$x \"y\" 'z' \\")],
)  # fmt: skip
def test_secret_refs__a_file_gives_its_one_line(content: str, value: str, secret: Path) -> None:
    secret.write_bytes(content.encode())
    assert from_file(secret, "secrets.X") == value
    assert from_command(["cat", str(secret)], "secrets.X", secret.parent) == value


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"\r\n\n", b"hunter2\nmore", b"hunter2\0", b"hunter2\xff", b"hunter2\rmore",
     b"hunter2\x1b[0m", b"hunter2\x7f", "hunter2".encode("utf-16")],
)  # fmt: skip
def test_secret_refs__what_systemd_could_not_hand_on_is_refused_and_not_repeated(
    content: bytes, secret: Path
) -> None:
    secret.write_bytes(content)
    with pytest.raises(UserError) as one:
        from_file(secret, "secrets.X")
    with pytest.raises(UserError) as other:
        from_command(["cat", str(secret)], "secrets.X", secret.parent)
    for error in (one, other):
        assert "hunter2" not in str(error.value)
        assert "secrets.X: " in str(error.value)
        assert "Fix: " in str(error.value)


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o644, 0o601, 0o777])
def test_secret_refs__a_file_that_others_may_read_is_refused(mode: int, secret: Path) -> None:
    secret.write_text("hunter2")
    secret.chmod(mode)
    with pytest.raises(
        UserError, match=f"others may read this secret. Fix: run `chmod 600 {secret}"
    ):
        from_file(secret, "secrets.X")


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_secret_refs__a_file_that_is_for_its_owner_alone_is_taken(mode: int, secret: Path) -> None:
    secret.write_text("hunter2")
    secret.chmod(mode)
    assert from_file(secret, "secrets.X") == "hunter2"


def test_secret_refs__a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none: secrets.X: can't be read: No such file"):
        from_file(tmp_path / "none", "secrets.X")
    with pytest.raises(UserError, match="can't be read: Is a directory"):
        from_file(tmp_path, "secrets.X")


def test_secret_refs__a_command_runs_in_the_folder_of_the_application(tmp_path: Path) -> None:
    (tmp_path / "here").write_text("hunter2\n")
    assert from_command(["cat", "here"], "secrets.X", tmp_path) == "hunter2"


def test_secret_refs__a_command_is_not_read_by_a_shell(tmp_path: Path) -> None:
    assert from_command(["echo", "$HOME", ";", "id"], "secrets.X", tmp_path) == "$HOME ; id"


def test_secret_refs__a_command_that_fails_is_named_and_what_it_printed_is_not(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "vault"
    program.write_text("#!/bin/sh\necho hunter2\necho 'no such entry' >&2\nexit 7\n")
    program.chmod(0o755)
    with pytest.raises(UserError) as caught:
        from_command([str(program), "show", "x"], "secrets.X", tmp_path)
    assert "secrets.X: its command exits with 7." in str(caught.value)
    assert f"{program} show x" in caught.value.fix
    assert "hunter2" not in str(caught.value) + "".join(capfd.readouterr().out)


def test_secret_refs__what_a_command_complains_of_reaches_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    script = "import sys; print('locked', file=sys.stderr); print('a')"
    from_command([sys.executable, "-c", script], "secrets.X", tmp_path)
    assert capfd.readouterr().err == "locked\n"


def test_secret_refs__a_command_that_is_not_installed_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"can't be run: No such file.*Fix: install no-such-vault"):
        from_command(["no-such-vault"], "secrets.X", tmp_path)
