"""A report names every finding and its fix, fails the host that drifted, and changes nothing."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from homeport.deployment import verify_deps
from homeport.deployment.verify_deps import KINDS, SHOWN, report, verify
from homeport.engine import run
from homeport.engine.kind import DesiredState
from homeport.operations.platform import probe
from homeport.operations.platform.resources import HostPlatform
from homeport.operations.venvs.drift import Drift
from homeport.operations.venvs.resources import Venv
from tests.support.host_folders import Fleet
from tests.support.real_delivery import as_root
from tests.support.sample_app import LOCK, TARGET
from tests.support.venv_host import Host, make_wheel, real

VENV = Venv("/v/a", LOCK, TARGET)
EXTRA = Drift("extra", "theirs", "2.0 is installed, and not locked")
EDITED = Drift("edited file", "a.py", "is not what its wheel brought", file_level=True)


@pytest.fixture(autouse=True)
def called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        verify_deps, "deploy_command", lambda *words: f"pyinfra INVENTORY {' '.join(words)}"
    )


def verified(fleet: Fleet, described: dict[str, tuple[object, ...]]) -> None:
    fleet.start(*described)

    def work() -> None:
        name = run.current_host().name.removeprefix("@fake/")
        run.start_run(KINDS, DesiredState("shop", described[name]))
        verify()

    fleet.on_each(work)


def test_verify_deps__a_venv_as_locked_is_one_line() -> None:
    assert list(report(VENV, [], "pi")) == ["/v/a  matches the lock (1 package)"]
    deeply = replace(VENV, contents={})
    assert list(report(deeply, [], "pi")) == ["/v/a  matches the lock, byte for byte (1 package)"]


def test_verify_deps__each_finding_is_a_line_with_the_command_that_mends_it() -> None:
    fix = "Fix: pyinfra INVENTORY deploy.py pi"
    assert list(report(VENV, [EXTRA, EDITED], "pi")) == [
        f"/v/a  extra: theirs 2.0 is installed, and not locked. {fix}",
        f"/v/a  edited file: a.py is not what its wheel brought. {fix}",
    ]


def test_verify_deps__what_only_a_deep_look_finds_is_mended_by_a_deep_deploy() -> None:
    (line,) = report(VENV, [EDITED], "pi")
    assert line.endswith("Fix: pyinfra INVENTORY deploy.py pi --data verify_files=yes")


def test_verify_deps__thousands_of_findings_are_counted_and_not_shown() -> None:
    lines = list(report(VENV, [EXTRA] * (SHOWN + 2), "pi"))
    assert len(lines) == SHOWN + 1
    assert "and 2 findings more. Fix: pyinfra" in lines[-1]


@real
@as_root
def test_verify_deps__a_host_that_drifted_fails_and_the_others_do_not(
    fleet: Fleet, host: Host, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The three are this one machine, which would be refused the second time.
    monkeypatch.setattr(probe, "MACHINE", probe.MACHINE.replace("/etc/machine-id", "/no/such/file"))
    wheel = make_wheel(host.root, "alpha")
    good, bad, gone = (host.venv(name, wheel) for name in ("good", "bad", "gone"))
    assert [done.returncode for done in host.deploy(good, bad)] == [0, 0]
    (bad_file,) = Path(bad.path).glob("lib/*/site-packages/alpha.py")
    bad_file.unlink()
    before = sorted(host.venvs.rglob("*"))
    with caplog.at_level("INFO", logger="pyinfra"):
        verified(fleet, {"a": (good,), "b": (good, bad), "c": (gone,)})
    assert fleet.failed() == {"b", "c"}
    assert [len(probes) for probes in fleet.probes.values()] == [1, 1, 1]
    assert not any(fleet.commands.values())
    assert sorted(host.venvs.rglob("*")) == before
    assert f"{good.path}  matches the lock (1 package)" in caplog.text
    assert f"{bad.path}  lost file: lib/python3.11/site-packages/alpha.py" in caplog.text
    assert f"{gone.path}  not there: the venv" in caplog.text
    assert "differs from the lock: 1 finding" in caplog.text


def test_verify_deps__nothing_is_fetched_for_a_report(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Venv, "wheels", lambda venv: pytest.fail("wheels were fetched"))
    verified(fleet, {"a": (VENV,)})
    assert fleet.failed() == {"a"}


def test_verify_deps__a_machine_that_is_another_is_refused_and_not_reported_on(
    fleet: Fleet, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="pyinfra"):
        verified(fleet, {"a": (HostPlatform("m68k", "12"), VENV)})
    assert fleet.failed() == {"a"}
    assert "group_data says m68k" in caplog.text
    assert "/v/a" not in caplog.text


def test_verify_deps__a_host_that_does_not_answer_fails(fleet: Fleet) -> None:
    fleet.deaf["a"] = "sudo: a password is required"
    verified(fleet, {"a": (VENV,)})
    assert fleet.failed() == {"a"}


def test_verify_deps__a_report_is_asked_for_as_a_deploy_would_ask(fleet: Fleet) -> None:
    fleet.start("a")
    fleet.state.config.SUDO = True
    fleet.on_each(
        lambda: (run.start_run(KINDS, DesiredState("shop", (VENV,))), verify()),
    )
    assert fleet.arguments["a"][0]["_sudo"] is True


@pytest.mark.parametrize(
    "words",
    [
        ["inventories/pi.py", "deploys/verify_deps.py"],
        ["--limit", "x", "-y", "inventories/pi.py", "deploys/verify_deps.py", "--dry"],
        ["--data", "verify_files=yes", "inventories/pi.py", "--json", "deploys/verify_deps.py"],
    ],
)
def test_verify_deps__a_mend_names_the_inventory_as_it_was_given(words: list[str]) -> None:
    # In a process of its own: pyinfra's command line patches what it is imported into.
    code = "from homeport.pyinfra_adapter.command_line import deploy_command"
    code += "; print(deploy_command('deploy.py', 'my pi', '-v'))"
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True)
    assert done.stdout == "pyinfra inventories/pi.py deploy.py --limit 'my pi' -v\n"
