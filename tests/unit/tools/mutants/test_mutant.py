from pathlib import Path

import pytest

from tools.mutants.mutant import TABLE, Mutant, StaleRowError, load

ROOT = Path(__file__).parents[4]
SOURCE = """\
def ask(code, told):
    # A comment stays.
    if code:
        say("no")
        raise ValueError('of a text that is long')
    return (told  +
            1)
"""


def mutant(before: str, after: str, function: str = "ask") -> Mutant:
    return Mutant("shop.py", function, before, after)


@pytest.mark.parametrize(
    ("before", "after", "was", "becomes"),
    [
        ("if code", "if not code", "if code:", "if (not code):"),
        ("say('no')", "pass", 'say("no")', "pass"),
        ("raise ValueError(...", "pass", "raise ValueError('of a text that is long')", "pass"),
        ("told + 1", "told - 1", "told  +\n            1", "(told - 1)"),
        ("return told + 1", "return None", "return (told  +\n            1)", "return None"),
    ],
)
def test_fault_replaces_its_text_and_nothing_else(
    before: str, after: str, was: str, becomes: str
) -> None:
    assert was in SOURCE
    assert mutant(before, after).apply(SOURCE) == SOURCE.replace(was, becomes)


@pytest.mark.parametrize(
    ("row", "near"),
    [
        (mutant("told + 2", "told"), "ask: told + 1"),
        (mutant("told + 1", "told", function="asked"), "ask: told + 1"),
        (mutant("raise TypeError(...", "pass"), "ask: raise ValueError('of a text that is long')"),
    ],
)
def test_row_whose_text_is_gone_names_itself_and_what_is_most_alike(row: Mutant, near: str) -> None:
    with pytest.raises(StaleRowError) as error:
        row.apply(SOURCE)
    assert str(error.value) == (
        f"shop.py, {row.function}: {row.before} -> {row.after}:"
        f" the text is there 0 times, and must be once. Most alike is {near}"
    )


def test_row_of_a_module_that_is_gone_names_itself() -> None:
    with pytest.raises(StaleRowError, match="told -> no: the text is there 0 times, and must be"):
        mutant("told", "no").apply("")


def test_row_whose_text_is_there_twice_is_refused() -> None:
    with pytest.raises(StaleRowError, match="code -> not code: the text is there 2 times"):
        mutant("code", "not code").apply(SOURCE.replace("1)", "code)"))


def test_row_that_lacks_a_key_is_refused_by_its_number(tmp_path: Path) -> None:
    table = tmp_path / "table.toml"
    table.write_text('[[mutant]]\nfile = "a.py"\nfunction = "f"\nbefore = "x"\n')
    with pytest.raises(
        ValueError,
        match=r"^mutant 1 has file, function, before; it needs file, function, before, after$",
    ):
        load(table)


def test_table_has_fifty_rows_of_the_engine_and_the_host_program_and_none_twice() -> None:
    rows = load()
    assert len(set(rows)) == len(rows) == 50
    assert sum(row.file.startswith("homeport/hostctl/") for row in rows) >= 25


@pytest.mark.parametrize("row", load(TABLE), ids=lambda row: f"{row.file}:{row.function}")
def test_row_of_the_table_applies_to_the_code_as_it_is(row: Mutant) -> None:
    source = (ROOT / row.file).read_text()
    changed = row.apply(source)
    compile(changed, row.file, "exec")
    assert changed != source
