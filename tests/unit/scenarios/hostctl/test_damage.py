"""Whatever becomes of the state that a host keeps, nothing damaged is taken for good.

Each file of it is spoilt in each way, while a host serves its second version; then it is asked to
go back, to undo a deploy, and to boot.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from homeport.hostctl.system.exit_codes import DONE, FAILED, INCOMPLETE, REFUSED
from homeport.hostctl.system.paths import AppPaths
from tests.support.damaged_state import WAYS, files, last, picture, spoil
from tests.support.fake_systemd import UNITS
from tests.support.rolled_back_shop import gid
from tests.support.shop_host import Shop
from tests.support.shop_versions import APP, NEW, OLD, Version

SEEDS = range(3)

Fresh = Callable[[], Shop]


@pytest.fixture
def fresh(shop: Shop, folder: Path) -> Iterator[Fresh]:
    """Return what gives a host that serves its second version, as often as it is wanted."""
    assert shop.deploy(NEW) == 0
    shop.settle()
    count = iter(range(10**6))
    made: list[Path] = []

    def copied() -> Shop:
        for root in made:
            shutil.rmtree(root)
        made[:] = [folder / f"copy-{next(count)}"]
        return shop.copied(made[0])

    yield copied


@pytest.mark.parametrize("way", WAYS)
def test_rollback_to_a_generation_that_is_damaged_is_refused_and_the_host_serves_on(
    fresh: Fresh, way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def target(shop: Shop) -> Path:
        return shop.place.generations / gid(shop, "v1")

    host = fresh()
    names = [path.relative_to(target(host)) for path in files(target(host))]
    assert {"meta", "index", "1"} <= {str(name) for name in names}
    for name in names:
        for seed in SEEDS:
            host = fresh()
            path = target(host) / name
            if not spoil(way, path, seed):
                continue
            before, output = picture(host), capsys.readouterr()
            for words in ([], [path.parent.name], [path.parent.name, "--force"]):
                assert host.run("rollback", APP, *words) == REFUSED, (way, name, seed, words)
                output = capsys.readouterr()
                assert path.parent.name in output.err, output
                assert "Traceback" not in output.err
            assert picture(host) == before
            assert host.journal() is None


@pytest.mark.parametrize("way", [*WAYS, "not at all"])
def test_rollback_with_damage_elsewhere_ends_at_one_whole_version(fresh: Fresh, way: str) -> None:
    def others(shop: Shop) -> list[Path]:
        whole = gid(shop, "v1")
        return [path for path in files(shop.place.own) if whole not in path.parts]

    host = fresh()
    names, target = [path.relative_to(host.place.own) for path in others(host)], gid(host, "v1")
    for name in names:
        host = fresh()
        if way != "not at all":
            spoil(way, host.place.own / name, 1)
        served = picture(host)["serving"]
        code = host.back(target)
        seen = host.serving()
        assert seen is not None, (way, name)
        if code == DONE:
            assert seen["release"] == "v1", (way, name)
            assert host.place.at("/etc/homeport/shop/environment").read_text() == OLD.setting
        else:
            assert code in (FAILED, REFUSED), (way, name)
            assert seen == served, (way, name)


@pytest.mark.parametrize("way", WAYS)
def test_deploy_that_is_undone_from_damaged_images_is_undone_or_says_what_is_not(
    fresh: Fresh, way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    third = Version("v3", "brisk")

    def open_deploy() -> Shop:
        host = fresh()
        host.ship(third)
        host.write(host.begin("d3"), third)
        return host

    host = open_deploy()
    spoilt = [path.relative_to(host.place.own) for path in files(host.place.snapshot)]
    spoilt.append(host.place.journal.relative_to(host.place.own))
    had = {path: text for group in NEW.files().values() for path, text in group.items()}
    for name in spoilt:
        for seed in SEEDS:
            host = open_deploy()
            if not spoil(way, host.place.own / name, seed):
                continue
            capsys.readouterr()
            host.clock.passed += 10_000
            host.systemd.run(["systemctl", "stop", "homeportctl-watchdog-shop.service"])
            code = host.run("boot")
            assert host.serving() == {
                "release": "v2", "environment": NEW.setting, "text": "web of v2",
            }, (way, name, seed)  # fmt: skip
            whole = all(host.place.at(p).read_text() == text for p, text in had.items())
            if code == DONE:
                assert whole, (way, name, seed)
            else:
                assert code in (INCOMPLETE, FAILED)
                output = capsys.readouterr().err
                assert str(host.place.own / name) in output or "isn't as it was" in output, output
                if code == INCOMPLETE:
                    assert last(host)["outcome"] == "incomplete" or whole, (way, name, seed)


@pytest.mark.parametrize("way", WAYS)
def test_host_boots_and_serves_whatever_is_damaged(
    fresh: Fresh, way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of what is confirmed, nothing can be damaged that another application depends on."""
    host = fresh()
    confirmed = gid(host, "v2")
    names = [path.relative_to(host.place.own) for path in files(host.place.own)]
    for name in names:
        host = fresh()
        path = host.place.own / name
        if not spoil(way, path, 2):
            continue
        host.clock.reboot()
        host.systemd.reboot()
        capsys.readouterr()
        code = host.run("boot")
        host.systemd.booted()
        assert host.serving() == {
            "release": "v2", "environment": NEW.setting, "text": "web of v2",
        }, (way, name)  # fmt: skip
        if confirmed in path.parts:
            assert code in (INCOMPLETE, FAILED), (way, name)
            assert confirmed in capsys.readouterr().err


