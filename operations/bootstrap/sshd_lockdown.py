"""The shell that closes a host to passwords, and opens it again unless the bootstrap confirms.

A transient timer is armed before the first file is written, so a controller that dies, or can't
come back, leaves a host that opens by itself. A host that loses its power forgets the timer:
systemd-tmpfiles then removes what closes it, at boot, before sshd starts. What a host was closed by
before, and that was confirmed, is what comes back.

A revert may begin in the moment in which the bootstrap confirms. One of them takes the claim, by
rename(2), and the other one does nothing.
"""

from __future__ import annotations

from shlex import quote

from homeport.hostctl.protocol import RECORDS
from homeport.operations.bootstrap.ssh_accounts import ask
from homeport.operations.bootstrap.sshd_settings import SshdLockdown

# sshd takes the first value that it finds, and images bring files that let passwords in.
DROP_IN = "/etc/ssh/sshd_config.d/00-homeport.conf"
_BEFORE = f"{DROP_IN}.before"
"""The settings that were confirmed; sshd reads no file of that name."""
UNCONFIRMED = "/etc/tmpfiles.d/homeport-logins.conf"
_FOLDER = f"{RECORDS}/logins"
_TIMER = "homeport-logins"
_CLAIM = f"{_FOLDER}/claim"
_REVERTS, _CONFIRMS = f"{_CLAIM}.reverts", f"{_CLAIM}.confirms"
_SYNC = f"sync {DROP_IN.rpartition('/')[0]} {UNCONFIRMED.rpartition('/')[0]}"


def _claim(winner: str) -> str:
    """Return the shell that succeeds where this one has the claim, or takes it now."""
    return f"mv -T {_CLAIM} {winner} 2>/dev/null || [ -e {winner} ]"


def arm(seconds: int, first: bool) -> str:
    """Return the shell that has the host open again by itself, after so many seconds.

    What an unconfirmed closing has found before it is still what there is to go back to:
    ``first`` says that there was none.
    """
    keep = f"""\
rm -rf {_FOLDER} {_BEFORE}
mkdir -p {_FOLDER}
if [ -f {DROP_IN} ]; then cp -p {DROP_IN} {_BEFORE}; sync {_BEFORE}; fi
"""
    return f"""\
systemctl stop {_TIMER}.timer {_TIMER}.service 2>/dev/null || :
systemctl reset-failed {_TIMER}.service 2>/dev/null || :
{keep if first else f"mkdir -p {_FOLDER}{chr(10)}"}cat >{_FOLDER}/revert <<'REVERT'
{_claim(_REVERTS)} || exit 0
rm -f {DROP_IN}
if [ -f {_BEFORE} ]; then mv -T {_BEFORE} {DROP_IN}; fi
rm -f {UNCONFIRMED}
{_SYNC}
systemctl try-reload-or-restart ssh.service
REVERT
mkdir -p {UNCONFIRMED.rpartition("/")[0]}
if [ -f {_BEFORE} ]; then
  echo 'L+! {DROP_IN} - - - - {_BEFORE}' >{UNCONFIRMED}
else
  echo 'r! {DROP_IN}' >{UNCONFIRMED}
fi
sync {UNCONFIRMED}
{_SYNC}
rm -f {_REVERTS} {_CONFIRMS}
: >{_CLAIM}
systemd-run --quiet --unit={_TIMER} --on-active={seconds} --timer-property=AccuracySec=1s \
sh {_FOLDER}/revert"""


def close(lockdown: SshdLockdown) -> str:
    """Return the shell that has sshd judge and read its settings, or puts all back at once."""
    names = "|".join(("match", *lockdown.names))
    return f"""\
undo() {{
  echo "$1" >&2
  grep -niE '^[[:space:]]*({names})[[:space:]]' \
/etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf >&2 || :
  sh {_FOLDER}/revert
  systemctl stop {_TIMER}.timer
  exit 1
}}
sshd -t || undo 'sshd does not take its settings; they are as before'
wanted={quote(chr(10).join(lockdown.effective))}
for user in {" ".join(map(quote, lockdown.users))}; do
  found=$({ask('"$user"')} | grep -E '^({"|".join(lockdown.names)}) ' | LC_ALL=C sort)
  [ "$found" = "$wanted" ] ||
    undo "for $user sshd would have other settings than these; its settings are as before"
done
systemctl try-reload-or-restart ssh.service"""


CONFIRM = f"""\
{{ {_claim(_CONFIRMS)}; }} && [ -f {DROP_IN} ] || {{
  echo 'it was opened again meanwhile: bootstrap again' >&2
  exit 1
}}
systemctl stop {_TIMER}.timer
rm -rf {_FOLDER} {UNCONFIRMED} {_BEFORE}
{_SYNC}"""
"""Shell: forget how to open again. It fails if that has begun already."""

OPEN = f"sh {_FOLDER}/revert; systemctl stop {_TIMER}.timer; exit 1"
"""Shell: open again now. It fails, since that is what a closing that must be undone has done."""
