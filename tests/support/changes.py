"""What tests of several modules share: changes whose reasons don't matter."""

from __future__ import annotations

from homeport.engine.kind import Action, Change, P, Reason, Target


class Why(Reason):
    """Any reason at all."""

    SAYS = "{}"


def change(
    action: Action,
    name: str,
    says: str,
    payload: P,
    diff: tuple[str, ...] = (),
    kind: str = "kind",
) -> Change[P]:
    """Return a change that says why in these words."""
    return Change(action, Target(kind, name), (Why.SAYS(says),), payload, diff)
