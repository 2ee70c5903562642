"""Keys that may log in: only public ones, wherever they are written."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.errors import UserError
from homeport.ssh import authorized_keys


@pytest.fixture
def key(tmp_path: Path) -> Path:
    made = tmp_path / "id"
    line = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "me@here", "-f", made]
    subprocess.run(line, check=True)
    return made


def test_keys_are_lines_or_files_and_each_counts_once(key: Path, tmp_path: Path) -> None:
    line = key.with_suffix(".pub").read_text().strip()
    (tmp_path / "many").write_text(f"# mine\n\n{line}\n{line.replace('me@here', 'me')}\n")
    found = authorized_keys.key_lines([line, "id.pub", "many"], tmp_path)
    assert found == (line, line.replace("me@here", "me"))


def test_public_keys__a_private_key_is_refused_and_not_repeated(key: Path, tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"id: authorized_keys: this is a private key.*id\.pub"
    ) as caught:
        authorized_keys.key_lines(["id"], tmp_path)
    assert "OPENSSH" not in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        "ssh-ed25519",
        "ssh-ed25519 nonsense",
        "ssh-ed25519 AAAA",
        "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIEBb0phHGf+KnN5NXpoPveTsLcKvtAXtpBDIu/RpIqW9",
    ],
)
def test_public_keys__what_is_no_key_is_an_error(line: str, tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"group_data: authorized_keys: this is not a public key. Fix: "
    ):
        authorized_keys.key_lines([line], tmp_path)


def test_public_keys__a_line_of_a_file_is_blamed_by_its_number(key: Path, tmp_path: Path) -> None:
    line = key.with_suffix(".pub").read_text()
    (tmp_path / "many").write_text(f"{line}command=x {line}")
    with pytest.raises(UserError, match=r"many:2: authorized_keys: this is not a public key"):
        authorized_keys.key_lines(["many"], tmp_path)


@given(st.text())
def test_public_keys__whatever_is_written_is_a_key_or_an_error(text: str) -> None:
    try:
        found = authorized_keys.key_lines([f"ssh-{text}"], Path("/none"))
    except UserError:
        return
    assert all("\n" not in line for line in found)


def test_public_keys__a_file_that_is_not_there_or_empty_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No such file"):
        authorized_keys.key_lines(["none.pub"], tmp_path)
    (tmp_path / "empty").touch()
    with pytest.raises(UserError, match="there is no key in it"):
        authorized_keys.key_lines(["empty"], tmp_path)


def test_public_keys__own_keys_are_those_of_which_both_halves_are_there(
    key: Path, tmp_path: Path
) -> None:
    line = key.with_suffix(".pub").read_text().strip()
    assert authorized_keys.own([str(tmp_path / "none"), str(key)]) == (line,)
    key.unlink()
    with pytest.raises(UserError, match=r"no key to log in by. Fix: make a key with `ssh-keygen"):
        authorized_keys.own([str(key)])
