"""One look at a host: every probe in one script, every answer in a closed frame.

The script is read from standard input, so its size has no limit and nothing in it shows in a
process list. It is one function that is called on the last line: a script that arrives cut short
does nothing at all. Each frame is ``HOMEPORT <nonce> <kind> <exit code> <base64>``, and a frame
that is missing, repeated or not understood is an error, never a default.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence

from homeport.resource import Answer, Unreadable

PRELUDE = """\
LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
"""


def compose(probes: Mapping[str, str], nonce: str) -> str:
    """Return the script that runs every probe and frames what each one prints."""
    frames = []
    for name, probe in probes.items():
        frames.append(
            f"body=$(\nset -eu\n{probe.rstrip()}\n)\n"
            f'code=$?\nprintf "HOMEPORT {nonce} {name} %s " "$code"\n'
            f'printf %s "$body" | base64 -w 0\necho\n'
        )
    return (
        f"{PRELUDE}look() {{\n{''.join(frames)}echo 'HOMEPORT {nonce} end'\n}}\nlook </dev/null\n"
    )


def parse(lines: Sequence[str], kinds: Sequence[str], nonce: str, key: str) -> dict[str, Answer]:
    """Return the answer of every kind asked for.

    Raises ``Unreadable`` when a frame is missing, came twice, or its probe failed.
    """
    mark = f"HOMEPORT {nonce} "
    framed = [line.removeprefix(mark) for line in lines if line.startswith(mark)]
    if framed[-1:] != ["end"]:
        raise Unreadable("the host's answer was cut short")
    answers: dict[str, Answer] = {}
    for frame in framed[:-1]:
        name, text = _open(frame)
        if name in answers or name not in kinds:
            raise Unreadable(f"the host answered {name!r} unasked or twice")
        answers[name] = Answer(text, key)
    if missing := [kind for kind in kinds if kind not in answers]:
        raise Unreadable(f"the host gave no answer for {', '.join(missing)}")
    return answers


def _open(frame: str) -> tuple[str, str]:
    try:
        name, code, *body = frame.split(" ")
        text = base64.b64decode("".join(body), validate=True).decode()
    except (ValueError, binascii.Error) as error:
        raise Unreadable(f"a frame of the host's answer is damaged: {frame[:40]!r}") from error
    if code != "0":
        raise Unreadable(f"the look at {name} failed with exit code {code}")
    return name, text
