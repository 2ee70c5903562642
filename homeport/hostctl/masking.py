"""Secrets in text of others: what shows one, in whatever form, is replaced by the secret's name.

A program quotes, encodes and cuts off what it prints. So parts are searched for, and not values.
"""

from __future__ import annotations

import base64
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from urllib.parse import quote, quote_plus

SHORTEST = 8
"""Characters of a part that is masked; a shorter one stands in any text by chance."""
IN_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


class Masks:
    """The secrets that a text may show, by name.

    + short: names of secrets that have too few characters to be found in a text: what others wrote
      is not to be shown at all, where it could hold one of these
    """

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        self._parts: dict[str, str] = {}
        self.short: dict[str, None] = {}
        for name, secret in (secrets or {}).items():
            self.add(name, secret)

    def forget(self) -> None:
        """Know no secret any more."""
        self._parts.clear()
        self.short.clear()

    def add(self, name: str, secret: str) -> None:
        """Add a secret; one that is too short is only noted."""
        if len(secret) < SHORTEST:
            if secret:
                self.short[name] = None
            return
        # Any text may hold how a URL begins.
        scheme = SCHEME.match(_folded(secret))
        spared = _parts(scheme[0]) if scheme else set()
        for form in forms(secret):
            for part in _parts(_folded(form)) - spared:
                self._parts.setdefault(part, name)

    def __call__(self, text: str) -> str:
        """Return the text with a name in parentheses for all of a secret that it shows."""
        if not self._parts:
            return text
        folded, shown, done = _folded(text), list[str](), 0
        at, last = 0, len(text) - SHORTEST
        while at <= last:
            name = self._parts.get(folded[at : at + SHORTEST])
            if name is None:
                at += 1
                continue
            shown += (text[done:at], f"({name})")
            done = at + SHORTEST
            while at < min(done, last):
                at += 1
                if folded[at : at + SHORTEST] in self._parts:
                    done = at + SHORTEST
            at = done
        return "".join([*shown, text[done:]])


def forms(secret: str) -> Iterator[str]:
    """Yield a secret as it may be written: as it is, escaped, quoted and encoded."""
    raw = secret.encode(errors="surrogatepass")
    yield secret
    yield secret[::-1]
    yield repr(secret)[1:-1]
    yield ascii(secret)[1:-1]
    yield repr(raw)[2:-1]
    yield from (json.dumps(secret, ensure_ascii=each)[1:-1] for each in (True, False))
    yield secret.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("`", "\\`")
    yield secret.replace("%", "%%")
    yield secret.replace("$", "$$")
    yield secret.replace("'", "''")
    yield shlex.quote(secret)
    yield secret.translate(IN_HTML)
    yield from (quote(raw), quote(raw, safe=""), quote_plus(raw))
    yield raw.hex()
    yield raw.hex(" ")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for before in range(3):
            # What stands before it, as a user's name does, moves it by so many bytes.
            text = encode(b"\0" * before + raw).decode().rstrip("=")
            yield text[before + bool(before) : len(text) - bool((before + len(raw)) % 3)]
    yield base64.b32encode(raw).decode().rstrip("=")


def _parts(text: str) -> set[str]:
    return {text[at : at + SHORTEST] for at in range(len(text) - SHORTEST + 1)}


def _folded(text: str) -> str:
    folded = text.lower()
    if len(folded) == len(text):
        return folded
    return "".join(low if len(low := each.lower()) == 1 else each for each in text)


KNOWN = Masks()
"""The secrets that this process has read."""
