"""A service runs what is described, or the plan says why it doesn't and the deploy sees to it."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.resource import NOTHING, Answer, Change, Description, Unreadable
from operations import observing, services
from operations.observing import Found, State
from operations.running import Current, Once, Reads, Service
from operations.services import Work
from tests.unit.engine.delivering import run_command
from tests.unit.engine.shell import SHELLS, checked, is_shell
from tests.unit.operations.machines import Programs
from tests.unit.operations.samples import CURRENT, READS, TIMER, WEB

KEY = "0123456789abcdef"
DESCRIPTION = Description("shop", (CURRENT, WEB, TIMER))
PLACES = (CURRENT.release, CURRENT.venv)


def recorded(service: Service, invocation: str, inodes: dict[str, str]) -> set[str]:
    """What the program ``record`` writes at a start, with its secrets fingerprinted by a look."""
    lines = {f"invocation {invocation}", f"unit {service.digest}"}
    for file in service.reads:
        digest = file.sha256
        if file.secret:
            digest = hashlib.sha256(f"{KEY}{digest}".encode()).hexdigest()
        lines.add(f"sha256 {digest} {file.path}")
    if service.current:
        link, venv = service.current.path, f"{service.current.path}/venv"
        lines |= {f"target {service.current.release} {link}", f"target ../../venvs/v1 {venv}"}
        lines |= {f"inode {inodes[PLACES[0]]} {link}", f"inode {inodes[PLACES[1]]} {venv}"}
    return lines


def state(
    service: Service, record: set[str], active: str = "active", enabled: str = "enabled"
) -> State:
    properties = {
        "Id": service.unit,
        "ActiveState": active,
        "UnitFileState": enabled,
        "InvocationID": "i1" if active == "active" else "",
    }
    return State(properties, frozenset(record))


INODES = {CURRENT.release: "11", CURRENT.venv: "22"}
RECORD = recorded(WEB, "i1", INODES)
WELL = Found(
    {CURRENT.path: CURRENT.release},
    INODES,
    {WEB.unit: state(WEB, RECORD), TIMER.unit: state(TIMER, set())},
    KEY,
)


def with_state(found: Found, service: Service, changed: State | None) -> Found:
    states = {unit: at for unit, at in found.states.items() if unit != service.unit}
    return replace(found, states={**states, service.unit: changed} if changed else states)


def reasons(found: Found, upcoming: frozenset[str] = NOTHING) -> dict[str, str]:
    return {c.target: c.reason for c in services.diff(DESCRIPTION, found, upcoming)}


def test_a_service_that_runs_what_is_described_is_left_alone() -> None:
    assert services.diff(DESCRIPTION, WELL) == []


def without(start: str) -> set[str]:
    (gone,) = [line for line in RECORD if line.startswith(start)]
    return RECORD - {gone}


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (set(), "what it read at its start is not known"),
        (without("invocation"), "what it read at its start is not known"),
        (recorded(WEB, "i0", INODES), "what it read at its start is not known"),
        (recorded(replace(WEB, digest="old"), "i1", INODES), "it runs from an older unit file"),
        (without("target /srv"), "it runs another release"),
        (without("inode 11"), f"{CURRENT.release} is built anew"),
        (without("inode 22"), f"{CURRENT.venv} is built anew"),
        (recorded(WEB, "i1", {**INODES, CURRENT.release: "10"}), f"{CURRENT.release} is built"),
        (recorded(WEB, "i1", {**INODES, CURRENT.venv: "20"}), f"{CURRENT.venv} is built anew"),
        (without(f"sha256 {'e' * 64}"), "it read another /etc/env"),
        (
            recorded(
                replace(WEB, reads=(READS[0], Reads("/etc/sec", "0" * 64, secret=True))),
                "i1",
                INODES,
            ),
            "it read another /etc/sec",
        ),
        (
            recorded(replace(WEB, reads=(READS[0], replace(READS[1], secret=False))), "i1", INODES),
            "it read another /etc/sec",
        ),
    ],
)
def test_a_service_that_runs_anything_else_is_restarted_for_that_reason(
    record: set[str], reason: str
) -> None:
    (change,) = services.diff(DESCRIPTION, with_state(WELL, WEB, state(WEB, record)))
    assert change.target == WEB.unit
    assert change.reason.startswith(f"restarted: {reason}")
    assert (change.wanted.start, change.wanted.enable) == ((change.reason,), ())


@pytest.mark.parametrize("service", [WEB, TIMER], ids=lambda service: service.unit)
@pytest.mark.parametrize("active", ["inactive", "failed", "activating", "deactivating"])
def test_what_does_not_run_is_started(service: Service, active: str) -> None:
    found = with_state(WELL, service, state(service, RECORD, active=active))
    assert reasons(found) == {service.unit: f"started: it is {active}"}


@pytest.mark.parametrize("service", [WEB, TIMER], ids=lambda service: service.unit)
@pytest.mark.parametrize("enabled", ["disabled", "", "masked", "static", "enabled-runtime"])
def test_what_would_not_start_at_boot_is_enabled_without_a_restart(
    service: Service, enabled: str
) -> None:
    was = WELL.states[service.unit]
    now = replace(was, properties={**was.properties, "UnitFileState": enabled})
    found = with_state(WELL, service, now)
    (change,) = services.diff(DESCRIPTION, found)
    assert change.reason == "enabled, so that it starts at boot"
    assert change.wanted.start == ()


def test_what_systemd_does_not_know_is_enabled_and_started() -> None:
    found = with_state(WELL, WEB, None)
    assert reasons(found) == {
        WEB.unit: "enabled, so that it starts at boot; started: it is not there"
    }


def test_a_change_of_one_file_and_of_the_unit_are_both_named() -> None:
    record = {line for line in RECORD if not line.startswith(("unit", f"sha256 {'e' * 64}"))}
    found = with_state(WELL, WEB, state(WEB, record))
    assert reasons(found)[WEB.unit] == (
        "restarted: it runs from an older unit file; restarted: it read another /etc/env"
    )


@pytest.mark.parametrize("place", PLACES)
def test_what_is_about_to_be_built_anew_is_known_in_the_plan(place: str) -> None:
    assert reasons(WELL, frozenset({place})) == {WEB.unit: f"restarted: {place} is built anew"}
    assert reasons(WELL, frozenset({"/etc/other"})) == {}


def test_the_first_release_and_a_later_one_are_told_apart() -> None:
    first = replace(WELL, links={})
    assert reasons(first)[CURRENT.path] == "switches to r1; first release"
    later = replace(WELL, links={CURRENT.path: "/srv/shop/releases/r0"})
    assert reasons(later)[CURRENT.path] == "switches to r1; was r0"
    assert [c.action for c in services.diff(DESCRIPTION, first)] == ["add"]
    assert [c.action for c in services.diff(DESCRIPTION, later)] == ["change"]


# The honest host: what a change does to it, by what a person reads in it.


def apply(found: Found, changes: Sequence[Change]) -> Found:
    links, states = dict(found.links), dict(found.states)
    for change in changes:
        if isinstance(change.wanted, Current):
            links[change.target] = change.wanted.release
    inodes = {place: found.inodes.get(place, "99") for place in PLACES}
    for change in changes:
        if not isinstance(change.wanted, Work):
            continue
        service = change.wanted.service
        before = states.get(service.unit, state(service, set(), "inactive", "disabled"))
        properties, record = dict(before.properties), before.record
        if change.wanted.enable:
            properties["UnitFileState"] = "enabled"
        if change.wanted.start:
            properties |= {"ActiveState": "active", "InvocationID": "new"}
            if service.digest:
                record = frozenset(recorded(service, "new", inodes))
        states[service.unit] = State(properties, record)
    return Found(links, inodes, states, found.key)


some_records = st.sets(
    st.sampled_from(
        sorted(RECORD | recorded(replace(WEB, digest="old"), "i0", dict.fromkeys(PLACES, "9")))
    )
)


@st.composite
def founds(draw: st.DrawFn) -> Found:
    links = draw(st.sampled_from([{}, {CURRENT.path: "/x/r0"}, {CURRENT.path: CURRENT.release}]))
    inodes = {place: draw(st.sampled_from(["11", "22", "33"])) for place in PLACES}
    states = {}
    for service in (WEB, TIMER):
        if draw(st.booleans()):
            record = draw(st.one_of(st.just(RECORD), some_records)) if service.digest else set()
            active = draw(st.sampled_from(["active", "active", "failed", "inactive"]))
            enabled = draw(st.sampled_from(["enabled", "disabled", ""]))
            states[service.unit] = state(service, record, active, enabled)
    return Found(links, inodes, states, KEY)


@given(founds())
def test_after_one_deploy_everything_runs_what_is_described(found: Found) -> None:
    changes = services.diff(DESCRIPTION, found)
    after = apply(found, changes)
    assert services.diff(DESCRIPTION, after) == []
    assert after.links == {CURRENT.path: CURRENT.release}
    for service in (WEB, TIMER):
        properties = after.states[service.unit].properties
        assert (properties["ActiveState"], properties["UnitFileState"]) == ("active", "enabled")


# What systemctl and the records say.

SHOWN = """\
Id=shop-web.service
ActiveState=active
UnitFileState=enabled
InvocationID=i1

