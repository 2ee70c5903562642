"""What templates.host_programs.publish-socket promises."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from homeport.engine.host_programs import host_program
from tests.support.host_shells import each_shell

START = "0123456789abcdef0123456789abcdef"
TOKEN = START[:16]


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """A folder in which a process has its socket, and a chgrp that only notes."""
    chgrp = tmp_path / "bin/chgrp"
    chgrp.parent.mkdir()
    chgrp.write_text(f'#!/bin/sh\necho "$*" >>{tmp_path}/log\n')
    chgrp.chmod(0o755)
    (tmp_path / "own").mkdir()
    return tmp_path


@contextmanager
def listening(path: Path) -> Iterator[socket.socket]:
    """Listen on a socket whose path may be longer than a socket's path can be."""
    with socket.socket(socket.AF_UNIX) as made:
        folder = os.open(path.parent, os.O_PATH)
        path.unlink(missing_ok=True)
        made.bind(f"/proc/self/fd/{folder}/{path.name}")
        os.close(folder)
        made.listen()
        yield made


def publish(
    room: Path, *arguments: Path, start: str = START, shell: Sequence[str] = ("sh",)
) -> subprocess.CompletedProcess[str]:
    env = {"PATH": f"{room}/bin:/usr/bin:/bin", "INVOCATION_ID": start}
    text = host_program("publish-socket").decode()
    assert "real=/proc/1/root\n" in text
    program = f"umask 077\n{text.replace('/proc/1/root', '')}"
    words = [*shell, "-c", program, "sh", *map(str, arguments)]
    return subprocess.run(words, env=env, capture_output=True, text=True)


@each_shell
def test_publish_socket__a_socket_has_two_names_in_a_folder_that_the_web_server_enters(
    shell: Sequence[str], room: Path
) -> None:
    own, place = room / "own/web.sock", room / "proxied/shop/web/a"
    with listening(own):
        assert publish(room, own, place, shell=shell).returncode == 0
        assert {path.name for path in place.iterdir()} == {"socket", TOKEN}
        assert (place / TOKEN).samefile(own)
        assert (place / "socket").samefile(own)
    assert (room / "log").read_text() == f"www-data {place}\n"
    assert place.stat().st_mode & 0o777 == 0o710
    assert place.parent.stat().st_mode & 0o777 == 0o755


def test_publish_socket__another_start_has_another_name_and_the_old_one_is_gone(
    room: Path,
) -> None:
    own, place = room / "own/web.sock", room / "proxied/a"
    for start in (START, "f" * 32):
        with listening(own):
            assert publish(room, own, place, start=start).returncode == 0
            assert {path.name for path in place.iterdir()} == {"socket", start[:16]}
            assert (place / "socket").samefile(own)


@pytest.mark.parametrize("kind", ["link", "file", "nothing"])
def test_publish_socket__what_is_no_socket_gets_no_name_and_no_link_is_followed(
    room: Path, kind: str
) -> None:
    own, place, other = room / "own/web.sock", room / "proxied/a", room / "other"
    with listening(other):
        if kind == "link":
            own.symlink_to(other)
        elif kind == "file":
            own.touch()
        done = publish(room, own, place)
    assert done.returncode != 0
    assert "web.sock" in done.stderr
    assert list(place.iterdir()) == []


def test_publish_socket__what_is_put_in_the_sockets_place_later_is_not_what_is_reached(
    room: Path,
) -> None:
    own, place, other = room / "own/web.sock", room / "proxied/a", room / "other"
    with listening(own), listening(other):
        was = own.stat().st_ino
        assert publish(room, own, place).returncode == 0
        own.unlink()
        own.symlink_to(other)
        assert (place / "socket").stat().st_ino == was != other.stat().st_ino


def test_publish_socket__a_process_without_slots_has_the_links_that_lead_to_it(
    room: Path,
) -> None:
    own, place, link = room / "own/web.sock", room / "proxied/web/lone", room / "links/web.sock"
    for _ in range(2):
        with listening(own):
            assert publish(room, own, place, link).returncode == 0
    assert str(link.readlink()) == str(own)
    assert {
        path.name: str(path.readlink()) for path in place.parent.iterdir() if path != place
    } == {
        "active": "lone",
        "backup": "lone",
    }
