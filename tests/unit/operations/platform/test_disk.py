"""A disk that can't take a deploy is found by the look, before anything is sent."""

from __future__ import annotations

import pytest

from homeport.engine.kind import DesiredState, PreconditionError, ProbeOutput
from homeport.operations.platform import disk, kind, probe
from tests.support.fake_programs import Programs
from tests.support.host_facts import GOOD, PI
from tests.support.real_shell import run


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("rw 900000 60000 59000", None),
        ("rw 900000 0 0", None),  # btrfs has as many files as there is room for
        ("rw 900000 - -", None),
        ("rw", None),  # df said nothing: that is no reason to refuse anything
        ("rw 16383 60000 59000", r"/srv has 15 MiB left, and 16 is the least; `df -h"),
        ("rw 0 60000 59000", "/srv has 0 MiB left"),
        ("rw 900000 60000 99", "/srv has room for 99 files, and 100 is the least; `df -h"),
        ("ro 900000 60000 59000", "/srv can't be written to; see why with `dmesg"),
    ],
)
def test_disk__what_keeps_a_deploy_from_being_written_is_told(
    words: str, message: str | None
) -> None:
    mode, *free = words.split()
    found = {**GOOD, "disk:/srv": [mode], "/srv": free}
    if message is None:
        assert kind.diff(PI, found) == []
        return
    with pytest.raises(PreconditionError, match=message):
        kind.diff(PI, found)


def test_disk__who_is_not_root_there_is_told_that_and_not_that_disks_are_read_only() -> None:
    found = {**GOOD, "user": ["1000"], "disk:/srv": ["ro"]}
    with pytest.raises(PreconditionError) as caught:
        kind.diff(PI, found)
    assert "can't be written" not in str(caught.value)


def test_disk__places_that_are_not_there_are_judged_by_where_they_will_be(
    programs: Programs,
) -> None:
    path = programs(df='shift 2; echo head; for place in "$@"; do echo "$place 1 2 3"; done')
    done = run(f"set -eu\n{disk.probe('no-such-app')}", path=path)
    assert (done.returncode, done.stderr) == (0, b"")
    lines = done.stdout.decode().splitlines()
    assert lines[0].split()[0] == "disk:/srv"
    judged = [line.removeprefix("disk:").split()[0] for line in lines if line.startswith("disk:/")]
    assert len(judged) == 5
    assert lines[5:] == ["head", *(f"{place} 1 2 3" for place in judged)]


def test_disk__a_host_whose_df_knows_nothing_of_this_still_answers(programs: Programs) -> None:
    path = programs(df="echo 'unrecognized option' >&2; exit 1")
    described = DesiredState("shop", ())
    done = run(f"set -eu\n{probe.probe(described, '')}", path=path)
    assert done.returncode == 0
    found = probe.parse(ProbeOutput(done.stdout.decode(), ""))
    assert kind.diff(described, {**found, "user": ["0"]}) == []
