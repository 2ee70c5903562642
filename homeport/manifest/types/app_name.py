"""The name of the application, which is also that of its account."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from homeport.hostctl.protocol import RESERVED
from homeport.manifest.types.issues import quoted, refuse
from homeport.manifest.types.text import Name

# Accounts of Debian and of what runs beside the application: its own must not be one of them.
ACCOUNTS = """
    root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc nobody
    messagebus polkitd sshd ssh nginx avahi chrony ntp systemd dbus postgres redis homeport pi
    homeportctl adm tty disk sudo audio video plugdev users input render staff shadow utmp nogroup
"""


def free_account(value: str) -> str:
    """Return the name. Raises ``ValueError`` if it is that of a system account, or ours."""
    if value in ACCOUNTS.split() or value.startswith("systemd-"):
        fix = "choose another name: the application gets an account of its own"
        raise refuse(f"{quoted(value)} is the name of an account or a service of the system", fix)
    if value in RESERVED:
        fix = "choose another name: state of the application is in a folder of its name"
        raise refuse(f"{quoted(value)} is what homeport calls a file of its own on a host", fix)
    return value


AppName = Annotated[Name, AfterValidator(free_account)]
