"""The lines that lead to root have no password in them."""

from __future__ import annotations

import pytest
from pyinfra.api.command import StringCommand

from homeport.openssh.become import Password, Sudo, found, line, without
from homeport.openssh.marks import Marks
from tests.support.fake_login import WORD


@pytest.mark.parametrize("sudo", Sudo)
def test_become__a_line_has_no_password(sudo: Sudo) -> None:
    arguments = {"_sudo": True, "_sudo_user": "a b", "_use_sudo_login": True}
    made = line(StringCommand("echo 'x y'"), arguments, Marks(), sudo, Password(WORD))
    assert WORD not in made.words
    assert (WORD.encode() in made.first) is sudo.asks
    assert ("script" in made.words) is sudo.wants_terminal


def test_become__root_needs_sudo_only_for_another_user() -> None:
    command = StringCommand("true")
    assert "sudo" not in without(command, {"_sudo": True}).words
    assert "sudo" in without(command, {"_sudo": True, "_sudo_user": "www"}).words


@pytest.mark.parametrize(
    ("lines", "way"),
    [(["SUDO missing"], "missing"), (["motd", "SUDO terminal"], "terminal"), (["SUDO"], "")],
)
def test_become__what_a_host_says_of_sudo_is_found_among_other_lines(
    lines: list[str], way: str
) -> None:
    assert found(lines) == way
