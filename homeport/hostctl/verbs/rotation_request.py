"""The request for a rotation, by the words of a command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..system.exit_codes import Usage
from .basis import parse
from .transitions import DETACHED

if TYPE_CHECKING:
    from ..shapes import Basis

USAGE = (
    "usage: homeportctl secrets rotate APP NAME [--user USER] [--basis JSON] <NEW-VALUE,"
    " or [--dry [--json]] without one"
)


class RotationRequest(NamedTuple):
    """The request for a rotation.

    + deploy_id: that of the deploy that we go on with
    + basis: the state that a plan was made for, which is refused if the host has moved
    + dry: whether only to say what would be done, ``as_json`` with the basis of that plan
    """

    app: str
    name: str
    user: str | None = None
    deploy_id: str | None = None
    basis: Basis | None = None
    dry: bool = False
    as_json: bool = False

    @classmethod
    def of(cls, args: Sequence[str]) -> RotationRequest:
        """Return what a command line asks for. Raises Usage."""
        words, flags = list[str](), set[str]()
        options = {"--user": "", "--deploy-id": "", "--basis": "null"}
        left = iter(word for word in args if word != DETACHED)
        for word in left:
            if word in options:
                options[word] = next(left, "")
            elif word in ("--dry", "--json"):
                flags.add(word)
            else:
                words.append(word)
        if len(words) != 3 or words[0] != "rotate":
            raise Usage(USAGE)
        return cls(
            words[1],
            words[2],
            user=options["--user"] or None,
            deploy_id=options["--deploy-id"] or None,
            basis=parse(options["--basis"]),
            dry="--dry" in flags,
            as_json="--json" in flags,
        )
