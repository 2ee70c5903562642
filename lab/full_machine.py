"""A machine that is emulated whole: its power is cut as that of any machine, by ending qemu.

It runs by plain emulation and not by KVM, which costs it ten times the processor, and needs no more
than a process. Its network is qemu's own: some of its ports are reached on loopback here, nothing
else of it is.
"""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from homeport.errors import UserError
from lab.command import environment, output
from lab.disk_image import HOSTNAME, DiskImage

BOOT_SECONDS = 300.0
MEMORY = "1024"
"""Megabytes, as a small Pi has them."""
SSH = 22
SAVE_SECONDS = 120.0
MARKS = "/dev/ttyS1"
"""The device on which a program of the machine marks a moment: what it writes is seen at once."""
_IDLE = ("e2scrub_reap.service", "systemd-binfmt.service", "systemd-logind.service")
"""What takes an emulated processor long at boot, and is of no use here."""
_BOOT = " ".join(
    ["root=/dev/vda rw console=ttyS0 quiet", *(f"systemd.mask={unit}" for unit in _IDLE)]
)
_POLL = 0.002
_CONFIG = """\
Host {name}
    HostName 127.0.0.1
    Port {port}
    User root
    IdentityFile {key}
    IdentitiesOnly yes
    HostKeyAlias {name}
    UserKnownHostsFile {known_hosts}
    StrictHostKeyChecking yes
    ConnectTimeout 10
    ServerAliveInterval 10
    ServerAliveCountMax 6
    LogLevel ERROR
"""


