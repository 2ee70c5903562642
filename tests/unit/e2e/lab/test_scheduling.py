"""Which process of the tests is given what."""

from pathlib import Path

import pytest

from tests.e2e.lab import scheduling
from tests.e2e.lab.scheduling import PI, Scheduling


@pytest.mark.parametrize(
    ("test", "scope"),
    [
        ("tests/e2e/lab/test_proxy.py::test_one", "tests/e2e/lab/test_proxy.py"),
        ("tests/e2e/lab/test_proxy.py::test_one[a::b]", "tests/e2e/lab/test_proxy.py"),
        ("tests/e2e/lab/test_proof.py::test_one", "pi"),
        ("tests/e2e/lab/test_convergence.py::test_other[pi]", "pi"),
        ("tests/e2e/laptop/test_git.py::test_one", "tests/e2e/laptop"),
        ("tests/e2e/laptop/test_running.py::test_one", "tests/e2e/laptop"),
    ],
)
def test_what_shares_hosts_goes_to_one_process(test: str, scope: str) -> None:
    assert Scheduling.__new__(Scheduling)._split_scope(test) == scope


def test_every_file_that_is_named_is_there() -> None:
    folder = Path(scheduling.__file__).parent
    assert [name for name in PI if not (folder / name).exists()] == []
    assert (folder.parent / scheduling.LAPTOP).is_dir()
