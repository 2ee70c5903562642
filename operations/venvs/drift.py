"""The drift of a venv from its lock: one notion, for a deploy's reasons and for a report."""

from __future__ import annotations

from collections.abc import Mapping

from homeport.artifacts import Lock, PythonPlatform, WheelContents, site_packages
from homeport.operations.venvs.drift_files import since_wheels
from homeport.operations.venvs.drift_packages import interpreter, packages
from homeport.operations.venvs.drift_top_level import since_built
from homeport.operations.venvs.finding import Drift
from homeport.operations.venvs.installed import Installed

__all__ = ["Drift", "drifts"]


def drifts(
    lock: Lock,
    target: PythonPlatform,
    actual: Installed | None,
    contents: Mapping[str, WheelContents] | None = None,
) -> list[Drift]:
    """Return how a venv differs from its lock; none, if nothing is there.

    With ``contents``, what the locked wheels bring by package, every file is compared with its
    wheel; ``found`` must come from a probe of every file then.
    """
    if actual is None:
        return [Drift("not there", "the venv", "was never built here, or is gone")]
    site = site_packages(target.python)
    findings = [*interpreter(target, actual), *packages(lock, actual.now, site)]
    if actual.built is None:
        text = "is not recorded here: what was edited since can't be told"
        findings.append(Drift("not known", "what it was built of", text))
    else:
        findings += since_built(actual, actual.built, site, list(findings))
    if contents is not None:
        findings += since_wheels(actual, contents, site, findings)
    return findings
