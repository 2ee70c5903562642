from __future__ import annotations

from pathlib import Path

import pytest

from lab.disk_image import DiskImage
from lab.full_machine import SSH, FullMachine


@pytest.fixture
def image(tmp_path: Path) -> DiskImage:
    """Return a disk that nothing was installed on."""
    (tmp_path / "image").mkdir()
    (tmp_path / "image/host_key.pub").write_text("ssh-ed25519 AAAA lab\n")
    return DiskImage(tmp_path / "image")


def test_full_machine__is_reached_on_ports_of_loopback_alone(
    image: DiskImage, tmp_path: Path
) -> None:
    machine = FullMachine(image, tmp_path / "machine", [8000])
    assert set(machine.ports) == {SSH, 8000}
    line = " ".join(machine._command())
    for port, here in machine.ports.items():
        assert f"hostfwd=tcp:127.0.0.1:{here}-:{port}" in line
    assert f"Port {machine.ports[SSH]}\n" in machine.ssh_config.read_text()
    assert machine.known_hosts.read_text() == "machine ssh-ed25519 AAAA\n"


def test_full_machine__what_it_flushes_outlives_it_and_it_is_never_run_by_kvm(
    image: DiskImage, tmp_path: Path
) -> None:
    line = " ".join(FullMachine(image, tmp_path / "machine")._command())
    assert "cache=writeback" in line
    assert "-accel tcg" in line
    assert "kvm" not in line


def test_full_machine__a_cut_of_what_is_off_is_none_and_a_mark_is_seen(
    image: DiskImage, tmp_path: Path
) -> None:
    machine = FullMachine(image, tmp_path / "machine")
    machine.cut()
    assert not machine.marked(0.01)
    (machine.folder / "marks").write_text("cut\n")
    assert machine.marked(0.01)