Id=shop-tidy.timer
ActiveState=inactive
UnitFileState=
InvocationID=
"""


def test_several_units_are_told_apart() -> None:
    found = services.read(Answer(f"link\t/l\t/x y\ninode\t/p\t7\n{SHOWN}", KEY))
    assert found.links == {"/l": "/x y"}
    assert found.inodes == {"/p": "7"}
    assert found.states["shop-web.service"].properties["ActiveState"] == "active"
    assert found.states["shop-tidy.timer"].properties == {
        "Id": "shop-tidy.timer",
        "ActiveState": "inactive",
        "UnitFileState": "",
        "InvocationID": "",
    }


def test_a_record_belongs_to_its_unit() -> None:
    records = "record\tshop-web.service\tinvocation i1 \nrecord\tother.service\tunit abc \n"
    found = services.read(Answer(records + SHOWN, KEY))
    assert found.states["shop-web.service"].record == {"invocation i1"}
    assert found.states["shop-tidy.timer"].record == frozenset()


@pytest.mark.parametrize(
    "text",
    ["Unit shop.service could not be found.", "link\t/l", "record\tx", "inode\t/p",
     "ActiveState=active", "Id=a.service", "Id=a.service\nActiveState=active\n",
     "Id=a.service\nActiveState=active\nUnitFileState=\n"],
)  # fmt: skip
def test_an_answer_that_is_not_understood_is_an_error(text: str) -> None:
    with pytest.raises(Unreadable):
        services.read(Answer(f"{SHOWN}\n{text}\n", KEY))


@pytest.mark.parametrize("shell", SHELLS)
def test_the_probe_tells_links_records_and_states_and_no_secret(
    shell: Sequence[str],
    tmp_path: Path,
    programs: Programs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(observing, "RECORDS", str(tmp_path / "run"))
    (tmp_path / "releases/r1").mkdir(parents=True)
    (tmp_path / "v1").mkdir()
    (tmp_path / "current").symlink_to(tmp_path / "releases/r1")
    (tmp_path / "run").mkdir()
    current = Current(f"{tmp_path}/current", f"{tmp_path}/releases/r1", f"{tmp_path}/v1")
    web = replace(WEB, current=current)
    (tmp_path / "run/shop-web.service").write_text(
        "invocation i1\nunit abcd\n"
        f"target {current.release} {current.path}\n"
        f"inode {(tmp_path / 'releases/r1').stat().st_ino} {current.path}\n"
        f"target ../v1 {current.path}/venv\n"
        f"inode {(tmp_path / 'v1').stat().st_ino} {current.path}/venv\n"
        f"sha256 {'e' * 64} /etc/env\nsha256 {'5' * 64} /etc/sec\n"
    )
    path = programs(systemctl=f"cat <<'END'\n{SHOWN}END")
    description = Description("shop", (current, web, TIMER))
    probe = services.probe(description, KEY)
    text = checked(f"PATH={path}\n{probe}", shell)
    assert "5" * 64 not in text
    found = services.read(Answer(text, KEY))
    (change,) = services.diff(description, found)
    assert change.target == TIMER.unit


def test_units_and_links_that_are_not_there_are_no_error(
    programs: Programs, tmp_path: Path
) -> None:
    path = programs(systemctl=f"cat <<'END'\n{SHOWN}END")
    text = checked(f"PATH={path}\n{services.probe(DESCRIPTION, KEY)}")
    found = services.read(Answer(text, KEY))
    assert (found.links, found.inodes) == ({}, {})


# The change itself, with programs in the place of systemd's.

SYSTEMCTL = """\
case "$1 $*" in
  is-active*) [ "$UP" != no ] ;;
  show*) echo "${RESTARTS-0}" ;;
  "$FAILS "*) exit 1 ;;
