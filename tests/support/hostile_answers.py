"""Answers that no honest host gives: made from scratch, and of honest ones that are spoilt."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

from hypothesis import settings
from hypothesis import strategies as st

many = settings(max_examples=int(os.environ.get("HOMEPORT_FUZZ", "300")) // 10, deadline=None)
seeded = settings(many, derandomize="HOMEPORT_FUZZ" not in os.environ)

DEEP = "[" * 50_000
NUMBERS = ["1e300", "-1", "9" * 400, "9" * 5000, "NaN", "Infinity", "1e999", "0", "true", "0x7"]
VALUES = st.sampled_from(
    [
        *NUMBERS,
        *(
            "",
            " ",
            "\t",
            "\0",
            "x\0y",
            "\x1b[2J",
            "\x1b]52;c;eA==\x07",
            "\r",
            "\x9b1A",
            "\u202eexe",
        ),
        *(
            "\u2028",
            "\ud800",
            "\ufffd",
            "HEAD",
            "--output=/tmp/x",
            "../../etc/passwd",
            "/",
            "{",
            "}",
        ),
        *(
            "{}",
            "[]",
            "null",
            '""',
            "[null]",
            '{"version": 1}',
            '{"version": 2}',
            DEEP,
            "{0.x}",
            "%s",
        ),
        *("\n", "\n\n", "kept\t/etc/passwd", "version 1", "version x", "x" * 70_000),
    ]
)
WORDS = st.sampled_from(
    """
    id who what when commit release generation outcome reason stages dirty until for moment boot
    mono holder pid start state ttl lease app since version confirmed reverted deploy at kept body
    sum secret link record Id= ActiveState= now lock journal history active held holder line current
    slot inode venv entry python wheel memory sums there answers nginx told file options devices
    """.split()  # noqa: SIM905 - so many quoted words are harder to read
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(max_size=5)
    | VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | VALUES, inner, max_size=5),
    max_leaves=10,
)
RECORDS = st.dictionaries(WORDS, JSON, max_size=9).map(
    lambda record: json.dumps({"version": 1, **record})
)
PIECES = VALUES | WORDS | RECORDS | st.text(max_size=6)
LINES = st.lists(PIECES, max_size=6).flatmap(
    lambda pieces: st.sampled_from(["\t", " ", "=", ""]).map(lambda between: between.join(pieces))
)


@st.composite
def spoilt(draw: st.DrawFn, honest: Sequence[str]) -> str:
    """Return an honest answer that is spoilt in one to four places, or one made from scratch."""
    if not honest or draw(st.integers(0, 4)) == 0:
        return "\n".join(draw(st.lists(LINES, max_size=8)))
    lines = draw(st.sampled_from(honest)).split("\n")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.integers(0, 7)):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[at])
            case 2:
                lines.insert(at, draw(LINES))
            case 3:
                lines[at] = lines[at][: draw(st.integers(0, 40))]
            case 4:
                words = lines[at].split("\t")
                words[draw(st.integers(0, len(words) - 1))] = draw(PIECES)
                lines[at] = "\t".join(words)
            case 5:
                words = lines[at].split(" ")
                words[draw(st.integers(0, len(words) - 1))] = draw(PIECES)
                lines[at] = " ".join(words)
            case 6:
                name, _, _ = lines[at].partition("\t")
                lines[at] = f"{name}\t{draw(RECORDS)}"
            case _:
                lines[at] += draw(PIECES)
        lines = lines or [""]
    return "\n".join(lines)
