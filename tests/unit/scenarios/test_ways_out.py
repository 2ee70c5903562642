"""Whatever leaves this process, or a host's program, obeys no terminal and shows no secret."""

from __future__ import annotations

import ast
import os
import pty
import re
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from homeport.files.install import StdinPayload
from homeport.hostctl.masking import Masks
from tests.golden import hosts, records
from tests.golden import runs as golden_runs
from tests.golden.runs import Run
from tests.support.user_project import Project

ROOT = Path(__file__).parents[3]
HOSTILE = r"\033]52;c;eA==\007\033[1A\033[2K\033[32mSuccess\033[0m\302\233\342\200\256\r"
ESCAPES = ("\x1b", "\x07", "\x9b", "\u202e", "\r")
COLOUR = re.compile(r"\x1b\[[0-9;]*m|\x1b\[K|\r(?=\n|\x1b\[K|$)")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "project").mkdir()
    return Project.made(tmp_path / "project")


def screen(project: Project, *words: str) -> str:
    """Return what a terminal is sent by a command."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        words,
        cwd=project.folder,
        env={**project.environment(), "TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        stdout=its,
        stderr=its,
    )
    os.close(its)
    seen = bytearray()
    with suppress(OSError):
        while part := os.read(ours, 2**16):
            seen += part
    os.close(ours)
    process.wait(timeout=60)
    return seen.decode(errors="replace").replace("\r\n", "\n")


@pytest.mark.parametrize("script", ["printf '{}'", "printf '{}' >&2; exit 1"])
@pytest.mark.parametrize("loud", [(), ("-vvv", "--debug")])
def test_a_terminal_gets_nothing_of_a_host_but_text(
    project: Project, script: str, loud: tuple[str, ...]
) -> None:
    program = Path(os.environ["PATH"].split(":")[0]) / "pyinfra"
    line = f'sh -c "{script.format(HOSTILE.replace(chr(92), chr(92) * 2))}"'
    seen = screen(project, str(program), "@local", "-y", *loud, "exec", "--", line)
    # Colours of pyinfra's own are what is left.
    assert "\x1b[" in seen
    left = COLOUR.sub("", seen)
    assert not [each for each in ESCAPES if each in left]
    assert "\x1b[32mSuccess" not in seen or seen.count("Success") > 1
    if loud or "exit 1" in script:
        assert r"\x1b]52;c;eA==\x07" in left


def ways_out() -> Iterator[Path]:
    for file in sorted((ROOT / "homeport").rglob("*.py")):
        if '__name__ == "__main__"' in file.read_text():
            yield file
    yield ROOT / "homeport/pyinfra_adapter/install.py"


@pytest.mark.parametrize("file", list(ways_out()), ids=lambda file: str(file.relative_to(ROOT)))
def test_every_program_prints_plainly(file: Path) -> None:
    if file.name == "json_schema.py":
        return  # what it prints is its own
    called = {
        node.func.id
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert called & {"print_plainly", "plain"}


CANARY = "C4nary'horse\"battery$staple/y+z=="


def is_found(text: str) -> bool:
    """Return whether the canary is in a text, in any form."""
    return Masks({"X": CANARY})(text) != text


def as_sent(payload: StdinPayload | str) -> str:
    """Return all that a command reads, byte by byte."""
    if isinstance(payload, StdinPayload):
        return b"".join(payload.chunks()).decode("latin-1")
    return "\n".join(payload) if not isinstance(payload, str) else payload


@pytest.mark.parametrize(("app", "kind"), [("pinboard", "staging"), ("radicale", "pi")])
def test_a_secret_goes_to_its_host_on_standard_input_and_nowhere_else(
    app: str, kind: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(hosts, "SECRET", CANARY)
    monkeypatch.setattr(golden_runs, "sent", as_sent)
    with hosts.rehearsal() as scratch:
        runs: list[Run] = [
            records.run(app, kind, None),
            records.run(app, kind, None, execute=True),
            records.run(app, kind, None, execute=True, diffs=False),
        ]
        sent = [stdin for run in runs for _, _, stdin in run.commands]
        assert any(is_found(text) for text in sent), "it is sent nowhere at all"
        for run in runs:
            for phase, line, stdin in run.commands:
                assert not is_found(line), phase
                assert phase in ("Files", "Config files") or not is_found(stdin), phase
            assert not is_found(run.planned())
            assert not is_found("\n".join(run.messages))
        printed = capfd.readouterr()
        assert not is_found(printed.out + printed.err)
        for file in scratch.rglob("*"):
            if file.is_file():
                assert not is_found(file.read_bytes().decode("latin-1")), file
