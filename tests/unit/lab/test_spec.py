"""What lab.spec promises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.errors import UserError
from lab.spec import LOGIN, Spec, defaults, parse, parse_all


def test_spec__the_three_default_hosts_are_reached_in_both_ways() -> None:
    assert parse_all([]) == defaults()
    assert {spec.name: spec.user for spec in defaults()} == {
        "laptop": "root",
        "staging": "deploy",
        "pi": "deploy",
    }
    assert next(spec for spec in defaults() if spec.name == "pi").architecture == "arm64"


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("web", Spec("web")),
        ("laptop", Spec("laptop", user="root")),
        ("a=amd64,13", Spec("a", "amd64", "13")),
        ("b=arm64", Spec("b", "arm64")),
        ("c=aarch64,root", Spec("c", "arm64", user="root")),
        ("d=x86_64,root,13", Spec("d", "amd64", "13", "root")),
        ("e=amd64,bare", Spec("e", "amd64", user="pi")),
        ("f=amd64,asks", Spec("f", "amd64", asks=True)),
    ],
)
def test_spec__a_host_is_read_from_one_word(text: str, spec: Spec) -> None:
    assert parse(text) == spec


@pytest.mark.parametrize(
    ("login", "user", "asks"), [("root", "root", False), ("asks", "deploy", True)]
)
def test_spec__the_environment_says_how_hosts_are_entered(
    login: str, user: str, asks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LOGIN, login)
    specs = (*defaults(), parse("a"), parse("staging"), parse("pi=arm64"))
    assert {(spec.user, spec.asks) for spec in specs} == {(user, asks)}
    # Where a host itself says so, that is what counts.
    assert parse("b=amd64,bare") == Spec("b", "amd64", user="pi")
    assert parse("b=amd64,root") == Spec("b", "amd64", user="root")
    monkeypatch.setenv(LOGIN, "nobody")
    with pytest.raises(UserError, match="Fix: set it to root, asks, free"):
        defaults()


@pytest.mark.parametrize(
    "text",
    [
        *("", "=", "A", "-a", "a-", "a=", "a=armhf", "a=amd64,14", "a=amd64,12,13"),
        *("a=amd64,root,root", "a=amd64,root,bare", "a=amd64,", "a b", "a" * 21, "a=root", "../x"),
    ],
)
def test_spec__a_bad_host_is_an_error_with_a_fix(text: str) -> None:
    with pytest.raises(UserError, match="Fix: write NAME"):
        parse(text)


def test_spec__a_name_stands_once() -> None:
    with pytest.raises(UserError, match="twice"):
        parse_all(["a=amd64", "a=arm64"])


@given(st.text())
def test_spec__any_text_is_a_host_or_an_error(text: str) -> None:
    try:
        spec = parse(text)
    except UserError:
        return
    assert text.startswith(spec.name)
    assert spec.debian in {"12", "13"}
