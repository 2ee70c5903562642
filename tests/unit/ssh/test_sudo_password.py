"""A password reaches sudo by standard input, and nothing else ever sees it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from pyinfra.api.command import StringCommand
from pyinfra.connectors.util import write_stdin

from homeport.files.install import StdinPayload
from homeport.ssh.sudo_password import ASKS, Hidden, SudoStdin, as_root, by_password, if_free
from tests.support.fake_sudo import ASKING

SECRET = Hidden("hunter2 'quoted' $HOME")


class Stdin:
    """A standard input that keeps what is written to it."""

    def __init__(self) -> None:
        self.sent = b""

    def write(self, data: bytes) -> None:
        self.sent += data

    def close(self) -> None: ...


def sent(fed: SudoStdin) -> bytes:
    stdin = Stdin()
    write_stdin(fed, stdin)
    return stdin.sent


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    log = tmp_path / "calls"
    sudo = tmp_path / "sudo"
    sudo.write_text(ASKING % log)
    sudo.chmod(0o755)
    return log


def run(
    calls: Path, command: StringCommand, stdin: bytes = b"", asks: bool = True, word: str = SECRET
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["sh", "-c", command.get_raw_value()],
        input=stdin,
        capture_output=True,
        env={
            "PATH": f"{calls.parent}:/usr/bin:/bin",
            "ASKS": "yes" if asks else "",
            "PASSWORD": word,
        },
    )


@pytest.mark.parametrize("asks", [True, False])
@pytest.mark.parametrize("rest", ["echo one\n", ["echo one"], StdinPayload(b"x"), None])
def test_sudo_password__a_command_gets_its_own_input_and_never_the_password(
    calls: Path, asks: bool, rest: object
) -> None:
    command = by_password(StringCommand("cat"), "mark", {"_sudo": True})
    done = run(calls, command, sent(SudoStdin(SECRET, "mark", rest)), asks)
    wanted = {str: b"echo one\n", list: b"echo one\n", StdinPayload: b"eA==\n"}.get(type(rest), b"")
    assert (done.returncode, done.stdout) == (0, wanted)


def test_sudo_password__a_script_that_is_read_from_input_is_run_and_the_password_is_not(
    calls: Path,
) -> None:
    command = by_password(StringCommand("sh", "-s"), "mark", {"_sudo": True})
    fed = SudoStdin(Hidden("touch /tmp/should-never-be"), "mark", "echo ran\necho again")
    done = run(calls, command, sent(fed), asks=False)
    assert done.stdout == b"ran\nagain\n"
    assert not Path("/tmp/should-never-be").exists()


def test_sudo_password__a_wrong_password_runs_nothing(calls: Path) -> None:
    command = by_password(StringCommand("echo ran"), "mark", {"_sudo": True})
    done = run(calls, command, sent(SudoStdin(Hidden("wrong"), "mark", None)))
    assert (done.returncode, done.stdout) == (1, b"")


def test_password_is_in_no_command_line_and_in_no_text_of_the_data(calls: Path) -> None:
    command = by_password(StringCommand("true"), "mark", {"_sudo": True})
    fed = SudoStdin(SECRET, "mark", None)
    run(calls, command, sent(fed))
    assert "hunter2" not in calls.read_text() + command.get_raw_value() + str(command)
    assert "hunter2" not in f"{fed!r}{[SECRET]}{ {'password': SECRET} }{fed.readlines()!r}"


def test_sudo_password__who_needs_no_password_costs_one_command_and_who_does_is_told_apart(
    calls: Path,
) -> None:
    command = if_free(StringCommand("cat"), {"_sudo": True})
    free = run(calls, command, b"what it reads", asks=False)
    assert (free.returncode, free.stdout, free.stderr) == (0, b"what it reads", b"")
    result = run(calls, command, b"what it reads")
    assert (result.returncode, result.stdout) == (1, b"")
    assert result.stderr.decode().splitlines() == [ASKS]


def test_sudo_password__root_needs_no_sudo_unless_it_is_to_be_somebody_else() -> None:
    assert "sudo" not in as_root(StringCommand("id"), {"_sudo": True}).get_raw_value()
    another = as_root(StringCommand("id"), {"_sudo": True, "_sudo_user": "app"}).get_raw_value()
    assert "sudo -H -n -u app" in another
