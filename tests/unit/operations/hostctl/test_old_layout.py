"""A host of an earlier homeport is refused, and taken over by a script that may be cut off."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest

from homeport.engine.kind import DesiredState, PreconditionError, ProbeOutput
from homeport.hostctl.protocol import VersionError
from homeport.hostctl.slots.app_spec import AppSpec
from homeport.hostctl.slots.pointer import Pointer
from homeport.hostctl.snapshots import generations, pins
from homeport.hostctl.system.paths import AppPaths
from homeport.hostctl.transaction import history
from homeport.operations.hostctl import old_layout, probe
from homeport.operations.hostctl.resources import HostProgram
from tests.support.real_shell import SHELLS, checked, is_shell

SPEC = {
    "release": "/srv/shop/releases/r1", "check": "", "slots": {}, "singles": {}, "timers": [],
    "soak": 1, "drain": 1, "keep": 3, "data": 1,
}  # fmt: skip
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def host(tmp_path: Path) -> AppPaths:
    """Return a host as the earlier homeport left it: one application, in slots."""
    place = AppPaths("shop", tmp_path)
    for folder in (place.own / "generations/012", place.own / "init", place.slots / "a/etc"):
        folder.mkdir(parents=True)
    (place.active).write_text("slot a\ngeneration 012\nrelease /srv/shop/releases/r1\ndata 2\n")
    (place.own / "files").write_text("/etc/homeport/shop/environment\n/srv/shop/bin/record\n")
    (place.own / "units").write_text("")
    (place.own / "checked").write_text("0123\n")
    (place.own / "history").write_text('{"id": "d1", "outcome": "confirmed"}\n')
    (place.own / "init/database").write_text("when 2026\n")
    for name in ("last", "bad"):
        (place.own / name).write_text("{}\n")
    (place.own / "pins").write_text("r1  # for the auditors\n")
    (place.state / "lease").write_text("{}\n")
    (place.state / "lock").write_text('{"who": "eve", "reason": "x", "until": null}\n')
    (place.state / "key").write_bytes(b"k" * 32)
    place.etc.mkdir(parents=True)
    for path in (place.processes, place.slots / "a/etc/processes.json"):
        path.write_text(json.dumps(SPEC, indent=1))
    for mark in (
        *old_layout.MARKS,
        "/usr/local/sbin/homeport",
        "/usr/local/lib/homeport.versions/x",
    ):
        place.at(mark).parent.mkdir(parents=True, exist_ok=True)
        place.at(mark).touch()
    return place


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return what runs the script on that host, with a systemctl that only notes."""
    (tmp_path / "bin").mkdir()
    text = old_layout.SCRIPT
    folders = ("/var/lib", "/usr/local", "/etc/systemd", "/etc/homeport", "/srv")
    for folder in (*folders, "/run/homeport-sockets", "/run/homeport-proxy"):
        assert folder in text
        text = text.replace(folder, f"{tmp_path}{folder}")
    (tmp_path / "script").write_text(text)

    def run(shell: Sequence[str] = ("sh",), systemctl: str = "exit 0") -> object:
        (tmp_path / "bin/chgrp").write_text("#!/bin/sh\n")
        (tmp_path / "bin/chgrp").chmod(0o755)
        noted = f'#!/bin/sh\necho "$*" >>{tmp_path}/ran\n{systemctl}\n'
        (tmp_path / "bin/systemctl").write_text(noted)
        (tmp_path / "bin/systemctl").chmod(0o755)
        env = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}
        command = [*shell, str(tmp_path / "script")]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    return run


def is_taken_over(host: AppPaths) -> None:
    """Insist that the program of today understands all that is left, and that nothing old is."""
    assert Pointer.read(host) == Pointer("a", "012", "/srv/shop/releases/r1", 2)
    assert generations.managed(host) == ["/etc/homeport/shop/environment", "/srv/shop/bin/record"]
    assert history.read(host) == [{"id": "d1", "outcome": "confirmed"}]
    assert AppSpec.read(host.slots / "a/etc/processes.json") == AppSpec.read(host.processes)
    assert pins.read(host) == ["r1"]
    assert json.loads(host.lock.read_text())["version"] == 1
    assert host.hmac_key.read_bytes() == b"k" * 32
    assert sorted(path.name for path in host.own.iterdir()) == [
        "active", "checked", "files", "history", "init", "pins", "units",
    ]  # fmt: skip
    assert sorted(path.name for path in host.state.iterdir()) == ["hmac-key", "lock", "shop"]
    assert (host.own / "checked").read_text() == "0123\n"
    left = [path for path in host.at("/usr/local").rglob("*") if path.is_file()]
    assert left + list(host.units.iterdir()) == []


