from pathlib import Path

from tools.slowest import slowest

REPORT = """\
<testsuites><testsuite>{cases}</testsuite></testsuites>
"""


def report(file: Path, **seconds: float) -> Path:
    cases = "".join(
        f'<testcase classname="tests.{file.stem}" name="{name}" time="{time}"/>'
        for name, time in seconds.items()
    )
    file.write_text(REPORT.format(cases=cases))
    return file


def test_the_slowest_of_all_runs_come_first_and_no_more_than_asked_for(tmp_path: Path) -> None:
    one = report(tmp_path / "one.xml", quick=0.25, slow=9.5)
    other = report(tmp_path / "other.xml", middle=3.0, slowest=120.0)
    assert slowest([one, other], 3) == [
        (120.0, "tests.other.slowest"),
        (9.5, "tests.one.slow"),
        (3.0, "tests.other.middle"),
    ]


def test_a_run_without_tests_has_no_slowest(tmp_path: Path) -> None:
    assert slowest([report(tmp_path / "none.xml")]) == []
