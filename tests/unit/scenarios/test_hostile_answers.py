"""Whatever one host answers, in a deploy or to a spec: a plan, or one line of that host."""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import Any, cast
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyinfra.api.host import Host

from homeport.deployment import history, reports, rollback
from homeport.deployment.history import HistoryQuery
from homeport.deployment.rollback import RollbackTarget
from homeport.engine import hostctl_client, plan_output, probe_cache, remote
from homeport.engine.host_failure import FAILURES
from homeport.engine.kind import AnyKind, DesiredState, ProbeOutput
from homeport.engine.probe_cache import ProbeCache
from homeport.engine.transaction import DeployTransaction
from homeport.hostctl.plain_text import harmless, one_line
from homeport.openssh import errors, outcome
from homeport.openssh.marks import Marks
from homeport.openssh.process import Ended
from homeport.operations import PHASES
from homeport.operations.bootstrap import BOOTSTRAP
from homeport.operations.hostctl.resources import HostProgram
from homeport.operations.venvs.resources import Venv
from homeport.pyinfra_adapter import run_state
from homeport.pyinfra_adapter.inventory import InventoryHost
from homeport.text_table import table
from tests.golden.simulated import NOTHING, Simulated
from tests.production import confinement, conftest, endpoints, proxy
from tests.production import described as specs
from tests.production.described import services
from tests.production.subject import Subject
from tests.production.verdict import unreadable
from tests.support.deploy_states import BOOT, LEASE, OPEN
from tests.support.hostile_answers import LINES, PIECES, seeded, spoilt
from tests.support.sample_app import BARE, EVERYTHING

KEY = "0123abcd"
KINDS: tuple[AnyKind, ...] = tuple(
    replace(kind, prepare=None)
    for kind in dict.fromkeys((*PHASES, *BOOTSTRAP, history.KIND, rollback.PLAN))
)
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
PLANNED = DesiredState("shop", (RollbackTarget("0123"),))
HISTORY = DesiredState("shop", (HistoryQuery("shop", "/srv/shop/current", 5),))
GUARDED = DesiredState("shop", (*EVERYTHING.resources, HostProgram("shop")))
CONFIRMED = {
    "version": 1,
    "id": "20260101T000000Z-00000000",
    "who": "ann@laptop",
    "what": "deploy",
    "when": "2026-01-01T00:00:00Z",
    "commit": "c" * 40,
    "outcome": "confirmed",
    "stages": {"restarted": 2.5},
}
LOCK = {"version": 1, "who": "bob", "reason": "Friday", "until": None}


@pytest.fixture(autouse=True, scope="module")
def no_download() -> Iterator[None]:
    with mock.patch.object(Venv, "wheels", lambda _: ()):
        yield


def lines_of(name: str, *records: Mapping[str, Any]) -> list[str]:
    return [f"{name}\t{json.dumps({'version': 1, **record})}" for record in records]


ALL_QUESTIONS = ("endpoints", "outside", "reach", "leaks", "exposure", *specs.QUESTIONS)
ANSWERS_TO_SPECS = (
    "reply\tweb/up\tb2sKMjAwIDAK\nuptime\t1000.5\nlistens\t00000000:1F40",
    "at\t/srv/shop\td\t755\troot\troot\nsum\t00\t/etc/env",
    "Id=shop-web.service\nActiveState=active\nUnitFileState=enabled\n\nnow 1767225600 1000.5",
    "-> Overall exposure level for shop-web.service: 1.2 OK",
)
NOW = f"now\t{BOOT} 1000.0 1767225600"
DEPLOYS = "\n".join(
    [
        *("there", NOW, "holder\t7 (sshd) S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 70 0 0"),
        *lines_of("lock", LOCK),
        *lines_of("lease", LEASE),
        *lines_of("journal", *OPEN),
        *lines_of("history", CONFIRMED, {"outcome": "reverted", "reason": "web died"}),
        *("active\tversion 1", "active\tslot a", "active\tgeneration 012345abcdef"),
    ]
)
PAST = "\n".join(
    [
        *("current ../releases/r1", "open", NOW, f"lock {json.dumps(LOCK)}"),
        f"line {json.dumps(CONFIRMED)}",
    ]
)


def scene(kind: AnyKind) -> tuple[DesiredState, tuple[AnyKind, ...]]:
    """Return what is described, and the kinds that are probed together with this one."""
    if kind.name == history.NAME:
        return HISTORY, (kind,)
    if kind.name == rollback.PLAN.name:
        return PLANNED, (kind,)
    if kind.name in {each.name for each in PHASES}:
        return GUARDED, KINDS[: len(PHASES)]
    return BARE, tuple(each for each in KINDS if each.name in {k.name for k in BOOTSTRAP})


@cache
def honest(name: str) -> tuple[str, ...]:
    """Return what honest hosts answer: one that is as described, a bare one, one at work."""
    if name == history.NAME:
        return (PAST,)
    if name == rollback.PLAN.name:
        return (json.dumps({"plan": ["to what was confirmed", "a"], "basis": {"boot": "b"}}),)
    wanted = BARE if name not in {each.name for each in PHASES} else GUARDED
    had = [dict.fromkeys([name], wanted), dict[str, DesiredState]()]
    answers = [Simulated(wanted, has, KEY).answer(name) for has in had]
    return (*answers, DEPLOYS) if name == "hostctl" else tuple(answers)


