"""One line of progress at a time, with the seconds since the start."""

from __future__ import annotations

import sys
import threading
import time

# No minute without a word: whatever takes long speaks at least this often.
HEARTBEAT = 10.0

_start = time.monotonic()
_lock = threading.Lock()


def say(who: str, what: str) -> None:
    """Print one line about one host (or the lab); threads don't mix their lines."""
    with _lock:
        print(f"{time.monotonic() - _start:6.1f} s  {who:<10} {what}", flush=True)


def warn(lines: str) -> None:
    """Print a warning to standard error."""
    frame = "!" * 78
    with _lock:
        print(f"{frame}\n{lines}\n{frame}", file=sys.stderr, flush=True)
