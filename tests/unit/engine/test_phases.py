"""Phases on real pyinfra: looked at once, looked at again after a change, failing alone."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Sequence

import pytest
from pyinfra.api import operation
from pyinfra.api.command import StringCommand
from pyinfra.api.exceptions import OperationError
from pyinfra.api.operation import add_op
from pyinfra.operations import server

from homeport.engine import phase
from homeport.engine import run as session
from homeport.engine.kind import (
    NOTHING,
    Change,
    Commands,
    DesiredState,
    Kind,
    PendingTargets,
    PreconditionError,
    ProbeError,
    ProbeOutput,
)
from homeport.errors import UserError
from tests.unit.engine.fleet import Fleet

DESCRIPTION = DesiredState("shop", ("red", "green"))


class Colour:
    """A kind as small as can be: a file of its name that should hold the description's words."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.provided: list[list[str]] = []
        self.upcoming: list[PendingTargets] = []
        self.refuse: Exception | None = None
        self.kind = Kind(name, self.probe, self.read, self.diff, self.apply, self.prepare)

    def probe(self, description: DesiredState, key: str) -> str:
        return f"if [ -f {self.name} ]; then cat {self.name}; fi\n"

    def read(self, answer: ProbeOutput) -> list[str]:
        if answer.text == "rubbish":
            raise ProbeError("rubbish was said")
        if answer.text == "odd":
            raise ValueError("not enough values to unpack")
        if answer.text == "short":
            return [["word"][1]]
        return answer.text.split()

    def diff(
        self, description: DesiredState, actual: list[str], pending: PendingTargets = NOTHING
    ) -> list[Change]:
        self.upcoming.append(pending)
        if self.refuse and "forbidden" in actual:
            raise self.refuse
        words = [word for word in description.of(str) if word not in actual]
        return [Change("add", f"{self.name}/{word}", "missing", ("+" + word,)) for word in words]

    def apply(
        self, description: DesiredState, actual: list[str], changes: Sequence[Change]
    ) -> Commands:
        for change in changes:
            yield StringCommand(f"echo {change.target.partition('/')[2]} >>{self.name}")

    def prepare(self, changes: Sequence[Change], actual: list[str]) -> None:
        self.provided.append([change.target for change in changes])

    def converge(self) -> Callable[[], object]:
        kind = self.kind

        @operation()
        def converge() -> Commands:
            yield from phase.converge(kind)

        return converge


@pytest.fixture
def colours() -> list[Colour]:
    return [Colour(name) for name in ("one", "two", "three")]


@pytest.fixture
def begin(fleet: Fleet, colours: list[Colour]) -> Callable[..., None]:
    def begin(*names: str, check_for_changes: bool = True, diff: bool = False) -> None:
        fleet.start(*names, check_for_changes=check_for_changes, diff=diff)
        kinds = [colour.kind for colour in colours]
        fleet.on_each(lambda: session.start_run(kinds, DESCRIPTION))

    return begin


Begin = Callable[..., None]


def as_described(fleet: Fleet, *names: str) -> None:
    for name in names:
        for kind in ("one", "two", "three"):
            (fleet.root / name / kind).write_text("red green\n")


def operations(colours: list[Colour]) -> list[Callable[[], object]]:
    return [colour.converge() for colour in colours]


