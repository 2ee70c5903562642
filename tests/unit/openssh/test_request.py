"""A command for a host: ssh gets its words in marks, and what ssh says itself comes back."""

from __future__ import annotations

from pathlib import Path

from homeport.openssh.limits import Limits
from homeport.openssh.marks import Marks
from homeport.openssh.request import Request

CLIENT = """\
#!/bin/sh
echo "$@" | head -n 1 >%s
echo "of ssh" >&2
while [ "$1" != -- ]; do shift; done
exec sh -c "$3"
"""


def test_request__what_the_host_prints_goes_to_the_marks_and_the_rest_comes_back(
    tmp_path: Path,
) -> None:
    client, seen = tmp_path / "client", tmp_path / "seen"
    client.write_text(CLIENT % seen)
    client.chmod(0o755)
    lines: list[tuple[str, str]] = []
    marks = Marks(line=lambda name, text: lines.append((name, text)))
    request = Request("sh -c 'cat; echo e >&2; exit 4'", [b"in"], marks, Limits(9, 9, 99999), True)
    output, ended = request.send([str(client), "-q"], "shed")
    assert (output, ended.code, marks.code) == ("of ssh", 4, 4)
    assert sorted(lines) == [("stderr", "e"), ("stdout", "in")]
    assert seen.read_text().startswith("-q -tt -- shed exec sh -c")
