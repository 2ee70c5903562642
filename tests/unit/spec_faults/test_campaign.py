"""The report of a run of the specs, read."""

from __future__ import annotations

from tests.spec_faults.campaign import read

REPORT = """<testsuites><testsuite>
<testcase name="test_is_as_described[one-Package-curl]"><failure/></testcase>
<testcase name="test_is_as_described[one-two-File-/etc/a]"><failure/></testcase>
<testcase name="test_heart_beats[one]"><error/></testcase>
<testcase name="test_heart_beats[one-two]"/>
</testsuite></testsuites>"""


def test_campaign__failed_specs_are_those_of_their_hosts() -> None:
    assert read(REPORT, ["one", "one-two"]) == {
        "one": {("Package", "curl"), ("test_heart_beats", "")},
        "one-two": {("File", "/etc/a")},
    }
