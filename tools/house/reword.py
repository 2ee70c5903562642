"""Replace words, everywhere, by a table: ``python -m tools.house.reword tools/house/words.py``.

Each row of the table's ``WORDS`` is a pattern and what stands there instead, in order; a third
item is a pattern of the paths that it is for, all without one. Option ``--root FOLDER`` works on
another checkout. Generated records are made anew, not edited.
"""

from __future__ import annotations

import argparse
import re
import runpy
import subprocess
from fnmatch import fnmatch
from pathlib import Path

LEFT_ALONE = ("tools/house/", "tests/golden/records/", "LICENSE", "requirements.lock")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path)
    parser.add_argument("--root", type=Path, default=Path())
    arguments = parser.parse_args()
    given = runpy.run_path(str(arguments.table))
    files = tuple(given.get("FILES", ("*",)))
    rows = [(re.compile(old, re.MULTILINE), new, only) for old, new, *only in given["WORDS"]]
    hits = [0] * len(rows)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *files],
        cwd=arguments.root,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        path = arguments.root / name
        if name.startswith(LEFT_ALONE) or path.is_symlink():
            continue
        try:
            text = before = path.read_text()
        except UnicodeDecodeError:
            continue
        for at, (old, new, only) in enumerate(rows):
            if only and not any(fnmatch(name, glob) for glob in only):
                continue
            text, count = old.subn(new, text)
            hits[at] += count
        if text != before:
            path.write_text(text)
    for (old, *_), count in zip(rows, hits, strict=True):
        print(f"{count:5d} {old.pattern}")


if __name__ == "__main__":
    main()
