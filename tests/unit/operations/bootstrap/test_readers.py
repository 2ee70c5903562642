"""Readers are made with no more than they need, told from the accounts of others, and removed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from homeport.engine.kind import DesiredState, PreconditionError, ProbeError, ProbeOutput
from homeport.operations.bootstrap import readers
from homeport.operations.bootstrap.readers import Account, Reader
from tests.support.fake_programs import Programs
from tests.support.real_delivery import run_command
from tests.support.real_shell import run

ANN = DesiredState("_host", (Reader("ann"),))
NONE = DesiredState("_host", ())
SHELL = "/usr/local/sbin/homeport-read"


def account(**fields: Any) -> dict[str, Account]:
    """Return what a host has that has one reader."""
    found = Account("ann", True, "1001", "/home/ann", SHELL, ("homeport-readers",))
    return {"ann": found._replace(**fields)}


def test_a_reader_is_made_without_password_home_or_groups(programs: Programs, log: Path) -> None:
    (change,) = readers.diff(ANN, {})
    (command,) = readers.apply(ANN, {}, [change])
    done = run_command(command, path=programs(useradd="", groupadd=""))
    assert done.returncode == 0, done.stderr
    group, user = log.read_text().splitlines()
    assert group == "groupadd --system --force homeport-readers"
    assert user == (
        "useradd --gid homeport-readers --no-user-group --no-create-home "
        f"--shell {SHELL} --password * --home-dir /home/ann ann"
    )


def test_a_reader_that_is_there_is_left_alone() -> None:
    assert readers.diff(ANN, account()) == []


def test_one_that_left_the_description_is_removed_and_its_processes_end(
    programs: Programs, log: Path
) -> None:
    (change,) = readers.diff(NONE, account())
    assert (change.action, change.target.name) == ("remove", "ann")
    (command,) = readers.apply(NONE, account(), [change])
    path = programs(userdel="", stat="", getent="exit 2")
    assert run_command(command, path=path).returncode == 0
    assert "userdel --force ann" in log.read_text()
    assert run_command(command, path=programs(getent="echo ann")).returncode != 0


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"ours": False}, "is an account of this host already, and no reader"),
        ({"groups": ("homeport-readers", "sudo")}, "may do more .* groups homeport-readers, sudo"),
        ({"uid": "0"}, r"may do more \(id 0"),
        ({"shell": "/bin/bash"}, "may do more .* shell /bin/bash"),
        ({"home": "/root"}, "may do more .* home /root"),
    ],
)
def test_an_account_that_is_more_than_a_reader_is_refused(
    fields: dict[str, object], message: str
) -> None:
    with pytest.raises(PreconditionError, match=message):
        readers.diff(ANN, account(**fields))


GETENT = """\
case "$*" in
  "group homeport-readers") echo homeport-readers:x:990: ;;
  passwd) printf 'root:x:0:0::/root:/bin/sh\\nann:x:7:7::/home/ann:/bin/sh\\n'
    printf 'old:x:8:990::/home/old:/x\\nbob:x:9:9::/home/bob:/bin/sh\\n' ;;
esac
"""


def test_readers_and_those_of_their_names_are_found(programs: Programs) -> None:
    path = programs(getent=GETENT, id="echo some groups")
    done = run(f"set -eu\n{readers.probe(ANN, '')}", path=path)
    assert (done.returncode, done.stderr) == (0, b"")
    found = readers.parse(ProbeOutput(done.stdout.decode(), ""))
    groups = ("some", "groups")
    assert found == {
        "ann": Account("ann", False, "7", "/home/ann", "/bin/sh", groups),
        "old": Account("old", True, "8", "/home/old", "/x", groups),
    }


def test_a_host_without_the_group_has_no_reader(programs: Programs) -> None:
    path = programs(getent='[ "$1" = passwd ] || exit 2\necho bob:x:9:9::/home/bob:/bin/sh')
    done = run(f"set -eu\n{readers.probe(ANN, '')}", path=path)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize("line", ["rubbish", "ann\tyes\tx\t/home/ann\t/x\tgroups"])
def test_an_answer_that_makes_no_sense_is_refused(line: str) -> None:
    with pytest.raises(ProbeError):
        readers.parse(ProbeOutput(line, ""))
