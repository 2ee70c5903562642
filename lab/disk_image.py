"""The disk that full machines start from: a Debian root with a kernel of its own, on ext4.

It is built once, kept in the user's cache, and never changed: a machine writes to a layer over it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from homeport.errors import UserError
from lab import base, mirror, packages, privilege
from lab.command import output
from lab.lock import alone
from lab.paths import cache_directory
from lab.spec import RELEASES

DEBIAN, ARCHITECTURE = "12", "amd64"
PACKAGES = (*base.PACKAGES, "udev", "kmod", "e2fsprogs", "linux-image-cloud-amd64")
HOSTNAME = "machine"
ADDRESS, GATEWAY, NAMES = "10.0.2.15", "10.0.2.2", "10.0.2.3"
"""The machine's address in qemu's user network, and whom it asks for others and for names."""
SIZE = "6G"
"""Room on the disk; what isn't written takes none here."""
_MODULES = ("virtio_pci", "virtio_blk", "ext4")
_FILES = {
    "etc/fstab": "/dev/vda / ext4 defaults 0 1\n",
    "etc/hostname": f"{HOSTNAME}\n",
    "etc/hosts": f"127.0.0.1 localhost\n127.0.1.1 {HOSTNAME}\n",
    "etc/lab-address": f"ADDRESS={ADDRESS}\nGATEWAY={GATEWAY}\n",
    "etc/resolv.conf": f"nameserver {NAMES}\n",
    "etc/ssh/sshd_config.d/lab.conf": "PermitRootLogin prohibit-password\nUseDNS no\n",
    # As nspawn calls it, so one unit takes the address on either kind of host.
    "etc/systemd/network/10-host0.link": "[Match]\nDriver=virtio_net\n[Link]\nName=host0\n",
    "etc/systemd/system/lab-address.service.d/device.conf": (
        "[Unit]\n"
        "Wants=sys-subsystem-net-devices-host0.device\n"
        "After=sys-subsystem-net-devices-host0.device\n"
    ),
}
_REVISION = 1


@dataclass(frozen=True)
class DiskImage:
    """A disk that nothing writes to, the kernel that boots from it, and the key that opens it."""

    folder: Path

    @property
    def disk(self) -> Path:
        """The file system, as a file."""
        return self.folder / "disk"

    @property
    def kernel(self) -> Path:
        """The kernel."""
        return self.folder / "kernel"

    @property
    def initrd(self) -> Path:
        """The root that the kernel starts from."""
        return self.folder / "initrd"

    @property
    def key(self) -> Path:
        """The private key that root is entered by."""
        return self.folder / "key"

    @property
    def host_key(self) -> str:
        """The public half of the key by which the machine proves who it is."""
        return (self.folder / "host_key.pub").read_text()


def images() -> Path:
    """Return the directory of all disks, shared by all labs of this user."""
    return cache_directory() / "images"


def ensure() -> DiskImage:
    """Return the disk, after building it where there is none.

    Raises UserError when it can't be built.
    """
    if not privilege.is_root():
        raise UserError("a full machine's disk is made by root", fix="run this as root, or by sudo")
    packages.ensure(packages.missing(packages.FULL_MACHINE))
    sources, settings = mirror.read(DEBIAN)
    recipe = json.dumps([_REVISION, PACKAGES, _FILES, _MODULES, SIZE, sources, settings])
    name = f"{RELEASES[DEBIAN]}-{hashlib.sha256(recipe.encode()).hexdigest()[:10]}"
    finished = images() / name
    if finished.is_dir():
        return DiskImage(finished)
    images().mkdir(parents=True, exist_ok=True)
    with alone(images() / f".{name}.lock", "machine", f"disk {name} is being built already"):
        if not finished.is_dir():
            _build(images() / f".{name}.building", sources, settings)
            (images() / f".{name}.building").rename(finished)
    return DiskImage(finished)


def _build(building: Path, sources: list[str], settings: list[str]) -> None:
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()
    root = building / "root"
    command = ["mmdebstrap", "--mode=root", "--variant=minbase"]
    command += [f"--aptopt={line}" for line in settings]
    command += [f"--architectures={ARCHITECTURE}", f"--include={','.join(PACKAGES)}"]
    # The kernel starts from no more than it takes to find the disk.
    few = 'mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/usr/share/initramfs-tools/modules.d"'
    few += ' && echo MODULES=list >"$1/etc/initramfs-tools/conf.d/lab"'
    few += f' && printf "%s\\n" {" ".join(_MODULES)} >"$1/usr/share/initramfs-tools/modules.d/lab"'
    command += [f"--essential-hook={few}", "--skip=cleanup/apt/lists"]
    command += [RELEASES[DEBIAN], str(root), *sources]
    base.build(command, "disk of full machines", "machine", images() / "disk.log")
    _settle(building, root)


def _settle(building: Path, root: Path) -> None:
    _prepare(building, root)
    for there, name in (("vmlinuz-*", "kernel"), ("initrd.img-*", "initrd")):
        shutil.copy(next((root / "boot").glob(there)), building / name)
    output(["mke2fs", "-q", "-t", "ext4", "-d", str(root), str(building / "disk"), SIZE])
    shutil.rmtree(root)
    os.sync()


def _prepare(building: Path, root: Path) -> None:
    base.prepare(root, emulated=False)
    (root / "etc/resolv.conf").unlink(missing_ok=True)
    for name, text in _FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    for name in ("key", "host_key"):
        key = str(building / name)
        output(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", key])
    for end in ("", ".pub"):
        there = root / f"etc/ssh/ssh_host_ed25519_key{end}"
        shutil.copy(building / f"host_key{end}", there)
        there.chmod(0o644 if end else 0o600)
    (root / "root/.ssh").mkdir(mode=0o700, exist_ok=True)
    (root / "root/.ssh/authorized_keys").write_text((building / "key.pub").read_text())
    (root / "root/.ssh/authorized_keys").chmod(0o600)
