"""A look is whole or it is an error: nothing is ever concluded from half an answer."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from shlex import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeport.engine.kind import ProbeError, ProbeOutput
from homeport.engine.probe_script import compose, parse
from tests.support.real_shell import SHELLS, run

NONCE = "0123456789abcdef"
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)


def ask(
    probes: dict[str, str], shell: Sequence[str] = ("sh",), script: str | None = None
) -> dict[str, ProbeOutput]:
    done = run(script if script is not None else compose(probes, NONCE), shell)
    return parse(done.stdout.decode().splitlines(), list(probes), NONCE, "key")


@pytest.mark.parametrize("shell", SHELLS)
@settings(max_examples=25)
@given(bodies=st.lists(texts, min_size=1, max_size=4))
def test_probe_script__what_a_probe_prints_arrives_unaltered(
    bodies: list[str], shell: Sequence[str]
) -> None:
    probes = {f"kind{n}": f"printf %s {quote(body)}" for n, body in enumerate(bodies)}
    answers = ask(probes, shell)
    # Line breaks at the end are dropped, as a shell drops them from what a command prints.
    assert [answer.text for answer in answers.values()] == [body.rstrip("\n") for body in bodies]
    assert {answer.key for answer in answers.values()} == {"key"}


@pytest.mark.parametrize("shell", SHELLS)
def test_probe_script__a_long_answer_arrives_whole(shell: Sequence[str]) -> None:
    answers = ask({"long": "seq 1 60000", "short": "echo end"}, shell)
    assert answers["long"].text.splitlines() == [str(n) for n in range(1, 60001)]
    assert answers["short"].text == "end"


@pytest.mark.parametrize("shell", SHELLS)
def test_probe_script__an_answer_that_looks_like_a_frame_of_another_look_is_only_text(
    shell: Sequence[str],
) -> None:
    forged = f"HOMEPORT {'f' * 16} other 0"
    answers = ask({"one": f"echo; echo {quote(forged)}", "other": ":"}, shell)
    assert answers["one"].text == f"\n{forged}"
    assert answers["other"].text == ""


@pytest.mark.parametrize("shell", SHELLS)
def test_probe_script__a_frame_that_is_forged_is_refused_and_never_believed(
    shell: Sequence[str],
) -> None:
    with pytest.raises(ProbeError, match="answered 'other' unasked or twice"):
        ask({"one": f"echo; echo HOMEPORT {NONCE} other 0", "other": ":"}, shell)


def test_probe_script__what_a_host_says_at_login_does_no_harm() -> None:
    lines = run(compose({"one": "echo 1"}, NONCE)).stdout.decode().splitlines()
    noise = ["Welcome!", "", "HOMEPORT ", "HOMEPORT ffffffffffffffff end"]
    assert parse([*noise, *lines, *noise], ["one"], NONCE, "key")["one"].text == "1"


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    "probe",
    ["exit 3", "false", "false; true", "echo $nothing", "true | false", "no-such-command-here",
     "cd /no/such/folder", "x=$(false)", "for n in 1 2; do [ $n = 1 ]; done; false", "kill -9 $$"],
)  # fmt: skip
def test_probe_script__a_probe_that_fails_is_an_error_and_not_an_empty_answer(
    probe: str, shell: Sequence[str]
) -> None:
    with pytest.raises(ProbeError, match=r"the probe of bad failed with exit code|cut short"):
        ask({"good": "echo 1", "bad": probe, "later": "echo 2"}, shell)


def test_probe_script__the_error_names_the_probe_and_its_exit_code() -> None:
    with pytest.raises(ProbeError, match="the probe of bad failed with exit code 3"):
        ask({"good": "echo 1", "bad": "echo half; exit 3"})


def test_probe_script__one_probe_leaves_nothing_behind_for_the_next() -> None:
    probes = {"one": "cd /usr; set -f; IFS=x; at() { :; }; v=1", "two": 'pwd; echo "${v-unset}"'}
    assert ask(probes)["two"].text == "/\nunset"


def test_probe_script__a_probe_that_reads_gets_nothing_of_what_follows_the_script() -> None:
    probes = {"greedy": "cat", "next": "echo 2"}
    # More than a shell reads ahead.
    script = compose(probes, NONCE) + "# more\n" * 20000
    answers = ask(probes, script=script)
    assert (answers["greedy"].text, answers["next"].text) == ("", "2")


def test_probe_script__probes_speak_one_language_and_find_the_tools_of_root() -> None:
    found = ask({"one": 'echo "$LC_ALL"; echo "$PATH"'})["one"].text.splitlines()
    assert found[0] == "C"
    assert {"/usr/sbin", "/usr/bin"} <= set(found[1].split(":"))


def test_probe_script__an_answer_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(ProbeError, match="damaged"):
        ask({"one": r"printf 'caf\351'"})


def answer(*halves: str) -> list[str]:
    bodies = [base64.b64encode(half.encode()).decode() for half in halves]
    return [" ".join(["HOMEPORT", NONCE, *bodies, "end"])]


one, two = f"1\n\nHOMEPORT {NONCE} one 0\n", f"2\n\nHOMEPORT {NONCE} two 0\n"


[whole] = answer(one + two)
body = whole.split(" ")[2]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "cut short"),
        ([whole[:-1]], "cut short"),
        ([f"{whole} "], "cut short"),
        ([whole.replace(NONCE, "f" * 16)], "cut short"),
        ([f" {whole}"], "cut short"),
        ([whole, whole], "came twice"),
        ([whole, whole[:40]], "came twice"),
        (answer(""), "gave no answer for one, two"),
        ([whole.replace(body, f"*{body}")], "damaged"),
        ([whole.replace(body, body[1:])], "damaged"),
        ([whole.replace(body, "/w==")], "damaged"),
        ([whole.replace(body, f"{body[:7]} {body[7:]}")], "damaged"),
        (answer(one), "gave no answer for two"),
        (answer(two), "gave no answer for one"),
        (answer(one + one + two), "answered 'one' unasked or twice"),
        (answer(one + two + two.replace("two", "three")), "answered 'three' unasked"),
        (answer(one + two.replace("two", "")), "answered '' unasked"),
        (answer(one + two.replace("two 0", "")), "unasked"),
        (answer(one + two.replace("two 0", "two 1")), "the probe of two failed with exit code 1"),
        (answer(one + two.replace("two 0", "two ")), "failed"),
        (answer(one + two.replace("two 0", "two 0x")), "failed"),
        (answer(one.replace(NONCE, "f" * 16) + two), "gave no answer for one"),
        (answer(one + two + "3"), "goes on after its end"),
        (answer(one + two[:-1]), "goes on after its end"),
    ],
)  # fmt: skip
def test_probe_script__an_answer_that_was_tampered_with_is_refused(
    lines: list[str], message: str
) -> None:
    probes = {"one": "echo 1", "two": "echo 2"}
    assert run(compose(probes, NONCE)).stdout.decode().splitlines() == answer(one, two)
    assert parse([whole], ["one", "two"], NONCE, "")["two"].text == "2"
    with pytest.raises(ProbeError, match=message):
        parse(lines, ["one", "two"], NONCE, "")


@given(st.data())
def test_probe_script__an_answer_cut_at_any_place_is_refused(data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(ProbeError):
        parse([whole[:cut]], ["one", "two"], NONCE, "")


@given(st.data())
def test_probe_script__frames_cut_at_any_place_are_refused(data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(one + two) - 1))
    with pytest.raises(ProbeError):
        parse(answer((one + two)[:cut]), ["one", "two"], NONCE, "")


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("share", [*(n / 8 for n in range(8)), 0.97, 0.98, 0.99, 0.995])
def test_script_that_arrives_cut_short_does_nothing(
    share: float, shell: Sequence[str], tmp_path: Path
) -> None:
    mark = tmp_path / "ran"
    script = compose({"one": f"echo x >{mark}", "two": ":\n" * 60, "three": "echo 3"}, NONCE)
    # All but the call on the last line, which may come without its line break.
    last = len(script.rstrip("\n")) - len("ook </dev/null")
    done = run(script[: min(int(len(script) * share), last)], shell)
    assert "HOMEPORT" not in done.stdout.decode()
    assert not mark.exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_script_cut_in_its_last_line_runs_whole_or_not_at_all(
    shell: Sequence[str], tmp_path: Path
) -> None:
    probes = {"one": "echo 1", "two": f"echo x >>{tmp_path}/ran; echo 2"}
    script = compose(probes, NONCE)
    for cut in range(len(script) - len("look </dev/null\n"), len(script)):
        (tmp_path / "ran").unlink(missing_ok=True)
        lines = run(script[:cut], shell).stdout.decode().splitlines()
        if (tmp_path / "ran").exists():
            assert parse(lines, list(probes), NONCE, "")["two"].text == "2"
        else:
            with pytest.raises(ProbeError, match="cut short"):
                parse(lines, list(probes), NONCE, "")
