"""A release that its own application doesn't accept is switched to by nobody."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from homeport.engine.kind import DesiredState, ProbeOutput, Target
from homeport.engine.secret_digest import fingerprint
from homeport.operations import release_check
from homeport.operations.release_check import ReleaseCheck, ReleaseCheckState
from tests.support.fake_programs import Programs
from tests.support.host_shells import LIBRARY
from tests.support.real_delivery import run_command, sent
from tests.support.real_shell import SHELLS, checked, is_shell
from tests.support.sample_app import CHECKER


@pytest.fixture
def check(tmp_path: Path) -> ReleaseCheck:
    release = tmp_path / "releases/r1"
    release.mkdir(parents=True)
    secrets = tmp_path / "secrets"
    secrets.write_text('TOKEN="hunter22"\n')
    program = Path(__file__).parents[3] / "templates/host_programs/run-confined"
    sandbox = replace(CHECKER.sandbox, secrets=str(secrets), program=str(program), library=LIBRARY)
    checker = replace(CHECKER, release=str(release), sandbox=sandbox)
    return ReleaseCheck(f"{tmp_path}/own/checked", ("judge", "it's $HOME", "x"), checker, "d" * 64)


def described(check: ReleaseCheck) -> DesiredState:
    return DesiredState("shop", (check,))


def probe(check: ReleaseCheck, shell: Sequence[str] = ("sh",)) -> ReleaseCheckState:
    script = release_check.probe(described(check), "key")
    is_shell(script, shell)
    return release_check.parse(ProbeOutput(checked(script, shell), "key"))


def fixed(check: ReleaseCheck, path: str, shell: Sequence[str] = ("sh",)) -> tuple[int, str]:
    """Run the command that checks, and return its exit code and what it complained of."""
    found = probe(check)
    (command,) = release_check.apply(
        described(check), found, release_check.diff(described(check), found)
    )
    is_shell(command.get_raw_value(), shell)
    assert check.digest not in command.get_raw_value()
    assert (
        b64decode(sent(command.connector_arguments["_stdin"]).partition(b"\n")[2]).decode()
        == check.digest
    )
    done = run_command(command, shell, path)
    return done.returncode, done.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_release_check__a_release_is_checked_as_its_services_run_and_only_once(
    shell: Sequence[str], check: ReleaseCheck, programs: Programs, log: Path
) -> None:
    path = programs(systemd_run="exit 0")
    (change,) = release_check.diff(described(check), probe(check, shell))
    assert (change.action, change.target.name) == ("add", check.path)
    assert change.reason == "r1 is checked by judge"
    assert fixed(check, path, shell) == (0, "")
    (ran,) = log.read_text().splitlines()
    assert ran.startswith("systemd-run --quiet --wait --pipe --collect --service-type=exec ")
    assert f"--setenv=HOMEPORT_RELEASE={check.checker.release} " in ran
    assert ran.endswith(f"{check.checker.sandbox.run} judge it's $$HOME x")
    assert Path(check.path).stat().st_mode & 0o777 == 0o600
    assert release_check.diff(described(check), probe(check, shell)) == []


def test_check_that_fails_says_why_without_a_secret_and_is_not_kept(
    check: ReleaseCheck, programs: Programs
) -> None:
    path = programs(systemd_run="echo no good: hunter22; exit 3")
    code, output = fixed(check, path)
    assert code != 0
    assert f"{check.checker.release} is not accepted by its check" in output
    assert "no good: (TOKEN)" in output
    assert "hunter22" not in output
    assert len(release_check.diff(described(check), probe(check))) == 1


def test_release_check__another_thing_to_judge_is_judged_anew(
    check: ReleaseCheck, programs: Programs
) -> None:
    fixed(check, programs(systemd_run="exit 0"))
    (change,) = release_check.diff(described(replace(check, digest="e" * 64)), probe(check))
    assert change.action == "change"


def test_release_check__a_release_that_is_built_anew_is_checked_anew(check: ReleaseCheck) -> None:
    found = ReleaseCheckState({check.path: fingerprint("key", check.digest)}, "key")
    assert release_check.diff(described(check), found) == []
    pending = frozenset({Target("releases", check.checker.release)})
    assert len(release_check.diff(described(check), found, pending)) == 1


def test_release_check__what_was_accepted_is_never_told_in_clear(
    check: ReleaseCheck, programs: Programs
) -> None:
    fixed(check, programs(systemd_run="exit 0"))
    assert check.digest not in checked(release_check.probe(described(check), "key"), ("sh",))


def test_release_check__an_application_without_a_check_is_asked_nothing() -> None:
    assert release_check.probe(DesiredState("shop", ()), "key") == ":"
    assert release_check.diff(DesiredState("shop", ()), ReleaseCheckState({}, "key")) == []