esac
"""


def fix(tmp_path: Path, found: Found, **changed: object) -> str:
    current = Current(f"{tmp_path}/current", f"{tmp_path}/r1", f"{tmp_path}/v1")
    web = replace(WEB, current=current, deadline=3)
    description = Description("shop", (current, web, TIMER))
    (command,) = services.fix(description, found, services.diff(description, found))
    return command


@pytest.fixture
def host(programs: Programs) -> str:
    return programs(
        systemctl=SYSTEMCTL,
        journalctl='echo "last words of $*"',
        check='[ "$(cat "$TMP_READY" 2>/dev/null)" != no ] || { echo "answers 500"; exit 1; }',
        sleep="",
        sync="",
    )


EMPTY = Found({}, {}, {}, KEY)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_first_deploy_switches_enables_starts_and_waits_until_ready(
    shell: Sequence[str], tmp_path: Path, host: str, log: Path
) -> None:
    command = fix(tmp_path, EMPTY)
    is_shell(command.get_raw_value(), shell)
    done = run_command(command, shell, host)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert str((tmp_path / "current").readlink()) == f"{tmp_path}/r1"
    assert [call for call in log.read_text().splitlines() if "is-active" not in call] == [
        "systemctl stop shop-web.service shop-tidy.timer",
        "systemctl reset-failed shop-web.service shop-tidy.timer",
        f"sync {tmp_path}",
        "systemctl enable --quiet shop-web.service shop-tidy.timer",
        "systemctl start shop-web.service shop-tidy.timer",
        "check ready a b",
        "sleep 1",
        "systemctl show -p NRestarts --value shop-web.service",
        "systemctl show -p NRestarts --value shop-tidy.timer",
    ]


def test_the_link_is_switched_while_nothing_runs_from_it(
    tmp_path: Path, host: str, log: Path
) -> None:
    (tmp_path / "current").symlink_to(f"{tmp_path}/r0")
    calls = fix(tmp_path, EMPTY).get_raw_value().partition(services.GATE)[2]
    stop, switch = calls.index("systemctl stop"), calls.index("ln -sfn")
    assert stop < switch < calls.index("systemctl start")
    # A stop that fails ends it there: the old release goes on.
    command = fix(tmp_path, EMPTY)
    assert run_command(command, path=host, env={"FAILS": "stop"}).returncode == 1
    assert str((tmp_path / "current").readlink()) == f"{tmp_path}/r0"


# What runs once.

ONCE = Once("shop-init.service", "/var/lib/homeport/shop/init/init", "shop init 'a b'")
SYSTEMCTL_ONCE = """\
case "$1 $2" in
  "start shop-init.service")
    if [ "$FAILS" = init ]; then exit 1; fi
    if [ "$FAILS" != record ]; then touch "$RECORD"; fi ;;
  is-active*) [ "$UP" != no ] ;;
  show*) echo "${RESTARTS-0}" ;;
