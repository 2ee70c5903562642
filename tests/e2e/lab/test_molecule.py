"""A scenario is green when all of it was done and came out well, and never otherwise."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import lab
from lab.paths import place
from lab.state import read
from tests.e2e.lab.project import ROOT
from tests.e2e.lab.scenarios import GOING_ON, Checkout, Run, cloned, lab_of

pytestmark = pytest.mark.long

OTHERS = sorted(
    {file.parent.name for file in (ROOT / "molecule").glob("*/molecule.yml")}
    - {"default", *GOING_ON}
)
STEPS = ("create", "converge", "idempotence", "verify", "destroy")
FAILING = """
from pyinfra.operations import server

if host.name == "laptop":
    server.shell(name="Fails", commands=["false"])
"""
IMPURE = """
from pyinfra.operations import server

server.shell(name="Impure", commands=["true"])
"""


def _options(checkout: Checkout, options: str) -> None:
    checkout.edit("molecule/shared/tasks/deploy.yml", "--json, -y", f"--json, -y, {options}")


def _empty(checkout: Checkout) -> None:
    # Without config.py nobody says before the deploy that there is no host in it.
    named = "from homeport.openssh.entry_point import register\n\nregister()\n"
    (checkout.folder / "config.py").write_text(named)
    _options(checkout, "--limit, typo")


def _fail(checkout: Checkout) -> None:
    checkout.append("deploy.py", FAILING)


def _fail_unnoticed(checkout: Checkout) -> None:
    _fail(checkout)
    # With this option pyinfra's exit code is 0.
    _options(checkout, "--no-wait")


def _remove(checkout: Checkout, step: str) -> None:
    (checkout.folder / f"molecule/shared/{step}.yml").unlink()


def _remove_create(checkout: Checkout) -> None:
    _remove(checkout, "create")
    # As if nothing was done yet; the hosts are there all the same.
    shutil.rmtree(checkout.folder / ".ansible")


# What makes converge do less than it should, and what is then said.
LESS: dict[str, tuple[Callable[[Checkout], object], str]] = {
    "a host that fails in mid-deploy": (_fail, "Error: executed 0 commands"),
    "a host whose failure pyinfra ends well with": (_fail_unnoticed, "results.totals.error == 0"),
    "a limit with a typo": (_empty, "No host matches found for --limit pattern: typo"),
    "a limit that leaves a host out": (
        lambda checkout: _options(checkout, "--limit, staging"),
        "== names",
    ),
    "a secret that is missing": (
        lambda checkout: (checkout.folder / "secrets/pinboard-token").unlink(),
        "Fix: write the secret into that file",
    ),
    "a create.yml that is missing": (
        _remove_create,
        "molecule/shared/create.yml. Fix: ",
    ),
    "a verify.yml that is missing": (
        lambda checkout: _remove(checkout, "verify"),
        "molecule/shared/verify.yml. Fix: ",
    ),
    "a scenario without hosts": (
        lambda checkout: checkout.edit("molecule/default/molecule.yml", "laptop staging", '""'),
        "SCENARIO_HOSTS",
    ),
}


@pytest.fixture(scope="module", autouse=True)
def hosts() -> None:
    """Bring up none of the hosts that other promises need: scenarios have hosts of their own."""


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Checkout, Run]]:
    """Return a fresh clone in which the default scenario was run, and how; its hosts are kept."""
    checkout = cloned(tmp_path_factory.mktemp("molecule") / "homeport")
    try:
        yield checkout, checkout.molecule("test", "--destroy=never")
    finally:
        down = checkout.molecule("destroy")
    assert down.code == 0, down.output


@pytest.fixture
def spoilt(tested: tuple[Checkout, Run], tmp_path: Path) -> Checkout:
    """Return a copy of that clone, with the same hosts, to spoil."""
    return tested[0].copy(tmp_path)


def test_a_fresh_clone_passes_the_default_scenario(tested: tuple[Checkout, Run]) -> None:
    checkout, run = tested
    assert run.code == 0, run.output
    assert all(run.step(step) == "Successful" for step in STEPS), run.output
    # Ansible's own account: converge did change the hosts, the idempotence that follows did not.
    first, again = re.findall(r"^ +msg: (.*)$", run.output, re.MULTILINE)[:2]
    assert "Packages" in first
    assert again == "nothing"
    secret = checkout.folder / "secrets/pinboard-token"
    assert secret.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("scenario", OTHERS)
def test_every_other_scenario_passes_and_nothing_of_it_is_left(
    scenario: str, tmp_path: Path
) -> None:
    checkout = cloned(tmp_path / "homeport")
    run = checkout.molecule("test", "-s", scenario)
    assert run.code == 0, run.output
    assert all(run.step(step) == "Successful" for step in STEPS), run.output
    assert "missing=0" in run.output
    with lab_of(scenario):
        assert not read(place()).hosts


@pytest.mark.parametrize(
    ("variables", "message"),
    [({}, "msg: Impure"), ({"ANSIBLE_STDOUT_CALLBACK": "minimal"}, "=> Run pyinfra: deploy.py")],
    ids=["as it is", "with another output of Ansible"],
)
def test_idempotence_fails_when_an_operation_is_made_impure(
    spoilt: Checkout, variables: dict[str, str], message: str
) -> None:
    spoilt.append("deploy.py", IMPURE)
    run = spoilt.molecule("idempotence", **variables)
    assert run.code != 0
    assert "Idempotence test failed because of the following tasks" in run.output
    assert message in run.output


@pytest.mark.parametrize("fault", LESS)
def test_converge_fails_when_less_than_all_was_deployed(spoilt: Checkout, fault: str) -> None:
    spoil, message = LESS[fault]
    spoil(spoilt)
    run = spoilt.molecule("converge")
    assert run.code != 0
    assert run.step("converge") == "Failed"
    assert message in run.output


def test_verify_fails_when_a_host_is_broken(spoilt: Checkout) -> None:
    with lab_of("default"):
        lab.run("staging", "systemctl stop pinboard-worker", root=True).check_returncode()
    try:
        run = spoilt.molecule("verify")
    finally:
        with lab_of("default"):
            lab.run("staging", "systemctl start pinboard-worker", root=True).check_returncode()
    assert run.code != 0
    assert "on staging: it is inactive (dead, success), not active" in run.output


def test_verify_fails_when_there_is_no_spec(spoilt: Checkout) -> None:
    for spec in (spoilt.folder / "tests/production").glob("test_*.py"):
        spec.unlink()
    run = spoilt.molecule("verify")
    assert run.code != 0
    assert "no tests ran" in run.output


def test_verify_fails_when_the_specs_are_only_collected(spoilt: Checkout) -> None:
    run = spoilt.molecule("verify", PYTEST_ADDOPTS="--collect-only")
    assert run.code != 0
    assert run.step("verify") == "Failed"
    assert "tests collected" in run.output


def test_a_check_that_would_skip_everything_is_refused(spoilt: Checkout) -> None:
    run = spoilt.molecule("check")
    assert run.code != 0
    assert "A scenario has no check mode" in run.output


def test_two_checkouts_of_one_name_know_nothing_of_each_other(
    tested: tuple[Checkout, Run], tmp_path: Path
) -> None:
    other = cloned(tmp_path / tested[0].folder.name)
    for checkout, created in ((tested[0], "true"), (other, "false")):
        listed = checkout.molecule("list", "--format=plain").output
        assert re.search(rf"\bansible +default +{created}\b", listed), listed
