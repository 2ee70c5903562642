"""A rollback goes back to what was good, by the same gates, and says why if it won't."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from homeport.hostctl.slots.pointer import Pointer
from homeport.hostctl.snapshots import generations, snapshot
from homeport.hostctl.snapshots.images import Image
from homeport.hostctl.system.exit_codes import PreconditionFailed, Usage
from homeport.hostctl.verbs.rollback import CONFIRM, RollbackRequest, choose
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


def test_rollback__a_slot_that_still_runs_serves_before_anything_is_written(shop: Shop) -> None:
    assert shop.deploy(NEW) == 0
    before = shop.systemd.runs["shop-web@a.service"].invocation
    shop.systemd.ran.clear()
    link, seen = shop.root / "run/homeport-sockets/shop/web.sock", []
    shop.systemd.step = lambda command: seen.append((command, link.readlink().parent.name))
    assert shop.back() == 0
    switched = next(number for number, (_, slot) in enumerate(seen) if slot.endswith("-a"))
    assert not any("daemon-reload" in command for command, _ in seen[:switched])
    assert shop.systemd.runs["shop-web@a.service"].invocation == before
    shop.settle()
    shop.whole(OLD)


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


@pytest.mark.parametrize("name", ["v3", "/srv/shop/releases/v3", "generation", "its beginning"])
def test_rollback_leads_to_what_is_named(newer: Shop, name: str) -> None:
    assert newer.deploy(THIRD) == 0
    newer.settle()
    assert newer.back("v2") == 0
    newer.settle()
    found = gid(newer, "v3")
    named = {"generation": found, "its beginning": found[:6]}.get(name, name)
    assert newer.back(named) == 0
    newer.settle()
    newer.whole(THIRD)


def test_rollback_that_fails_its_gate_is_reverted(newer: Shop) -> None:
    newer.systemd.manners["v1"] = "deaf"
    assert newer.back() == 1
    newer.settle()
    newer.whole(NEW)
    assert list(generations.marks(newer.place)) == [gid(newer, "v1")]


def test_rollback__a_bad_one_is_refused_with_its_reason_and_tried_if_forced(
    newer: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    newer.systemd.manners["v3"] = "crashes"
    assert newer.deploy(THIRD) == 1
    newer.settle()
    assert newer.run("rollback", APP, "v3") == 3
    output = capsys.readouterr().err
    assert "marked bad: shop-web@a.service did not stay up" in output
    assert newer.journal() is None
    del newer.systemd.manners["v3"]
    assert newer.back("v3", "--force") == 0
    newer.settle()
    newer.whole(THIRD)
    assert generations.marks(newer.place) == {}


def test_rollback__what_failed_is_passed_over(newer: Shop) -> None:
    newer.systemd.manners["v3"] = "crashes"
    assert newer.deploy(THIRD) == 1
    newer.settle()
    assert choose(newer.place, None).release == "/srv/shop/releases/v1"


def test_rollback__what_cannot_run_with_the_present_data_is_refused(shop: Shop) -> None:
    assert shop.deploy(Version("v2", data=2)) == 0
    shop.settle()
    with pytest.raises(
        PreconditionFailed, match="version 1 of the data, and shop has had version 2"
    ):
        choose(shop.place, None)
    assert shop.back("v1", "--force") == 0
    shop.settle()
    shop.whole(OLD)
    found = Pointer.read(shop.place)
    assert found is not None
    assert found.data == 2  # the data is still what it was


@pytest.mark.parametrize("name", ["v9", "gen", "..", "v1/../v2", ""])
def test_rollback__what_is_not_kept_is_refused(newer: Shop, name: str) -> None:
    with pytest.raises(PreconditionFailed):
        choose(newer.place, name or "none")


def test_rollback__what_runs_already_is_refused(newer: Shop) -> None:
    with pytest.raises(PreconditionFailed, match="runs already"):
        choose(newer.place, "v2")


def test_rollback__a_release_that_is_gone_or_has_no_venv_is_refused(newer: Shop) -> None:
    (venv,) = [path for path in newer.place.venvs.iterdir() if path.name == "venv-v1"]
    shutil.rmtree(venv)
    with pytest.raises(PreconditionFailed, match="isn't whole"):
        choose(newer.place, "v1", force=True)


def test_rollback__a_host_without_a_past_is_refused(empty: Shop) -> None:
    with pytest.raises(PreconditionFailed, match="no way back"):
        choose(empty.place, None)


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


def test_rollback__files_that_joined_since_leave(shop: Shop) -> None:
    assert shop.deploy(Version("v2", once="shop-once")) == 0
    shop.settle()
    assert shop.back() == 0
    shop.settle()
    shop.whole(OLD)
    assert not shop.place.at("/etc/systemd/system/shop-once.service").exists()


def test_rollback__processes_that_come_and_go_between_slots_and_none_go_back_as_well(
    shop: Shop,
) -> None:
    alone = Version("v2", slots=False)
    assert shop.deploy(alone) == 0
    shop.settle()
    shop.whole(alone)
    assert shop.back() == 0
    shop.settle()
    shop.whole(OLD)


@pytest.mark.parametrize("words", [[], ["a", "b", "c"], [APP, "--deploy-id"], [APP, "--what"]])
def test_rollback_that_is_not_understood_is_usage(words: list[str]) -> None:
    with pytest.raises(Usage):
        RollbackRequest.of(words)


def test_rollback__nginx_reads_its_files_again_if_a_rollback_changed_one(newer: Shop) -> None:
    site = newer.place.at("/etc/nginx/conf.d/homeport-shop.conf")
    site.parent.mkdir(parents=True)
    for text in ("first", "second"):
        site.write_text(text)
        ledger: Path = newer.place.own / "proxy"
        ledger.write_text("version 1\n/etc/nginx/conf.d/homeport-shop.conf\n")
        assert newer.deploy(Version("v2", text)) == 0
        newer.settle()
    (newer.root / "etc/systemd/system/nginx.service").touch()
    newer.systemd.run(["systemctl", "start", "--", "nginx.service"])
    assert newer.back() == 0
    assert site.read_text() == "first"
    assert ["systemctl", "reload", "--", "nginx.service"] in newer.systemd.ran


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


def test_rollback__a_slot_that_still_runs_with_a_secret_that_has_changed_serves_no_more(
    empty: Shop,
) -> None:
    for version in (OLD, NEW):
        assert empty.deploy(replace(version, secret=f"secret-of-{version.code}")) == 0
    before = empty.systemd.runs["shop-web@a.service"].invocation
    assert empty.back() == 0
    assert empty.systemd.runs["shop-web@a.service"].invocation != before
    empty.settle()
    empty.whole(replace(OLD, secret="secret-of-v2"))


def test_rollback__going_back_twice_with_todays_secrets_goes_back_further(empty: Shop) -> None:
    shop = secretive(empty)
    assert shop.deploy(replace(THIRD, secret="secret-of-v3")) == 0
    shop.settle()
    for code in (NEW, OLD):
        assert shop.back() == 0
        shop.settle()
        shop.whole(replace(code, secret="secret-of-v3"))


def test_rollback__what_is_not_as_it_was_kept_after_it_was_put_back_is_undone(
    newer: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_back = snapshot.put_back

    def forgetful(images: Sequence[Image], *rest: Any) -> list[str]:
        return put_back([each for each in images if "environment" not in each.path], *rest)

    with monkeypatch.context() as patch:
        patch.setattr("homeport.hostctl.verbs.rollback.snapshot.put_back", forgetful)
        assert newer.back() != 0
    assert "/etc/homeport/shop/environment" in capsys.readouterr().err
    newer.settle()
    assert newer.serving()["release"] == "v2"  # type: ignore[index]
    assert newer.outcome()["outcome"] != "confirmed"
