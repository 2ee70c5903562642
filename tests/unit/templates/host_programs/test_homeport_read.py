"""A reader gets an answer to three questions, and to no other; no word leads out of them."""

from __future__ import annotations

import base64
import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from homeport.engine.host_programs import host_program

SECRET = "correct horse/battery+staple"
ROOT = Path(__file__).parents[4]
UNITS = [
    "/etc/homeport/shop/units/shop-web@.service",
    "/etc/systemd/system/shop-worker.service",
    "/etc/systemd/system/shop-tidy.timer",
    "/etc/cron.d/shop",
]
API = ["/etc/systemd/system/shop-api-web.service"]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program, as root has it, with a host of its own below a folder."""
    text = host_program("homeport-read").decode()
    state, config = tmp_path / "var/lib/homeport", tmp_path / "etc/homeport"
    for there, here in {
        'ROOT, STATE = "/", "/var/lib/homeport"': f'ROOT, STATE = "{tmp_path}", "{state}"',
        '"/usr/local/lib/homeportctl"': f'"{ROOT}/homeport"',
    }.items():
        assert there in text
        text = text.replace(there, here)
    (tmp_path / "homeport_read.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "homeport_read", raising=False)
    module = importlib.import_module("homeport_read")
    for app, units in {"shop": UNITS, "shop-api": API}.items():
        (state / app).mkdir(parents=True)
        (config / app).mkdir(parents=True)
        lines = "".join(f"{line}\n" for line in ("version 1", *units))
        (state / app / "units").write_text(lines)
        secrets = f'# Written by homeport\nTOKEN="{SECRET}"\nNONE=""\n'
        (config / app / "secrets").write_text(secrets)
    (state / "_host").mkdir()
    monkeypatch.setattr("os.geteuid", lambda: 0)
    return module


@pytest.fixture
def called(program: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines that the program runs: each prints nothing."""
    lines: list[list[str]] = []

    def printed(words: list[str]) -> list[str]:
        lines.append(words)
        return []

    monkeypatch.setattr(program, "printed", printed)
    return lines


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("status", "/usr/local/sbin/homeportctl status"),
        ("status shop", "/usr/local/sbin/homeportctl status shop"),
        ("history shop", "/usr/local/sbin/homeportctl history shop 20"),
        ("history shop 5", "/usr/local/sbin/homeportctl history shop 5"),
    ],
)
def test_status_and_history_are_those_of_the_host_program(
    program: ModuleType, called: list[list[str]], words: str, line: str
) -> None:
    assert program.main(words.split()) == 0
    assert called == [line.split()]


def test_logs_are_those_of_the_units_of_the_application(
    program: ModuleType, called: list[list[str]]
) -> None:
    def units(words: str) -> set[str]:
        called.clear()
        assert program.main(words.split()) == 0
        (line,) = called
        assert line[0] == "journalctl"
        assert "--no-pager" in line
        return {word.partition("=")[2] for word in line if word.startswith("_SYSTEMD_UNIT=")}

    web = {"shop-web@a.service", "shop-web@b.service"}
    assert units("logs shop") == {*web, "shop-worker.service", "shop-tidy.timer"}
    assert units("logs shop web 5") == web
    assert called[0][called[0].index("-n") + 1] == "5"
    assert units("logs shop worker") == {"shop-worker.service"}
    assert units("logs shop-api") == {"shop-api-web.service"}


@pytest.mark.parametrize(
    "words",
    [
        "",
        "sh",
        "status --help",
        "status shop more",
        "status other",
        "status _host",
        "status ../shop",
        "status /etc",
        "history",
        "history shop 0",
        "history shop 1001",
        "history shop -1",
        "history shop --json",
        "logs",
        "logs shop ssh",
        "logs shop api-web",
        "logs shop web 5 6",
        "logs shop ../../ssh",
        "logs shop --file=/etc/shadow",
        "logs shop -u",
        "logs shop web;id",
        "logs shop $(id)",
        "logs shop web\x1b[2J",
        "lock now",
        "rollback shop",
        "begin shop",
        "confirm shop id",
        "STATUS",
        "status shop\n",
        "status\nlock shop",
    ],
)
def test_no_other_question_is_answered(
    program: ModuleType, called: list[list[str]], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program.main(words.split(" ") if words else []) == 2
    assert called == []
    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "environment", "words"),
    [
        (["status", "shop"], {}, ["status", "shop"]),
        # As sshd runs the shell of an account: with a command of its own, or with ours.
        (["-c", "status shop"], {}, ["status", "shop"]),
        (["-c", "/x"], {"SSH_ORIGINAL_COMMAND": "logs  shop\n5"}, ["logs", "shop", "5"]),
        (["-c"], {}, []),
        ([], {"SSH_ORIGINAL_COMMAND": "status"}, []),
    ],
)
def test_the_words_are_those_that_ssh_sent(
    program: ModuleType, argv: list[str], environment: dict[str, str], words: list[str]
) -> None:
    assert program.requested(argv, environment) == words


