"""Tell systemd how this process is doing (the protocol of sd_notify(3))."""

import os
import socket


def notify(state: str) -> bool:
    """Send `state` to the service manager; say whether there was one to send it to."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]  # the way an abstract address is written in an environment
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager:
        # A full queue blocks a datagram's sender, and a blocked sender can't be stopped in time.
        manager.settimeout(0.2)
        manager.connect(address)
        manager.sendall(state.encode())
    return True
