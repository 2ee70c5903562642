"""What operations.hostctl.deploy_state promises."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from homeport.engine.kind import ProbeError, ProbeOutput
from homeport.hostctl.protocol import Stat, VersionError
from homeport.operations.hostctl import deploy_state, probe
from homeport.operations.hostctl.deploy_state import DeployState
from tests.support.deploy_states import BOOT, LEASE, OPEN, Facts, process, situation
from tests.support.real_shell import SHELLS, checked

# What the shell tells.


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(deploy_state, "STATE", str(tmp_path))
    (tmp_path / "shop").mkdir()
    return tmp_path


def read_state(shell: Sequence[str] = ("sh",)) -> DeployState:
    text = checked(deploy_state.probe("shop"), shell)
    return deploy_state.parse(text.splitlines())


@pytest.mark.parametrize("shell", SHELLS)
def test_deploy_state__a_host_that_was_never_deployed_to_tells_its_clocks_and_nothing_else(
    shell: Sequence[str], state: Path
) -> None:
    found = read_state(shell)
    assert found.now.boot == BOOT
    assert found.now.uptime > 0
    assert abs(found.now.wall - time.time()) < 60
    assert found == DeployState(found.now)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("compact", [True, False])
def test_deploy_state__all_of_it_is_told_and_the_holder_is_looked_up(
    shell: Sequence[str], compact: bool, state: Path
) -> None:
    between = (",", ":") if compact else (", ", ": ")

    def line(record: Mapping[str, Any]) -> str:
        whole = {**record, "version": 1}
        return json.dumps(whole, sort_keys=True, separators=between) + "\n"

    start = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    lease = {**LEASE, "holder": {"pid": os.getpid(), "start": start}}
    (state / "lease").write_text(line(lease))
    (state / "lock").write_text(line({"who": "bob", "reason": "it's Friday", "until": 5}))
    steps = [*OPEN, {"state": "activating"}]
    (state / "shop/journal").write_text("".join(map(line, steps)) + '{"state": "sta')
    ended = [{"outcome": "confirmed", "commit": "c1"}, {"outcome": "reverted"}, {"outcome": "x"}]
    (state / "shop/history").write_text("".join(map(line, ended)) + '{"outco')
    (state / "shop/active").write_text("version 1\nslot a\ngeneration 1 2\nrelease r\n")
    found = read_state(shell)
    assert found.lease == lease
    assert found.process is not None
    assert found.process.start == start
    assert found.lock == {"who": "bob", "reason": "it's Friday", "until": 5}
    assert [record["state"] for record in found.journal] == ["armed", "activating"]
    assert (found.last, found.confirmed) == (ended[2], ended[0])
    assert found.active == ("slot a", "generation 1 2", "release r")


def test_deploy_state__a_holder_that_is_gone_has_no_start(state: Path) -> None:
    ours = {"version": 1, **LEASE}
    (state / "lease").write_text(json.dumps({**ours, "holder": {"pid": 4194304, "start": 1}}))
    assert read_state().process is None
    (state / "lease").write_text(json.dumps({**ours, "holder": None}))
    assert read_state().process is None


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("move", ["", "shop/history", "lease"])
def test_deploy_state__the_program_is_shipped_only_where_no_other_deploy_came_since_the_probe(
    shell: Sequence[str], state: Path, before: bool, move: str
) -> None:
    def note(file: str, name: str) -> None:
        # Whatever words it has, its id is its own.
        line = {"id": name, "who": 'an "id": "x" of a\'b', "reason": "}", "version": 1}
        with (state / file).open("a") as records:
            records.write(json.dumps(line, sort_keys=True) + "\n")

    if before:
        note("shop/history", "d0")
        note("lease", "d1")
        with (state / "shop/history").open("a") as records:
            records.write('{"id": "torn", "who": "e')
    found = read_state(shell)
    script = deploy_state.unmoved("shop", found)
    if move:
        (state / move).unlink(missing_ok=True)
        note(move, "d2")
    done = subprocess.run([*shell, "-euc", script], capture_output=True, text=True)
    assert done.returncode == (1 if move else 0), done.stderr
    assert ("another deploy came, after this plan was made" in done.stderr) is bool(move)


@pytest.mark.parametrize("text", ["", "rubbish", "now\t1 2", "now\tboot x y"])
def test_deploy_state__an_answer_that_is_not_understood_is_an_error(text: str) -> None:
    with pytest.raises((ValueError, LookupError)):
        deploy_state.parse(text.splitlines())


@pytest.mark.parametrize("shell", SHELLS)
def test_deploy_state__the_basis_names_the_last_deploy_of_each_application_of_the_host(
    shell: Sequence[str], state: Path
) -> None:
    def history(app: str, *names: str, rest: str = "") -> None:
        (state / app).mkdir(exist_ok=True)
        lines = (json.dumps({"id": name, "who": "e", "version": 1}) + "\n" for name in names)
        (state / app / "history").write_text("".join(lines) + rest)

    assert read_state(shell).basis["others"] == {}
    history("shop", "d1")
    history("blog", "b1", "b2", rest='{"id": "torn')
    history("wiki", "w1")
    history("empty")
    history("_host", "h1")
    history(".swept", "h1")
    assert read_state(shell).basis == {
        "boot": BOOT,
        "last": "d1",
        "generation": None,
        "others": {"blog": "b2", "wiki": "w1"},
    }


# What is made of it.


@pytest.mark.parametrize(
    ("lease", "holder", "held"),
    [
        ({}, process(70), True),
        ({}, process(71), False),
        ({}, process(70, "Z"), False),
        ({}, None, False),
        ({"holder": None}, None, True),
        ({"moment": {"boot": BOOT, "mono": 101.0}}, process(70), True),
        ({"moment": {"boot": BOOT, "mono": 100.0}}, process(70), False),
        ({"moment": {"boot": "another", "mono": 900.0}}, process(70), False),
        ({"moment": None}, process(70), False),
    ],
)
def test_deploy_state__a_lease_is_held_while_its_holder_is_there_and_has_time_left(
    lease: Facts, holder: Stat | None, held: bool
) -> None:
    found = situation(lease={**LEASE, **lease}, process=holder, journal=OPEN)
    assert found.is_held is held
    assert found.is_cut_off is not held


def test_deploy_state__a_deploy_that_goes_on_has_time_left_from_its_last_step() -> None:
    old = {**LEASE, "moment": {"boot": BOOT, "mono": 0.0}}
    first = {**OPEN[0], "id": LEASE["id"], "ttl": 900}
    step = {"state": "writing", "moment": {"boot": BOOT, "mono": 999.0}}
    assert situation(lease=old, process=process(70), journal=(first, step)).is_held
    assert not situation(lease=old, process=process(70), journal=(first, OPEN[1])).is_held


def test_deploy_state__a_deploy_that_is_renewed_is_held_and_not_cut_off(state: Path) -> None:
    boot, uptime = read_state().now[:2]
    start = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    began = {"boot": boot, "mono": uptime - 0.5}
    lease = {"version": 1, **LEASE, "moment": began, "ttl": 0.1}
    lease["holder"] = {"pid": os.getpid(), "start": start}
    line = {"version": 1, "state": "activating", "id": LEASE["id"], "ttl": 0.1, "moment": began}
    (state / "lease").write_text(json.dumps(lease))
    (state / "shop/journal").write_text(json.dumps(line) + "\n")
    assert read_state().is_cut_off
    renewal = {"version": 1, "id": LEASE["id"], "moment": {"boot": boot, "mono": uptime + 60}}
    (state / "shop/renewed").write_text(json.dumps(renewal) + "\n")
    assert read_state().is_held
    assert not read_state().is_cut_off
    (state / "shop/renewed").write_text(json.dumps({**renewal, "id": "another"}) + "\n")
    assert read_state().is_cut_off


def test_a_deploy_of_another_application_is_held_by_its_own_steps_and_not_by_ours(
    state: Path,
) -> None:
    (state / "blog").mkdir()
    boot, uptime = read_state().now[:2]
    start = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    began = {"boot": boot, "mono": uptime - 0.5}
    lease = {"version": 1, **LEASE, "app": "blog", "moment": began, "ttl": 0.1}
    lease["holder"] = {"pid": os.getpid(), "start": start}
    theirs = {"version": 1, "state": "armed", "id": LEASE["id"], "ttl": 900, "moment": began}
    ours = {**theirs, "id": "another"}
    (state / "lease").write_text(json.dumps(lease))
    (state / "shop/journal").write_text(json.dumps(ours) + "\n")
    assert not read_state().is_held
    assert read_state().is_cut_off
    (state / "blog/journal").write_text(f"{json.dumps(theirs)}\n{json.dumps(theirs)}\n")
    assert read_state().is_held
    # Whatever that name is, nothing else is read for it.
    (state / "lease").write_text(json.dumps({**lease, "app": "../blog"}))
    assert not read_state().is_held


def test_deploy_state__rubbish_of_the_probe_fails_the_host(state: Path) -> None:
    with pytest.raises((ProbeError, ValueError, LookupError)):
        probe.parse(ProbeOutput("there\nnow\t1", ""))


@pytest.mark.parametrize("version", [None, 3])
@pytest.mark.parametrize("name", ["lock", "lease", "shop/journal", "shop/history", "shop/active"])
def test_deploy_state__a_file_of_another_version_is_refused_by_its_name(
    name: str, version: int | None, state: Path
) -> None:
    (state / "shop/history").write_text('{"version": 1, "outcome": "confirmed"}\n')
    record = {"id": "d1", **({"version": version} if version else {})}
    text = f"version {version}\nslot a\n" if version else "slot a\n"
    (state / name).write_text(text if name == "shop/active" else f"{json.dumps(record)}\n")
    says = f"is of version {version}" if version else "names no version"
    with pytest.raises(VersionError, match=f"{Path(name).name}.* {says}, and this homeport"):
        read_state()