class ReplacedError(Exception):
    """That a process became another program."""


def test_without_root_it_runs_itself_by_sudo_with_words_that_are_words(
    program: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def execve(path: str, words: list[str], environment: dict[str, str]) -> None:
        raise ReplacedError(path, words, environment)

    monkeypatch.setattr("os.geteuid", lambda: 1001)
    monkeypatch.setattr("os.execve", execve)
    with pytest.raises(ReplacedError) as found:
        program.main(["status", "shop"])
    path, words, environment = found.value.args
    assert path == "/usr/bin/sudo"
    assert words == [path, "-n", "--", "/usr/local/sbin/homeport-read", "status", "shop"]
    assert set(environment) == {"PATH", "LC_ALL"}
    assert program.main(["-s"]) == 2


def entry(message: object) -> str:
    """Return a line of the journal."""
    when = {"__REALTIME_TIMESTAMP": "1764340000000000", "_SYSTEMD_UNIT": "shop-web@a.service"}
    return json.dumps({**when, "MESSAGE": message})


@pytest.fixture
def shown(
    program: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., list[str]]:
    """Return what is printed of lines of the journal."""

    def shown(*lines: str) -> list[str]:
        monkeypatch.setattr(program, "printed", lambda words: list(lines))
        assert program.main(["logs", "shop"]) == 0
        return capsys.readouterr().out.splitlines()

    return shown


def test_an_entry_is_one_line_without_control_characters(shown: Callable[..., list[str]]) -> None:
    begin = "2025-11-28T14:26:40Z shop-web@a.service: "
    assert shown(entry("well")) == [f"{begin}well"]
    assert shown(entry("a\nb\x1b[31m\u202ec")) == [f"{begin}a\\nb\\x1b[31m\\u202ec"]
    assert shown(entry([104, 105, 255])) == [f"{begin}hi\\xff"]
    assert shown(entry(None)) == [f"{begin}(too long to be shown)"]
    assert len(shown(entry("x" * 9000))[0]) == 4000
    assert shown("rubbish", "[]", "[" * 100_000, entry("well")) == [f"{begin}well"]


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"token={SECRET}!",
        repr(f"'{SECRET}"),
        json.dumps(SECRET),
        SECRET.upper(),
        "correct%20horse%2Fbattery%2Bstaple",
        "correct+horse%2Fbattery%2Bstaple",
        SECRET[3:14],
        SECRET[-8:],
        SECRET[::-1],
        SECRET.encode().hex(),
        base64.b64encode(f"ann:{SECRET}".encode()).decode(),
    ],
)
def test_no_secret_is_shown_in_any_form(shown: Callable[..., list[str]], text: str) -> None:
    (line,) = shown(entry(f"before {text} after"))
    assert "before" in line
    assert "after" in line
    parts = {SECRET[at : at + 8] for at in range(len(SECRET) - 7)} | {"battery%"}
    assert not [part for part in parts if part in line.lower()]
    assert (text[8:16] or SECRET) not in line
    assert "(TOKEN)" in line


@pytest.mark.parametrize("secret", ["short7", "y"])
def test_a_log_that_could_hold_a_short_secret_is_not_shown(
    program: ModuleType,
    called: list[list[str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    secret: str,
) -> None:
    with (tmp_path / "etc/homeport/shop/secrets").open("a") as file:
        file.write(f'PIN="{secret}"\n')
    assert program.main(["logs", "shop"]) == 2
    assert "it could hold PIN, too short to be masked" in capsys.readouterr().err
    assert called == []
    assert program.main(["logs", "shop-api"]) == 0
    assert program.main(["status", "shop"]) == 0


def test_without_the_program_that_masks_nothing_is_shown(
    program: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "printed", lambda words: ["anything"])
    monkeypatch.setattr(program, "LIBRARY", "/none/such")
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path != f"{ROOT}/homeport"])
    for name in [name for name in sys.modules if name.partition(".")[0] == "hostctl"]:
        monkeypatch.delitem(sys.modules, name)
    assert program.main(["status"]) == 2
    answer = capsys.readouterr()
    assert answer.out == ""
    assert "the host program is missing" in answer.err


def test_output_ends_in_time_and_in_size(
    program: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "SECONDS", 0.5)
    slow = [sys.executable, "-c", "import time; print('a', flush=True); time.sleep(60)"]
    assert program.printed(slow) == ["a"]
    monkeypatch.setattr(program, "MOST_BYTES", 100_000)
    assert sum(map(len, program.printed(["yes"]))) < 300_000
    with pytest.raises(program.Refused, match="nothing is deployed"):
        program.printed(["/none/such"])
