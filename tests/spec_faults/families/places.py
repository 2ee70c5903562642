"""Damage at paths: files, folders and links of the application, of units, sites and programs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from tests.spec_faults import ways
from tests.spec_faults.damage import Damage
from tests.spec_faults.survey import Place, Survey
from tests.spec_faults.ways import Way

RELOAD = "systemctl daemon-reload"
TIMES = 2
"""How often each way to damage a file is tried on files that are alike, each time on another."""


@dataclass(frozen=True)
class Guard:
    """Which paths a kind of spec guards.

    + case: what the spec is about
    + besides: what comes of every damage there besides
    + each: whether each path is damaged in every way, and not only some of those that are alike
    + harmless: the names of ways that do no harm there
    """

    pattern: str
    kind: str
    case: str = "{path}"
    besides: tuple[str, ...] = ()
    each: bool = False
    harmless: tuple[str, ...] = ()


ROOTS = ("closed", "grouped")
"""What does no harm to a file that root alone uses."""


GUARDS = (
    Guard("/etc/homeport/{app}/config(/.*)?", "ConfigFile"),
    Guard("/etc/homeport/{app}/units/(?P<unit>[^/]+)", "SlotUnit", "{unit}"),
    Guard("/etc/systemd/system/(?P<unit>{app}-[^/@]+)", "Unit", "{unit}"),
    Guard(
        "/etc/systemd/system/(?P<unit>{app}-[^/@]+@).(?P<end>.service)", "SlotUnit", "{unit}{end}"
    ),
    Guard("/etc/systemd/system/homeportctl-boot.service", "HostProgram", "{app}", harmless=ROOTS),
    Guard("/etc/systemd/system/nginx.service.d/homeport.conf", "Sandbox", "nginx.service"),
    Guard("/etc/nginx/conf.d/homeport-{app}[^/]*", "Site", besides=("proxy",)),
    Guard(
        "/usr/local/s?bin/homeportctl|/usr/local/lib/homeportctl.*",
        "HostProgram",
        "{app}",
        harmless=ROOTS,
    ),
    Guard(
        "/srv/{app}/venvs/(?P<id>[^/]+)(/.*)?",
        "Venv",
        "/srv/{app}/venvs/{id}",
        harmless=("grouped",),
    ),
    Guard(
        "/srv/{app}/releases/(?P<id>[^/]+)(/.*)?",
        "Release",
        "/srv/{app}/releases/{id}",
        harmless=("grouped",),
    ),
    Guard("/srv/{app}/current", "CurrentLink"),
    Guard("/usr/local/bin/[^/]+", "Link"),
    Guard("/etc/systemd/system/[^/]+.wants/homeportctl-boot.service", "HostProgram", "{app}"),
    Guard("/etc/systemd/system/[^/]+.wants/(?P<unit>{app}-[^/]+)", "Service", "{unit}"),
    Guard("/var/lib/homeport/{app}/checked", "ReleaseCheck", besides=("HostProgram",)),
    Guard(
        "/var/lib/homeport/{app}/init/(?P<name>[^/]+)",
        "RunOnce",
        "{app}-{name}.service",
        besides=("HostProgram",),
        harmless=("changed",),
    ),
    Guard(
        "/var/lib/homeport(/{app}(/.*)?)?",
        "HostProgram",
        "{app}",
        harmless=("closed", "grouped", "changed", "emptied", "removed", "linked"),
    ),
    Guard("/etc/apt/apt.conf.d/52homeport", "SystemService", "apt-daily-upgrade.timer"),
    Guard("/etc/systemd/journald.conf.d/homeport.conf", "SystemService", "systemd-journald*"),
    Guard("/etc/sudoers.d/homeport[^/]*|/usr/local/sbin/homeport-read", "File"),
    Guard("/etc/homeport/{app}/secrets", "File", each=True),
    Guard("/srv/{app}/(?!slots/).*|/srv/{app}|/etc/homeport(/{app}(/.*)?)?", "File|Directory"),
    Guard("/var/(?:lib|cache|log)/{app}", "test_data_is_its_own", "*", each=True),
)

IDLE = re.compile(
    r"\.pyc$|\.dist-info/(RECORD|INSTALLER|REQUESTED|direct_url.json|uv_cache.json)$"
    r"|/lib64$|/bin/(activate|deactivate|pydoc)[^/]*$|/venvs/[^/]+/[^/]*(\.lock|CACHEDIR.TAG|\.gitignore)$"
)
"""What uv notes for itself and for people, and byte code: no unit goes by it, or root alone may."""

# What a file is for, and who fails with it when its content is another one.
READERS = {
    "/etc/homeport/{app}/secrets": ("secret", "test_keeps_a_note_and_counts_its_words"),
    "/etc/homeport/{app}/processes.json": ("HostProgram",),
    "/srv/{app}/bin/check-health": ("test_watch_has_not_given_up",),
}


def damages(survey: Survey) -> Iterator[Damage]:
    """Yield damage at the paths that a kind of spec guards."""
    for guard, place, way in _chosen(survey):
        kind, case = _spec(survey, guard, place)
        reload = f"; {RELOAD}" if place.path.startswith("/etc/systemd") else ""
        readers = READERS.get(place.path.replace(survey.app, "{app}"), ())
        besides = (*way.besides, *guard.besides, *readers)
        yield Damage(kind, case, way.name, way.apply, f"{way.undo}{reload}", besides)


def serving(survey: Survey) -> dict[str, str]:
    """Return the unit that runs in each slot in which one does."""
    units = survey.services(ActiveState="active")
    return {found[1]: unit for unit in units if (found := re.search(r"@([ab])\.service$", unit))}


def unguarded(survey: Survey) -> list[str]:
    """Return the paths that no kind of spec is expected to guard."""
    return [path for path in survey.places if not any(_match(g, survey, path) for g in GUARDS)]


def _chosen(survey: Survey) -> Iterator[tuple[Guard, Place, Way]]:
    alike: dict[tuple[Guard, str, str], list[Place]] = {}
    for place in _in_use(survey):
        guard = next((each for each in GUARDS if _match(each, survey, place.path)), None)
        if guard and place.kind in "fdl" and not IDLE.search(place.path):
            key = (guard, place.kind, place.path if guard.each else "")
            alike.setdefault(key, []).append(place)
    for (guard, _, _), found in alike.items():
        count = len(_ways(survey, guard, found[0]))
        step = max(1, len(found) // (count * TIMES))
        for at in range(count * (1 if len(found) == 1 else TIMES)):
            place = found[at * step % len(found)]
            yield guard, place, _ways(survey, guard, place)[at % count]


def _in_use(survey: Survey) -> Iterator[Place]:
    """Yield what is of the release that is current, and all that is of no release."""
    home = f"/srv/{survey.app}"
    release = survey.places[f"{home}/current"].target
    venv = PurePosixPath(survey.places[f"{release}/venv"].target).name
    apart = (f"{home}/releases/", f"{home}/venvs/")
    ours = (f"{release}/", f"{home}/venvs/{venv}/")
    for path, place in survey.places.items():
        idle = re.search(r"@([ab])\.service$", path)
        if idle and idle[1] not in serving(survey):
            continue
        if not path.startswith(apart) or f"{path}/".startswith(ours):
            yield place


def _match(guard: Guard, survey: Survey, path: str) -> re.Match[str] | None:
    return re.fullmatch(guard.pattern.replace("{app}", re.escape(survey.app)), path)


def _spec(survey: Survey, guard: Guard, place: Place) -> tuple[str, str]:
    found = _match(guard, survey, place.path)
    groups = found.groupdict() if found else {}
    case = guard.case.format(app=survey.app, path=place.path, **groups)
    letters = {"f": "File", "d": "Directory", "l": "Link"}
    return (letters[place.kind] if "|" in guard.kind else guard.kind), case


def _ways(survey: Survey, guard: Guard, place: Place) -> list[Way]:
    if place.kind == "l":
        found = [ways.directed(place, "/nonexistent"), ways.removed(place)]
    elif place.kind == "d":
        found = [*ways.of_folder(place)]
    else:
        found = [*ways.of_file(place), ways.owned(place, survey.app)]
    if place.kind != "l" and int(place.mode, 8) & 0o077:
        found.append(ways.closed(place))
    return [way for way in found if way.kind not in guard.harmless]
