"""What people reach is told by systemd, curl and ss; nothing but the unit's own start is well."""

from __future__ import annotations

import json

import pytest

from homeport.engine.kind import DesiredState
from homeport.files.entries import File
from tests.production.serving import faults, question, reached
from tests.support.real_shell import SHELLS, is_shell

PROXY = {"url": "https://shop.example:443/.homeport/served", "timeout": 5}
WEB = {"unit": "shop-web@", "socket": "/run/shop-web-{slot}/web.sock", "proxy": PROXY}
API = {"unit": "shop-api.service", "port": 8000}
SPEC = {"slots": {"web": WEB}, "singles": {"api": API, "worker": {"unit": "shop-worker.service"}}}
FILE = File("/etc/homeport/shop/processes.json", json.dumps(SPEC).encode())
SHOP = DesiredState("shop", (FILE,))
OWNER = "owner\tapi\tpython\t/system.slice/shop-api.service"


def test_serving__what_is_behind_the_proxy_or_on_a_port_is_reached() -> None:
    assert reached(SHOP) == {"web": WEB, "api": API}
    assert reached(DesiredState("shop", ())) == {}


@pytest.mark.parametrize("shell", SHELLS)
def test_serving__the_questions_are_shell(shell: tuple[str, ...]) -> None:
    is_shell(question(SHOP), shell)
    assert question(DesiredState("shop", ())) == ":"


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("served\tweb\t200 0.004\t502 -", []),
        ("served\tweb\t404 0.004\t502 -", []),
        ("served\tweb\t502 -\t502 -", ["the proxy does not reach its start (502)"]),
        ("served\tweb\t000 \t000 ", ["the proxy does not reach its start (000)"]),
        ("served\tweb\t400 0.1\t502 -", ["it answers 400 by the proxy"]),
        ("served\tweb\t503 0.1\t502 -", ["it answers 503 by the proxy"]),
        ("served\tweb\t200 0.1\t200 0.1", ["the proxy reaches it whatever start is asked for"]),
        ("", ["the proxy does not reach its start (000)"]),
    ],
)
def test_serving__a_start_that_the_proxy_does_not_reach_has_its_fault(
    answer: str, found: list[str]
) -> None:
    assert faults("web", WEB, answer) == found


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (OWNER, []),
        ("", ["port 8000 is not its own: nothing listens there"]),
        (
            OWNER.replace("shop-api", "squatter"),
            ["port 8000 is not its own: python of squatter.service listens there"],
        ),
        # Within its own control group a user makes others, of any name.
        (
            OWNER.replace("system.slice", "user.slice/user-7.slice/user@7.service/app.slice"),
            ["port 8000 is not its own: python of user@7.service listens there"],
        ),
        (
            OWNER.replace("shop-api", "other.service/shop-api"),
            ["port 8000 is not its own: python of other.service listens there"],
        ),
        (f"{OWNER}/worker", []),
    ],
)
def test_serving__a_port_that_is_somebody_elses_has_its_fault(
    answer: str, found: list[str]
) -> None:
    assert faults("api", API, answer) == found
