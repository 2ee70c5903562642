"""Options, hosts and their answers: one code path for every inventory."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from homeport.errors import UserError, UserErrors
from homeport.pyinfra_adapter.inventory import InventoryProcess, limited, located

if TYPE_CHECKING:
    from homeport.engine.kind import DesiredState
    from tests.production.subject import Subject

PROJECT = Path(__file__).resolve().parents[2]
# What takes long to load is imported where it is used: while pyinfra reads the inventory.
SUBJECTS = pytest.StashKey[list["Subject"]]()
INVALID = pytest.StashKey[dict[str, UserError]]()
"""What is wrong with hosts that can't be described, by their names."""
OPEN = pytest.StashKey[ExitStack]()
SPARED = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say which hosts to prove, and whether they may be disturbed."""
    group = parser.getgroup("homeport")
    group.addoption("--inventory", metavar="PATH", help="inventory whose hosts are proven")
    group.addoption("--limit", metavar="HOST,...", help="prove these hosts or groups only")
    group.addoption(
        "--data",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="override host data, as pyinfra's option does: app_file=examples/radicale/app.yml",
    )
    group.addoption(
        "--disruptive", action="store_true", help="also run specs that disturb a host: reboot, kill"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Read the inventory and describe its hosts; a user's error is one line.

    A host that can't be described fails alone, unless none can be.
    """
    config.addinivalue_line("markers", "disruptive: disturbs the host; needs --disruptive")
    config.stash[SPARED] = 0
    if config.option.help:
        return
    config.stash[OPEN] = ExitStack()
    try:
        subjects, invalid = _subjects(config, config.stash[OPEN])
        if not subjects:
            # What is wrong with a file that all have is said once.
            raise UserErrors(list({str(error): error for error in invalid.values()}.values()))
        config.stash[SUBJECTS], config.stash[INVALID] = subjects, invalid
    except UserError as error:
        config.stash[OPEN].close()
        raise pytest.UsageError(str(error)) from None


def _subjects(
    config: pytest.Config, stack: ExitStack
) -> tuple[list[Subject], dict[str, UserError]]:
    inventory = config.getoption("--inventory")
    if not inventory:
        fix = "add --inventory=inventories/staging.py, or another one"
        raise UserError("specs of production need an inventory", fix=fix)
    where = located(inventory, config.invocation_params.dir)
    reading = InventoryProcess(where, PROJECT, config.getoption("--data"))
    from homeport.description.bootstrap import describe_bare
    from homeport.description.host import application_of, describe_host
    from homeport.description.host_data import HostData
    from homeport.pyinfra_adapter.data_source import with_source
    from tests.production.connection import outside, reached
    from tests.production.subject import Subject

    rows = limited(reading.rows(), config.getoption("--limit"))
    subjects, invalid = [], {}
    for row in rows:
        try:
            app, description = (
                application_of(HostData.parse(row.data, row.name)),
                describe_host(row.data, row.name),
            )
            if row.data.get("bootstrap_login"):
                description = _with(description, describe_bare(row.name, row.data))
            remote = reached(row, stack)
        except UserError as error:
            invalid[row.name] = with_source(error, row.groups)
        else:
            subjects.append(Subject(row, app, description, remote, outside(row)))
    return subjects, invalid


def _with(description: DesiredState, bare: DesiredState) -> DesiredState:
    # A host that came bare is proven to be as its bootstrap left it, too.
    more = (found for found in bare.resources if found not in description.resources)
    return replace(description, resources=(*description.resources, *more))


def pytest_collection(session: pytest.Session) -> None:
    """Begin to ask every host everything, at once, while the specs are being collected."""
    config = session.config
    if config.option.collectonly:
        return
    from gevent import sleep, spawn

    from tests.production.questions import lots
    from tests.production.subject import ask

    subjects = config.stash[SUBJECTS]
    for subject in subjects:
        for lot in lots(subject.description):
            asking = spawn(ask, subject.remote, lot)
            config.stash[OPEN].callback(asking.kill)
            subject.asking.update(dict.fromkeys(lot, asking))
    # Each begins now, and goes on whenever a spec waits.
    sleep(0)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Fail a spec that can't judge what its host answers, in one line that names the host."""
    try:
        return (yield)
    except AssertionError:
        raise
    except Exception as error:
        if (subject := pyfuncitem.funcargs.get("subject")) is None:
            raise
        from tests.production.verdict import unreadable

        pytest.fail(unreadable(subject, error), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what a host answered as text that a terminal doesn't obey, and without secrets."""
    report = yield
    if isinstance(report.longrepr, str):
        from homeport.pyinfra_adapter.output import shown

        report.longrepr = shown(report.longrepr)
    return report


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what only this run knows of."""
    if OPEN in config.stash:
        config.stash[OPEN].close()


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> Generator[None, object, object]:
    """Spare the hosts unless asked not to, and keep what disturbs them for the end."""
    from tests.production.undescribed import Undescribed

    hard = [item for item in items if item.get_closest_marker("disruptive")]
    soft = [item for item in items if not item.get_closest_marker("disruptive")]
    items[:] = soft + hard
    if not config.getoption("--disruptive"):
        config.hook.pytest_deselected(items=hard)
        items[:] = soft
        config.stash[SPARED] = len(hard)
    result = yield
    # Whichever specs are chosen: a host that none of them is run for is not proven.
    items += [
        Undescribed.from_parent(session, name=name, error=error)
        for name, error in config.stash[INVALID].items()
    ]
    return result


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what was left out, and why."""
    if spared := config.stash[SPARED]:
        terminalreporter.write_line(
            f"{spared} specs that disturb a host were left out: they need --disruptive"
        )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a spec its hosts and, where it asks for them, their resources or processes."""
    from tests.production import cases

    subjects = metafunc.config.stash[SUBJECTS]
    for name in cases.CASES.keys() & set(metafunc.fixturenames):
        found = [(s, case) for s in subjects for case in cases.CASES[name](s)]
        ids = [f"{s.name}-{cases.label(case)}" for s, case in found]
        none = pytest.mark.skip(reason=f"no {name} is described on these hosts")
        some = found or [pytest.param(None, None, marks=none)]
        metafunc.parametrize(("subject", name), some, ids=ids or ["none"])
        return
    if "subject" in metafunc.fixturenames:
        metafunc.parametrize("subject", subjects, ids=[subject.name for subject in subjects])
