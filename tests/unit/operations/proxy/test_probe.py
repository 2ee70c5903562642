"""What nginx runs is observed, and where nothing is described it isn't asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.fake_nginx import World, described, world
from tests.support.fake_programs import Programs
from tests.support.real_delivery import as_root

__all__ = ["world"]


pytestmark = as_root


def test_proxy__a_host_whose_systemd_does_not_answer_fails_the_look(
    world: World, programs: Programs
) -> None:
    Path(world.path.partition(":")[0], "systemctl").write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(AssertionError):
        world.probe(described(world.site()))


def test_proxy__where_nothing_was_ever_described_nothing_is_asked(world: World, log: Path) -> None:
    assert world.plan(described()) == []
    assert log.read_text() == ""


def test_site__what_nginx_runs_is_observed_and_not_remembered(world: World) -> None:
    world.deploy(described(world.site()))
    (world.root / "runs/homeport-shop.conf").write_text("an older one")
    (change,) = world.plan(described(world.site()))
    assert change.reason == "reads its configuration anew: another one answers"
    assert world.deploy(described(world.site())).returncode == 0
    assert world.plan(described(world.site())) == []
