"""An SSH server in this process: it knows keys and passwords, and runs commands in a real shell."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paramiko

CHUNK = 65536


@dataclass
class Door:
    """What a host lets in, and what it was asked; may be changed while it stands open.

    + keys: public key of each user that may log in by one
    + passwords: password of each user, if it takes any
    + codes: one-time code of each user who needs one besides the key
    + programs: folder of programs that are found first: a sudo
    + sessions: commands that one connection runs at once (``MaxSessions`` of sshd_config(5))
    """

    host_keys: list[paramiko.PKey]
    keys: dict[str, str] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    programs: Path | None = None
    environment: dict[str, str] = field(default_factory=dict)
    tried: list[tuple[str, str]] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)
    sessions: int = 10
    codes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[paramiko.Transport] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def known_as(self) -> str:
        return f"[127.0.0.1]:{self.port}"

    def __enter__(self) -> Door:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        # Closing alone doesn't wake who waits for a connection.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        for transport in self._open:
            transport.close()
            transport.join(5)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(connection)
            for key in self.host_keys:
                transport.add_server_key(key)
            self._open.append(transport)
            try:
                transport.start_server(server=_Guard(self))
            except (paramiko.SSHException, EOFError, OSError):  # it hung up, even by a reset
                transport.close()


class _Guard(paramiko.ServerInterface):
    def __init__(self, door: Door) -> None:
        self.door = door
        self.sessions = 0
        self.lets_in = ""

    def get_allowed_auths(self, username: str) -> str:
        return self.lets_in or ("publickey,password" if self.door.passwords else "publickey")

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        self.door.tried.append((username, "publickey"))
        line = f"{key.get_name()} {key.get_base64()}"
        if self.door.keys.get(username) != line:
            return paramiko.AUTH_FAILED
        if username in self.door.codes:
            self.lets_in = "keyboard-interactive"
            return paramiko.AUTH_PARTIALLY_SUCCESSFUL
        return paramiko.AUTH_SUCCESSFUL

    def check_auth_interactive(self, username: str, submethods: str) -> Any:
        self.user = username
        return paramiko.server.InteractiveQuery("Device", "See your device.", ("Code: ", False))

    def check_auth_interactive_response(self, responses: list[str]) -> int:
        right = responses == [self.door.codes.get(self.user)]
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_auth_password(self, username: str, password: str) -> int:
        self.door.tried.append((username, "password"))
        right = self.door.passwords.get(username) == password
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        if self.sessions >= self.door.sessions:
            return paramiko.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED
        self.sessions += 1
        return paramiko.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        self.door.ran.append(command.decode())
        threading.Thread(target=self._run, args=(channel, command.decode()), daemon=True).start()
        return True

    def _run(self, channel: Any, command: str) -> None:
        stdin = b"".join(iter(lambda: channel.recv(CHUNK), b""))
        path = "/usr/bin:/bin"
        # gevent may take the exit code of a child that isn't its own: it is written down, too.
        exit_code, its = os.pipe()
        done = subprocess.run(
            ["sh", "-c", f'sh -c "$1"; echo $? >/dev/fd/{its}', "sh", command],
            input=stdin,
            capture_output=True,
            pass_fds=[its],
            env={
                "PATH": f"{self.door.programs}:{path}" if self.door.programs else path,
                **self.door.environment,
            },
        )
        os.close(its)
        with os.fdopen(exit_code) as file:
            code = int(file.readline() or 255)
        # The other end may have gone.
        with suppress(OSError):
            channel.sendall(done.stdout)
            channel.sendall_stderr(done.stderr)
            channel.send_exit_status(code)
            channel.close()
        self.sessions -= 1
