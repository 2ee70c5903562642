"""Hooks of git on a laptop: which there are, and what each runs."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated

from pydantic import AfterValidator, Field

from homeport.manifest.types.command import Command, fill, placeholders
from homeport.manifest.types.issues import quoted, refuse
from homeport.manifest.types.text import Text

# Those that git runs in the work tree of the committer (githooks(5)): no others make sense here.
HOOKS = (
    *("applypatch-msg", "pre-applypatch", "post-applypatch", "pre-commit", "pre-merge-commit"),
    *("prepare-commit-msg", "commit-msg", "post-commit", "pre-rebase", "post-checkout"),
    *("post-merge", "pre-push", "pre-auto-gc", "post-rewrite", "sendemail-validate"),
)


def known(name: str) -> str:
    """Return the name. Raises ``ValueError`` if it is no hook of git on a laptop (githooks(5))."""
    if name not in HOOKS:
        near = get_close_matches(name[:60], HOOKS, 1)
        fix = f"write {near[0]}" if near else f"use one of: {', '.join(HOOKS)}"
        raise refuse(f"{quoted(name)} is not a hook of git that runs on a laptop", fix)
    return name


def alone(command: str) -> str:
    """Return the command. Raises ``ValueError`` if it has a placeholder."""
    if found := sorted(placeholders(command)):
        what = f"{{{found[0]}}} means nothing here: a hook doesn't listen"
        raise refuse(what, "remove it from the command")
    return command


HookName = Annotated[
    Text,
    Field(json_schema_extra={"pattern": f"^(?:{'|'.join(HOOKS)})$"}),
    AfterValidator(known),
]
HookCommand = Annotated[Command, AfterValidator(alone)]


def words_of(command: str) -> tuple[str, ...]:
    """Return the words that a hook runs."""
    return fill(command, {})
