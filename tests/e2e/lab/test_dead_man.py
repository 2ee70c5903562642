"""A deploy whose connection is gone is undone by the host alone."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

import lab
from tests.e2e.lab.host_program import Connection, install

HOST = "staging"
FOLDER = "/etc/homeport/dead"
UNIT = "homeportctl-watchdog-dead.service"


@pytest.fixture(scope="module", autouse=True)
def program(hosts: None) -> Iterator[None]:
    lab.reset(HOST)
    install(HOST)
    yield
    lab.reset(HOST)


@pytest.fixture
def connection() -> Iterator[Connection]:
    root(f"rm -rf {FOLDER}; mkdir -p {FOLDER}; cd {FOLDER}; echo old >file; ln -s file link")
    root(f"chmod 600 {FOLDER}/file; rm -rf /var/lib/homeport/dead")
    made = Connection(HOST)
    yield made
    made.kill()
    settle()


def root(script: str) -> str:
    done = lab.run(HOST, script, root=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def settle() -> None:
    """Wait until no deploy is open, and its dead-man is gone."""
    over = f"[ ! -e /var/lib/homeport/dead/journal ] && ! systemctl -q is-active {UNIT}"
    for _ in range(120):
        if lab.run(HOST, over, root=True).returncode == 0:
            return
        time.sleep(0.25)
    raise AssertionError(root(f"journalctl --no-pager -u {UNIT}; homeportctl status"))


def begin(connection: Connection, name: str = "d1") -> None:
    request = json.dumps({"id": name, "who": "eve@desk"})
    output = connection.run(f"homeportctl begin dead <<'END'\n{request}\nEND")
    assert output.splitlines()[-1] == "0", output


def spoil(connection: Connection) -> None:
    paths = " ".join(f"{FOLDER}/{name}" for name in ("file", "link", "new"))
    output = connection.run(
        f"homeportctl snapshot dead d1 {paths} && cd {FOLDER} && echo new >new && "
        "echo newer >file && chmod 644 file && rm link && mkdir link"
    )
    assert output.splitlines()[-1] == "0", output


def as_it_was() -> bool:
    return root(f"cd {FOLDER}; ls; cat file; readlink link; stat -c %a file") == (
        "file\nlink\nold\nfile\n600\n"
    )


def test_a_deploy_whose_connection_is_killed_is_undone(connection: Connection) -> None:
    begin(connection)
    spoil(connection)
    assert not as_it_was()
    assert root(f"systemctl show -p ActiveState,SubState {UNIT}") == (
        "ActiveState=active\nSubState=running\n"
    )
    connection.kill()
    settle()
    assert as_it_was()
    assert root("ls /var/lib/homeport/dead") == "history\njournal.last\n"
    assert root(f"systemctl list-units --all --no-legend '{UNIT}'") == ""
    (line,) = root("homeportctl history dead --json").splitlines()
    assert (json.loads(line)["outcome"], json.loads(line)["reason"]) == (
        "reverted",
        "its connection was gone",
    )


def test_a_dead_man_that_is_killed_comes_back_and_does_its_work(connection: Connection) -> None:
    begin(connection)
    spoil(connection)
    before = root(f"systemctl show -p MainPID --value {UNIT}")
    root(f"systemctl kill --kill-whom=main -s KILL {UNIT}")
    for _ in range(40):
        if root(f"systemctl show -p MainPID --value {UNIT}") not in (before, "0\n"):
            break
        time.sleep(0.25)
    connection.kill()
    settle()
    assert as_it_was()


def test_whoever_still_writes_is_waited_for(connection: Connection) -> None:
    begin(connection)
    # A command that outlives its connection, as one without a terminal does.
    connection.send(
        f"setsid sh -c 'homeportctl snapshot dead d1 {FOLDER}/file && touch {FOLDER}/.begun &&"
        f" sleep 4 && echo late >{FOLDER}/file && touch {FOLDER}/.ended' >/dev/null 2>&1 </dev/null"
    )
    for _ in range(40):
        if lab.run(HOST, f"test -e {FOLDER}/.begun", root=True).returncode == 0:
            break
        time.sleep(0.25)
    connection.kill()
    settle()
    root(f"rm {FOLDER}/.begun {FOLDER}/.ended")
    assert as_it_was()


def test_a_disk_that_is_full_keeps_nobody_from_going_back(connection: Connection) -> None:
    state = "/var/lib/homeport"
    root(f"mkdir -p {state}; mount -t tmpfs -o size=4m none {state}; homeportctl unlock")
    try:
        begin(connection)
        root(f"dd if=/dev/zero of={state}/filler bs=4k 2>/dev/null || true")
        assert "100%" in root(f"df --output=pcent {state}")
        spoil(connection)
        assert not as_it_was()
        root(f"dd if=/dev/zero of={state}/more bs=4k 2>/dev/null || true")
        connection.kill()
        settle()
        assert as_it_was()
    finally:
        settle()
        root(f"umount -l {state}")


def test_a_second_deploy_is_refused_until_the_first_is_gone(connection: Connection) -> None:
    begin(connection)
    spoil(connection)
    other = Connection(HOST)
    try:
        request = json.dumps({"id": "d2", "who": "bob@desk"})
        script = f"homeportctl begin dead <<'END'\n{request}\nEND"
        refused = other.run(script).splitlines()
        assert refused[-1] == "3"
        assert "deploy of dead by eve@desk" in refused[0]
        connection.kill()
        settle()
        assert other.run(script).splitlines() == ["0"]
    finally:
        other.kill()
        settle()
    assert as_it_was()
