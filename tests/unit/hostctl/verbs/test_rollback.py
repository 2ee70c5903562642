"""A rollback goes back to what was good, by the same gates, and says why if it won't."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest

from homeport.hostctl.snapshots import generations
from homeport.hostctl.system.process_handle import _living
from homeport.hostctl.verbs import begin, deadman
from homeport.hostctl.verbs.rollback_request import CONFIRM
from homeport.hostctl.verbs.transitions import DETACHED
from tests.support.fake_systemd import Became
from tests.support.rolled_back_shop import gid, newer
from tests.support.shop_host import Shop
from tests.support.shop_versions import APP, NEW, OLD, Version

__all__ = ["newer"]


THIRD = Version("v3", "brisk")


def test_rollback_leads_to_what_was_good_before(newer: Shop) -> None:
    assert newer.back() == 0
    newer.settle()
    newer.whole(OLD)
    assert [newer.outcome()[name] for name in ("what", "outcome")] == ["rollback", "confirmed"]


def test_rollback__going_back_twice_goes_back_further(newer: Shop) -> None:
    assert newer.deploy(THIRD) == 0
    newer.settle()
    assert newer.back() == 0
    newer.settle()
    newer.whole(NEW)
    assert newer.back() == 0
    newer.settle()
    newer.whole(OLD)
    assert newer.run("rollback", APP) == 3  # there is nothing before it


def test_rollback_that_fails_its_gate_is_reverted(newer: Shop) -> None:
    newer.systemd.manners["v1"] = "deaf"
    assert newer.back() == 1
    newer.settle()
    newer.whole(NEW)
    assert list(generations.marks(newer.place)) == [gid(newer, "v1")]


@pytest.mark.parametrize("words", [[], ["--unheld"]])
def test_rollback__a_login_that_ends_with_the_command_holds_no_rollback(
    newer: Shop, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    with subprocess.Popen(["sleep", "60"]) as login:
        monkeypatch.setattr(begin, "session", lambda: _living(login.pid))
        assert newer.back("--deploy-id", "c1", *words) == 0
        login.kill()
    journal = newer.journal()
    assert journal is not None
    assert (journal.first["holder"] is None) is bool(words)
    assert deadman.why_gone(newer.host(), newer.place, "c1") == (
        None if words else "its connection was gone"
    )


def test_rollback__a_controller_confirms_its_own_rollback(newer: Shop) -> None:
    assert newer.back("--deploy-id", "c1") == 0
    journal = newer.journal()
    assert journal is not None
    assert (journal.id, journal.state) == ("c1", "soaked")
    assert newer.run("confirm", APP, "c1") == 0
    newer.settle()
    newer.whole(OLD)


def test_rollback_needs_a_deploy_that_is_open(newer: Shop) -> None:
    assert newer.run("rollback", APP, "--deploy-id", "nobody's", DETACHED, CONFIRM) == 3


def test_rollback_begins_by_itself_and_goes_on_alone(newer: Shop) -> None:
    with pytest.raises(Became) as became:
        newer.run("rollback", APP)
    journal = newer.journal()
    assert journal is not None
    assert list(became.value.words) == [
        *(
            "rollback",
            APP,
            gid(newer, "v1"),
            "--force",
            "--deploy-id",
            journal.id,
            CONFIRM,
            DETACHED,
        )
    ]
    assert newer.run(*became.value.words) == 0


@pytest.mark.parametrize("words", [[], ["--user", "me@desk"]])
def test_rollback__it_is_written_down_who_went_back(newer: Shop, words: list[str]) -> None:
    assert newer.back(*words) == 0
    newer.settle()
    assert newer.outcome()["what"] == "rollback"
    assert (newer.outcome()["who"] == "me@desk") == bool(words)


def secretive(shop: Shop) -> Shop:
    """Deploy two versions, each with a secret of its own."""
    for version in (OLD, NEW):
        assert shop.deploy(replace(version, secret=f"secret-of-{version.code}")) == 0
        shop.settle()
    return shop


@pytest.mark.parametrize(("words", "secret"), [([], "v2"), (["--old-secrets"], "v1")])
def test_rollback__the_secrets_are_todays_unless_the_old_ones_are_wanted(
    empty: Shop, words: list[str], secret: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = secretive(empty)
    capsys.readouterr()
    assert shop.run("rollback", APP, "--dry", *words) == 0
    plan = capsys.readouterr().out.splitlines()
    taken = "today's" if secret == "v2" else "the old one"
    assert plan == [
        f"generation {gid(shop, 'v1')}, release v1",
        f"secret TOKEN differs: {taken} is taken",
    ]
    shop.whole(replace(NEW, secret="secret-of-v2"))  # nothing was done
    assert shop.back(*words) == 0
    output = capsys.readouterr()
    shop.settle()
    shop.whole(replace(OLD, secret=f"secret-of-{secret}"))
    slot = next(shop.place.slots.iterdir())
    assert f"secret-of-{secret}" in (slot / "etc/secrets").read_text()
    assert "secret-of" not in output.out + output.err
    assert output.out.startswith("\n".join(plan))


def test_rollback__going_back_twice_with_todays_secrets_goes_back_further(empty: Shop) -> None:
    shop = secretive(empty)
    assert shop.deploy(replace(THIRD, secret="secret-of-v3")) == 0
    shop.settle()
    for code in (NEW, OLD):
        assert shop.back() == 0
        shop.settle()
        shop.whole(replace(code, secret="secret-of-v3"))
