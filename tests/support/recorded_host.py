"""What tests of several modules share: recorded host."""

from __future__ import annotations

from benchmarks.scale.recording import Recording
from homeport.engine.secret_digest import fingerprint, sha256

TOKEN = sha256(b"hunter2")
RECORDING = Recording(
    answers={
        "platform": "architecture amd64\nmachine abc def",
        "users": "",
        "files": f"sum\t{sha256(b'x')}  /etc/x\nsecret\t{fingerprint('then', TOKEN)}  /etc/secret",
    },
    key="then",
    secrets=(TOKEN,),
    group="staging",
    data={"debian": "12", "_sudo": True},
)
