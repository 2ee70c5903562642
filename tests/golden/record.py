"""Write the golden record anew, or compare: ``python -m tests.golden.record [--check]``."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Sequence
from pathlib import Path

from homeport.hostctl import masking
from tests.golden.hosts import rehearsal
from tests.golden.records import RECORDS
from tests.golden.text import settled

FOLDER = Path(__file__).with_name("records")


def made(scratch: Path, name: str) -> str:
    """Return one record, as the code yields it now."""
    # What was read for another record is no secret of this one, and what was packed for another
    # test lies where that had its cache.
    masking.KNOWN.forget()
    _forget_what_is_cached()
    return settled(RECORDS[name](scratch))


def _forget_what_is_cached() -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith("homeport.description."):
            for each in vars(module).values():
                if hasattr(each, "cache_clear"):
                    each.cache_clear()


def difference(name: str, text: str) -> str:
    """Return how the record differs from what the code yields now; empty if it doesn't."""
    path = FOLDER / name
    was = path.read_text() if path.exists() else ""
    lines = (was.splitlines(True), text.splitlines(True))
    return "".join(difflib.unified_diff(*lines, f"recorded/{name}", f"now/{name}"))


def left_over() -> list[Path]:
    """Return the files of the record that nothing makes any more."""
    known = {FOLDER / name for name in RECORDS}
    return sorted(path for path in FOLDER.rglob("*.txt") if path not in known)


def main(arguments: Sequence[str]) -> int:
    """Write all records, or with ``--check`` print how they differ; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden.record", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    check = parser.parse_args(arguments).check
    differs = [f"nothing makes {path}\n" for path in left_over()]
    with rehearsal() as scratch:
        for name in RECORDS:
            text = made(scratch, name)
            if check:
                differs += filter(None, [difference(name, text)])
            else:
                (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
                (FOLDER / name).write_text(text)
    if check:
        sys.stdout.writelines(differs)
        return 1 if differs else 0
    for path in left_over():
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
