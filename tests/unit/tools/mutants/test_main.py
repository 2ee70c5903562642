import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from tools.mutants import __main__
from tools.mutants.mutant import Mutant, StaleRowError

ROWS = [Mutant("homeport/errors.py", name, "a", "b") for name in ("buy", "sell", "lose", "hide")]
FOUND = {"buy": "own", "sell": "area", "lose": ""}


class Copy:
    """The place of a copied tree, in which the faults are found that ``FOUND`` says."""

    healthy = True

    def __init__(self, root: Path, folder: Path) -> None:
        pass

    def passes(self, tests: Sequence[str], limit: float) -> bool:
        return self.healthy

    def finds(self, mutant: Mutant) -> str:
        if mutant.function not in FOUND:
            raise StaleRowError(f"{mutant}: the text is there 0 times, and must be once")
        return FOUND[mutant.function]


@pytest.fixture(autouse=True)
def table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(__main__, "Copy", Copy)
    monkeypatch.setattr(__main__, "load", lambda: ROWS)


def test_each_row_has_a_line_and_the_last_one_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main([]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "killed    homeport/errors.py, buy: a -> b",
        "killed    homeport/errors.py, sell: a -> b (not by its own tests)",
        "survives  homeport/errors.py, lose: a -> b",
        "stale     homeport/errors.py, hide: a -> b: the text is there 0 times, and must be once",
        "2 of 4 mutants are killed",
    ]


@pytest.mark.parametrize(("only", "code"), [("buy", 0), ("sell", 0), ("lose", 1), ("hide", 1)])
def test_exit_code_is_one_for_a_survivor_and_for_a_stale_row(only: str, code: int) -> None:
    assert __main__.main(["--only", f", {only}:"]) == code


def test_suite_that_fails_without_a_mutant_kills_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Copy, "healthy", False)
    assert __main__.main([]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == "the tests fail without any mutant: python -m pytest tests/unit\n"


def test_module_without_tests_of_its_own_leaves_nothing_to_run_beforehand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Without a file, pytest would run all there is.
    monkeypatch.setattr(Copy, "healthy", False)
    monkeypatch.setattr(__main__, "load", lambda: [Mutant("homeport/no.py", "buy", "a", "b")])
    assert __main__.main([]) == 0


def test_text_that_no_row_has_is_refused() -> None:
    with pytest.raises(SystemExit) as exit_:
        __main__.main(["--only", "nowhere"])
    assert exit_.value.code == 2


def test_chosen_rows_are_the_same_for_a_seed_and_can_be_pasted_into_the_table(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["--choose", "4", "homeport/hostctl/transaction", "homeport/hostctl/protocol.py"]
    printed = []
    for seed in ("7", "7", "8"):
        assert __main__.main([*words, "--seed", seed]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] != printed[2]
    rows = [Mutant(**row) for row in tomllib.loads(printed[0])["mutant"]]
    assert len(rows) == 4
    for row in rows:
        row.apply((__main__.ROOT / row.file).read_text())
