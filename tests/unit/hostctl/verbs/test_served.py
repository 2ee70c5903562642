"""Whether people are served is told at any time, and a deploy that is open judges itself."""

from __future__ import annotations

import pytest

from homeport.hostctl.system.exit_codes import DONE, FAILED
from tests.support.capture import Capture
from tests.support.shop_host import Shop
from tests.support.shop_versions import APP, Version

SERVED = Version("v2", proxy=True)
NEXT = Version("v3", proxy=True)
PROXY = {
    "dead": "nothing answers on port 80: nginx.service is inactive",
    "another": "nginx.service runs configuration feed",
    "no access": "is not there",
}


@pytest.fixture
def served(shop: Shop) -> Shop:
    """A host with a proxy before what it serves."""
    assert shop.deploy(SERVED) == 0
    shop.settle()
    return shop


def test_served__what_people_reach_is_no_news(served: Shop, capsys: Capture) -> None:
    capsys.readouterr()
    assert served.run("served", APP) == DONE
    assert served.run("served", APP, "web") == DONE
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("fault", PROXY)
def test_served__what_people_do_not_reach_is_named(
    served: Shop, capsys: Capture, fault: str
) -> None:
    served.systemd.proxy = fault
    capsys.readouterr()
    assert served.run("served", APP) == FAILED
    assert PROXY[fault] in capsys.readouterr().out
    assert served.run("served", APP, "worker") == DONE
    served.begin()
    assert served.run("served", APP) == DONE


@pytest.mark.parametrize("fault", PROXY)
def test_served__a_deploy_that_people_would_not_reach_switches_nothing_and_blames_no_release(
    served: Shop, capsys: Capture, fault: str
) -> None:
    link = served.place.proxied / "web/active"
    before = link.readlink()
    served.systemd.proxy = fault
    seen = []
    served.systemd.step = lambda command: seen.append(link.readlink())
    assert served.deploy(NEXT) == FAILED
    assert set(seen) == {before}
    assert PROXY[fault] in served.outcome()["reason"]
    assert "shop-web@" in served.outcome()["unserved"]
    assert "reverted, but people are not served" in capsys.readouterr().err
    assert not served.place.bad.exists() or fault == "no access"
    served.systemd.proxy = "runs"
    served.systemd.step = lambda command: None
    served.settle()
    served.whole(SERVED)


@pytest.mark.parametrize("when", ["soak", "confirm"])
def test_served__a_proxy_that_dies_in_the_middle_of_a_deploy_keeps_it_from_being_confirmed(
    served: Shop, when: str
) -> None:
    served.ship(NEXT)
    name = served.begin()
    served.write(name, NEXT)
    link = served.place.proxied / "web/active"
    before = link.readlink()

    def dying(command: str) -> None:
        if command.startswith("systemctl show") and link.readlink() != before:
            served.systemd.proxy = "dead"

    if when == "soak":
        served.systemd.step = dying
    code = served.activate(name, NEXT)
    assert (code == 0) is (when == "confirm")
    served.systemd.proxy = "dead"
    if when == "confirm":
        assert served.run("confirm", APP, name) != 0
    assert served.outcome()["outcome"] == "reverted"
    assert "is not served: nothing answers on port 80" in served.outcome()["reason"]


def test_served__a_release_that_refuses_the_host_name_is_told_with_the_fix(served: Shop) -> None:
    served.systemd.manners["v3"] = "400"
    assert served.deploy(NEXT) == FAILED
    assert "ALLOWED_HOSTS" in served.outcome()["reason"]
    assert served.outcome()["unserved"] is None
    served.settle()
    served.whole(SERVED)


def test_served__a_revert_that_leaves_nothing_serving_says_so_in_its_exit_code(
    served: Shop, capsys: Capture
) -> None:
    served.ship(NEXT)
    name = served.begin()
    served.write(name, NEXT)
    served.systemd.proxy = "dead"
    assert served.run("revert", APP, name, "-", says="proxy failed:  why\n") == 6
    assert "reverted, but people are not served: " in capsys.readouterr().err
    found = served.outcome()
    assert (found["outcome"], found["reason"]) == ("reverted", "proxy failed: why")
    assert "nginx.service is inactive" in found["unserved"]
    assert served.run("history", APP) == 0
    assert "proxy failed: why; then not served: " in capsys.readouterr().out


def test_served__a_process_that_was_just_started_has_its_time_to_get_ready(served: Shop) -> None:
    served.systemd.manners["v2"] = "500"
    for verb in ("stop", "start"):
        served.systemd.run(["systemctl", verb, "--", "shop-web@b.service"])
    assert served.run("served", APP) == DONE
    served.clock.passed += 6
    assert served.run("served", APP) == FAILED
