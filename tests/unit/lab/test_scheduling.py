"""Which process of the tests is given what."""

import pytest

from tests.lab.scheduling import Scheduling


@pytest.mark.parametrize(
    ("test", "scope"),
    [
        ("tests/lab/test_front.py::test_one", "tests/lab/test_front.py"),
        ("tests/lab/test_front.py::test_one[a::b@c]", "tests/lab/test_front.py"),
        ("tests/lab/test_proof.py::test_one@pi", "pi"),
        ("tests/lab/test_convergence.py::test_other[pi]@pi", "pi"),
    ],
)
def test_a_group_goes_to_one_process_and_so_does_what_is_left_of_a_file(
    test: str, scope: str
) -> None:
    assert Scheduling.__new__(Scheduling)._split_scope(test) == scope
