from tools.mutants.places import functions, places

SOURCE = '''\
"""A module."""

LIMIT = 3


class Shop:
    def open(self, hour: int) -> str:
        """Return a word."""
        if hour < 8 or hour > 20:
            return f"closed at {hour}"
        elif hour == 12:
            self.bell("noon")
        def inner() -> int:
            return hour + 1
        while inner():
            hour -= 1
        name, other = "ünïcode", [each for each in (1, 2) if each]
        return name
'''


def texts(function: str) -> list[str]:
    return [place.text for place in places(SOURCE, function)]


def test_functions_are_named_below_the_module_at_every_depth() -> None:
    assert [name for name, _ in functions(SOURCE)] == ["Shop.open", "Shop.open.inner"]


def test_place_holds_exactly_its_text() -> None:
    stands = {
        p.text: SOURCE.encode()[p.start : p.end].decode() for p in places(SOURCE, "Shop.open")
    }
    assert stands["hour < 8"] == "hour < 8"
    # What is after a line of more bytes than letters, too.
    assert stands["'ünïcode'"] == '"ünïcode"'
    assert stands["[each for each in (1, 2) if each]"] == "[each for each in (1, 2) if each]"
    assert stands["self.bell('noon')"] == 'self.bell("noon")'


def test_condition_is_named_by_its_word_and_stands_without_it() -> None:
    found = {place.text: place for place in places(SOURCE, "Shop.open")}
    for text in ("if hour < 8 or hour > 20", "if hour == 12", "while inner()"):
        condition = SOURCE.encode()[found[text].start : found[text].end].decode()
        assert condition == text.partition(" ")[2]
        assert not found[text].is_statement


def test_statement_that_is_a_call_is_there_once_and_as_a_statement() -> None:
    found = [place for place in places(SOURCE, "Shop.open") if place.text == "self.bell('noon')"]
    assert [place.is_statement for place in found] == [True]


def test_place_of_a_function_inside_belongs_to_that_alone() -> None:
    assert "hour + 1" in texts("Shop.open.inner")
    assert "hour + 1" not in texts("Shop.open")


def test_nothing_that_cannot_be_replaced_is_a_place() -> None:
    # Assigned names, annotations, and parts of f-strings.
    assert {"name, other", "int", "str"}.isdisjoint(texts("Shop.open"))
    assert texts("Shop.open").count("hour") == 3


def test_function_that_is_not_there_has_no_places() -> None:
    assert texts("Shop.close") == []
