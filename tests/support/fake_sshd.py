"""What tests of several modules share: fake sshd."""

from __future__ import annotations

from homeport.engine.kind import DesiredState
from homeport.files.managed_set import ManagedSetState
from homeport.operations.bootstrap.sshd_logins import SshdLockdown

CLOSED = DesiredState("_host", (SshdLockdown(("root", "pi"), 60),))
NEW = ManagedSetState({}, (), (), "key")
OPEN = ("passwordauthentication yes for pi",)


SSHD = """\
printf 'port 22\\npermitrootlogin no\\npasswordauthentication %s\\n' "${PASSWORDS-no}"
printf 'kbdinteractiveauthentication no\\n'
"""