def is_harmless(line: str) -> bool:
    return not any(unicodedata.category(each) in ("Cc", "Cs") for each in line.replace("\t", " "))


def judged(kind: AnyKind, answer: str) -> None:
    """Have a host planned that answers this of one kind, and honestly of all others."""
    described, kinds = scene(kind)
    answers = {each.name: ProbeOutput(honest(each.name)[0], KEY) for each in kinds}
    answers[kind.name] = ProbeOutput(answer, KEY)
    host: Any = SimpleNamespace(name="pi", print_prefix="[pi] ", state=mock.Mock())
    cached, lines = ProbeCache(host, kinds), list[str]()
    printer = plan_output.PlanPrinter(host)
    with (
        mock.patch.object(probe_cache, "ask", lambda *_: answers),
        mock.patch.object(run_state, "executed", lambda *_: 0),
        mock.patch.object(plan_output.logger, "info", lines.append),
    ):
        try:
            for each in kinds:
                found, changes = cached.plan(each, described)
                printer.plan(each.name, changes)
                json.dumps([change.as_json() for change in changes]).encode()
                for note in cached.notes.get(each.name, ()):
                    printer.note(each.name, note)
            if kind.name == history.NAME:
                rows = [
                    [getattr(deploy, head) for head in reports.HEADS] for deploy in found.deploys
                ]
                lines += table(reports.HEADS, rows)
        except FAILURES as reason:
            lines.append(one_line(str(reason)))
    assert all(is_harmless(line) and len(line) < 20_000 for line in lines)


@each_kind
def test_an_honest_answer_is_a_plan(kind: AnyKind) -> None:
    described, _ = scene(kind)
    for answer in honest(kind.name):
        kind.diff(described, kind.parse(ProbeOutput(answer, KEY)), frozenset())


@each_kind
@seeded
@given(data=st.data())
def test_any_answer_of_a_deploy_is_a_plan_or_one_line(kind: AnyKind, data: st.DataObject) -> None:
    judged(kind, data.draw(spoilt(honest(kind.name))))


def faults_of(described: DesiredState, answer: str) -> list[str]:
    """Return all that specs find where each question of theirs has this answer."""
    app: Any = SimpleNamespace(name="shop", processes={}, unit=lambda name: f"shop-{name}")
    asking: Any = SimpleNamespace(get=lambda: dict.fromkeys(ALL_QUESTIONS, answer))
    row = InventoryHost("pi")
    subject = Subject(row, app, described, mock.Mock(), asking=dict.fromkeys(ALL_QUESTIONS, asking))
    found = list[str]()
    readers: list[Callable[[], object]] = [
        lambda: endpoints.replies(subject.answer("endpoints")),
        lambda: endpoints.uptime(subject.answer("endpoints")),
        lambda: proxy.answers(subject.answer("outside")),
        lambda: confinement.levels(subject.answer("exposure")),
        lambda: services.properties(subject.answer("services")),
    ]
    for resource in described.resources:
        if type(resource) in specs.PROOFS:
            readers.append(lambda resource=resource: specs.faults(resource, subject.answer))
    for read in readers:
        try:
            faults = read()
            found += faults if isinstance(faults, list) else []
        except Exception as error:
            found.append(unreadable(subject, error))
    return found


