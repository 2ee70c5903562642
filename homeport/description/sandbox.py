"""The sandboxes in which a host runs code of the application that is no service: its checks."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from homeport.description import hardening
from homeport.description.paths import HostPaths
from homeport.engine.sandbox import Sandbox
from homeport.manifest import App, Job, Process


def commands(app: App) -> Iterator[tuple[str, Collection[str]]]:
    """Yield the command of each process and job, and the directives that its sandbox lacks."""
    parts: list[Process | Job] = [*app.processes.values(), *app.schedules.values()]
    parts += app.run_once.values()
    yield from ((part.command, frozenset(part.disable_hardening)) for part in parts)


def strictest(app: App) -> frozenset[str]:
    """Return the directives that no process or job can live with."""
    lacking = [frozenset(disabled) for _, disabled in commands(app)]
    return frozenset.intersection(*lacking) if lacking else frozenset()


def sandbox(app: App, place: HostPaths, disabled: Collection[str]) -> Sandbox:
    """Return the unit that runs a command as the application's own units do.

    It has their user, directories, variables and hardening, without the directives that are
    `disabled`.
    """
    properties = (
        f"User={app.name}",
        f"Group={app.name}",
        *(f"EnvironmentFile={path}" for path in place.environment),
        "Environment=PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1",
        *([f"Environment=CONFIGURATION_DIRECTORY={place.files}"] if app.config_files else []),
        f"StateDirectory={' '.join(state_directories(app))}",
        "StateDirectoryMode=0700",
        f"CacheDirectory={app.name}",
        "CacheDirectoryMode=0700",
        f"LogsDirectory={app.name}",
        "LogsDirectoryMode=0700",
        "RuntimeDirectoryMode=0750",
        "TasksMax=512",
        *hardening.lines(disabled),
    )
    return Sandbox(
        unit=f"homeport-check-{app.name}",
        program=place.program("run-confined"),
        run=place.program("run"),
        secrets=place.environment[1],
        properties=properties,
    )


def state_directories(app: App) -> list[str]:
    """Return the directories of the application's data, below /var/lib."""
    return [app.name, *(f"{app.name}/{folder}" for folder in app.data)]
