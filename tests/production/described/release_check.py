"""The application's own check: it has accepted what is described, and only root can say so."""

from __future__ import annotations

import hashlib
from shlex import quote

from homeport.engine.kind import DesiredState
from homeport.operations.release_check import ReleaseCheck


def question(description: DesiredState) -> str:
    """Return the shell that tells whose each verdict is, and what it is about, hashed with a key.

    The digest that a verdict holds was made of secrets too, so it is not told.
    """
    return "".join(map(_question, description.of(ReleaseCheck))) or ":"


def _question(check: ReleaseCheck) -> str:
    path = quote(check.path)
    return f"""\
if [ -f {path} ]; then
  read -r key </proc/sys/kernel/random/uuid
  hash=$(printf '%s%s' "$key" "$(cat {path})" | sha256sum)
  stat -c "verdict %n $key ${{hash%% *}} %a %U:%G" {path}
fi
"""


def faults(check: ReleaseCheck, answer: str) -> list[str]:
    """Return why the release that is described isn't known to be accepted."""
    values = {words[1]: words[2:] for words in map(str.split, answer.splitlines())}
    if check.path not in values:
        return [f"it was never done: there is no {check.path}"]
    key, digest, *rights = values[check.path]
    wrong = []
    if hashlib.sha256(f"{key}{check.digest}".encode()).hexdigest() != digest:
        wrong.append("it accepted something else than what is described")
    if rights != ["600", "root:root"]:
        wrong.append(f"its verdict can be changed: it has {' '.join(rights)}")
    return wrong