@pytest.mark.parametrize("shell", SHELLS)
def test_old_layout__the_script_leaves_what_the_program_of_today_understands(
    host: AppPaths, run: Run, shell: Sequence[str]
) -> None:
    with pytest.raises(VersionError):
        Pointer.read(host)
    is_shell(old_layout.SCRIPT, shell)
    done = run(shell)
    assert done.returncode == 0, done.stderr
    is_taken_over(host)
    assert (host.root / "ran").read_text().splitlines() == [
        "stop homeport-finish-*.service homeport-deadman-*.service",
        "disable --quiet --now homeport-boot.service",
        "daemon-reload",
    ]


@pytest.mark.parametrize("dies", ["stop", "disable"])
def test_old_layout__a_script_that_was_cut_off_is_run_again(
    host: AppPaths, run: Run, dies: str
) -> None:
    assert run(systemctl=f"[ $1 != {dies} ] || exit 1").returncode != 0
    # Until all is done the host says so.
    assert any(host.at(mark).exists() for mark in old_layout.MARKS)
    assert run().returncode == 0
    is_taken_over(host)


def test_old_layout__a_deploy_that_is_open_is_in_the_way_and_nothing_is_touched(
    host: AppPaths, run: Run
) -> None:
    (host.own / "deploy").write_text('{"id": "d2"}\n')
    done = run()
    assert done.returncode == 1
    assert "a deploy of shop is open: wait for it, or end it with" in done.stderr
    assert host.active.read_text().startswith("slot a\n")
    assert host.at("/usr/local/sbin/homeport").exists()
    assert not (host.root / "ran").exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_old_layout__such_a_host_is_refused_with_the_command_before_anything_else_is_understood(
    shell: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks = (f"{tmp_path}/lib", f"{tmp_path}/unit")
    monkeypatch.setattr(old_layout, "MARKS", marks)
    monkeypatch.setattr(old_layout, "current_host", lambda: SimpleNamespace(name="pi"))
    monkeypatch.setattr(old_layout, "deploy_command", lambda *words: " ".join(("pyinfra", *words)))
    described = DesiredState("shop", (HostProgram("shop"),))
    output = checked(probe.probe(described, ""), shell)
    assert probe.parse(ProbeOutput(output, "")).situation is not None
    for mark in marks:
        Path(mark).touch()
        output = checked(probe.probe(described, ""), shell)
        with pytest.raises(PreconditionError) as caught:
            probe.parse(ProbeOutput(f"{output}lease\t{{}}\n", ""))
        assert str(caught.value) == (
            "an earlier homeport deployed to this host. Fix: take it over, while its applications"
            " serve on, with `pyinfra deploys/take_over.py pi`, and deploy again"
        )
        Path(mark).unlink()


@pytest.mark.parametrize("shell", SHELLS)
def test_old_layout__what_serves_has_the_names_by_which_nginx_will_reach_it(
    host: AppPaths, run: Run, shell: Sequence[str], tmp_path: Path
) -> None:
    host.sockets.mkdir(parents=True)
    with ExitStack() as stack:
        for name, folder in (("web", "shop-web-b"), ("api", "shop-api")):
            path = tmp_path / folder / f"{name}.sock"
            path.parent.mkdir()
            listening = stack.enter_context(socket.socket(socket.AF_UNIX))
            opened = os.open(path.parent, os.O_PATH)
            listening.bind(f"/proc/self/fd/{opened}/{path.name}")
            os.close(opened)
            for link in (f"{name}.sock", f"{name}.previous.sock"):
                (host.sockets / link).symlink_to(path)
        (tmp_path / "shop-evil-a").mkdir()
        (tmp_path / "shop-evil-a/evil.sock").symlink_to(tmp_path / "shop-api/api.sock")
        (host.sockets / "evil.sock").symlink_to(tmp_path / "shop-evil-a/evil.sock")
        assert run(shell).returncode == 0
        for name, folder, slot in (("web", "shop-web-b", "b"), ("api", "shop-api", "lone")):
            for way in ("active", "backup"):
                assert str((host.proxied / name / way).readlink()) == slot
            names = host.proxied / name / slot
            assert (names / "socket").samefile(tmp_path / folder / f"{name}.sock")
            assert names.stat().st_mode & 0o777 == 0o710
        assert not (host.proxied / "evil/a/socket").exists()
    is_taken_over(host)
