"""What lab.paths promises."""

from pathlib import Path

import pytest

from lab.paths import lab_id, place
from tests.support.lab_state import a_place


def test_paths__two_checkouts_and_two_labs_of_one_have_different_ids() -> None:
    ids = {lab_id(Path("/a")), lab_id(Path("/b")), lab_id(Path("/a"), "test")}
    assert len(ids) == 3
    assert all(len(one) == 6 and int(one, 16) >= 0 for one in ids)


def test_paths__homeport_lab_names_another_lab(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("HOMEPORT_LAB", raising=False)
    first = place(Path("/a"))
    monkeypatch.setenv("HOMEPORT_LAB", "test")
    second = place(Path("/a"))
    assert first.directory == tmp_path / "homeport/lab" / first.id
    assert first.bridge != second.bridge


def test_paths__names_fit_the_kernel(tmp_path: Path) -> None:
    where = a_place(tmp_path)
    assert len(where.bridge) <= 15
    assert len(f"{where.sockets}/{'x' * 40}.{'x' * 16}") < 104