esac
"""


def initialise(
    tmp_path: Path, before: str | None, host: str, **env: str
) -> subprocess.CompletedProcess[str]:
    current = Current(f"{tmp_path}/current", f"{tmp_path}/r1", f"{tmp_path}/v1")
    once = replace(ONCE, record=f"{tmp_path}/init")
    description = Description("shop", (current, once, replace(WEB, current=current, deadline=3)))
    if before:
        (tmp_path / "current").symlink_to(before)
    found = Found({current.path: before} if before else {}, {}, {}, KEY)
    (command,) = services.fix(description, found, services.diff(description, found))
    is_shell(command.get_raw_value())
    return run_command(command, path=host, env={"RECORD": once.record, **env})


@pytest.fixture
def once_host(programs: Programs) -> str:
    return programs(
        systemctl=SYSTEMCTL_ONCE, journalctl="echo last words", check="", sleep="", sync=""
    )


def test_what_runs_once_is_named_until_its_record_is_there() -> None:
    description = Description("shop", (ONCE,))
    (change,) = services.diff(description, EMPTY)
    assert (change.target, change.reason) == (ONCE.unit, "runs once: shop init 'a b'")
    assert services.diff(description, replace(EMPTY, done=frozenset({ONCE.record}))) == []
    assert services.diff(description, replace(EMPTY, done=frozenset({"/other"}))) == [change]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_record_is_seen_by_the_look(shell: Sequence[str], tmp_path: Path) -> None:
    description = Description("shop", (replace(ONCE, record=f"{tmp_path}/init"),))
    for there in (False, True):
        text = checked(services.probe(description, KEY), shell)
        assert bool(services.read(Answer(text, KEY)).done) is there
        (tmp_path / "init").touch()


def test_it_runs_with_the_new_release_before_anything_is_stopped(
    tmp_path: Path, once_host: str, log: Path
) -> None:
    done = initialise(tmp_path, f"{tmp_path}/r0", once_host)
    assert (done.returncode, done.stderr) == (0, "")
    calls = [call for call in log.read_text().splitlines() if call.startswith("systemctl st")]
    assert calls == [
        "systemctl start shop-init.service",
        "systemctl stop shop-web.service",
        "systemctl start shop-web.service",
    ]
    assert str((tmp_path / "current").readlink()) == f"{tmp_path}/r1"


@pytest.mark.parametrize("before", ["r0", None])
@pytest.mark.parametrize("fails", ["init", "record"])
def test_when_it_fails_what_ran_goes_on_from_the_release_that_was_current(
    fails: str, before: str | None, tmp_path: Path, once_host: str, log: Path
) -> None:
    link = f"{tmp_path}/{before}" if before else None
    done = initialise(tmp_path, link, once_host, FAILS=fails)
    assert done.returncode == 1
    assert "shop-init.service failed, and the next deploy runs it again" in done.stderr
    assert "last words" in done.stderr
    calls = log.read_text()
    assert "stop" not in calls
    assert "start shop-web" not in calls
    current = tmp_path / "current"
    assert (str(current.readlink()) if current.is_symlink() else None) == link


def test_enabling_alone_disturbs_nothing_that_runs(tmp_path: Path, host: str, log: Path) -> None:
    current = Current(f"{tmp_path}/current", f"{tmp_path}/r1", f"{tmp_path}/v1")
    description = Description("shop", (current, TIMER))
    found = Found(
        {current.path: current.release},
        {},
        {TIMER.unit: state(TIMER, set(), "active", "disabled")},
        KEY,
    )
    (command,) = services.fix(description, found, services.diff(description, found))
    assert run_command(command, path=host).returncode == 0
    assert log.read_text().splitlines() == ["systemctl enable --quiet shop-tidy.timer"]


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"FAILS": "start", "UP": "no"}, "shop-web.service is "),
        ({"UP": "no"}, "did not stay up; its last lines"),
        ({"RESTARTS": "2"}, "shop-web.service did not stay up"),
        ({"TMP_READY": "ready"}, "shop-web.service did not get ready: answers 500"),
    ],
)
def test_a_service_that_does_not_come_up_fails_the_deploy_with_its_last_lines(
    env: dict[str, str], said: str, tmp_path: Path, host: str
) -> None:
    (tmp_path / "ready").write_text("no\n")
    env = {**env, "TMP_READY": str(tmp_path / env.get("TMP_READY", "none"))}
    done = run_command(fix(tmp_path, EMPTY), path=host, env=env)
    assert done.returncode == 1
    assert said in done.stderr
    assert "last words of" in done.stderr
    assert "-u shop-web.service" in done.stderr


def test_a_service_that_gets_ready_in_time_is_waited_for(
    tmp_path: Path, programs: Programs, log: Path
) -> None:
    host = programs(
        systemctl=SYSTEMCTL,
        journalctl="",
        sync="",
        sleep="",
        check=f"[ $(grep -c check {log}) -ge 3 ]",
    )
    assert run_command(fix(tmp_path, EMPTY), path=host).returncode == 0
    assert log.read_text().count("check") == 3


def test_a_service_that_dies_while_it_is_waited_for_is_not_waited_for_longer(
    tmp_path: Path, programs: Programs, log: Path
) -> None:
    host = programs(systemctl=SYSTEMCTL, journalctl="", sync="", sleep="", check="exit 7")
    assert run_command(fix(tmp_path, EMPTY), path=host, env={"UP": "no"}).returncode == 1
    assert log.read_text().count("check") == 1
