"""What tests of several modules share: service samples."""

from __future__ import annotations

from dataclasses import replace

from homeport.engine.kind import DesiredState
from tests.support.sample_app import CURRENT, TIMER, WEB

KEY = "0123456789abcdef"
DESCRIPTION = DesiredState("shop", (CURRENT, WEB, TIMER))
API = replace(WEB, unit="shop-api@.service", slotted=True, memory="100M")
IN_SLOTS = DesiredState("shop", (CURRENT, API, TIMER))
