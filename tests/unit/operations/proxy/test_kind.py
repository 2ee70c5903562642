"""Sites of nginx: what differs, and what nginx must do for that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from homeport.engine.kind import PreconditionError, Target
from homeport.operations.proxy import kind
from tests.support.fake_nginx import World, described, world
from tests.support.proc_tables import bind, process
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


def squat(world: World, port: int, unit: str = "pihole-FTL.service") -> None:
    """Have another program listen on a port."""
    bind(world.root, port, 4711)
    process(world.root, 42, f"/system.slice/{unit}", 4711, program="pihole\tFTL")


def test_site__a_port_that_another_program_has_is_refused_with_its_name(world: World) -> None:
    squat(world, 8000)
    site = world.site(url="http://shop.example:8000/.homeport/proxy")
    with pytest.raises(PreconditionError) as refused:
        world.plan(described(site))
    assert str(refused.value) == (
        "port 8000 is taken: piholeFTL (pid 42, pihole-FTL.service) listens there, and the proxy is"
        " to; stop it, or give the proxy another port (proxy.port)"
    )
    other = world.site(url="http://shop.example:8001/.homeport/proxy")
    assert world.plan(described(other)) != []


def test_site__a_port_that_nginx_has_for_another_site_is_no_strangers(world: World) -> None:
    squat(world, 80, "nginx.service")
    assert world.plan(described(world.site())) != []


def test_site__a_site_that_answers_is_not_searched_for_strangers(world: World) -> None:
    world.deploy(described(world.site()))
    squat(world, 80)
    assert world.plan(described(world.site())) == []


@pytest.mark.parametrize("installed", [True, False])
def test_site__port_80_is_wanted_by_debians_own_site_as_long_as_that_is_there(
    world: World, installed: bool
) -> None:
    squat(world, 80)
    (world.root / "up").unlink()
    site = world.site(url="http://shop.example:8000/.homeport/proxy")
    default = world.root / "default"
    if installed:
        assert world.plan(described(site)) != []
        default.touch()
    else:
        (world.root / "nginx").rename(world.root / "nginx-not-yet")
    with pytest.raises(PreconditionError, match="Debian's own site wants it; run `apt-get install"):
        world.plan(described(site))
