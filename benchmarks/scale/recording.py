"""What a real host answered to a look, and how to answer another look with it.

Every look has a nonce of its own, which its frames carry, and a key, under which secrets are
fingerprinted. So an answer can't be played back as it was: its frames are made anew.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field

from homeport.engine.secret_digest import fingerprint

PROBES = re.compile(r"HOMEPORT (\w+) ([\w-]+) %s")
KEY = re.compile(r"^key=(\w+)$", re.MULTILINE)
MACHINE = re.compile(r"^machine .*$", re.MULTILINE)


class Unheard(Exception):  # noqa: N818 - what a question is
    """The recording has no answer to this question."""


@dataclass(frozen=True)
class Recording:
    """One host's answer.

    + answers: what each probe printed, by its kind
    + key: under which secrets were fingerprinted then
    + secrets: the SHA-256 of each secret file; no more than the host itself knows
    + group, data: what the inventory says of that host
    """

    answers: Mapping[str, str]
    key: str
    secrets: tuple[str, ...]
    group: str
    data: Mapping[str, object] = field(default_factory=dict)

    def dump(self) -> str:
        """Return the text that ``load`` reads."""
        return json.dumps(asdict(self), indent=1)


def load(text: str) -> Recording:
    """Return the recording that a text holds."""
    known = json.loads(text)
    return Recording(**{**known, "secrets": tuple(known["secrets"])})


class Player:
    """Answers looks as the recorded host would, and each host as a machine of its own."""

    def __init__(self, recording: Recording) -> None:
        self._answers = recording.answers
        self._then = {fingerprint(recording.key, digest): digest for digest in recording.secrets}
        self._secret = re.compile("|".join(self._then) or "(?!)")

    def lines(self, script: str, host: str) -> Iterator[str]:
        """Return what a host prints when it runs a look's script; raises ``Unheard`` otherwise."""
        probes = PROBES.findall(script)
        if not probes:
            raise Unheard("this is not a look")
        if unknown := [kind for _, kind in probes if kind not in self._answers]:
            raise Unheard(f"no host was asked for its {', '.join(unknown)}")
        key = KEY.search(script)
        texts = {kind: self._anew(kind, key[1] if key else "", host) for _, kind in probes}
        return framed(texts, probes[0][0])

    def _anew(self, kind: str, key: str, host: str) -> str:
        text = self._secret.sub(
            lambda found: fingerprint(key, self._then[found[0]]), self._answers[kind]
        )
        return MACHINE.sub(f"machine {host} booted-once", text)


def framed(texts: Mapping[str, str], nonce: str) -> Iterator[str]:
    """Yield the line in which ``homeport.engine.probe_script`` has a host print its answers."""
    frames = "".join(f"{text}\n\nHOMEPORT {nonce} {kind} 0\n" for kind, text in texts.items())
    yield f"HOMEPORT {nonce} {base64.b64encode(frames.encode()).decode()} end\n"
