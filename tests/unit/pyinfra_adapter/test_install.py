"""One call sets up all that pyinfra does otherwise, in an order that does not matter to its caller.

What takes the place of pyinfra's functions is written down instead of being done: its command line
patches the standard library when it is imported.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from homeport.description.deploy_files import DEPLOY_FILES
from homeport.pyinfra_adapter import dry_run, inventory_errors, shutdown, startup
from homeport.pyinfra_adapter import install as module
from homeport.pyinfra_adapter.install import DeployFile, Need, install

Called = list[tuple[Any, ...]]
WHOLE, PART = (
    Need(lambda *arguments: ("whole", *arguments), ("json",)),
    Need(lambda *arguments: arguments),
)
LOGIN = Need(lambda *arguments: ("login", *arguments), connects_early=False)
FILES = (
    DeployFile("all.py", WHOLE, gate=lambda host: "gate"),
    DeployFile("asking.py", WHOLE, changes=False),
    DeployFile("part.py", PART),
    DeployFile("telling.py", PART, changes=False),
    DeployFile("login.py", LOGIN),
)


@pytest.fixture(autouse=True)
def threshold() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> Called:
    """What was set up, in its order."""
    calls: Called = []

    def noted(name: str) -> Any:
        return lambda *arguments, **named: calls.append((name, *arguments, *named.values()))

    monkeypatch.setattr(module, "install_inventory_checks", noted("judge"))
    monkeypatch.setattr(module, "exit_fast", noted("leave"))
    monkeypatch.setattr(module, "print_plainly", lambda: None)
    monkeypatch.setattr(module, "colour_by_number", lambda: None)
    for name in ("before_connecting", "instead_of_connecting", "while_connecting"):
        monkeypatch.setattr(startup, name, noted(name))
    return calls


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str, **options: Any) -> None:
    monkeypatch.setattr(module, "deploy_files", lambda known: list(arguments))
    monkeypatch.setattr(module, "is_dry", lambda: "--dry" in arguments)
    install(FILES, **options)


def test_a_command_that_is_no_deploy_file_is_not_checked(
    called: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(monkeypatch, "exec", "--", "true")
    assert called == [("judge", True), ("leave", None, None)]
    assert gc.get_threshold()[0] == module.GARBAGE


def test_errors_are_caught_before_a_check_is_set_up_and_the_report_is_handed_on(
    called: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(monkeypatch, "part.py", report=print)
    assert [name for name, *_ in called] == ["judge", "leave", "while_connecting"]
    assert called[1] == ("leave", print, None)


@pytest.mark.parametrize(
    ("arguments", "ends"),
    [
        (("part.py", "--dry"), True),
        (("part.py", "mine.py", "--dry"), True),
        (("part.py",), False),
        (("telling.py", "--dry"), False),
        (("mine.py", "--dry"), False),
    ],
)
def test_only_a_dry_run_of_what_changes_hosts_ends_with_its_number_of_changes(
    called: Called, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], ends: bool
) -> None:
    doubts: list[bool] = []
    monkeypatch.setattr(dry_run, "drop_doubt", lambda: doubts.append(False))
    run(monkeypatch, *arguments)
    assert called[1] == ("leave", None, dry_run.print_summary if ends else None)
    assert doubts == [False] * ends


def test_the_need_of_the_first_row_is_checked_for_all_files_in_the_order_given(
    called: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(monkeypatch, "part.py", "mine.py", "all.py")
    (_, check, imports, gate) = called[-1]
    assert check("host") == ("whole", ["part.py", "all.py"], "host")
    assert imports == ("json",)
    assert gate("host") == "gate"


def test_a_file_without_a_gate_has_none(called: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    run(monkeypatch, "telling.py")
    assert called[-1][2:] == ((),)
    assert called[-1][1]("host") == (["telling.py"], "host")


@pytest.mark.parametrize(
    ("arguments", "asks"),
    [
        (("asking.py",), False),
        (("asking.py", "telling.py"), False),
        (("asking.py", "part.py"), True),
        (("asking.py", "mine.py"), True),
        (("login.py",), True),
    ],
)
def test_only_a_run_that_changes_nothing_asks_nothing(
    called: Called, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], asks: bool
) -> None:
    run(monkeypatch, *arguments)
    assert called[0] == ("judge", asks)


def test_a_run_that_only_checks_connects_to_nothing(
    called: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(monkeypatch, "all.py", only_check=True)
    assert [name for name, *_ in called] == ["judge", "leave", "instead_of_connecting"]


def test_a_first_login_is_set_up_last_so_that_it_comes_before_the_connections(
    called: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(monkeypatch, "login.py", "all.py")
    assert [name for name, *_ in called[2:]] == ["while_connecting", "before_connecting"]
    assert called[-1][1]("host") == ("login", ["login.py"], "host")


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Stand in for pyinfra's command line; it notes what is replaced there."""
    replaced: list[str] = []

    class Noting(SimpleNamespace):
        def __setattr__(self, name: str, value: object) -> None:
            replaced.append(name)
            super().__setattr__(name, value)

    names = ("make_inventory", "_get_inventory_pattern_matches", "_do_confirm", "disconnect_all")
    made = Noting(**{name: lambda *arguments: f"pyinfra's, {arguments}" for name in names})
    vars(made)["replaced"] = replaced
    for place in (inventory_errors, shutdown):
        monkeypatch.setattr(place, "import_module", lambda name: made)
    return made


