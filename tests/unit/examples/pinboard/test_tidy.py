"""The daily job: what is old goes, what isn't stays, and it says so."""

import time

import pytest

DAY = 86400


@pytest.fixture
def board(pinboard, db, tmp_path, monkeypatch):
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    monkeypatch.delenv("PINBOARD_KEEP_DAYS", raising=False)
    for age in (0, 29, 31):
        pinboard.store.add(db, f"{age} days old", time.time() - age * DAY)
    return db


@pytest.mark.parametrize(
    ("setting", "days", "remaining"), [(None, 30, 2), ("7", 7, 1), ("40", 40, 3)]
)
def test_tidy__old_notes_go(pinboard, board, monkeypatch, capsys, setting, days, remaining):
    if setting is not None:
        monkeypatch.setenv("PINBOARD_KEEP_DAYS", setting)
    pinboard.tidy.main()
    assert len(pinboard.store.latest(board, 10)) == remaining
    record = board.execute("SELECT keep_days, removed FROM tidied").fetchall()
    assert [tuple(row) for row in record] == [(days, 3 - remaining)]
    output = capsys.readouterr().out
    assert output.count("\n") == 1
    assert f"removed {3 - remaining}" in output


@pytest.mark.parametrize("setting", ["0", "-1", "1.5", "many", "", "²"])
def test_tidy__a_setting_that_could_empty_the_board_is_refused(
    pinboard, board, monkeypatch, setting
):
    monkeypatch.setenv("PINBOARD_KEEP_DAYS", setting)
    with pytest.raises(SystemExit, match="PINBOARD_KEEP_DAYS"):
        pinboard.tidy.main()
    assert len(pinboard.store.latest(board, 10)) == 3


def test_tidy__a_database_that_is_gone_fails_the_job(pinboard, monkeypatch, tmp_path):
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "absent"))
    with pytest.raises(SystemExit, match="doesn't answer"):
        pinboard.tidy.main()