def test_a_host_with_nothing_to_change_is_looked_at_once(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a", "b")
    as_described(fleet, "a", "b")
    fleet.add(*operations(colours))
    fleet.run()
    assert {name: len(looks) for name, looks in fleet.looks.items()} == {"a": 1, "b": 1}
    assert fleet.commands == {"a": [], "b": []}
    assert all("HOMEPORT" in look for look in fleet.looks["a"])


def test_without_the_preparing_pass_it_is_once_too(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a", check_for_changes=False)
    as_described(fleet, "a")
    fleet.add(*operations(colours))
    assert fleet.looks == {"a": []}
    fleet.run()
    assert len(fleet.looks["a"]) == 1


def test_after_a_change_the_phases_to_come_look_again_together_once(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a")
    as_described(fleet, "a")
    (fleet.root / "a/one").unlink()
    fleet.add(*operations(colours))
    assert len(fleet.looks["a"]) == 1
    fleet.run()
    assert len(fleet.looks["a"]) == 2
    assert [name in fleet.looks["a"][1] for name in (" one ", " two ", " three ")] == [
        False, True, True,
    ]  # fmt: skip
    assert fleet.commands["a"] == ["echo red >>one", "echo green >>one"]


def test_every_phase_that_changes_something_makes_the_next_look_again(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a")
    fleet.add(*operations(colours))
    fleet.run()
    assert len(fleet.looks["a"]) == 3
    for name in ("one", "two", "three"):
        assert (fleet.root / "a" / name).read_text() == "red\ngreen\n"


def test_one_hosts_change_is_nothing_to_another(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a", "b")
    as_described(fleet, "b")
    fleet.add(*operations(colours))
    fleet.run()
    assert {name: len(looks) for name, looks in fleet.looks.items()} == {"a": 3, "b": 1}


def test_an_ordinary_operation_in_between_is_not_overlooked(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a")
    as_described(fleet, "a")
    one, two, three = operations(colours)
    fleet.add(one)
    fleet.add(server.shell, commands=["echo red >two"])
    fleet.add(two, three)
    fleet.run()
    assert (fleet.root / "a/two").read_text().split() == ["red", "green"]
    # Before all, after the ordinary operation, and after what that made necessary.
    assert len(fleet.looks["a"]) == 3


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What a plan says of the ordinary operations among the phases."""
    caplog.set_level(logging.INFO)
    return lambda: [
        record.getMessage().partition("yours     ? ")[2]
        for record in caplog.records
        if "yours     ? " in record.getMessage()
    ]


def test_a_plan_names_once_each_ordinary_operation_that_it_looks_past(
    fleet: Fleet, colours: list[Colour], begin: Begin, said: Callable[[], list[str]]
) -> None:
    begin("a")
    one, two, three = operations(colours)
    fleet.add(server.shell, name="First", commands=["true"])
    fleet.add(one, two)
    assert said() == ["First  (not predicted)"]
    fleet.add(server.shell, name="Second", commands=["true"])
    fleet.add(server.shell, name="Third", commands=["true"], _if=lambda: False)
    fleet.add(three)
    assert said()[1:] == [
        "Second  (not predicted)",
        "Third  (not predicted; runs if its condition holds)",
    ]
    fleet.run()
    assert len(said()) == 3


def test_an_ordinary_operation_that_would_change_nothing_is_not_named(
    fleet: Fleet, colours: list[Colour], begin: Begin, said: Callable[[], list[str]]
) -> None:
    begin("a")
    fleet.add(server.shell, name="Idle", commands=[])
    fleet.add(*operations(colours))
    fleet.run()
    assert said() == []


def test_an_ordinary_operation_is_named_without_its_arguments(
    fleet: Fleet, colours: list[Colour], begin: Begin, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    begin("a")
    fleet.add(server.shell, commands=["echo hunter2 >/dev/null"])
    fleet.add(*operations(colours))
    assert "yours     ? server.shell  (not predicted)" in caplog.text
    assert "hunter2" not in caplog.text


def test_without_the_preparing_pass_what_has_run_needs_no_warning(
    fleet: Fleet, colours: list[Colour], begin: Begin, said: Callable[[], list[str]]
) -> None:
    begin("a", check_for_changes=False)
    fleet.add(server.shell, name="First", commands=["true"])
    fleet.add(*operations(colours))
    fleet.run()
    assert said() == []


def test_each_host_is_told_of_what_is_to_run_on_itself(
    fleet: Fleet, colours: list[Colour], begin: Begin, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    begin("a", "b")
    add_op(fleet.state, server.shell, name="First", commands=["true"], host=fleet.host("b"))
    fleet.add(*operations(colours))
    (line,) = [r.getMessage() for r in caplog.records if "not predicted" in r.getMessage()]
    assert line.startswith(fleet.host("b").print_prefix)


def test_a_phase_whose_kind_nobody_named_at_the_beginning_is_one_message(
    fleet: Fleet,
    colours: list[Colour],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    fleet.start("a", "b")
    one, two, _ = colours
    fleet.on_each(lambda: session.start_run([one.kind], DESCRIPTION))
    fleet.add(one.converge(), two.converge())
    assert fleet.failed() == {"a", "b"}
    assert "two: this phase was not announced. Mend: name two.KIND among" in caplog.text
    assert "Traceback" not in caplog.text + "".join(capfd.readouterr())


def test_a_phase_before_the_beginning_is_an_error_that_pyinfra_shows_as_one_message(
    fleet: Fleet, colours: list[Colour]
) -> None:
    fleet.start("a")
    with pytest.raises(OperationError, match=r"no start_run\(...\) before its first phase"):
        fleet.add(colours[0].converge())


def test_a_phase_that_comes_again_is_planned_anew(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a")
    as_described(fleet, "a")
    (fleet.root / "a/one").unlink()
    one, two, three = operations(colours)
    fleet.add(one, two, three, one)
    fleet.run()
    assert (fleet.root / "a/one").read_text() == "red\ngreen\n"


def test_a_preparing_pass_changes_nothing(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a")
    fleet.add(*operations(colours))
    assert fleet.commands == {"a": []}
    assert list((fleet.root / "a").iterdir()) == []


def failing(output: str) -> str:
    mark, nonce, *halves, end = output.strip().split(" ")
    frames = [base64.b64decode(half).replace(b" two 0\n", b" two 1\n") for half in halves]
    return " ".join([mark, nonce, *(base64.b64encode(f).decode() for f in frames), end]) + "\n"


@pytest.mark.parametrize("check_for_changes", [True, False])
@pytest.mark.parametrize(
    ("said", "message"),
    [
        (lambda out: "", "cut short"),
        (lambda out: out[: len(out) // 2], "cut short"),
        (failing, "the look at two failed with exit code 1"),
        (lambda out: "Your password has expired.\n", "cut short"),
    ],
)
def test_a_host_that_answers_rubbish_fails_alone(
    said: Callable[[str], str],
    message: str,
    check_for_changes: bool,
    fleet: Fleet,
    colours: list[Colour],
    begin: Begin,
    caplog: pytest.LogCaptureFixture,
) -> None:
    begin("a", "b", "c", check_for_changes=check_for_changes)
    fleet.spoil["b"] = said
    fleet.add(*operations(colours))
    fleet.run()
    assert fleet.failed() == {"b"}
    assert fleet.commands["b"] == []
    for name in "ac":
        assert (fleet.root / name / "three").read_text() == "red\ngreen\n"
    errors = [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]
    assert sum(message in error for error in errors) == 1


@pytest.mark.parametrize("check_for_changes", [True, False])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("rubbish", "rubbish was said"),
        ("odd", "what the host says of two is not understood"),
        ("short", "what the host says of two is not understood"),
    ],
)
def test_a_probe_whose_answer_makes_no_sense_fails_that_host_alone(
    content: str,
    message: str,
    check_for_changes: bool,
    fleet: Fleet,
    colours: list[Colour],
    begin: Begin,
    caplog: pytest.LogCaptureFixture,
) -> None:
    begin("a", "b", check_for_changes=check_for_changes)
    (fleet.root / "b/two").write_text(content)
    fleet.add(*operations(colours))
    fleet.run()
    assert fleet.failed() == {"b"}
    assert fleet.commands["b"] == []
    assert (fleet.root / "a/three").exists()
    assert message in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("check_for_changes", [True, False])
@pytest.mark.parametrize(
    "reason",
    [PreconditionError("this host is not for us"), UserError("this host is not for us", fix="go")],
)
def test_a_refusal_fails_the_host_before_its_first_change_without_a_traceback(
    reason: Exception,
    check_for_changes: bool,
    fleet: Fleet,
    colours: list[Colour],
    begin: Begin,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    begin("a", "b", check_for_changes=check_for_changes)
    colours[2].refuse = reason
    (fleet.root / "b/three").write_text("forbidden")
    fleet.add(*operations(colours))
    fleet.run()
    assert fleet.failed() == {"b"}
    assert fleet.commands["b"] == []
    assert "this host is not for us" in caplog.text
    assert "Traceback" not in caplog.text + "".join(capfd.readouterr())


def test_a_host_that_was_refused_is_not_let_through_by_a_second_try(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a", "b", check_for_changes=False)
    fleet.spoil["b"] = lambda out: ""
    fleet.add(*operations(colours), _retries=1, _retry_delay=0)
    fleet.run()
    assert fleet.failed() == {"b"}


def test_with_errors_ignored_a_refused_host_still_counts_as_failed_in_every_phase(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a", "b", check_for_changes=False)
    fleet.spoil["b"] = lambda out: ""
    fleet.add(*operations(colours), _ignore_errors=True)
    fleet.run()
    assert fleet.state.results[fleet.host("b")].ignored_error_ops == 3
    assert fleet.commands["b"] == []


def test_when_no_host_is_left_nobody_is_asked_and_nothing_is_run(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a")
    fleet.spoil["a"] = lambda out: ""
    fleet.add(*operations(colours))
    asked = len(fleet.commands["a"])
    fleet.run()
    assert fleet.failed() == {"a"}
    assert len(fleet.commands["a"]) == asked


def test_a_command_that_fails_fails_its_host_and_no_later_phase_runs_there(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a", "b")
    (fleet.root / "a/two").mkdir()
    fleet.add(*operations(colours))
    fleet.run()
    assert fleet.failed() == {"a"}
    assert not (fleet.root / "a/three").exists()
    assert (fleet.root / "b/three").exists()


def test_a_look_that_fails_says_what_the_host_said(
    fleet: Fleet, caplog: pytest.LogCaptureFixture
) -> None:
    colour = Colour("one")
    fleet.start("a", "b")
    kind = Kind(
        "one", lambda description, key: "no-such-tool", colour.read, colour.diff, colour.apply
    )
    colour.kind = kind
    fleet.on_each(lambda: session.start_run([kind], DESCRIPTION))
    fleet.add(colour.converge())
    assert fleet.failed() == {"a", "b"}
    assert "the look at one failed with exit code 127" in caplog.text
    assert "no-such-tool: not found" in caplog.text


@pytest.mark.parametrize(
    ("stderr", "reason"), [("sudo: no tty\n", "sudo: no tty"), ("", "it gave no reason")]
)
def test_a_host_that_will_not_be_looked_at_fails_with_its_reason(
    stderr: str,
    reason: str,
    fleet: Fleet,
    colours: list[Colour],
    begin: Begin,
    caplog: pytest.LogCaptureFixture,
) -> None:
    begin("a", "b")
    fleet.deaf["b"] = stderr
    fleet.add(*operations(colours))
    fleet.run()
    assert fleet.failed() == {"b"}
    assert f"the host would not let itself be looked at: {reason}" in caplog.text


def test_a_look_goes_as_root_where_the_operation_does(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a")
    as_described(fleet, "a")
    fleet.add(colours[0].converge(), _sudo=True)
    (look,) = fleet.arguments["a"]
    assert look["_sudo"] is True


def test_nothing_of_the_script_stands_in_the_command_line(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a")
    fleet.add(*operations(colours))
    assert len(fleet.looks["a"]) == 1
    assert fleet.commands["a"] == []


def test_each_look_has_a_nonce_of_its_own(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a", "b")
    fleet.add(*operations(colours))
    fleet.run()
    looks = [look for looks in fleet.looks.values() for look in looks]
    nonces = {look.partition("HOMEPORT ")[2].split()[0] for look in looks}
    assert len(nonces) == len(looks) == 6


def test_a_phase_knows_what_earlier_ones_are_about_to_change(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a")
    fleet.add(*operations(colours))
    assert colours[0].upcoming[0] == frozenset()
    assert colours[1].upcoming[0] == {"one/red", "one/green"}
    assert colours[2].upcoming[0] == {"one/red", "one/green", "two/red", "two/green"}


def test_what_a_change_needs_is_built_before_any_host_is_touched(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a")
    fleet.add(colours[0].converge())
    assert [colour.provided[0] for colour in colours] == [
        [f"{name}/red", f"{name}/green"] for name in ("one", "two", "three")
    ]
    assert fleet.commands["a"] == []


def test_nothing_is_built_for_a_plan_that_is_refused(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a", "b")
    colours[2].refuse = PreconditionError("no")
    for name in "ab":
        (fleet.root / name / "three").write_text("forbidden")
    fleet.add(colours[0].converge())
    assert fleet.failed() == {"a", "b"}
    assert [colour.provided for colour in colours] == [[], [], []]


@pytest.mark.parametrize("diff", [True, False])
def test_a_plan_is_shown_once_though_it_is_made_twice(
    diff: bool, fleet: Fleet, colours: list[Colour], begin: Begin, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    begin("a", diff=diff)
    fleet.add(*operations(colours))
    fleet.run()
    for name in ("one", "two", "three"):
        assert caplog.text.count(f"+ {name}/red  (missing)") == 1
    assert caplog.text.count("              +red") == (3 if diff else 0)


def test_each_host_has_a_session_of_its_own_which_ends_with_the_run(
    fleet: Fleet, colours: list[Colour], begin: Begin
) -> None:
    begin("a", "b")
    opened: list[session.HostRun] = []
    fleet.on_each(lambda: opened.append(session.host_run()))
    assert [one.host for one in opened] == [fleet.host("a"), fleet.host("b")]
    assert opened[0] is not opened[1]
