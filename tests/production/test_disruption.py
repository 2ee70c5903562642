"""What happens when things go wrong: processes die or hang, the host reboots. Disturbs the host."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest

from homeport.operations.services.resources import Service
from homeport.ssh.remote import UnreachableError
from tests.production import slots
from tests.production.described.services import faults as service_faults
from tests.production.described.services import question
from tests.production.recovery import faults, until
from tests.production.subject import Silent, Subject, ask
from tests.production.verdict import insist, no_faults

pytestmark = pytest.mark.disruptive

RESTART = 30
REBOOT = 180
BOOT = {"boot": "cat /proc/sys/kernel/random/boot_id"}


def test_schedule_runs(subject: Subject, schedule: str) -> None:
    service = f"{subject.app.unit(schedule)}.service"
    done = subject.remote.run("systemctl start %s", service)
    insist(subject, done.succeeded, f"{service} fails: {done.stderr.strip()}")


def test_killed_process_comes_back(subject: Subject, process: str) -> None:
    unit = slots.unit(subject, process)
    before = _running(subject, unit)
    subject.remote.check_output("systemctl kill --kill-whom=main --signal=KILL %s", unit)
    _is_another(subject, unit, before, RESTART)


def test_frozen_process_is_replaced(subject: Subject, watched: str) -> None:
    unit = slots.unit(subject, watched)
    before = _running(subject, unit)
    subject.remote.check_output("kill -STOP %s", before)
    _is_another(subject, unit, before, (subject.app.processes[watched].watchdog or 0) + RESTART)


def test_reboot_brings_everything_back(subject: Subject) -> None:
    if subject.row.name == "@local":
        pytest.skip("it would reboot the machine that runs this")
    before = _boot(subject)
    with suppress(UnreachableError):  # when the host goes before it has answered
        subject.remote.run("systemctl reboot")
    after = until(lambda: _boot(subject), lambda now: now not in (None, before), REBOOT)
    insist(subject, after not in (None, before), f"it did not come back within {REBOOT} s")
    no_faults(subject, until(lambda: faults(subject), lambda found: not found, REBOOT))


def _boot(subject: Subject) -> object:
    found = ask(subject.remote, BOOT)["boot"]
    return None if isinstance(found, Silent) else found


def _running(subject: Subject, unit: str) -> str:
    pid = _main(subject, unit)
    insist(subject, pid != "0", f"{unit} does not run, so it can't be disturbed")
    return pid


def _main(subject: Subject, unit: str) -> str:
    return str(subject.remote.service(unit).systemd_properties["MainPID"])


def _is_another(subject: Subject, unit: str, before: str, seconds: float) -> None:
    pid = until(lambda: _main(subject, unit), lambda now: now not in ("0", before), seconds)
    insist(subject, pid not in ("0", before), f"{unit} was not started again within {seconds} s")
    template = re.sub("@.", "@", unit)
    (service,) = (s for s in subject.description.of(Service) if s.unit == template)

    def wrong() -> list[str]:
        answer = ask(subject.remote, {"services": question(subject.description)})["services"]
        return service_faults(service, str(answer))

    no_faults(subject, until(wrong, lambda found: not found, RESTART))
