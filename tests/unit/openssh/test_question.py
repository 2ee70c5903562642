"""A login asks on the user's terminal: when there is one, and when nothing else opens the host."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.asking_host import (
    ASKS,
    PHRASE,
    SitAt,
    asking,
    guarded_key,
    runtime_folder,
    sit_at,
)
from tests.support.fake_login import WORD, keys
from tests.support.fake_ssh_server import Door
from tests.support.user_terminal import processes, sat_at

__all__ = ["asking", "guarded_key", "keys", "runtime_folder", "sit_at"]

SHOWS = """\
import sys
from homeport.openssh.login import LoginError
from homeport.openssh.question import ask
try:
    ask(["sh", "-c", sys.argv[1]], "[shed] it asks:")
except LoginError as error:
    print(f"kept: {error}")
"""

GATE = """\
import os, select, socket, sys
try:
    terminal = open("/dev/tty", "r+b", 0)
except OSError:
    sys.exit("ann@gate: Permission denied (publickey).")
terminal.write(b"Code of the gate: ")
terminal.readline()
terminal.close()
there = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
while True:
    for end in select.select([there, 0], [], [])[0]:
        chunk = there.recv(9999) if end is there else os.read(0, 9999)
        if not chunk:
            sys.exit()
        os.write(1, chunk) if end is there else there.sendall(chunk)
