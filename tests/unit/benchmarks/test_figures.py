"""Figures are medians, told in a table and as plain data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.scale.__main__ import main
from benchmarks.scale.figures import Figures, table
from benchmarks.scale.recording import load
from benchmarks.scale.running import Run, inventory, judge
from homeport.errors import UserError
from tests.unit.benchmarks.test_recording import RECORDING

FEW = Figures.of(
    10,
    0.02,
    [
        (Run(1.0, 0.5, 50), Run(1.5, 1.0, 60)),
        (Run(9.0, 0.9, 59), Run(9.0, 9.0, 90)),
        (Run(0.5, 0.4, 40), Run(1.2, 0.9, 70)),
    ],
)
MANY = Figures.of(1010, 0.02, [(Run(2.0, 1.5, 60), Run(5.0, 5.0, 160))])


def test_one_slow_run_does_not_count() -> None:
    assert FEW.floor == Run(1.0, 0.5, 50)
    assert FEW.no_op == Run(1.5, 1.0, 70)
    assert FEW.ratio == 1.5


def test_the_table_has_a_line_for_each_number_of_hosts_and_says_how_it_grows() -> None:
    head, few, many, growth = table([FEW, MANY])
    assert len(head) == len(few) == len(many)
    assert few.split() == ["10", "1.00", "1.50", "1.50", "0.50", "1.00", "70", "150.0"]
    assert many.split()[0] == "1010"
    assert growth == "from 10 to 1010 hosts, each one more: 4.0 ms of CPU, the floor 1.0 ms"


def test_the_figures_are_plain_data() -> None:
    told = json.loads(json.dumps(FEW.as_json()))
    assert (told["hosts"], told["ratio"], told["no_op_seconds_per_host"]) == (10, 1.5, 0.15)
    assert (told["delay_seconds"], told["no_op_peak_mib"]) == (0.02, 70)


def operation(changed: list[str], same: list[str]) -> dict[str, object]:
    return {"name": "Files", "success": changed, "error": [], "no_change": same}


def test_a_deploy_that_changed_nothing_anywhere_is_a_no_op() -> None:
    judge([operation([], ["a", "b"])], 2)


@pytest.mark.parametrize(
    "operations", [[operation(["a"], ["b"])], [operation([], ["a"])], []], ids=str
)
def test_what_changed_something_or_left_out_a_host_is_not_measured(
    operations: list[dict[str, object]],
) -> None:
    with pytest.raises(UserError, match="this was no no-op on 2 hosts"):
        judge(operations, 2)


def test_simulated_hosts_have_the_group_and_the_data_of_the_recorded_one(tmp_path: Path) -> None:
    recording = tmp_path / "recording.json"
    recording.write_text(RECORDING.dump())
    text = inventory(recording, 3, 0.5, tmp_path).read_text()
    # What it does to pyinfra's connector is no matter of this test.
    known: dict[str, object] = {"simulate": lambda *given: None}
    exec("\n".join(line for line in text.splitlines() if "import simulate" not in line), known)  # noqa: S102 - as pyinfra does
    data = dict(load(RECORDING.dump()).data)
    assert known["staging"] == [(f"simulated-000{number}", data) for number in range(3)]


@pytest.mark.parametrize("wrong", ["0", "ten", "10,-1"])
def test_a_number_of_hosts_is_a_number(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--hosts", wrong])
    assert ended.value.code == 2
    assert "--hosts" in capsys.readouterr().err
