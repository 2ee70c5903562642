"""How a damage is judged: by the spec that guards it, and by all others."""

from __future__ import annotations

import pytest

from tests.spec_faults.damage import Damage, judge, misses

OPENED = Damage("File", "/etc/a*", "opened", "chmod", "chmod", ("writable", "Unit a.service"))
GUARD, OTHER = ("File", "/etc/a"), ("File", "/etc/b")
WRITES, UNIT = ("test_writes_none_of_its_code", ""), ("Unit", "a.service")


@pytest.mark.parametrize(
    ("failed", "seen", "strange"),
    [
        ([GUARD], True, ()),
        ([GUARD, WRITES, UNIT], True, ()),
        ([], False, ()),
        ([WRITES], False, ()),
        ([GUARD, OTHER], True, ("File[/etc/b]",)),
        ([GUARD, ("Unit", "b.service")], True, ("Unit[b.service]",)),
    ],
)
def test_damage__is_seen_by_its_guard_and_by_what_depends_on_it_alone(
    failed: list[tuple[str, str]], seen: bool, strange: tuple[str, ...]
) -> None:
    verdict = judge(OPENED, failed)
    assert (verdict.seen, verdict.strange) == (seen, strange)
    assert verdict.killed is (seen and not strange)


def test_damage__a_kind_that_nothing_damages_is_a_miss_by_name() -> None:
    verdicts = [judge(OPENED, [GUARD]), judge(OPENED, [])]
    assert misses(["File", "Unit"], verdicts) == {
        "File": ["MISSED   File: opened"],
        "Unit": ["nothing was damaged that it guards"],
    }
    assert misses(["File"], verdicts[:1]) == {}
