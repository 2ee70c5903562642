"""Sites of nginx: put in place and gone with what answered."""

from __future__ import annotations

from pathlib import Path

from tests.support.fake_nginx import World, described, world
from tests.support.real_delivery import as_root

__all__ = ["world"]


pytestmark = as_root


def test_proxy__a_site_that_leaves_is_answered_no_more(world: World, log: Path) -> None:
    (world.folder / "theirs.conf").write_text("theirs")
    world.deploy(described(world.site(), world.site("more", says="cccc")))
    plan = world.plan(described(world.site()))
    assert [(c.action, Path(c.target.name).name) for c in plan] == [
        ("remove", "homeport-more.conf"),
        ("change", "proxy"),
        ("change", "nginx.service"),
    ]
    assert world.deploy(described(world.site())).returncode == 0
    assert set(world.runs()) == {"homeport-shop.conf", "theirs.conf"}

    plan = world.plan(described())
    assert [change.action for change in plan] == ["remove", "change", "change"]
    log.write_text("")
    assert world.deploy(described()).returncode == 0
    assert set(world.there()) == {"theirs.conf"}
    assert "systemctl reload nginx.service" in log.read_text()
    assert world.plan(described()) == []


def test_proxy__a_staging_directory_left_behind_goes_without_a_word_to_nginx(
    world: World, log: Path
) -> None:
    world.deploy(described(world.site()))
    (world.folder / ".homeport-stage").mkdir()
    log.write_text("")
    assert world.deploy(described(world.site())).returncode == 0
    assert not (world.folder / ".homeport-stage").exists()
    assert "reload" not in log.read_text()
