"""The worker: it says what it was started with, and does nothing until it is stopped."""

import os
import signal
import socket

import orjson

from job.started import started_with


def notify(message: bytes) -> None:
    """Tell systemd, by the protocol of sd_notify(3)."""
    address = os.environ["NOTIFY_SOCKET"]
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
        connection.sendto(message, address)


def main() -> None:
    """Run until SIGTERM."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    notify(b"READY=1\nSTATUS=" + orjson.dumps(started_with()))
    signal.sigwait({signal.SIGTERM})


if __name__ == "__main__":
    main()
