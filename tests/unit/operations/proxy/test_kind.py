"""Sites of nginx: what differs, and what nginx must do for that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from homeport.engine.kind import PreconditionError, Target
from homeport.operations.proxy import kind
from tests.support.fake_nginx import World, described, world
from tests.support.real_delivery import as_root

__all__ = ["world"]


pytestmark = as_root


def test_site__what_another_application_answers_to_is_refused_by_the_look(world: World) -> None:
    world.deploy(described(world.site()))
    theirs = replace(world.site(), path=f"{world.folder}/homeport-other.conf")
    with pytest.raises(
        PreconditionError, match=r"homeport-shop.conf, of another application, answers to sh"
    ):
        world.plan(described(theirs, app="other"))
    assert world.plan(described(world.site("other"), app="other")) != []


def test_site__nothing_is_said_of_a_service_whose_package_is_yet_to_come(world: World) -> None:
    (world.root / "up").unlink()
    found = world.probe(described(world.site()))
    found = replace(found, nginx={"ActiveState": "inactive", "UnitFileState": ""})
    *_, change = kind.diff(described(world.site()), found, frozenset({Target("packages", "nginx")}))
    assert change.reason == "reads its configuration anew"


def test_site__nothing_is_concluded_from_an_answer_that_nobody_could_ask_for(world: World) -> None:
    world.deploy(described(world.site()))
    found = replace(world.probe(described(world.site())), answers={})
    assert len(kind.diff(described(world.site()), found)) == 1
    assert kind.diff(described(world.site()), found, frozenset({Target("packages", "curl")})) == []


def test_site__an_application_named_like_a_package_is_not_taken_for_it(world: World) -> None:
    world.deploy(described(world.site()))
    found = replace(world.probe(described(world.site())), answers={})
    accounts = frozenset({Target("users", "curl"), Target("users", "nginx")})
    (change,) = kind.diff(described(world.site()), found, accounts)
    assert change.reason == "reads its configuration anew: another one answers"
    down = replace(found, nginx={"ActiveState": "inactive", "UnitFileState": ""})
    (change,) = kind.diff(described(world.site()), down, accounts)
    assert change.reason == "started: it is inactive"
