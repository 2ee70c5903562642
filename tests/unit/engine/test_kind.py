"""What engine.kind promises."""

from __future__ import annotations

from homeport.engine.kind import (
    Change,
    DesiredState,
    ProbeOutput,
    Reason,
    Target,
    of_payload,
    payloads,
)
from tests.support.changes import change


class Why(Reason):
    MODE = "mode {}, not {}"
    GONE = "no longer described"


def test_kind__changes_are_equal_by_what_they_tell_and_by_what_they_carry() -> None:
    assert change("add", "/a", "r", 1) == change("add", "/a", "r", 1)
    assert change("add", "/a", "r", 1) != change("add", "/a", "r", 2)
    assert change("add", "/a", "r", 1) != change("add", "/a", "other", 1)


def test_kind__a_change_never_shows_what_it_carries() -> None:
    assert "hunter2" not in repr(change("add", "/a", "r", "hunter2"))


def test_kind__reasons_are_compared_as_values_and_read_as_a_sentence() -> None:
    edited = Change("change", Target("files", "/a"), (Why.MODE("600", "644"), Why.GONE()), None)
    assert edited.reason == "mode 600, not 644; no longer described"
    assert [because.reason for because in edited.reasons] == [Why.MODE, Why.GONE]
    assert Why.MODE("600", "644") != Why.MODE("644", "600")
    # What a host or a person wrote is a detail, and never a form to fill in.
    assert str(Why.MODE("{}", "{0.__class__}")) == "mode {}, not {0.__class__}"


def test_kind__a_target_is_told_from_what_another_kind_calls_the_same() -> None:
    assert Target("users", "curl") != Target("packages", "curl")
    assert Target("packages", "curl") in {Target("packages", "curl")}


def test_kind__changes_are_chosen_by_their_payload_in_their_order() -> None:
    changes = [change("add", str(each), "r", each) for each in (1, "b", 2, "a")]
    assert payloads(changes, str) == ["b", "a"]
    assert of_payload(changes, int) == [changes[0], changes[2]]
    assert payloads(changes, bytes) == []


def test_kind__a_description_gives_resources_of_one_kind_in_order() -> None:
    described = DesiredState("shop", (1, "b", 2, "a"))
    assert described.of(str) == ("b", "a")
    assert described.of(int) == (1, 2)
    assert described.of(bytes) == ()


def test_probe_output__newlines_alone_end_a_line() -> None:
    strange = "a\rb\x0bc\x0cd\x1ce\x85f\u2028g\tone more"
    assert ProbeOutput(f"{strange}\n\nlast\n", "").lines == [strange, "", "last"]
    assert ProbeOutput(strange, "").lines == [strange]
    assert ProbeOutput("", "").lines == []