"""


def test_question__a_passphrase_is_asked_for_once_a_run(sit_at: SitAt) -> None:
    with sit_at() as terminal:
        terminal.wait_for(ASKS)
        assert "[shed] ssh may ask you for a passphrase" in terminal.shown.partition(ASKS)[0]
        assert not terminal.echoes()
        terminal.type(f"{PHRASE}\n")
        assert terminal.wait() == 0
        assert "shed ran one" in terminal.shown
        assert "shed ran two" in terminal.shown
        assert terminal.shown.count(ASKS) == 1
        assert PHRASE not in terminal.shown
        assert terminal.echoes()


def test_question__a_wrong_passphrase_is_a_refusal_in_one_line(sit_at: SitAt) -> None:
    with sit_at() as terminal:
        for times in (1, 2, 3):
            terminal.wait_for(ASKS, times)
            terminal.type("wrong\n")
        assert terminal.wait() == 0
        (failed,) = (text for text in terminal.shown.splitlines() if "failed: " in text)
        assert "it refuses the key of deploy. Fix: " in failed
        assert "ran" not in terminal.shown


def test_question__without_a_terminal_nothing_is_asked(sit_at: SitAt) -> None:
    with sit_at(stdin=subprocess.DEVNULL) as terminal:
        assert terminal.wait() == 0
        assert "failed: it refuses the key of deploy. Fix: " in terminal.shown
        assert "ask" not in terminal.shown
        assert ASKS not in terminal.shown


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"ssh_known_hosts_file": "/dev/null"}, "its host key is not known here. Fix: "),
        ({"ssh_port": 1}, "nothing listens on port 1"),
    ],
)
def test_question__what_no_answer_helps_is_not_asked_about(
    sit_at: SitAt, data: dict[str, object], message: str
) -> None:
    with sit_at(**data) as terminal:
        assert terminal.wait() == 0
        assert f"failed: {message}" in terminal.shown
        assert "ssh may ask" not in terminal.shown
        assert "(yes/no" not in terminal.shown


def test_question__hosts_ask_one_after_the_other(sit_at: SitAt) -> None:
    with sit_at("shed", "web") as terminal:
        terminal.wait_for(ASKS)
        terminal.read(1)
        assert terminal.shown.count(ASKS) == 1
        first, other = ("shed", "web") if "[shed]" in terminal.shown else ("web", "shed")
        assert f"[{other}]" not in terminal.shown
        terminal.type(f"{PHRASE}\n")
        terminal.wait_for(ASKS, 2)
        assert f"[{other}] " in terminal.shown.split(ASKS)[1]
        terminal.type(f"{PHRASE}\n")
        assert terminal.wait() == 0
        assert f"{first} ran two" in terminal.shown
        assert f"{other} ran two" in terminal.shown


def test_question__ctrl_c_ends_it_and_all_others(sit_at: SitAt, runtime_folder: Path) -> None:
    with sit_at("shed", "web") as terminal:
        terminal.wait_for(ASKS)
        assert not terminal.echoes()
        assert processes(str(runtime_folder))
        terminal.type("\x03")
        assert terminal.wait() != 0
        assert terminal.echoes()
        deadline = time.monotonic() + 5
        while (left := processes(str(runtime_folder))) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert left == []
        assert terminal.shown.count("ssh may ask") == 1


def test_question__a_login_anew_asks_again(sit_at: SitAt) -> None:
    with sit_at(anew="anew") as terminal:
        for times in (1, 2):
            terminal.wait_for(ASKS, times)
            terminal.type(f"{PHRASE}\n")
        assert terminal.wait() == 0
        assert "ran anew" in terminal.shown
        assert terminal.shown.count(ASKS) == 2


def test_question__a_password_is_asked_for_as_ssh_does_but_proves_no_key(
    sit_at: SitAt, asking: Door
) -> None:
    asking.passwords["ann"] = WORD
    with sit_at(ssh_user="ann", anew="against") as terminal:
        terminal.wait_for("ann@127.0.0.1's password: ")
        terminal.type(f"{WORD}\n")
        assert terminal.wait() == 0
        assert "shed ran two" in terminal.shown
        assert "against: it refuses the key of ann" in terminal.shown
        assert terminal.shown.count("password: ") == 1


def test_question__a_code_is_asked_for_after_the_key(sit_at: SitAt, asking: Door) -> None:
    asking.codes["deploy"] = "123456"
    with sit_at() as terminal:
        terminal.wait_for(ASKS)
        terminal.type(f"{PHRASE}\n")
        terminal.wait_for("Code: ")
        terminal.wait_for("See your device.")
        terminal.type("123456\n")
        assert terminal.wait() == 0
        assert "shed ran two" in terminal.shown
        assert terminal.shown.count("Code: ") == 1


def test_question__a_jump_host_asks_too(sit_at: SitAt, asking: Door, tmp_path: Path) -> None:
    gate, config = tmp_path / "gate.py", tmp_path / "config"
    gate.write_text(GATE)
    config.write_text(f"ProxyCommand {sys.executable} {gate} {asking.port}\n")
    with sit_at(ssh_config_file=str(config)) as terminal:
        terminal.wait_for("Code of the gate: ")
        assert "[shed] " in terminal.shown
        terminal.type("123\n")
        terminal.wait_for(ASKS)
        terminal.type(f"{PHRASE}\n")
        assert terminal.wait() == 0
        assert "shed ran two" in terminal.shown
        assert terminal.shown.count("Code of the gate: ") == 1


def test_question__what_ssh_says_is_shown_as_it_comes_and_kept() -> None:
    script = "test -t 2 && echo 'Confirm user presence' >&2; read x </dev/tty; echo no >&2; exit 9"
    with sat_at(SHOWS, script) as terminal:
        terminal.wait_for("Confirm user presence")
        assert "[shed] it asks:" in terminal.shown
        assert "kept" not in terminal.shown
        terminal.type("\n")
        assert terminal.wait() == 0
        assert "kept: Confirm user presence\r\nno" in terminal.shown


def test_question__one_that_nobody_answers_ends() -> None:
    script = SHOWS.replace("import sys\n", "import sys\nimport homeport.openssh.question as q\n")
    script = script.replace("try:", "q.SECONDS = 0.5\ntry:")
    with sat_at(script, "stty -echo </dev/tty; echo $$; exec sleep 60") as terminal:
        assert terminal.wait() == 0
        assert "kept: its question had no answer after 0.5 s" in terminal.shown
        assert terminal.echoes()


def test_question__settings_of_the_terminal_are_put_back() -> None:
    with sat_at(SHOWS, "stty -echo </dev/tty; exit 9") as terminal:
        assert terminal.wait() == 0
        assert terminal.echoes()
