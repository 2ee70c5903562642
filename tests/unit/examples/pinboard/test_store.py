"""The store: made by whoever comes first, and honest about what doesn't work."""

import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing

import pytest


def test_store__first_state_directory_is_used(pinboard, monkeypatch):
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/one:/var/lib/two")
    assert str(pinboard.store.location()) == "/var/lib/one/pinboard.sqlite3"


@pytest.mark.parametrize("setting", [None, ""])
def test_store__outside_a_unit_the_state_is_in_var(pinboard, monkeypatch, tmp_path, setting):
    monkeypatch.chdir(tmp_path)
    if setting is None:
        monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    else:
        monkeypatch.setenv("STATE_DIRECTORY", setting)
    assert str(pinboard.store.location()) == "var/pinboard.sqlite3"
    assert (tmp_path / "var").is_dir()


def test_store__a_missing_state_directory_is_not_papered_over(pinboard, tmp_path):
    with pytest.raises(sqlite3.OperationalError):
        pinboard.store.connect(tmp_path / "absent" / "pinboard.sqlite3")
    assert not (tmp_path / "absent").exists()


def test_store__a_note_comes_back_newest_first(pinboard, db):
    pinboard.store.add(db, "one", 1.0)
    added = pinboard.store.add(db, "zwei drei", 2.0)
    assert added == {"id": 2, "body": "zwei drei", "created": 2.0, "words": None}
    assert [note["body"] for note in pinboard.store.latest(db, 10)] == ["zwei drei", "one"]
    assert [note["body"] for note in pinboard.store.latest(db, 1)] == ["zwei drei"]


def test_store__the_journal_is_a_wal(db):
    assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


@pytest.mark.parametrize(("durable", "level"), [(True, 2), (False, 1)])
def test_store__durability_is_the_callers_choice(pinboard, path, durable, level):
    with closing(pinboard.store.connect(path, durable=durable)) as db:
        assert db.execute("PRAGMA synchronous").fetchone()[0] == level


def test_store__processes_that_start_at_once_agree_on_one_schema(application, path):
    program = (
        "import sys, time; from pathlib import Path; from pinboard import store\n"
        "time.sleep(max(0, float(sys.argv[2]) - time.time()))\n"
        "db = store.connect(Path(sys.argv[1])); store.add(db, 'here', 1.0); db.close()"
    )
    start = str(time.time() + 0.5)
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(path), start],
            cwd=application,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]
    errors = [racer.communicate(timeout=30)[1] for racer in racers]
    assert [racer.returncode for racer in racers] == [0] * len(racers), errors
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM notes").fetchone()[0] == len(racers)


def test_store__an_opener_queues_behind_one_that_is_making_the_database(pinboard, path):
    # What the race above meets only now and then: SQLite refuses the switch to WAL at once.
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as first:
        first.execute("BEGIN IMMEDIATE")
        finish = threading.Timer(0.2, first.execute, ["COMMIT"])
        finish.start()
        try:
            pinboard.store.connect(path).close()
        finally:
            finish.join()


def test_store__a_database_from_a_later_release_still_opens(pinboard, db, path):
    db.execute("PRAGMA user_version = 7")
    with closing(pinboard.store.connect(path)) as other:
        pinboard.store.add(other, "gone back", 1.0)
        assert other.execute("PRAGMA user_version").fetchone()[0] == 7


def test_store__a_failed_write_leaves_nothing(pinboard, db):
    with pytest.raises(RuntimeError), pinboard.store.writing(db):
        db.execute("INSERT INTO notes (body, created) VALUES ('half', 1)")
        raise RuntimeError
    assert not db.in_transaction
    assert pinboard.store.latest(db, 10) == []


def test_store__a_beat_counts_words_once(pinboard, db):
    pinboard.store.add(db, "  three  small\nwords ", 1.0)
    assert pinboard.store.beat(db, "pi", 10.0) == 1
    assert pinboard.store.beat(db, "pi", 11.0) == 0
    assert pinboard.store.latest(db, 1)[0]["words"] == 3
    assert pinboard.store.last_beat(db) == ("pi", 11.0)


def test_store__the_last_beat_is_of_any_host(pinboard, db):
    assert pinboard.store.last_beat(db) is None
    pinboard.store.beat(db, "old", 1.0)
    pinboard.store.beat(db, "new", 2.0)
    assert pinboard.store.last_beat(db) == ("new", 2.0)


def test_store__check_leaves_nothing_behind(pinboard, db):
    pinboard.store.check(db)
    assert not db.in_transaction
    assert pinboard.store.latest(db, 10) == []


def test_store__check_notices_a_schema_that_is_gone(pinboard, db):
    db.execute("DROP TABLE notes")
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        pinboard.store.check(db)
    assert not db.in_transaction


def test_store__check_notices_a_writer_that_never_ends(pinboard, db, path):
    db.execute("BEGIN IMMEDIATE")
    with (
        closing(pinboard.store.connect(path, wait=0.05)) as other,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        pinboard.store.check(other)


@pytest.mark.parametrize("damage", ["a directory", "not a database"])
def test_store__what_is_not_a_database_is_unavailable(pinboard, path, damage):
    if damage == "a directory":
        path.mkdir()
    else:
        path.write_bytes(b"not a database " * 100)
    with pytest.raises(pinboard.store.Unavailable):
        pinboard.store.connect(path)
