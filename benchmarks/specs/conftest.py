"""Options, hosts and their answers: all hosts are asked at once, each in one remote command."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

import pytest
import testinfra

from benchmarks.contenders import CONTENDERS
from benchmarks.expected_state import Wanted, wanted
from benchmarks.specs.questions import questions
from homeport.ssh.remote import UnreachableError
from tests.production.described import packages, paths, users
from tests.production.subject import Answers, Silent, ask

SUBJECTS = pytest.StashKey[list["Subject"]]()
POOL = pytest.StashKey[ThreadPoolExecutor]()


@dataclass(frozen=True)
class Root:
    """A host on which everything runs as root, by any login."""

    remote: Any

    def run(self, script: str) -> Any:
        """Run a script and return its result; raises ``UnreachableError``."""
        try:
            return self.remote.run(f'$([ "$(id -u)" = 0 ] || echo sudo -n) sh -c {quote(script)}')
        except RuntimeError as error:
            # Testinfra's, of a login that failed.
            lines = getattr(error.args[0], "stderr", "").strip().splitlines() if error.args else []
            reason = lines[-1] if lines else "ssh gives no reason"
            raise UnreachableError(f"it can't be reached: {reason}") from None


@dataclass(frozen=True)
class Subject:
    """One host: what it should have, and what it says."""

    name: str
    wanted: Wanted
    answers: Future[Answers]

    def answer(self, question: str) -> str:
        """Return what the host answered; a question that it did not answer fails the spec."""
        found = self.answers.result()[question]
        if isinstance(found, Silent):
            pytest.fail(f"{self.name}: {found}", pytrace=False)
        return found


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say whose work is judged, and what it was; --hosts and --ssh-config are Testinfra's."""
    group = parser.getgroup("benchmarks")
    names = [contender.name for contender in CONTENDERS]
    group.addoption("--contender", choices=names, help="who did the job")
    group.addoption("--work", type=Path, metavar="DIR", help="the job as it was done")


def pytest_configure(config: pytest.Config) -> None:
    """Begin to ask every host everything."""
    option = config.option
    if option.help or option.collectonly:
        return
    if missing := [name for name in ("contender", "hosts", "work") if not getattr(option, name)]:
        raise pytest.UsageError(f"specs of a benchmark need --{' and --'.join(missing)}")
    (contender,) = (each for each in CONTENDERS if each.name == option.contender)
    if not (option.work / "requirements.txt").is_file():
        raise pytest.UsageError(f"--work {option.work} is no copy of the job with requirements.txt")
    judged = wanted(contender, option.work)
    description = judged.description
    lot = {
        "packages": packages.question(description),
        "accounts": users.question(description),
        "paths": paths.question(description),
        **questions(judged),
    }
    remotes = testinfra.get_hosts(
        option.hosts.split(","),
        ssh_config=option.ssh_config,
        ssh_identity_file=option.ssh_identity_file,
    )
    pool = config.stash[POOL] = ThreadPoolExecutor(max_workers=len(remotes))
    config.stash[SUBJECTS] = [
        Subject(remote.backend.get_pytest_id(), judged, pool.submit(ask, Root(remote), lot))
        for remote in remotes
    ]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Ask nothing more."""
    if POOL in config.stash:
        config.stash[POOL].shutdown(cancel_futures=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a spec its hosts."""
    subjects = metafunc.config.stash.get(SUBJECTS, [])
    metafunc.parametrize("subject", subjects, ids=[subject.name for subject in subjects])
