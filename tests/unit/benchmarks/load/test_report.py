"""The part of the page that tells of releases says what was measured, and what fell short."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from benchmarks.load.campaign import Bytes, Measured, line
from benchmarks.load.figures import figures
from benchmarks.load.report import section
from benchmarks.load.samples import GET, POST, Sample


def measured(situation: str, rtt: float, *wrong: str, answered: float = 0.5) -> Measured:
    samples = [Sample(GET, True, n / 10, 0.002, 0.04, str(n // 20), "") for n in range(40)]
    samples += [Sample(POST, False, 4.0, 0.0, 0.04, "", why) for why in wrong]
    return Measured(
        situation,
        "amd64",
        200.0,
        rtt,
        1,
        walls=[3.0, 5.0],
        answered=[answered] if situation.startswith("rollbacks") else [],
        stages={"started": 1.25, "ready": 0.5},
        memory={"nginx": 9 << 20},
        figures=figures(samples),
    )


def found(*each: Measured, left: int = 100, wall: float = 8.0, busy: float = 0.1) -> dict[str, Any]:
    return {
        "busy": busy,
        "processors": 2,
        "plain": [asdict(measured("plain server", 0))],
        "measured": [asdict(one) for one in each],
        "bytes": [asdict(Bytes("ticker", "amd64", 1000, {"release": left}))],
        "walls": {"arm64": [wall]},
    }


def row(text: str, beginning: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(f"| {beginning}"))


GOOD = (
    measured("deploys", 0),
    measured("rollbacks, old slot runs", 0.04),
    measured("crashes", 0.04),
    measured("crashes, retry_non_idempotent: true", 0.04),
)
AIMS = (
    "failed requests, deploys",
    "failed requests, releases that die |",
    "failed requests, releases that die, with",
    "first answer after",
    "bytes that a deploy",
    "the sample's code",
)


def test_report__what_is_reached_is_said_to_be() -> None:
    text = "\n".join(section(found(*GOOD)))
    assert all(row(text, aim).endswith("| yes |") for aim in AIMS)
    assert "What failed" not in text
    assert row(text, "failed requests, deploys").count("0 of 40") == 2
    assert "1.25" in row(text.partition("Seconds of a release")[2], "deploys")


@pytest.mark.parametrize(
    ("spoilt", "aim"),
    [
        (found(measured("deploys", 0, "status 502"), *GOOD), AIMS[0]),
        (found(*GOOD, measured("crashes", 0, "status 502")), AIMS[1]),
        (found(*GOOD, measured("crashes, retry_non_idempotent: true", 0, "status 502")), AIMS[2]),
        (found(*GOOD, measured("rollbacks, old slot runs", 0, answered=1.5)), AIMS[3]),
        (found(*GOOD, left=300), AIMS[4]),
        (found(*GOOD, wall=11.0), AIMS[5]),
    ],
)
def test_report__what_falls_short_is_said_to(spoilt: dict[str, Any], aim: str) -> None:
    text = "\n".join(section(spoilt))
    assert row(text, aim).endswith("| no |")
    assert sum(row(text, each).endswith("| no |") for each in AIMS) == 1


def test_report__each_failure_is_told_with_its_reason() -> None:
    text = "\n".join(section(found(measured("deploys", 0, "status 502", "status 502"))))
    assert "`post: status 502` | 2 |" in text


def test_report__what_was_not_measured_is_not_said_to_be_reached() -> None:
    text = "\n".join(section(found(measured("deploys", 0)) | {"walls": {}}))
    assert row(text, AIMS[5]).endswith("| not measured |  |")
    assert row(text, AIMS[1]).endswith("| not measured |  |")


def test_report__the_terminal_is_told_the_same() -> None:
    text = line(measured("deploys", 0.04, "status 502"))
    assert "1 of 41 failed" in text
    assert "40 ms" in text


def test_report__a_machine_that_had_other_work_is_said_to() -> None:
    assert "8 processes wanted its 2 processors" in "\n".join(section(found(*GOOD, busy=7.6)))
    assert "other work" not in "\n".join(section(found(*GOOD)))
