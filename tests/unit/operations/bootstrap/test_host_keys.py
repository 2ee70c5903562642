"""What operations.bootstrap.host_keys promises."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyinfra.api.command import FunctionCommand

from homeport.engine.kind import DesiredState, ProbeError, ProbeOutput
from homeport.operations.bootstrap import host_keys
from homeport.operations.bootstrap.host_keys import HostKeys
from homeport.ssh.known_hosts import fingerprint
from tests.support.fake_programs import Programs
from tests.support.real_shell import run

A, B = "ssh-ed25519 AAAA", "ecdsa-sha2-nistp256 BBBB"


def keys(file: Path, *pinned: str) -> DesiredState:
    return DesiredState("_host", (HostKeys("pi", file, pinned),))


def test_keys_that_are_pinned_are_left_alone_and_others_are_named(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    assert host_keys.diff(keys(file, B, A), [A, B]) == []
    (new,) = host_keys.diff(keys(file), [A, B])
    assert (new.action, new.target.name) == ("add", str(file))
    assert new.diff == (f"+ssh-ed25519 {fingerprint(A)}", f"+ecdsa-sha2-nistp256 {fingerprint(B)}")
    (changed,) = host_keys.diff(keys(file, B), [A])
    assert changed.diff == (
        f"-ecdsa-sha2-nistp256 {fingerprint(B)}",
        f"+ssh-ed25519 {fingerprint(A)}",
    )


def test_host_keys__a_host_that_says_no_key_is_not_believed(tmp_path: Path) -> None:
    with pytest.raises(ProbeError):
        host_keys.diff(keys(tmp_path), [])


class FakeHost:
    """A host that a message is for."""

    name = "shed"

    def __init__(self) -> None:
        self.messages: list[str] = []

    def log_styled(self, message: str, **style: str) -> None:
        self.messages.append(message)


def test_host_keys__pinning_keeps_what_came_in_meanwhile(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    described = keys(file)
    (command,) = host_keys.apply(described, [A], host_keys.diff(described, [A]))
    assert isinstance(command, FunctionCommand)
    file.write_text(f"shed {B}\n")
    assert command.function(None, FakeHost(), *command.args)
    assert file.read_text() == f"shed {B}\npi {A}\n"


def test_host_keys__a_file_that_cannot_be_written_fails_the_host(tmp_path: Path) -> None:
    host = FakeHost()
    assert not host_keys._pin(None, host, HostKeys("pi", tmp_path), [A])
    assert "can't be written" in host.messages[0]


def test_keys_are_those_that_sshd_has(programs: Programs, tmp_path: Path) -> None:
    (tmp_path / "one.pub").write_text(f"{B} a comment\n")
    (tmp_path / "two.pub").write_text(f"{A}\n")
    path = programs(sshd=f"printf 'port 22\\nhostkey {tmp_path}/one\\nhostkey {tmp_path}/two\\n'")
    done = run(f"set -eu\n{host_keys.probe(keys(tmp_path), '')}", path=path)
    assert done.returncode == 0
    assert host_keys.parse(ProbeOutput(done.stdout.decode(), "")) == [A, B]
