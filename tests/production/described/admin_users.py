"""The user that deploys: it can log in by key alone, and become root without a password."""

from __future__ import annotations

from shlex import quote

from homeport.engine.kind import DesiredState
from homeport.operations.bootstrap.admin_users import AdminUser


def question(description: DesiredState) -> str:
    """Return the shell that prints passwd entries, who has no password, and what sudo grants."""
    names = [quote(operator.name) for operator in description.of(AdminUser)]
    return f"""\
while IFS=: read -r name _ uid _ _ home shell; do
  case "$name" in {"|".join(names) or "''"}) echo "user $name $uid $home $shell" ;; esac
done </etc/passwd
while IFS=: read -r name password _; do
  case "$password" in '!'*|'*'*) echo "passwordless $name" ;; esac
done </etc/shadow
for name in {" ".join(names)}; do
  runuser -u "$name" -- sudo -k -n true 2>/dev/null && echo "root $name" || :
done
"""


def faults(operator: AdminUser, answer: str) -> list[str]:
    """Return what is wrong with the user."""
    lines = [line.split(" ") for line in answer.splitlines()]
    users = {name: rest for what, name, *rest in lines if what == "user"}
    if operator.name not in users:
        return ["there is no such user"]
    uid, home, shell = users[operator.name]
    found = []
    if uid == "0" or shell.endswith(("nologin", "false")):
        found.append(f"its id is {uid} and its shell {shell}: it isn't one to log in to")
    if home != operator.home:
        found.append(f"its home is {home}, not {operator.home}")
    if ["passwordless", operator.name] not in lines:
        found.append("it has a password")
    if ["root", operator.name] not in lines:
        found.append("sudo asks it for a password, or grants it nothing")
    return found
