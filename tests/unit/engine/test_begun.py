"""What begins a deploy says so, before it asks the host."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from homeport.engine import hostctl_client, transaction
from homeport.engine.begun import BEGUN
from homeport.ssh import connection


def test_begun__a_deploy_is_known_before_its_host_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    known: list[bool] = []
    host = cast("Any", SimpleNamespace(name="pi"))
    deploy = transaction.DeployTransaction("shop", "one-of-ours", {})
    monkeypatch.setattr(connection, "hold", lambda host: None)
    monkeypatch.setattr(hostctl_client, "ask", lambda *arguments: known.append(deploy.id in BEGUN))
    assert deploy.id not in BEGUN
    deploy.begin(host, cast("Any", {}))
    assert known == [True]
    BEGUN.discard(deploy.id)
