"""What the document quotes is what the code says, and what it advises can be typed."""

from __future__ import annotations

import ast
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs/troubleshooting.md"
ANY = "…"
ENTRY = re.compile(r"^- (.*?)\n(?=  )", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`]+)`")
# Programs of a host, or of whoever deploys, that needn't be where the tests run.
ELSEWHERE = {
    "dmesg": "util-linux",
    "dpkg": "dpkg",
    "getent": "libc-bin",
    "homeportctl": "what a deploy puts there",
    "journalctl": "systemd",
    "nginx": "nginx",
    "ping": "iputils-ping",
    "ssh": "openssh-client",
    "ssh-copy-id": "openssh-client",
    "ssh-keygen": "openssh-client",
    "ssh-keyscan": "openssh-client",
    "systemctl": "systemd",
    "usermod": "passwd",
    "visudo": "sudo",
}
OPTIONS = ("-y", "--dry", "--data allow_dirty=yes")


def messages() -> list[str]:
    """Return every message that the document quotes at the head of an entry."""
    heads = ENTRY.findall(DOCUMENT.read_text())
    return [message for head in heads for message in CODE.findall(head)]


def advised() -> list[str]:
    """Return every command that it advises: in code, in the text of an entry, with a space."""
    text = re.sub(r"```.*?```", "", DOCUMENT.read_text(), flags=re.DOTALL)
    found = CODE.findall(ENTRY.sub("", text))
    return [line for line in found if re.match(r"[a-z][a-z-]+ (?!=)", line)]


def texts() -> Iterator[str]:
    """Yield every text of the code, with an ellipsis for what is filled in."""
    for folder in ("homeport", "operations", "deploys"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.JoinedStr):
                    parts = [
                        str(part.value) if isinstance(part, ast.Constant) else ANY
                        for part in node.values
                    ]
                    yield "".join(parts)
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield re.sub(r"\{\w+\}", ANY, node.value)
    for program in ("check-imports", "run-confined"):
        yield (ROOT / "templates/host_programs" / program).read_text()
    yield (ROOT / "operations/proxy/nginx.sh").read_text()


TEXTS = tuple(texts())


def is_in_code(message: str) -> bool:
    """Return whether one text of the code has all pieces of a message, in their order."""
    pieces = [piece.strip() for piece in message.split(ANY) if piece.strip()]
    pattern = re.compile(".*?".join(map(re.escape, pieces)), re.DOTALL)
    return any(pattern.search(text) for text in TEXTS)


@pytest.mark.parametrize("message", messages())
def test_a_message_that_is_quoted_is_one_that_is_given(message: str) -> None:
    assert is_in_code(message)


@pytest.mark.parametrize("command", advised())
def test_a_command_that_is_advised_is_there_to_be_typed(command: str) -> None:
    program = command.split()[0]
    beside = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    assert shutil.which(program, path=beside) or program in ELSEWHERE
    if program in ("uv", "ssh-keygen", "getent", "ping", "usermod", "df", "dmesg"):
        assert is_in_code(command) or command.endswith("-lf")


def test_the_document_is_about_what_it_says() -> None:
    assert len(messages()) > 30
    assert len(advised()) > 15
    assert not is_in_code("… is not what anybody ever said")


def test_what_can_be_added_to_a_command_is_an_option_that_is_named_in_a_message() -> None:
    for option in OPTIONS:
        assert f"`{option}`" in DOCUMENT.read_text()
        assert is_in_code(option)