@pytest.mark.parametrize(("file", "answer"), [("telling.py", True), ("mine.py", "pyinfra's")])
def test_each_function_of_pyinfra_is_replaced_once(
    cli: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, file: str, answer: object
) -> None:
    monkeypatch.setattr(startup, "while_connecting", lambda *arguments: None)
    run(monkeypatch, file)
    assert len(cli.replaced) == len(set(cli.replaced)) == 5
    found = cli._do_confirm("Go on?")
    assert found is True if answer is True else str(found).startswith(str(answer))


def test_what_is_unfinished_ends_before_the_report_and_that_before_pyinfra_hangs_up(
    cli: SimpleNamespace,
) -> None:
    story: list[str] = []
    state: Any = type("Run", (), {})()
    vars(cli)["disconnect_all"] = lambda state: story.append("hangs up")
    shutdown.before_hanging_up(state, lambda state: bool(story.append("ends")))
    shutdown.before_hanging_up(state, lambda state: bool(story.append("ends more")))
    shutdown.exit_fast(lambda state: story.append("reports"))
    cli.disconnect_all(state)
    assert story == ["ends", "ends more", "reports", "hangs up"]


def test_the_summary_comes_last_and_only_in_a_run_that_pyinfra_ends_itself(
    cli: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    story: list[object] = []
    state: Any = type("Run", (), {})()
    vars(cli)["disconnect_all"] = lambda state: story.append("hangs up")
    monkeypatch.setattr(shutdown.os, "_exit", story.append)
    monkeypatch.setattr(shutdown.atexit, "_run_exitfuncs", lambda: None)
    shutdown.exit_fast(summary=lambda state: story.append("sums up"))
    for error in (SystemExit(0), RuntimeError()):
        try:
            raise error
        except (SystemExit, RuntimeError):
            cli.disconnect_all(state)
    assert story == ["hangs up", "sums up", 0, "hangs up"]


def test_only_what_changes_no_host_says_so() -> None:
    quiet = {file.name for file in DEPLOY_FILES if not file.changes}
    assert quiet == {"deploys/verify_deps.py", "deploys/history.py", "deploys/status.py"}


def test_another_version_of_pyinfra_is_refused_before_anything_is_replaced(
    called: Called, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module.pyinfra, "__version__", "3.11.0")
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, "all.py")
    assert ended.value.code == 1
    assert called == []
    message = capsys.readouterr().err
    assert message.startswith("this is pyinfra 3.11.0, and homeport fits 3.10.0 alone. Fix: ")


def test_the_version_that_fits_is_the_one_that_is_pinned() -> None:
    root = Path(__file__).parents[3]
    assert f'"pyinfra=={module.PYINFRA}"' in (root / "pyproject.toml").read_text()
    assert f"pyinfra=={module.PYINFRA} " in (root / "requirements.lock").read_text()
