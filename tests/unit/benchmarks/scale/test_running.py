"""What benchmarks.scale.running promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.scale.recording import load
from benchmarks.scale.running import inventory, judge
from homeport.errors import UserError
from tests.support.recorded_host import RECORDING


def operation(changed: list[str], same: list[str]) -> dict[str, object]:
    return {"name": "Files", "success": changed, "error": [], "no_change": same}


def test_running__a_deploy_that_changed_nothing_anywhere_is_a_no_op() -> None:
    judge([operation([], ["a", "b"])], 2)


@pytest.mark.parametrize(
    "operations", [[operation(["a"], ["b"])], [operation([], ["a"])], []], ids=str
)
def test_running__what_changed_something_or_left_out_a_host_is_not_measured(
    operations: list[dict[str, object]],
) -> None:
    with pytest.raises(UserError, match="this was no no-op on 2 hosts"):
        judge(operations, 2)


def test_running__simulated_hosts_have_the_group_and_the_data_of_the_recorded_one(
    tmp_path: Path,
) -> None:
    recording = tmp_path / "recording.json"
    recording.write_text(RECORDING.dump())
    text = inventory(recording, 3, 0.5, tmp_path).read_text()
    # What it does to pyinfra's connector is no matter of this test.
    known: dict[str, object] = {"simulate": lambda *arguments: None}
    exec("\n".join(line for line in text.splitlines() if "import simulate" not in line), known)  # noqa: S102 - as pyinfra does
    data = dict(load(RECORDING.dump()).data)
    assert known["staging"] == [(f"simulated-000{number}", data) for number in range(3)]
