"""Accounts: there, with a home and a group of their own, and no login opens one."""

from __future__ import annotations

from shlex import quote

from homeport.engine.kind import DesiredState
from homeport.operations.users.resources import ServiceUser

MIGHTY = {"root", "sudo", "wheel", "disk", "shadow", "kmem", "docker", "lxd", "incus-admin"}
"""Groups whose members are root, or soon."""
SHELLS = ("/usr/sbin/nologin", "/sbin/nologin", "/usr/bin/false", "/bin/false")


def question(description: DesiredState) -> str:
    """Return the shell that prints passwd and group entries, and who has no usable password."""
    names = [quote(account.name) for account in description.of(ServiceUser)]
    if not names:
        return ":"
    return f"""\
while IFS=: read -r name _ uid gid _ home shell; do
  case "$name" in {"|".join(names)}) echo "user $name $uid $gid $home $shell" ;; esac
done </etc/passwd
while IFS=: read -r name _ gid _; do
  case "$name" in {"|".join(names)}) echo "group $name $gid" ;; esac
done </etc/group
while IFS=: read -r name password _; do
  case "$password" in '!'*|'*'*) echo "locked $name" ;; esac
done </etc/shadow
for name in {" ".join(names)}; do
  echo "groups $name $(id -Gn "$name" 2>/dev/null)"
  if sudo -n -l -U "$name" 2>/dev/null | grep -q '^ *('; then echo "sudo $name"; fi
done
"""


def faults(account: ServiceUser, answer: str) -> list[str]:
    """Return what is wrong with an account."""
    lines = [line.split(" ") for line in answer.splitlines()]
    users = {name: rest for what, name, *rest in lines if what == "user"}
    if account.name not in users:
        return ["there is no such account"]
    uid, gid, home, shell = users[account.name]
    found = []
    if ["group", account.name, gid] not in lines:
        found.append(f"its group is not {account.name} but has the id {gid}")
    if int(uid) >= 1000 or uid == "0":
        found.append(f"its id is {uid}, which is not a system account's")
    if shell not in SHELLS:
        found.append(f"its shell is {shell}, so it can log in")
    if home != account.home:
        found.append(f"its home is {home}, not {account.home}")
    if ["locked", account.name] not in lines:
        found.append("it has a password")
    groups = {word for line in lines if line[:2] == ["groups", account.name] for word in line[2:]}
    found += [f"it is in the group {group}" for group in sorted(groups & MIGHTY)]
    if ["sudo", account.name] in lines:
        found.append("sudo lets it run programs as another user")
    return found
