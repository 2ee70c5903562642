"""The notes and what is known about them: one SQLite file, shared by every process."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FILE = "pinboard.sqlite3"
SCHEMA_VERSION = 1
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS notes"
    " (id INTEGER PRIMARY KEY, body TEXT NOT NULL, created REAL NOT NULL, words INTEGER)",
    "CREATE INDEX IF NOT EXISTS notes_created ON notes (created)",
    "CREATE TABLE IF NOT EXISTS heartbeat (host TEXT PRIMARY KEY, time REAL NOT NULL)",
    "CREATE TABLE IF NOT EXISTS tidied"
    " (id INTEGER PRIMARY KEY, time REAL NOT NULL, keep_days INTEGER NOT NULL,"
    " removed INTEGER NOT NULL)",
)

# What can go wrong between a process and its database, the file system included.
Unavailable = (sqlite3.Error, OSError)


def location() -> Path:
    """Where the database is: in the unit's state directory, or in ./var outside a unit."""
    # systemd joins several state directories with colons; the first is the application's own.
    directory = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    if directory:
        return Path(directory) / FILE
    # Only the fallback is made here: a state directory that is missing is a fault worth hearing of.
    Path("var").mkdir(exist_ok=True)
    return Path("var") / FILE


def connect(path: Path, *, wait: float = 5.0, durable: bool = True) -> sqlite3.Connection:
    """Open the database, made ready by whichever process comes first.

    `wait` is how many seconds to queue for another writer. A write that isn't `durable` may be
    lost when the power fails, and costs no flush of the disk.
    """
    db = sqlite3.connect(path, timeout=wait, isolation_level=None)
    try:
        db.row_factory = sqlite3.Row
        _prepare(db, time.monotonic() + wait)
        db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    except BaseException:
        db.close()
        raise
    return db


def _prepare(db: sqlite3.Connection, deadline: float) -> None:
    while True:
        try:
            # A later release may have left a higher version. Going back to this one has to
            # work, so changes to the schema only ever add.
            if db.execute("PRAGMA user_version").fetchone()[0] >= SCHEMA_VERSION:
                return
            db.execute("PRAGMA journal_mode = WAL")
            with writing(db):
                for statement in SCHEMA:
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            return
        except sqlite3.OperationalError as error:
            # The switch to WAL doesn't queue behind another process that is making it too: it
            # fails at once, whatever the busy timeout.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


@contextmanager
def writing(db: sqlite3.Connection) -> Iterator[None]:
    """One transaction that takes the write lock first, so that it can't fail half-way for it."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def add(db: sqlite3.Connection, body: str, now: float) -> dict[str, Any]:
    """Pin a note."""
    with writing(db):
        cursor = db.execute("INSERT INTO notes (body, created) VALUES (?, ?)", (body, now))
    return {"id": cursor.lastrowid, "body": body, "created": now, "words": None}


def latest(db: sqlite3.Connection, limit: int) -> list[dict[str, Any]]:
    """The last notes, newest first; `words` is None until the worker has counted them."""
    rows = db.execute(
        "SELECT id, body, created, words FROM notes ORDER BY id DESC LIMIT ?", (limit,)
    )
    return [dict(row) for row in rows]


def beat(db: sqlite3.Connection, host: str, now: float) -> int:
    """Count the words of notes that are new, and leave a sign of life; return how many notes."""
    with writing(db):
        # A bounded helping: a beat that takes long is one that systemd takes for a hang.
        new = db.execute("SELECT id, body FROM notes WHERE words IS NULL LIMIT 500").fetchall()
        db.executemany(
            "UPDATE notes SET words = ? WHERE id = ?",
            [(len(row["body"].split()), row["id"]) for row in new],
        )
        db.execute("INSERT OR REPLACE INTO heartbeat (host, time) VALUES (?, ?)", (host, now))
    return len(new)


def last_beat(db: sqlite3.Connection) -> tuple[str, float] | None:
    """The host and the time of the newest sign of life, if there ever was one."""
    row = db.execute("SELECT host, time FROM heartbeat ORDER BY time DESC LIMIT 1").fetchone()
    return (row["host"], row["time"]) if row else None


def tidy(db: sqlite3.Connection, keep_days: int, now: float) -> int:
    """Remove notes older than `keep_days`, record that it was done; return how many went."""
    with writing(db):
        removed = db.execute(
            "DELETE FROM notes WHERE created < ?", (now - keep_days * 86400,)
        ).rowcount
        db.execute(
            "INSERT INTO tidied (time, keep_days, removed) VALUES (?, ?, ?)",
            (now, keep_days, removed),
        )
    return removed


def check(db: sqlite3.Connection) -> None:
    """Raise unless the database takes a write and gives it back; leave nothing behind."""
    db.execute("BEGIN IMMEDIATE")
    try:
        written = db.execute(
            "INSERT INTO notes (body, created) VALUES ('ready?', 0) RETURNING id"
        ).fetchone()["id"]
        if not db.execute("SELECT 1 FROM notes WHERE id = ?", (written,)).fetchone():
            raise sqlite3.DatabaseError("a row just written was not there to read")
    finally:
        db.execute("ROLLBACK")
