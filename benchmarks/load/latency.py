"""A long way to a server, in a process of its own: what passes it on must not share our processor.

``python -m benchmarks.load.latency ADDRESS PORT SECONDS`` says its port, and goes on until its
standard input ends.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from benchmarks.contenders.contender import PROJECT
from benchmarks.latency_proxy import Relay
from benchmarks.load.priority import be_urgent
from benchmarks.load.target import Target


@contextmanager
def away(target: Target, rtt: float) -> Iterator[Target]:
    """Yield the same target at the end of a way that takes so many seconds there and back."""
    if not rtt:
        yield target
        return
    command = [sys.executable, "-m", "benchmarks.load.latency"]
    with subprocess.Popen(
        [*command, target.address, str(target.port), str(rtt)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        # Its input ends with this process, however that ends.
        if not process.stdin or not process.stdout:
            raise AssertionError("both are pipes")
        yield replace(target, address="127.0.0.1", port=int(process.stdout.readline()))
        process.stdin.close()


def main(address: str, port: str, rtt: str) -> None:
    """Lead there until standard input ends."""
    be_urgent()
    with Relay([(address, int(port))], float(rtt)) as relay:
        print(relay.ports[0], flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