@pytest.mark.parametrize("described", [GUARDED, BARE], ids=["deployed", "bare"])
@settings(seeded, max_examples=max(10, seeded.max_examples // 3))
@given(data=st.data())
def test_any_answer_to_a_spec_is_faults_or_one_line(
    described: DesiredState, data: st.DataObject
) -> None:
    known = [text for kind in KINDS for text in honest(kind.name)]
    for line in faults_of(described, data.draw(spoilt([*known, *ANSWERS_TO_SPECS]))):
        assert len(harmless(line)) < 10**6


@pytest.mark.parametrize(
    "error",
    [KeyError("x"), ValueError("\x1b[2J"), RecursionError(), OverflowError("inf"), LookupError()],
    ids=lambda error: type(error).__name__,
)
def test_a_spec_that_can_not_judge_an_answer_fails_in_one_line_of_its_host(
    error: Exception,
) -> None:
    subject = SimpleNamespace(name="pi")
    spec: Any = SimpleNamespace(funcargs={"subject": subject})
    running = conftest.pytest_pyfunc_call(spec)
    next(running)
    with pytest.raises(pytest.fail.Exception) as failed:
        running.throw(error)
    assert not failed.value.pytrace
    assert str(failed.value).startswith(f"pi answered what can't be read ({type(error).__name__}")
    assert is_harmless(str(failed.value))


@pytest.mark.parametrize("error", [AssertionError("of a spec's own"), KeyError("of no host")])
def test_a_spec_of_ones_own_fails_as_any_test_does(error: Exception) -> None:
    subject = {"subject": object()} if isinstance(error, AssertionError) else {}
    running = conftest.pytest_pyfunc_call(cast(Any, SimpleNamespace(funcargs=subject)))
    next(running)
    with pytest.raises(type(error)):
        running.throw(error)


def test_the_report_of_a_spec_is_harmless() -> None:
    making = conftest.pytest_runtest_makereport()
    next(making)
    report: Any = SimpleNamespace(longrepr="on pi: it says \x1b]52;c;eA==\x07")
    with pytest.raises(StopIteration) as made:
        making.send(report)
    assert made.value.value.longrepr == r"on pi: it says \x1b]52;c;eA==\x07"


NONCE = "00ff"
MARK = f"HOMEPORT {NONCE} "


@st.composite
def framed(draw: st.DrawFn) -> list[str]:
    """Return the lines of a whole answer, whose frames are no frames of ours any more."""
    frames = [
        f"{honest('packages')[0]}\n\n{MARK}packages 0\n" for _ in range(draw(st.integers(0, 2)))
    ]
    body = "".join(draw(st.permutations([*frames, *draw(st.lists(PIECES, max_size=3))])))
    packed = base64.b64encode(body.encode("utf-8", "surrogatepass")).decode()
    at = draw(st.integers(0, len(packed)))
    packed = packed[:at] + draw(st.sampled_from(["", " ", "!", "=", "\0", "é"])) + packed[at:]
    line = draw(st.sampled_from([f"{MARK}{packed} end", f"{MARK}{packed}", packed, f"{MARK} end"]))
    return draw(st.permutations([line, *draw(st.lists(PIECES, max_size=3))]))


@seeded
@given(framed(), st.lists(PIECES, max_size=4), st.booleans())
def test_any_output_of_a_probe_is_an_answer_or_one_line(
    out: Sequence[str], errors: Sequence[str], done: bool
) -> None:
    output = SimpleNamespace(stdout_lines=list(out), stderr_lines=list(errors))
    host: Any = SimpleNamespace(
        name="pi",
        print_prefix="",
        data={},
        run_shell_command=lambda *_, **__: (done, output),
    )
    packages = next(kind for kind in KINDS if kind.name == "packages")
    with (
        mock.patch.object(remote, "connector_arguments", lambda _: {}),
        mock.patch.object(remote.secrets, "token_hex", lambda _: NONCE),
        mock.patch.object(run_state, "executed", lambda *_: 0),
    ):
        try:
            ProbeCache(host, [packages]).plan(packages, NOTHING)
        except FAILURES as reason:
            assert is_harmless(one_line(str(reason)))


WAY = errors.Way("shed", "shed.example.org", user="ann")


@seeded
@given(st.lists(LINES, max_size=5), st.integers(0, 300))
def test_anything_that_ssh_prints_is_one_line_with_a_fix(lines: Sequence[str], code: int) -> None:
    output = "\n".join(lines)
    shown = one_line(errors.explain(output, WAY))
    assert is_harmless(shown)
    assert ". Fix: " in shown
    for ended in (Ended(code), Ended(code, "it took longer than 5 s")):
        assert is_harmless(one_line(outcome.found(ended, Marks(), output, WAY).error))


@seeded
@given(st.lists(LINES, max_size=5), st.lists(st.integers(0, 40), max_size=5), st.booleans())
def test_anything_that_comes_between_marks_is_lines_and_an_end_or_none(
    lines: Sequence[str], cuts: Sequence[int], merged: bool
) -> None:
    taken = list[tuple[str, str]]()
    marks = Marks(line=lambda name, text: taken.append((name, text)), merged=merged)
    known = [
        f"{marks.word} P 7",
        f"{marks.word} B",
        f"{marks.word} X 0",
        f"{marks.word} X {'9' * 99}",
    ]
    raw = "\n".join([*known[:1], *lines, *known[1:]]).encode("utf-8", "surrogatepass")
    for at in cuts:
        marks.take("stderr", raw[:at])
        raw = raw[at:]
    marks.take("stderr", raw)
    marks.end()
    assert marks.pid == 7
    assert marks.code is None or 0 <= marks.code < 10**10
    assert all("\n" not in text for _, text in taken)


@seeded
@given(
    st.lists(LINES, max_size=5),
    st.lists(LINES, max_size=3),
    st.sampled_from(["", "0", "1", "3", "6", "77", "999", "-1", "9" * 9]),
)
def test_anything_that_the_program_of_a_host_says_of_a_revert_is_one_line(
    out: Sequence[str], err: Sequence[str], code: str
) -> None:
    ended = [f"{hostctl_client.MARK} {code}"] if code else []
    output = SimpleNamespace(stdout_lines=[*out, *ended], stderr_lines=list(err))
    host: Any = SimpleNamespace(
        name="pi", data={}, run_shell_command=lambda *_, **__: (True, output)
    )
    with mock.patch.object(Host, "run_shell_command", lambda *_, **__: (True, output)):
        shown = DeployTransaction("shop", "d1", {}).revert(host, "it died")
    assert is_harmless(shown)
    assert "pi" in shown
