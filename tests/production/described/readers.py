"""Readers: each may run one program as root, which is its shell; its own files are root's."""

from __future__ import annotations

from shlex import quote

from homeport.engine.kind import DesiredState
from homeport.operations.bootstrap.readers import Reader

PROGRAM = "/usr/local/sbin/homeport-read"
GROUP = "homeport-readers"


def question(description: DesiredState) -> str:
    """Return the shell that prints accounts, what sudo grants, and what isn't root's."""
    names = [quote(reader.name) for reader in description.of(Reader)]
    if not names:
        return ":"
    return f"""\
for name in {" ".join(names)}; do
  shell=$(grep "^$name:" /etc/passwd | cut -d : -f 7)
  echo "account $name $shell $(groups "$name" | cut -d : -f 2)"
  grep "^$name:[*!]" /etc/shadow | sed "s/.*/passwordless $name/"
  sudo -n -l -U "$name" | sed -n "s/^  *(\\(.*\\)) \\(.*\\)$/grant $name \\1 \\2/p"
  find "/home/$name" /home/"$name"/.ssh {PROGRAM} '(' ! -user root -o -perm /022 ')' \
    -printf "open $name %p\\n"
done
"""


def faults(reader: Reader, answer: str) -> list[str]:
    """Return what a reader may do more than ask, or why it can't ask."""
    rows = [line.split() for line in answer.splitlines()]
    mine = [(row[0], *row[2:]) for row in rows if row[1:2] == [reader.name]]
    found = []
    if ("account", PROGRAM, GROUP) not in mine:
        found.append(f"its account is {' '.join(next(iter(mine), ('not there',))[1:])}")
    if ("passwordless",) not in mine:
        found.append("it has a password")
    grants = [row[1:] for row in mine if row[0] == "grant"]
    if grants != [("root", "NOPASSWD:", PROGRAM)]:
        found.append(f"sudo grants it {grants}")
    found += [f"{row[1]} is not root's alone" for row in mine if row[0] == "open"]
    return found
