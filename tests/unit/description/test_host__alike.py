"""Hosts that are alike are described once, and what makes a difference is never passed over."""

from __future__ import annotations

import operator
from functools import cache
from typing import Any

import pytest

from homeport import manifest
from homeport.description import host
from homeport.description.host import describe_host
from homeport.engine.kind import DesiredState
from homeport.errors import UserError
from tests.support.described_app import Project

PI: dict[str, Any] = {"architecture": "arm64", "debian": "12"}


@pytest.fixture
def run(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """One run of a deploy, in which what was described is known."""
    project.app()
    monkeypatch.setattr(host, "root", lambda: project.root)
    monkeypatch.setattr(host, "_loaded", manifest.load)
    monkeypatch.setattr(host, "_described", cache(host._described))
    return project


def described(**data: object) -> DesiredState:
    return describe_host({**PI, **data})


def test_hosts_that_are_reached_in_other_ways_are_described_once(run: Project) -> None:
    first = described(ssh_hostname="10.0.0.1", rack=1, _sudo=True)
    second = described(ssh_hostname="10.0.0.2", rack=2, _sudo=False)
    assert all(map(operator.is_, first.resources, second.resources))


@pytest.mark.parametrize(
    "other",
    [
        {"architecture": "amd64"},
        {"app": {"environment": {"MODE": "pi"}}},
        {"app": [{"name": "shop", "environment": {"MODE": "pi"}}]},
    ],
)
def test_host__what_the_data_say_of_the_application_makes_a_difference(
    run: Project, other: dict[str, Any]
) -> None:
    assert described(**other) != described()
    assert described(**other) == described(**other)


def test_host__data_that_a_template_may_ask_for_makes_a_difference(run: Project) -> None:
    (run.root / "rack.j2").write_text("rack {{ host.rack }}")
    run.replace("python:", "config_files: {rack: {template: rack.j2}}\npython:")
    run.app()
    assert described(rack=1) != described(rack=2)
    one, another = (described(rack=1, ssh_hostname=name).resources for name in "ab")
    assert all(map(operator.is_, one, another))


def test_host__an_error_is_made_anew_by_every_host(run: Project) -> None:
    for _ in range(2):
        with pytest.raises(UserError, match="bookworm is not supported"):
            described(debian="bookworm")


def test_host__yours_is_asked_for_every_host(run: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "custom_resources", lambda data: (data.get("rack"),))
    assert [described(rack=rack).resources[-1] for rack in (1, 2)] == [1, 2]


def test_host__data_without_an_end_is_an_error_as_before(run: Project) -> None:
    endless: dict[str, Any] = {}
    endless["environment"] = endless
    with pytest.raises(UserError, match="levels deep"):
        described(app=endless)
