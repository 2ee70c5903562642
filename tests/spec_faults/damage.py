"""One damage: what is done to a host, which spec must see it, and which others may."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

DEPENDENTS: dict[str, tuple[str, ...]] = {
    # The service user can change what root should: it is asked what it can write.
    "writable": ("test_writes_none_of_its_code",),
    # The service user can read what root should: it is asked what it can read.
    "readable": ("test_reads_only_its_own",),
    # A process that doesn't run, or doesn't answer, fails every question that needs its answer.
    "down": (
        "Service",
        "test_answers_on_the_host",
        "test_answers_from_outside",
        "test_people_reach_the_process_that_runs",
        "test_front_answers_with_the_headers_that_are_described",
        "test_heart_beats",
        "test_heart_goes_on_beating",
        "test_refuses_a_note_without_the_token",
        "test_watchdog_is_fed",
        "test_watch_has_not_given_up",
        "test_keeps_a_note_and_counts_its_words",
    ),
    # The proxy that doesn't run, or runs other sites, answers otherwise, to all who come by it.
    "proxy": (
        "Site",
        "Sandbox",
        "test_watch_has_not_given_up",
        "test_people_reach_the_process_that_runs",
        "test_front_answers_with_the_headers_that_are_described",
        "test_front_keeps_from_others_what_is_for_the_host",
    ),
    # A program that isn't in its venv can't be found to be started.
    "program": ("Executable",),
    # systemd has another idea of a unit than its file: by a drop-in, a mask or an old text.
    "unit": ("Unit", "SlotUnit", "Service", "test_service_is_shut_in"),
    # A timer that doesn't run is a service that doesn't run, and is never due.
    "timer": ("Service", "test_timer_is_due"),
    # A schedule that failed is asked for its last run.
    "failed run": ("test_last_run_did_not_fail",),
    # A secret with another value is no secret that is searched for, or is found elsewhere.
    "secret": ("test_secrets_are_in_their_files_only",),
    # Without the account no question runs as the service user, and its files have an unknown owner.
    "account": (
        "ConfigFile",
        "File",
        "test_reads_only_its_own",
        "test_writes_none_of_its_code",
        "test_data_is_its_own",
    ),
}
"""What comes of a damage besides, and the kinds of spec that see it for that reason."""


@dataclass(frozen=True)
class Damage:
    """What is done to a host.

    + kind, case: the spec that must fail, and the pattern of what it is about
    + name: what is done, in words
    + apply, undo: shell for root; one that can't be undone has its host made anew
    + besides: what comes of it, by the keys of ``DEPENDENTS``, or kinds and cases by their names
    + disturbs: whether the spec that must fail disturbs the host
    """

    kind: str
    case: str
    name: str
    apply: str
    undo: str | None
    besides: tuple[str, ...] = ()
    disturbs: bool = False

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"

    @property
    def dependents(self) -> set[str]:
        """The kinds of spec that may fail besides."""
        return {kind for way in self.besides for kind in DEPENDENTS.get(way, (way,))}


@dataclass(frozen=True)
class Verdict:
    """Whether the spec that guards it saw a damage, and which specs failed that shouldn't have."""

    damage: Damage
    seen: bool
    strange: tuple[str, ...]

    @property
    def killed(self) -> bool:
        """Whether it was seen by the spec that guards it, and by none that has no part in it."""
        return self.seen and not self.strange

    def __str__(self) -> str:
        if self.killed:
            return f"seen     {self.damage}"
        if not self.seen:
            return " ".join([f"MISSED   {self.damage}", *self.strange])
        return f"STRANGE  {self.damage}: {', '.join(self.strange)} failed as well"


def judge(damage: Damage, failed: Iterable[tuple[str, str]]) -> Verdict:
    """Return what the failed specs, by kind and case, say of a damage. Pure."""
    reds = set(failed)
    must = {(k, c) for k, c in reds if k == damage.kind and fnmatchcase(c, damage.case)}
    rest = {(k, c) for k, c in reds - must if k not in damage.dependents}
    rest = {(k, c) for k, c in rest if f"{k} {c}" not in damage.dependents}
    return Verdict(damage, bool(must), tuple(sorted(f"{k}[{c}]" for k, c in rest)))


def misses(kinds: Collection[str], verdicts: Iterable[Verdict]) -> dict[str, list[str]]:
    """Return the kinds that are not proven, and why: no damage, or one that was judged badly."""
    found: dict[str, list[str]] = {kind: [] for kind in kinds}
    damaged: set[str] = set()
    for verdict in verdicts:
        damaged.add(verdict.damage.kind)
        if not verdict.killed:
            found.setdefault(verdict.damage.kind, []).append(str(verdict))
    for kind in kinds:
        if kind not in damaged:
            found[kind].append("nothing was damaged that it guards")
    return {kind: why for kind, why in found.items() if why}
