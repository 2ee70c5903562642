"""What pyinfra loads is judged: hosts that are there, once each, and chosen by names they have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyinfra.api.inventory import Inventory

from homeport.errors import UserError, exit_on_user_error
from homeport.pyinfra_adapter.inventory_errors import UniqueHostsInventory, answered, chosen, load
from homeport.pyinfra_adapter.load_errors import blame

HOSTS = ["a.local", ("b.local", {"x": 1})]


def made(*_: object, **__: object) -> Inventory:
    return UniqueHostsInventory((HOSTS, {}), None, pi=(["a.local"], {}), both=(HOSTS, {}))


def raising(error: Exception) -> Callable[..., Inventory]:
    def make(*_: object, **__: object) -> Inventory:
        raise error

    return make


def test_an_inventory_that_is_right_is_loaded_as_it_is() -> None:
    assert [host.name for host in load(made, "a.local,b.local")] == ["a.local", "b.local"]


def test_a_host_may_be_in_two_groups_but_not_twice_in_one(
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
    assert str(caught.value) == "hosts.py:4: pi: a is listed twice. Mend: keep one of the two."


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
def test_hosts_are_chosen_by_name_pattern_or_group(patterns: list[str], names: list[str]) -> None:
    assert [host.name for host in chosen(made(), patterns, "--limit")] == names


def test_one_pattern_that_matches_nothing_is_a_mistake_whatever_the_others_match() -> None:
    with pytest.raises(UserError, match=r"--limit pj matches no host\. Mend: name one of: a.local"):
        chosen(made(), ["a.local", "pj"], "--limit")
    with pytest.raises(UserError, match=r"Mend: name one of: a.local\.$"):
        chosen(made(), ["a.locl"], "--exclude")


def test_a_question_that_nobody_answers_is_a_mistake_and_no_yes() -> None:
    def nobody(question: str) -> bool:
        raise EOFError

    with pytest.raises(UserError, match="nobody is there to say yes"):
        answered(nobody, "go on?")
    assert answered(lambda question: True, "go on?")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (UserError("x", fix="y", file="z"), "z: x. Mend: y."),
        (SyntaxError("bad", ("f.py", 3, 1, "x")), "f.py:3: this is not Python: bad. Mend: corr"),
        (IsADirectoryError(21, "Is a directory"), "hosts.py: it can't be read (Is a directory)."),
        (TypeError("int\nis not"), "hosts.py: pyinfra can't make hosts of it (TypeError: int is n"),
    ],
)
def test_what_pyinfra_raises_is_one_line_with_its_file(error: Exception, message: str) -> None:
    assert str(blame(error, Path("hosts.py"))).startswith(message)
    with pytest.raises(UserError):
        load(raising(error), "a,b")


def test_the_line_is_the_last_one_of_the_users_file(tmp_path: Path) -> None:
    def exec_file(filename: str) -> None:
        exec(compile(Path(filename).read_text(), filename, "exec"), {})  # noqa: S102 - as pyinfra

    path = tmp_path / "pi.py"
    path.write_text("def f():\n  import json\n  json.loads('{')\n\n\nf()\n")
    with pytest.raises(ValueError) as caught:
        exec_file(str(path))
    told = str(blame(caught.value, Path("hosts.py")))
    assert told.startswith(f"{path}:3: it raises JSONDecodeError: Expecting property name")


def test_a_mistake_is_printed_and_ends_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    def fail(given: Any) -> None:
        raise UserError(given, fix="y")

    with pytest.raises(SystemExit) as caught:
        exit_on_user_error(fail)("x")
    assert caught.value.code == 1
    assert capsys.readouterr().err == "x. Mend: y.\n"
    assert exit_on_user_error(lambda given: given + 1)(1) == 2
