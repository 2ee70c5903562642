"""Who listens on a port is told by the kernel, and is a unit's own only in its control group."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from homeport.hostctl.serving.listeners import Listener, listeners, listens, ports, stranger
from tests.support.proc_tables import bind, process


def test_listeners__a_port_that_the_unit_listens_on_is_its_own(tmp_path: Path) -> None:
    for port, table in ((8000, "tcp"), (8001, "tcp6"), (8002, "udp")):
        bind(tmp_path, port, port, table, "07" if table == "udp" else "0A")
    process(tmp_path, 7, "/system.slice/shop-web.service", 8000, 8001, 8002)
    for port in (8000, 8001, 8002):
        assert stranger("shop-web.service", port, tmp_path) is None


def test_listeners__a_stranger_on_the_port_is_named_and_waiting_does_not_help(
    tmp_path: Path,
) -> None:
    bind(tmp_path, 8000, 11)
    process(tmp_path, 7, "/system.slice/shop-web.service", 12)
    process(tmp_path, 9, "/system.slice/squatter.service", 11)
    found = stranger("shop-web.service", 8000, tmp_path)
    assert found is not None
    assert (found.lasting, found.of_host) == (True, True)
    assert "taken: python3 (pid 9, squatter.service) listens there, not shop-web" in found.text


def test_listeners__a_port_on_which_nothing_listens_yet_is_waited_for(tmp_path: Path) -> None:
    bind(tmp_path, 8000, 11, state="01")
    bind(tmp_path, 80, 12)
    found = stranger("shop-web.service", 8000, tmp_path)
    assert found is not None
    assert (found.text, found.lasting) == ("nothing listens on port 8000", False)


def test_listeners__a_process_that_listens_elsewhere_is_told_with_its_port_and_the_fix(
    tmp_path: Path,
) -> None:
    for inode, port, table in ((11, 5000, "tcp"), (12, 5001, "tcp6"), (13, 99, "udp")):
        bind(tmp_path, port, inode, table, "07" if table == "udp" else "0A")
    process(tmp_path, 7, "/system.slice/shop-web.service", 11, 13)
    process(tmp_path, 9, "/system.slice/other.service", 12)
    assert ports("shop-web.service", tmp_path) == [5000]
    found = stranger("shop-web.service", 8000, tmp_path)
    assert found is not None
    assert (found.text, found.lasting) == (
        "nothing listens on port 8000; shop-web.service listens on port 5000. Fix: have its command"
        " listen on port 8000, as by {port}, or set processes.NAME.listen to 5000",
        False,
    )


def test_listeners__a_listener_that_is_in_no_unit_or_cannot_be_seen_is_a_stranger(
    tmp_path: Path,
) -> None:
    bind(tmp_path, 8000, 11)
    (tmp_path / "proc/1").mkdir()
    found = stranger("shop-web.service", 8000, tmp_path)
    assert found is not None
    assert "a program that can't be seen from here" in found.text
    process(tmp_path, 9, "/", 11, program="nc")
    assert listeners(8000, tmp_path) == [Listener(9, "nc", "")]
    assert str(Listener(9, "nc", "")) == "nc (pid 9)"


def test_listeners__the_unit_is_the_outermost_one_below_init(tmp_path: Path) -> None:
    bind(tmp_path, 8000, 11)
    process(tmp_path, 1, "/machine.slice/m.scope/payload/init.scope")
    process(tmp_path, 9, "/machine.slice/m.scope/payload/system.slice/shop-web.service/sub", 11)
    assert stranger("shop-web.service", 8000, tmp_path) is None


@pytest.mark.parametrize(
    "group",
    [
        "/user.slice/user-1000.slice/user@1000.service/app.slice/shop-web.service",
        "/system.slice/delegated.service/shop-web.service",
        "/user.slice/user-1000.slice/session-3.scope",
    ],
)
def test_listeners__a_control_group_that_a_user_made_is_no_unit(tmp_path: Path, group: str) -> None:
    bind(tmp_path, 8000, 11)
    process(tmp_path, 1, "/init.scope")
    process(tmp_path, 9, group, 11)
    found = stranger("shop-web.service", 8000, tmp_path)
    assert found is not None
    assert "port 8000 is taken: python3 (pid 9, " in found.text


def test_listeners__the_name_of_a_program_forges_no_line(tmp_path: Path) -> None:
    bind(tmp_path, 8000, 11)
    process(tmp_path, 9, "/", 11, program="a\nb. Fix: x\u2028")
    assert [each.program for each in listeners(8000, tmp_path)] == ["a?b.?Fix??x"]


def test_listeners__this_machine_tells_of_a_socket_of_our_own() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        assert not listens(port)
        listening.listen()
        assert listens(port)
        assert os.getpid() in [each.pid for each in listeners(port)]
