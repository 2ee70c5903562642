from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.faults.machine.outcome import outcome, predicted
from tests.faults.power_cuts import STORIES, Stage, apart

BEGUN = "begin: replace /var/lib/homeport/lease 1"
CONFIRMED = "confirm: fsync /var/lib/homeport/shop/active.homeport-new 1"
"""The first call of a deploy that is made when its confirmation is on the disk."""


def test_outcome__the_model_predicts_one_release_before_and_another_after_the_confirmation(
    folder: Path,
) -> None:
    with apart(folder):
        stage = Stage(STORIES[0], folder / "host")
        before = predicted(
            stage, stage.calls["begin: replace /var/lib/homeport/lease 1"], folder / "model"
        )
        after = predicted(stage, stage.calls[CONFIRMED], folder / "model")
    assert {each.serving for each in before} == {("v1", "calm")}
    assert {each.serving for each in after} == {("v2", "keen")}
    assert {each.history[-1] for each in after} == {("deploy", "confirmed")}


def test_outcome__what_a_host_ended_in_is_predicted_and_nothing_else_is(folder: Path) -> None:
    with apart(folder):
        stage = Stage(STORIES[0], folder / "host")
        stage.shop.settle()
        ended = outcome(stage.shop)
        may = predicted(stage, len(stage.recording.steps), folder / "model")
    assert ended in may
    for other in (
        replace(ended, open=True),
        replace(ended, history=ended.history[:-1]),
        replace(ended, current="v1"),
        replace(ended, serving=("v2", "calm")),
        replace(ended, serving=("", "")),
    ):
        assert other not in may
