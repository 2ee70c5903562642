"""Nothing is written that isn't kept first, and only by the deploy that is open."""

from __future__ import annotations

import os

import pytest

from homeport.hostctl.snapshots import snapshot
from homeport.hostctl.system.exit_codes import DONE, FAILED, REFUSED, USAGE
from homeport.hostctl.transaction import lease
from tests.support.rehearsed_host import APP, Rehearsed

SECRETS = "/etc/homeport/shop/secrets"


@pytest.fixture
def begun(rehearsed: Rehearsed) -> Rehearsed:
    rehearsed.write(SECRETS, "TOKEN=hunter2", 0o600)
    rehearsed.begin()
    return rehearsed


def test_snapshot__paths_are_kept_and_their_writer_is_noted(begun: Rehearsed) -> None:
    assert begun.run("snapshot", APP, "d1", SECRETS, "/etc/homeport/shop/new") == DONE
    entries = snapshot.entries(begun.place.snapshot)
    assert [(entry.path, entry.kind) for entry in entries] == [
        (SECRETS, "file"),
        ("/etc/homeport/shop/new", "absent"),
    ]
    journal = begun.journal()
    assert journal is not None
    assert (journal.state, journal.lines[-1]["paths"]) == ("writing", 2)
    assert journal.lines[-1]["writer"]["pid"] == os.getppid()


@pytest.mark.parametrize("state", ["activating", "soaked", "confirmed", "reverting", "reverted"])
def test_snapshot__what_is_past_writing_keeps_nothing(begun: Rehearsed, state: str) -> None:
    journal = begun.journal()
    assert journal is not None
    journal.note(state)
    assert begun.run("snapshot", APP, "d1", SECRETS) == REFUSED
    assert snapshot.entries(begun.place.snapshot) == []


def test_snapshot__a_deploy_that_is_not_open_keeps_nothing(
    begun: Rehearsed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert begun.run("snapshot", APP, "d0", SECRETS) == REFUSED
    journal = begun.journal()
    assert journal is not None
    journal.close()
    assert begun.run("snapshot", APP, "d1", SECRETS) == REFUSED
    assert "deploy d1 of shop isn't open: nothing may be written" in capsys.readouterr().err
    assert not begun.place.snapshot.exists()


def test_snapshot__a_path_that_cannot_be_kept_fails_in_one_line(
    begun: Rehearsed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert begun.run("snapshot", APP, "d1", SECRETS, "etc/shop") == FAILED
    assert capsys.readouterr().err == "homeportctl: 'etc/shop' is not an absolute path\n"
    assert snapshot.entries(begun.place.snapshot) == []


def test_snapshot__to_keep_is_to_be_heard_of(begun: Rehearsed) -> None:
    begun.clock.passed += 500
    begun.run("snapshot", APP, "d1", SECRETS)
    held = lease.read(begun.place)
    assert held is not None
    assert held.moment == {"boot": "boot-1", "mono": 600.0}


def test_snapshot__no_secret_leaves_the_images(
    begun: Rehearsed, capsys: pytest.CaptureFixture[str]
) -> None:
    begun.run("snapshot", APP, "d1", SECRETS)
    begun.run("status")
    files = [path for path in begun.place.state.rglob("*") if path.is_file()]
    holding = [path for path in files if b"hunter2" in path.read_bytes()]
    assert holding == [begun.place.snapshot / "1"]
    assert "hunter2" not in "".join(capsys.readouterr())


def test_snapshot__images_go_when_the_deploy_ends(begun: Rehearsed) -> None:
    begun.run("snapshot", APP, "d1", SECRETS)
    journal = begun.journal()
    assert journal is not None
    journal.close()
    assert not begun.place.snapshot.exists()
    assert begun.place.last_journal.exists()


def test_snapshot__images_of_an_older_deploy_are_not_taken_for_ours(begun: Rehearsed) -> None:
    begun.run("snapshot", APP, "d1", SECRETS)
    # The power went between the end of a deploy and the removal of its images.
    begun.place.journal.unlink()
    begun.place.lease.unlink()
    assert begun.begin("d2") == DONE
    assert snapshot.entries(begun.place.snapshot) == []


def test_snapshot__a_name_that_leads_elsewhere_is_no_application(begun: Rehearsed) -> None:
    for name in ("../shop", "", "Shop", "a/b", "_host", "lease"):
        assert begun.run("snapshot", name, "d1", SECRETS) == USAGE
