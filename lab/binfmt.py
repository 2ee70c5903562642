"""Running another architecture's programs through qemu-user, by the kernel's binfmt_misc."""

from __future__ import annotations

from pathlib import Path

from lab import packages
from lab.command import attempt, output

CPU = {"amd64": "x86_64", "arm64": "aarch64"}
KERNEL = Path("/proc/sys/fs/binfmt_misc")


def native() -> str:
    """Return the controller's own architecture, by Debian's name. Raises UserError off Debian."""
    return output(["dpkg", "--print-architecture"]).strip()


def enable(architecture: str) -> str | None:
    """Make programs of that architecture run here; return None, or why it can't be had."""
    wanted = packages.missing(packages.EMULATION)
    if not _shipped(architecture).exists():
        wanted.append(packages.QEMU)
    packages.ensure(wanted)
    if not _shipped(architecture).exists():
        return f"{packages.QEMU} has no interpreter for {architecture}"
    if not (KERNEL / "register").exists():
        attempt(["modprobe", "binfmt_misc"])
        mounted = attempt(["mount", "-t", "binfmt_misc", "binfmt_misc", str(KERNEL)])
        if mounted.returncode:
            return f"binfmt_misc can't be mounted: {mounted.stderr.strip()}"
    if not _entry(architecture).exists():
        try:
            (KERNEL / "register").write_text(
                registration(architecture, _shipped(architecture).read_text())
            )
        except OSError as error:
            return f"binfmt_misc refuses to register {architecture}: {error.strerror}"
    works = attempt(["arch-test", architecture])
    return None if works.returncode == 0 else f"arch-test: {works.stdout.strip()}"


def disable() -> list[str]:
    """Remove our entries from the kernel; return what was removed."""
    gone = []
    for architecture in CPU:
        if _entry(architecture).exists():
            _entry(architecture).write_text("-1")
            gone.append(f"binfmt entry {_entry(architecture).name}")
    return gone


def registration(architecture: str, shipped: str) -> str:
    """Return the line that registers our own entry, from the one that the package ships.

    The kernel asks the newest entry first, so it stands before the system's own, and with these
    flags: C, or sudo inside would not become root; F, or the kernel would look for the interpreter
    inside the host's root, in vain. P is kept: the shipped interpreter knows whether it expects it.
    """
    body, _, flags = shipped.strip().rpartition(":")
    preserve = "P" if "P" in flags else ""
    _, kind, rest = body.removeprefix(":").split(":", 2)
    return f":{_entry(architecture).name}:{kind}:{rest}:OCF{preserve}"


def _entry(architecture: str) -> Path:
    return KERNEL / f"homeport-{architecture}"


def _shipped(architecture: str) -> Path:
    return Path(f"/usr/lib/binfmt.d/qemu-{CPU[architecture]}.conf")
