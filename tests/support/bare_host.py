"""What tests of several modules share: bare host."""

from __future__ import annotations

from homeport.engine.kind import DesiredState

UNDESCRIBED = DesiredState("_host", ())


def entry(uid: str = "1000", home: str = "/home/deploy", ends: str = "/bin/bash") -> list[str]:
    return ["deploy", "x", uid, uid, "", home, ends]
