"""A host under proof: what it should have, how to reach it, and what it says of itself."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from gevent import Greenlet
from testinfra.host import Host

from homeport.engine.host_failure import described
from homeport.engine.kind import DesiredState
from homeport.hostctl.plain_text import one_line
from homeport.manifest import App
from homeport.pyinfra_adapter.inventory import InventoryHost
from homeport.ssh.remote import UnreachableError

PRELUDE = """\
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL=C TZ=UTC PATH
read -r began _ </proc/uptime
"""
LONGEST = 2**22
"""Bytes of an answer."""
SEPARATORS = str.maketrans(dict.fromkeys("\v\f\x1c\x1d\x1e\x85\u2028\u2029", "?"))
"""What ends a line for Python, and may stand in the name of a file: a newline alone ends one."""


class Silent(Exception):  # noqa: N818 - what the host was
    """A host did not answer a question; nothing may be concluded from that."""


Answers = Mapping[str, str | Silent]


@dataclass(repr=False, eq=False)
class Subject:
    """One host. Its answers are asked for at the start, all hosts at once.

    ``outside`` is the address at which others see it, None if this machine can't tell.
    """

    row: InventoryHost
    app: App
    description: DesiredState
    remote: Host
    outside: str | None = None
    asking: dict[str, Greenlet] = field(default_factory=dict)

    def __repr__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What the inventory calls it."""
        return self.row.name

    def answer(self, question: str) -> str:
        """Return what the host answered; a question that it did not answer fails the spec."""
        found = self.asking[question].get()[question]
        if isinstance(found, Silent):
            pytest.fail(f"{self.name}: {found}", pytrace=False)
        return found


def ask(remote: Host, questions: Mapping[str, str]) -> Answers:
    """Return the answers to several questions, asked in one remote command."""
    nonce = secrets.token_hex(8)
    try:
        done = remote.run(script(questions, nonce))
        if len(done.stdout_bytes) > LONGEST:
            raise ValueError(f"more than {LONGEST} bytes")
        stdout, stderr = (
            text.decode(errors="replace").translate(SEPARATORS)
            for text in (done.stdout_bytes, done.stderr_bytes)
        )
        return read(questions, nonce, stdout, stderr)
    except UnreachableError as error:
        return dict.fromkeys(questions, Silent(str(error)))
    except Exception as error:
        # Whatever a host answers: it is this host's alone.
        silent = Silent(f"answered what can't be read ({described(error)})")
        return dict.fromkeys(questions, silent)


def script(questions: Mapping[str, str], nonce: str) -> str:
    """Return the shell that asks: each answer ends in a line that carries its exit code."""
    parts = [
        f"(\nset -eu\n{text.rstrip()}\n) </dev/null\nprintf '\\n%s\\n' \"{nonce} {name} $?\"\n"
        for name, text in questions.items()
    ]
    return PRELUDE + "".join(parts)


def read(questions: Mapping[str, str], nonce: str, stdout: str, stderr: str) -> Answers:
    """Return the answer to each question, its last line not closed, or why there is none."""
    reason = one_line((stderr.strip().splitlines() or ["it gave no reason"])[-1])
    found: dict[str, str | Silent] = {
        name: Silent(f"it gave no answer about {name}: {reason}") for name in questions
    }
    lines: list[str] = []
    for line in stdout.split("\n"):
        if not line.startswith(f"{nonce} "):
            lines.append(line)
            continue
        _, name, code = line.split(" ")
        failed = Silent(f"asking about {name} failed there with exit code {code}: {reason}")
        found[name] = "\n".join(lines).removesuffix("\n") if code == "0" else failed
        lines = []
    return found
