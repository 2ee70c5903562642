"""What manifest.reading.source_map promises."""

from __future__ import annotations

from pathlib import Path

from homeport.manifest import load


def test_source_map__every_key_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / "app.yml"
    path.write_text(
        "# one\nname: x\nprocesses:\n  web:\n    disable_hardening:\n    - A\n    - B\n"
    )
    assert dict(load(path).lines) == {
        (): 1,
        ("name",): 2,
        ("processes",): 3,
        ("processes", "web"): 4,
        ("processes", "web", "disable_hardening"): 5,
        ("processes", "web", "disable_hardening", 0): 6,
        ("processes", "web", "disable_hardening", 1): 7,
    }
