"""The request for a rollback, by the words of a command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..protocol import UNHELD
from ..system.exit_codes import Usage
from .basis import parse
from .transitions import DETACHED

if TYPE_CHECKING:
    from ..shapes import Basis

CONFIRM = "--confirm"
"""For our own call: the program confirms this rollback itself."""

FLAGS = {
    "--force": {"force": True},
    "--old-secrets": {"old_secrets": True},
    "--dry": {"dry": True},
    "--json": {"as_json": True},
    UNHELD: {"held": False},
    DETACHED: {"detached": True},
    CONFIRM: {"detached": True, "confirm": True},
}
USAGE = (
    "usage: homeportctl rollback APP [RELEASE|GENERATION] [--force] [--old-secrets]"
    " [--dry [--json]] [--basis JSON] [--deploy-id ID] [--unheld] [--user USER]"
)


@dataclass(frozen=True)
class RollbackRequest:
    """The request for a rollback.

    + deploy_id: a controller's name for it, who will confirm it
    + user: who asks, if that isn't who is logged in here
    + old_secrets: whether the secrets are to be those of then, too
    + dry: whether only to say what would be done, ``as_json`` with the basis of that plan
    + basis: the state that a plan was made for, which is refused if the host has moved
    + held: whether the connection lasts until the rollback is confirmed; if not, time alone decides
    + detached: whether we run in a unit of our own already
    """

    app: str
    name: str | None = None
    force: bool = False
    old_secrets: bool = False
    dry: bool = False
    as_json: bool = False
    basis: Basis | None = None
    deploy_id: str | None = None
    user: str | None = None
    held: bool = True
    detached: bool = False
    confirm: bool = False

    @classmethod
    def of(cls, args: Sequence[str]) -> RollbackRequest:
        """Return what a command line asks for. Raises Usage."""
        words, wish, left = list[str](), cls(""), iter(args)
        for word in left:
            if word == "--deploy-id":
                wish = replace(wish, deploy_id=next(left, ""))
            elif word == "--user":
                wish = replace(wish, user=next(left, ""))
            elif word == "--basis":
                wish = replace(wish, basis=parse(next(left, "")))
            elif word in FLAGS:
                flags: Any = FLAGS[word]
                wish = replace(wish, **flags)
            else:
                words.append(word)
        are_names = not any(word.startswith("-") for word in words)
        if not 1 <= len(words) <= 2 or wish.deploy_id == "" or not are_names:
            raise Usage(USAGE)
        return replace(wish, app=words[0], name=words[1] if words[1:] else None)
