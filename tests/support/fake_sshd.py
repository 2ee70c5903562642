"""What tests of several modules share: fake sshd."""

from __future__ import annotations

from homeport.engine.kind import DesiredState
from homeport.files.managed_set import ManagedSetState
from homeport.operations.bootstrap.sshd_settings import SshdLockdown

LOCKDOWN = SshdLockdown(("root", "pi"), 60, ("pi",))
CLOSED = DesiredState("_host", (LOCKDOWN,))
NEW = ManagedSetState({}, (), (), "key")
IMAGE = "passwordauthentication yes"
OPEN = {"pi": (IMAGE,)}
"""The settings of a host as its image has it, as far as they are told."""
SETTINGS = "\n".join(x for x in LOCKDOWN.effective if x != "passwordauthentication no")

SSHD = f"""\
cat <<'SETTINGS'
port 22
{SETTINGS}
SETTINGS
echo "passwordauthentication ${{PASSWORDS-no}}"
"""
