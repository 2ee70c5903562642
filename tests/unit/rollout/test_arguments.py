"""A call is said again for some hosts, and means just those."""

from __future__ import annotations

from fnmatch import fnmatch

import pytest

from homeport.rollout.arguments import Arguments, exactly


def test_arguments__the_users_own_limits_give_way_to_those_of_a_batch() -> None:
    call = Arguments(
        "pi.py", ("-y", "--limit", "pi", "--data", "a=b", "--limit=b*", "--exclude", "x")
    )
    assert call.only("deploy.py", ["a", "b"], ["pi"]) == [
        *("-y", "--data", "a=b", "--exclude", "x", "--limit=a", "--limit=b", "pi.py", "deploy.py")
    ]
    assert call.whole("deploy.py") == [*call.options, "pi.py", "deploy.py"]


def test_arguments__a_limit_without_its_value_is_left_out_with_all_others() -> None:
    assert Arguments("pi.py", ("--limit",)).only("deploy.py", ["a"], []) == [
        *("--limit=a", "pi.py", "deploy.py")
    ]


@pytest.mark.parametrize("host", ["pi", "staging", "[::1]", "pi*", "p?", "a", "@docker/x[1]"])
def test_arguments__a_pattern_matches_its_host_and_neither_another_nor_a_group(host: str) -> None:
    groups = ("pi", "staging", "a")
    pattern = exactly(host, groups)
    assert fnmatch(host, pattern)
    assert pattern not in groups
    assert not any(fnmatch(other, pattern) for other in ("pi2", "pix", "1", "ab", "", "pi**"))


def test_arguments__a_dry_run_is_one() -> None:
    assert Arguments("pi.py", ("--diff", "--dry")).dry
    assert not Arguments("pi.py", ("--diff",)).dry
