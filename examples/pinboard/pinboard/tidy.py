"""The daily job: takes down notes that have hung long enough."""

import os
import sys
import time
from contextlib import closing

from pinboard import store


def keep_days() -> int:
    """How long a note stays, from PINBOARD_KEEP_DAYS."""
    text = os.environ.get("PINBOARD_KEEP_DAYS", "30")
    # Nought or less would empty the board: never what a slip of the pen should do.
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        sys.exit(f"PINBOARD_KEEP_DAYS is {text!r}: give a whole number of days, 1 or more")
    return int(text)


def main() -> None:
    """Tidy once, and say so in one line."""
    days = keep_days()
    try:
        with closing(store.connect(store.location(), wait=30)) as db:
            removed = store.tidy(db, days, time.time())
    except store.Unavailable as error:
        sys.exit(f"pinboard tidy: the database doesn't answer: {error}")
    print(f"pinboard tidy: removed {removed} of the notes, those older than {days} days")


if __name__ == "__main__":
    main()
