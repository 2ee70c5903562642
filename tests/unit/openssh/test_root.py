"""Commands for root: whatever way sudo takes there is found, once, in every language."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.fake_login import WORD, keys
from tests.support.fake_ssh_server import Door
from tests.support.ssh_host import Connect, connect, logins, out, server

__all__ = ["connect", "keys", "server"]

# A sudo that refuses without a terminal, as requiretty has it, in another language.
WANTS_TERMINAL = """\
#!/bin/sh
if ! (: </dev/tty) 2>/dev/null; then echo "Entschuldigung, kein Terminal" >&2; exit 1; fi
"""


def test_root__a_sudo_that_asks_nothing_costs_no_command_of_its_own(
    server: Door, connect: Connect
) -> None:
    connector = connect()
    assert out(connector, "cat", _sudo=True, _stdin="a") == (True, "a", "")
    assert len(server.ran) == 1
    assert out(connector, "exit 1", _sudo=True)[0] is False
    assert len(server.ran) == 2


def test_root__a_password_goes_in_on_standard_input(
    server: Door, connect: Connect, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.environment["ASKS"] = "yes"
    connector = connect(sudo_password={"command": ["echo", WORD]})
    for _ in range(2):
        assert out(connector, "cat", _sudo=True, _stdin="a") == (True, "a", "")
    assert WORD not in " ".join(server.ran) + (tmp_path / "calls").read_text() + caplog.text
    # It is offered at once, and the way is kept.
    assert len(server.ran) == 2


def test_root__a_host_is_asked_for_its_way_only_where_none_is_at_hand(
    server: Door, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.environment["ASKS"] = "yes"
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    prompts: list[str] = []
    monkeypatch.setattr("getpass.getpass", lambda prompt: prompts.append(prompt) or WORD)
    connector = connect()
    for _ in range(2):
        assert out(connector, "cat", _sudo=True, _stdin="a") == (True, "a", "")
    # Without a password, a question to the host, and with one; then it is kept.
    assert (len(server.ran), len(prompts)) == (4, 1)


def test_root__where_sudo_asks_for_no_password_after_all_it_is_no_input(
    server: Door, connect: Connect
) -> None:
    server.environment["ASKS"] = "yes"
    connector = connect(sudo_password=WORD)
    out(connector, "true", _sudo=True)
    server.environment["ASKS"] = ""
    assert out(connector, "cat", _sudo=True, _stdin="a") == (True, "a", "")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "its sudo asks for a password, and there is no terminal to type it on. Fix: "),
        ({"sudo_password": "wrong"}, "its sudo refuses deploy"),
    ],
)
def test_root__a_sudo_that_does_not_let_us_is_told_in_one_line(
    server: Door, connect: Connect, data: dict[str, str], message: str, tmp_path: Path
) -> None:
    server.environment["ASKS"] = "yes"
    done, printed, errors = out(connect(**data), f"touch {tmp_path}/ran", _sudo=True)
    assert (done, printed) == (False, "")
    assert message in errors
    assert "\n" not in errors
    assert not (tmp_path / "ran").exists()


def test_root__a_sudo_that_wants_a_terminal_gets_one_and_bytes_stay_bytes(
    server: Door, connect: Connect
) -> None:
    assert server.programs
    sudo = server.programs / "sudo"
    asking = sudo.read_text().removeprefix("#!/bin/sh\n")
    sudo.write_text(WANTS_TERMINAL + asking)
    connector = connect()
    assert out(connector, "cat; echo e >&2; exit 3", _sudo=True, _stdin="a\x03b") == (
        False,
        "a\x03b",
        "e",
    )
    server.environment["ASKS"] = "yes"
    other = connect(sudo_password=WORD)
    assert out(other, "cat", _sudo=True, _stdin="a'b") == (True, "a'b", "")


def test_root__a_host_without_sudo_says_so(server: Door, connect: Connect) -> None:
    assert server.programs
    (server.programs / "sudo").unlink()
    server.environment["PATH"] = str(server.programs)
    for name in ("sh", "script", "cat", "sleep"):
        found = next(p for p in (Path("/usr/bin"), Path("/bin")) if (p / name).exists())
        (server.programs / name).symlink_to(found / name)
    done, _, errors = out(connect(), "true", _sudo=True)
    assert not done
    assert "it has no sudo. Fix: " in errors


def test_root__one_login_serves_all_of_it(server: Door, connect: Connect) -> None:
    server.environment["ASKS"] = "yes"
    out(connect(sudo_password=WORD), "true", _sudo=True)
    assert logins(server) == 1
