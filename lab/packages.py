"""The Debian packages that the controller needs to run a lab."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from homeport.errors import UserError
from lab.command import attempt, environment
from lab.console import say

TOOLS = {
    "systemd-nspawn": "systemd-container",
    "mmdebstrap": "mmdebstrap",
    "nft": "nftables",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "openssl": "openssl",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "setpriv": "util-linux",
    "useradd": "passwd",
}
EMULATION = {
    "arch-test": "arch-test",
    "fakeroot": "fakeroot",
}
QEMU = "qemu-user-static"
FULL_MACHINE = {
    "qemu-system-x86_64": "qemu-system-x86",
    "qemu-img": "qemu-utils",
    "mmdebstrap": "mmdebstrap",
    "mke2fs": "e2fsprogs",
    "setpriv": "util-linux",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
}
"""What a machine takes that is emulated whole, with a kernel and a disk of its own."""


def missing(tools: dict[str, str]) -> list[str]:
    """Return the packages whose programs are not there."""
    path = environment()["PATH"]
    return sorted({package for tool, package in tools.items() if not shutil.which(tool, path=path)})


def ensure(packages: Iterable[str]) -> None:
    """Install packages with apt-get. Raises UserError where there is none, or when it fails."""
    names = sorted(packages)
    if not names:
        return
    if not Path("/etc/debian_version").exists() or not shutil.which("apt-get"):
        raise UserError(
            f"this is not Debian, so {', '.join(names)} can't be installed from here",
            fix="install them in your system's own way, or run the lab on a Debian machine",
        )
    say("lab", f"installing {' '.join(names)}")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *names]
    if attempt(install, extra=quiet).returncode:
        attempt(["apt-get", "update", "-q"], extra=quiet)
        done = attempt(install, extra=quiet)
        if done.returncode:
            words = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
            raise UserError(
                f"apt-get could not install {' '.join(names)}: {' '.join(words)}",
                fix="install them by hand, then run `python -m lab up` again",
            )
