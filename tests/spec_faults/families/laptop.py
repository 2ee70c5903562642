"""Damage of a laptop: the programs that it brings along, and the hooks of its repository."""

from __future__ import annotations

from collections.abc import Iterator

from tests.spec_faults import ways
from tests.spec_faults.damage import Damage
from tests.spec_faults.survey import Survey

GIT = r"""mkdir first; printf '#!/bin/sh\ncase "$*" in --version) echo other ;; *)' >first/git
printf ' exec /usr/bin/git "$@" ;; esac\n' >>first/git; chmod -R a+rx first"""


def damages(survey: Survey) -> Iterator[Damage]:
    """Yield damage of what no server has."""
    hooks = [place for path, place in survey.places.items() if "/.git/hooks/" in path]
    for hook in hooks:
        if hook.kind == "f" and not hook.path.endswith(".sample"):
            for way in ways.of_file(hook):
                yield Damage("GitHook", hook.path, way.name, way.apply, way.undo)
    if hooks:
        yield Damage("LocalPlatform", "*", "git is another program", GIT, "rm -r first")
