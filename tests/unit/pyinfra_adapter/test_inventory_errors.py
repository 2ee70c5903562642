"""What pyinfra loads is judged: hosts that are there, once each, and chosen by names they have."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyinfra.api.inventory import Inventory

from homeport.errors import UserError
from homeport.pyinfra_adapter.inventory_errors import UniqueHostsInventory, answered, chosen, load

HOSTS = ["a.local", ("b.local", {"x": 1})]


def made(*_: object, **__: object) -> Inventory:
    return UniqueHostsInventory((HOSTS, {}), None, pi=(["a.local"], {}), both=(HOSTS, {}))


def test_inventory_errors__an_inventory_that_is_right_is_loaded_as_it_is() -> None:
    assert [host.name for host in load(made, "a.local,b.local")] == ["a.local", "b.local"]


def test_inventory_errors__a_host_may_be_in_two_groups_but_not_twice_in_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "hosts.py"
    path.write_text('pi = [\n  "a",\n  "b",\n  "a",\n]\n')
    with pytest.raises(UserError) as caught:
        load(
            lambda *_: UniqueHostsInventory((["a", "b"], {}), None, pi=(["a", "b", "a"], {})),
            "hosts.py",
        )
    assert str(caught.value) == "hosts.py:4: pi: a is listed twice. Fix: keep one of the two."


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (["a.local"], ["a.local"]),
        (["pi"], ["a.local"]),
        (["*.local"], ["a.local", "b.local"]),
        (["all"], ["a.local", "b.local"]),
        (["b.local", "pi", "pi"], ["b.local", "a.local"]),
    ],
)
def test_inventory_errors__hosts_are_chosen_by_name_pattern_or_group(
    patterns: list[str], names: list[str]
) -> None:
    assert [host.name for host in chosen(made(), patterns, "--limit")] == names


def test_one_pattern_that_matches_nothing_is_an_error_whatever_the_others_match() -> None:
    with pytest.raises(UserError, match=r"--limit pj matches no host\. Fix: name one of: a.local"):
        chosen(made(), ["a.local", "pj"], "--limit")
    with pytest.raises(UserError, match=r"Fix: name one of: a.local\.$"):
        chosen(made(), ["a.locl"], "--exclude")


def test_inventory_errors__a_question_that_nobody_answers_is_an_error_and_no_yes() -> None:
    def unanswered(question: str) -> bool:
        raise EOFError

    with pytest.raises(UserError, match="no terminal to confirm on"):
        answered(unanswered, "go on?")
    assert answered(lambda question: True, "go on?")
