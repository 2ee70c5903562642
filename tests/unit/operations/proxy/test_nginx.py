"""What operations.proxy.nginx promises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from homeport.engine.kind import SnapshotContext
from homeport.files import managed_set
from homeport.operations.proxy import apply, certificates, kind
from tests.support.fake_nginx import World, by_authority, described, got, world
from tests.support.real_delivery import as_root
from tests.support.real_shell import SHELLS

__all__ = ["world"]


pytestmark = as_root


@pytest.mark.parametrize("shell", SHELLS)
def test_proxy__a_site_is_tried_written_read_and_proven(
    world: World, shell: Sequence[str], log: Path
) -> None:
    site = world.site()
    plan = world.plan(described(site))
    assert [(change.action, Path(change.target.name).name) for change in plan] == [
        ("add", "homeport-shop.conf"),
        ("add", "proxy"),
        ("change", "nginx.service"),
    ]
    assert plan[-1].reason == "reads its configuration anew"
    log.write_text("")
    done = world.deploy(described(site), shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert world.runs() == world.there() == {"homeport-shop.conf": site.text}
    assert world.plan(described(site)) == []
    calls = [line for line in log.read_text().splitlines() if line.startswith(("nginx", "syst"))]
    assert calls.index("nginx -t") < calls.index("systemctl reload nginx.service")
    assert list((world.root / "room").iterdir()) == []


def test_proxy__what_nginx_does_not_understand_changes_no_file_and_is_told_in_its_words(
    world: World, log: Path
) -> None:
    world.deploy(described(world.site()))
    log.write_text("")
    done = world.deploy(described(world.site(says="bbbb", more="broken\n")))
    assert done.returncode != 0
    assert 'unknown directive "broken"' in done.stderr
    assert world.there() == world.runs() == {"homeport-shop.conf": world.site().text}
    assert "systemctl reload" not in log.read_text()
    assert not (world.folder / ".homeport-stage").exists()


@pytest.mark.parametrize("before", [True, False])
def test_proxy__what_nginx_can_not_run_is_taken_back_and_told_in_its_words(
    world: World, before: bool, tmp_path: Path
) -> None:
    if before:
        world.deploy(described(world.site()))
    done = world.deploy(described(world.site(says="bbbb", more="# busy\n")))
    assert done.returncode != 0
    assert "98: Address already in use" in done.stderr
    assert "nginx has its old configuration again" in done.stderr
    old = {"homeport-shop.conf": world.site().text} if before else {}
    assert world.there() == world.runs() == old
    assert (tmp_path / "var/shop/proxy").exists() is before
    assert list((world.root / "room").iterdir()) == []


def test_proxy__a_site_that_can_not_leave_stays_in_the_ledger(world: World, tmp_path: Path) -> None:
    world.deploy(described(world.site()))
    (world.folder / "theirs.conf").write_text("# busy")
    done = world.deploy(described())
    assert done.returncode != 0
    assert set(world.there()) == {"homeport-shop.conf", "theirs.conf"}
    assert (tmp_path / "var/shop/proxy").read_text() == f"version 1\n{world.site().path}\n"


def test_proxy__nginx_that_is_stopped_is_started_and_not_if_nothing_is_described(
    world: World, log: Path
) -> None:
    world.deploy(described(world.site()))
    (world.root / "up").unlink()
    (change,) = world.plan(described(world.site()))
    assert (change.target.name, change.reason) == ("nginx.service", "started: it is failed")
    log.write_text("")
    assert world.deploy(described(world.site())).returncode == 0
    assert "systemctl start nginx.service" in log.read_text()
    assert world.plan(described(world.site())) == []

    (world.root / "up").unlink()
    assert world.deploy(described()).returncode == 0
    assert not (world.root / "up").exists()


def test_proxy__nginx_that_is_not_started_at_boot_is_enabled(world: World) -> None:
    world.deploy(described(world.site()))
    found = world.probe(described(world.site()))
    found = replace(found, nginx={**found.nginx, "UnitFileState": "disabled"})
    (change,) = kind.diff(described(world.site()), found)
    assert change.reason == "enabled, so that it starts at boot"
    (command,) = apply.apply(described(world.site()), found, [change])
    assert "systemctl enable --quiet nginx.service" in command.get_raw_value()


def test_proxy__what_is_changed_is_kept_first_where_a_deploy_has_begun(world: World) -> None:
    begun = SnapshotContext(deploy="20260101-abcd")
    description = replace(by_authority(world), snapshot_context=begun)
    commands = apply.apply(description, world.probe(description), world.plan(description))
    first, gets, last = (command.get_raw_value() for command in commands)
    ledger, renewal = (
        managed_set.ledger_path("shop", "proxy"),
        certificates.renewal("homeport-shop"),
    )
    for text, paths in (
        (first, [f"{world.folder}/homeport-plain.conf", ledger]),
        (gets, [renewal, f"{renewal}.set-aside"]),
        (last, [f"{world.folder}/homeport-shop.conf"]),
    ):
        (line,) = (line for line in text.splitlines() if "snapshot shop 20260101-abcd " in line)
        assert set(paths) <= set(line.split())

    got(world)
    leaving = replace(described(world.site()), snapshot_context=begun)
    *_, last = apply.apply(leaving, world.probe(leaving), world.plan(leaving))
    assert f"snapshot shop 20260101-abcd {renewal} {renewal}.set-aside" in last.get_raw_value()


def test_site__a_name_that_another_site_has_is_refused_and_not_ignored(world: World) -> None:
    (world.root / "warns").write_text(
        'nginx: [warn] conflicting server name "shop.example" on 0.0.0.0:80, ignored\n'
    )
    done = world.deploy(described(world.site()))
    assert done.returncode != 0
    assert 'conflicting server name "shop.example"' in done.stderr
    assert "another site of this nginx has the name" in done.stderr
    assert world.there() == {}


def test_site__names_that_others_dispute_are_not_ours(world: World) -> None:
    (world.root / "warns").write_text(
        'nginx: [warn] conflicting server name "other.example" on 0.0.0.0:80, ignored\n'
    )
    assert world.deploy(described(world.site())).returncode == 0
