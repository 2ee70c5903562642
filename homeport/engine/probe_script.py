"""All probes of a host in one script: every answer in a closed frame.

The script is read from standard input, so its size has no limit and nothing in it shows in a
process list. It is one function that is called on the last line: a script that arrives cut short
does nothing at all. What the probes print travels as one line of base64, between a mark and an
end. In it each frame is closed by ``HOMEPORT <nonce> <kind> <exit code>``; one that is missing,
repeated or not understood is an error, never a default.

Starting programs is what probing costs. So one ``base64`` serves many frames, and a host with two
processors runs two halves of them at once.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence

from homeport.engine.kind import ProbeError, ProbeOutput

PRELUDE = """\
LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
"""

LONGEST, LINES = 2**22, 200_000
"""Bytes and lines of an answer: no more memory is spent on what a host makes up."""


def compose(probes: Mapping[str, str], nonce: str) -> str:
    """Return the script that runs every probe and closes the frame of what each one prints."""
    frames = [_frame(name, probe, nonce) for name, probe in probes.items()]
    # Kinds that come late ask systemd, which takes longer than to read files.
    half = (3 * len(frames) + 2) // 5
    return (
        f"{PRELUDE}"
        f"first() {{\n:\n{''.join(frames[:half])}}}\n"
        f"second() {{\n:\n{''.join(frames[half:])}}}\n"
        f"{BOTH.format(nonce=nonce)}"
        "both </dev/null\n"
    )


BOTH = """\
both() {{
printf 'HOMEPORT {nonce} '
exec 3>&1
rest=$(second | base64 -w 0 & first | base64 -w 0 >&3; wait)
printf ' %s end\\n' "$rest"
}}
"""
"""Both halves at once, the first straight to the answer and the second into a variable."""


def _frame(name: str, probe: str, nonce: str) -> str:
    # A probe that is cut off by its reader must not run on to the next probe.
    closed = f'printf "\\nHOMEPORT {nonce} {name} %s\\n" "$?" || exit\n'
    return f"(\nset -eu\n{probe.rstrip()}\n)\n{closed}"


def parse(
    lines: Sequence[str], kinds: Sequence[str], nonce: str, key: str
) -> dict[str, ProbeOutput]:
    """Return the answer of every kind asked for.

    Raises ``ProbeError`` when a frame is missing, came twice, or its probe failed.
    """
    mark, end = f"HOMEPORT {nonce} ", " end"
    framed = [line[len(mark) : -len(end)] for line in lines if line.startswith(mark)]
    ended = [line for line in lines if line.startswith(mark) and line.endswith(end)]
    if len(framed) != 1 or not ended:
        raise ProbeError("the host's answer was cut short, or came twice")
    if len(framed[0]) > LONGEST:
        raise ProbeError(f"the host's answer is longer than {LONGEST} bytes")
    answers: dict[str, ProbeOutput] = {}
    whole = "".join(map(_decoded, framed[0].split(" ")))
    if whole.count("\n") > LINES:
        raise ProbeError(f"the host's answer has more than {LINES} lines")
    *frames, after = re.split(rf"\n{mark}(.*)\n", whole)
    for text, closed in zip(frames[::2], frames[1::2], strict=True):
        name, _, code = closed.rpartition(" ")
        if name in answers or name not in kinds:
            raise ProbeError(f"the host answered {name!r} unasked or twice")
        if code != "0":
            raise ProbeError(f"the probe of {name} failed with exit code {code}")
        answers[name] = ProbeOutput(text.rstrip("\n"), key)
    if after:
        raise ProbeError("the host's answer goes on after its end")
    if missing := [kind for kind in kinds if kind not in answers]:
        raise ProbeError(f"the host gave no answer for {', '.join(missing)}")
    return answers


def _decoded(body: str) -> str:
    try:
        return base64.b64decode(body, validate=True).decode()
    except (ValueError, binascii.Error) as error:
        raise ProbeError(f"the host's answer is damaged: {body[:40]!r}") from error
