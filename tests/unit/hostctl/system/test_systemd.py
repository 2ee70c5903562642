"""What hostctl.system.systemd promises."""

from __future__ import annotations

import pytest

from homeport.hostctl.system.subprocesses import CompletedCommand
from homeport.hostctl.system.systemd import Systemd, UnitFailed
from tests.support.shop_host import Shop


def test_systemd__what_systemd_does_not_say_is_not_guessed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for said in ("", "ActiveState=active\n", "ActiveState=active\n\nActiveState=active\n"):
        monkeypatch.setattr(
            shop.systemd, "run", lambda argv, said=said: CompletedCommand(0, said, "")
        )
        with pytest.raises(UnitFailed, match="systemd"):
            Systemd(shop.systemd).show(["shop-worker.service"])
