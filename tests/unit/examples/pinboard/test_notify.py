"""What systemd is told, and over which kinds of socket."""

import os
import socket

import pytest


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_notify__the_state_arrives(pinboard, monkeypatch, tmp_path, kind):
    name = str(tmp_path / "notify") if kind == "path" else f"pinboard-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name if kind == "path" else f"\0{name}")
        manager.settimeout(2)
        monkeypatch.setenv("NOTIFY_SOCKET", name if kind == "path" else f"@{name}")
        assert pinboard.notify.notify("READY=1\nWATCHDOG=1") is True
        assert manager.recv(100) == b"READY=1\nWATCHDOG=1"


def test_notify__nobody_listens_outside_a_unit(pinboard, monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert pinboard.notify.notify("READY=1") is False


def test_notify__a_manager_that_is_gone_is_an_error(pinboard, monkeypatch, tmp_path):
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "absent"))
    with pytest.raises(OSError, match="No such file"):
        pinboard.notify.notify("READY=1")