class FullMachine:
    """A machine with a disk of its own, in a folder of its own.

    + ports: those of its ports that are reached on loopback here, SSH's among them
    """

    def __init__(self, image: DiskImage, folder: Path, ports: Sequence[int] = ()) -> None:
        self.image, self.folder = image, folder
        self._process: subprocess.Popen[bytes] | None = None
        self._saved: Path | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.ports = dict(zip((SSH, *ports), _free(1 + len(ports)), strict=True))
        self.ssh_config, self.known_hosts = folder / "ssh_config", folder / "known_hosts"
        key = " ".join(image.host_key.split()[:2])
        self.known_hosts.write_text(f"{HOSTNAME} {key}\n")
        self.ssh_config.write_text(
            _CONFIG.format(
                name=HOSTNAME, port=self.ports[SSH], key=image.key, known_hosts=self.known_hosts
            )
        )

    @property
    def disk(self) -> Path:
        """The layer with what it has written, over the disk that it began with."""
        return self.folder / "layer"

    def new(self, disk: Path | None = None) -> None:
        """Give it a layer over that disk, or over the image's; what it had is gone.

        Raises UserError when it runs.
        """
        if self._process is not None:
            raise UserError("the machine runs", fix="cut its power first")
        form = ["-f", "qcow2", "-F", "qcow2" if disk else "raw"]
        below, self._saved = str(disk or self.image.disk), disk and _memory(disk)
        self.disk.unlink(missing_ok=True)
        output(["qemu-img", "create", "-q", *form, "-b", below, str(self.disk)])

    def keep(self, disk: Path) -> None:
        """End it, and make what it has a disk that layers are made over.

        What is in its memory is kept beside the disk: with a new layer over it, it goes on from
        there and needn't boot. Raises UserError when it doesn't answer.
        """
        saved = _memory(disk)
        if self.run("sync", timeout=SAVE_SECONDS).returncode:
            raise UserError("the machine doesn't answer", fix=f"read {self.folder}/console.log")
        self._control("stop")
        self._control("migrate", uri=f"exec:cat >{saved}")
        deadline = time.monotonic() + SAVE_SECONDS
        while self._control("query-migrate").get("status") != "completed":
            if time.monotonic() > deadline:
                raise UserError("its memory takes too long to save", fix="run this again")
            time.sleep(0.2)
        self.cut()
        self.disk.rename(disk)
        self.new(disk)

    def start(self) -> None:
        """Switch it on, and wait until it has booted, or goes on from what was in its memory.

        Raises UserError when it ends, or hasn't booted in time.
        """
        (self.folder / "marks").unlink(missing_ok=True)
        with (self.folder / "qemu.log").open("w") as log:
            self._process = subprocess.Popen(
                # It ends with us, however we end.
                ["setpriv", "--pdeathsig", "KILL", *self._command()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment(),
            )
        deadline = time.monotonic() + BOOT_SECONDS
        if self._saved is not None:
            self._go_on(deadline)
        while time.monotonic() < deadline:
            done = self.run("systemctl is-system-running", timeout=60)
            if done.stdout.strip() in ("running", "degraded"):
                return
            if self._process.poll() is not None:
                raise UserError("the machine ended", fix=f"read {self.folder}/qemu.log")
            time.sleep(0.5)
        raise UserError("the machine doesn't boot", fix=f"read {self.folder}/console.log")

    def cut(self) -> None:
        """Cut its power: SIGKILL for qemu.

        What the machine had flushed to its disk is there (a host's page cache outlives a process);
        what it had in its own memory alone is lost, and so are clusters of its disk that qemu had
        not entered in the layer's tables yet.
        """
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def run(
        self, script: str, stdin: str = "", timeout: float | None = 300
    ) -> subprocess.CompletedProcess[str]:
        """Run a shell script as root and return its result.

        Its code is 255 where the machine doesn't answer, or not in time.
        """
        line = ["ssh", "-F", str(self.ssh_config), HOSTNAME, "--", script]
        try:
            return subprocess.run(
                line,
                input=stdin,
                capture_output=True,
                text=True,
                errors="replace",
                env=environment(),
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(line, 255, "", f"no end after {timeout} s")

    def marked(self, seconds: float) -> bool:
        """Return whether a program marks a moment before this time is over, as soon as it does."""
        marks, deadline = self.folder / "marks", time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(FileNotFoundError):
                if marks.stat().st_size:
                    return True
            time.sleep(_POLL)
        return False

    def _command(self) -> list[str]:
        forwards = [f"hostfwd=tcp:127.0.0.1:{here}-:{port}" for port, here in self.ports.items()]
        command = ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max"]
        command += ["-smp", "2", "-m", MEMORY, "-display", "none", "-monitor", "none"]
        command += ["-qmp", f"unix:{self.folder}/control,server=on,wait=off"]
        command += ["-kernel", str(self.image.kernel), "-initrd", str(self.image.initrd)]
        command += ["-append", _BOOT, "-no-reboot"]
        command += ["-drive", f"file={self.disk},if=virtio,format=qcow2,cache=writeback"]
        command += ["-netdev", ",".join(["user", "id=net", *forwards])]
        command += ["-device", "virtio-net-pci,netdev=net,romfile=", "-device", "virtio-rng-pci"]
        command += ["-serial", f"file:{self.folder}/console.log"]
        command += ["-serial", f"file:{self.folder}/marks"]
        return [*command, *(["-incoming", f"exec:cat {self._saved}"] if self._saved else [])]

    def _go_on(self, deadline: float) -> None:
        """Have a machine run whose memory is being read in, as soon as it is."""
        self._saved, status = None, ""
        while status != "paused" and time.monotonic() < deadline:
            time.sleep(0.2)
            # It may not listen yet.
            with suppress(OSError):
                status = str(self._control("query-status")["status"])
        self._control("cont")

    def _control(self, command: str, **arguments: str) -> dict[str, Any]:
        """Have qemu do something, by the QEMU Machine Protocol; return its answer.

        Raises UserError when it refuses.
        """
        with socket.socket(socket.AF_UNIX) as to:
            to.settimeout(SAVE_SECONDS)
            to.connect(str(self.folder / "control"))
            lines = to.makefile()
            lines.readline()
            for name, with_these in (("qmp_capabilities", {}), (command, arguments)):
                words = json.dumps({"execute": name, "arguments": with_these})
                to.sendall(f"{words}\n".encode())
                answer: dict[str, Any] = {}
                # Events come in between.
                while not answer.keys() & {"return", "error"}:
                    answer = json.loads(lines.readline())
        if "error" in answer:
            raise UserError(f"qemu refuses {command}: {answer['error']}", fix="run this again")
        found: dict[str, Any] = answer["return"]
        return found


def _free(count: int) -> list[int]:
    """Return ports of loopback on which nothing listens."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _memory(disk: Path) -> Path:
    """Return the file with what was in a machine's memory when its disk was kept."""
    return disk.with_name(f"{disk.name}.memory")
