"""What benchmarks.load.samples promises."""

from __future__ import annotations

from pathlib import Path

from benchmarks.load.samples import GET, Sample, read


def test_samples_are_read_as_they_were_written(tmp_path: Path) -> None:
    sample = Sample(GET, True, 1.25, 0.001, 0.5, "7", "status 502")
    with (tmp_path / "samples").open("w") as file:
        sample.write(file)
        file.write('["get", tr')
    assert list(read(tmp_path / "samples")) == [sample]