@pytest.mark.parametrize("way", ["gone", "emptied", "flipped", "zeroed", "foreign", "newer"])
def test_what_is_confirmed_and_damaged_is_named_at_boot(
    fresh: Fresh, way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    host = fresh()
    managed = [*files(host.place.etc), *files(host.place.slots), *files(host.root / UNITS)]
    names = [path.relative_to(host.root) for path in managed if path.name != "generation"]
    assert names
    for name in names:
        host = fresh()
        if (host.root / name).is_symlink():
            continue
        if not spoil(way, host.root / name, 3):
            continue
        host.clock.reboot()
        host.systemd.reboot()
        capsys.readouterr()
        assert host.run("boot") == INCOMPLETE, (way, name)
        assert f"/{name} " in capsys.readouterr().err
        assert last(host)["outcome"] == "incomplete"
        assert f"/{name} " in str(last(host)["reason"])
        # It is written down once, however often it is found.
        count = len(host.place.history.read_bytes().splitlines())
        assert host.run("boot") == INCOMPLETE
        assert len(host.place.history.read_bytes().splitlines()) == count


def test_no_damage_of_one_application_keeps_another_down(fresh: Fresh) -> None:
    for way in WAYS:
        host = fresh()
        other = AppPaths("another", host.root)
        shutil.copytree(host.place.own, other.own)
        shutil.copyfile(other.last_journal, other.journal)
        for path in files(other.own):
            spoil(way, path, 4)
        host.clock.reboot()
        host.systemd.reboot()
        assert host.run("boot") in (FAILED, INCOMPLETE, *([DONE] if way == "gone" else []))
        host.systemd.booted()
        assert host.serving() is not None, way


def test_rollback_to_what_a_newer_homeport_described_is_refused(
    fresh: Fresh, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    host = fresh()
    goal, before = gid(host, "v1"), picture(host)
    # As if it had been confirmed by a program that knows that version.
    monkeypatch.setattr("homeport.hostctl.verbs.rollback_goal.VERSION", 0)
    assert host.run("rollback", APP) == REFUSED
    assert f"processes.json of generation {goal} is of version 1" in capsys.readouterr().err
    assert picture(host) == before


def older(shop: Shop) -> None:
    """Make all that the host keeps what a program wrote whose records had no digests."""
    for path in files(shop.place.state):
        if path.name in ("hmac-key", "mutex") or path.name.isdigit():
            continue
        lines = path.read_text().splitlines()
        if path == shop.place.active:
            lines = ["version 1", *lines[1:-1]]
        elif lines and lines[0].startswith("{"):
            records = [json.loads(line) for line in lines]
            names = ("digest", "line", "sha256", "index", "formerly", "complaints")
            lines = [
                json.dumps({key: each[key] for key in each if key not in names} | {"version": 1})
                for each in records
            ]
        path.write_text("".join(f"{line}\n" for line in lines))


def test_state_of_version_1_has_a_path(fresh: Fresh) -> None:
    host = fresh()
    older(host)
    host.reboot()
    host.settle()
    host.whole(NEW)
    assert host.back() == DONE
    host.settle()
    host.whole(OLD)
    # And one with a deploy that was cut off.
    host = fresh()
    third = Version("v3", "brisk")
    host.ship(third)
    host.write(host.begin("d3"), third)
    older(host)
    host.reboot()
    host.settle()
    host.whole(NEW)
    assert last(host)["outcome"] == "reverted"
    assert host.deploy(third) == DONE
    host.settle()
    host.whole(third)
