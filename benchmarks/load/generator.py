"""The load in a process of its own, so that what it measures doesn't starve it.

``python -m benchmarks.load.generator ORDER``: sends until its standard input ends.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from benchmarks.contenders.contender import PROJECT
from benchmarks.load.load import Load, Plan
from benchmarks.load.priority import be_urgent
from benchmarks.load.target import Target
from homeport.errors import UserError

BEGIN, END = 30.0, 60.0
"""Seconds within which it has an answer, and within which it ends once it is told to."""


@contextmanager
def generating(target: Target, plan: Plan, out: Path) -> Iterator[None]:
    """Have the load be sent, and its samples written to a file; it is whole at the end.

    Raises UserError when there is no answer at all, or it ends by itself.
    """
    out.unlink(missing_ok=True)
    order = json.dumps({"target": asdict(target), "plan": asdict(plan), "out": str(out)})
    command = [sys.executable, "-m", "benchmarks.load.generator", order]
    # Its input ends with this process, however that ends.
    with subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE) as process:
        try:
            _wait_for_an_answer(process, out)
            yield
            if process.poll() is not None:
                raise UserError("the load ended by itself", fix="see what it said above")
        finally:
            try:
                process.communicate(timeout=END)
            except subprocess.TimeoutExpired:
                process.kill()
    if process.returncode:
        raise UserError(f"the load ended with code {process.returncode}", fix="see above")


def _wait_for_an_answer(process: subprocess.Popen[bytes], out: Path) -> None:
    until = time.monotonic() + BEGIN
    while not (out.exists() and out.stat().st_size):
        if process.poll() is not None or time.monotonic() > until:
            raise UserError("the load had no answer", fix="see what it said above")
        time.sleep(0.05)


async def _send(target: Target, plan: Plan, out: Path) -> None:
    with out.open("w", buffering=1 << 16) as file:
        load = Load(target, plan, lambda sample: sample.write(file))
        loop = asyncio.get_running_loop()

        def end() -> None:
            loop.remove_reader(sys.stdin)
            load.stop()

        loop.add_reader(sys.stdin, end)
        running = asyncio.create_task(load.run())
        while not running.done():
            await asyncio.wait([running], timeout=1)
            file.flush()
        await running


def main(order: str) -> int:
    """Do what the order says until it is over."""
    settings = json.loads(order)
    be_urgent()
    asyncio.run(
        _send(Target(**settings["target"]), Plan(**settings["plan"]), Path(settings["out"]))
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
