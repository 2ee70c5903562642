"""What the service user can reach, where secrets lie about, and how far services are shut in."""

from __future__ import annotations

import re
from shlex import quote

from deploys.layout import Layout
from homeport.files import File
from homeport.resource import Description
from operations.accounts import Account
from operations.configs import Config
from operations.hooks import Hook
from operations.releases import Release
from operations.units import FOLDER, Unit

SHORTEST = 8
"""Characters of a secret that is looked for; a shorter one would be found by chance."""
PLACES = "/ /srv /etc /etc/homeport /etc/systemd /usr/local/bin /var/lib /var/cache/homeport"


def reach(description: Description) -> str:
    """Return the shell that tells, as the service user, what it can read of others and write."""
    place = Layout(description.app)
    user = quote(description.of(Account)[0].name)
    secret = [file.path for file in description.of(File) if file.secret]
    own = [place.environment[0], *(release.path for release in description.of(Release))]
    own += [config.path for config in description.of(Config)]
    return f"""\
set -- {" ".join(map(quote, [*secret, *own]))} /root /etc/shadow /etc/gshadow /etc/sudoers
set -- "$@" /etc/ssh/ssh_host_*_key /etc/homeport/*/secrets /var/lib/homeport/* /run/homeport/*
for other in /etc/homeport/*; do
  if [ "$other" = {place.config} ]; then continue; fi
  set -- "$@" "$other/environment" "$other/config" "/var/lib/${{other##*/}}"
done
setpriv --reuid={user} --regid={user} --init-groups --inh-caps=-all sh -c '
  for path; do if [ -r "$path" ]; then echo "reads $path"; fi; done
  for path in {PLACES} {place.state}; do if [ -w "$path" ]; then echo "writes $path"; fi; done
  find {place.home} {place.config} {FOLDER} ! -type l -writable -printf "writes %p\\n" || :
' sh "$@"
"""


def leaks(description: Description) -> str:
    """Return the shell that names every place where a secret's value is found; not the value.

    The values are read on the host and go to ``grep`` by its standard input.
    """
    files = [quote(file.path) for file in description.of(File) if file.secret]
    if not files:
        return "echo none"
    places = " ".join(_searched(description))
    units = " ".join(quote(unit.name) for unit in description.of(Unit))
    of_units = " ".join(f"-u {quote(unit.name)}" for unit in description.of(Unit))
    unescape = r"s/^[A-Za-z_][A-Za-z0-9_]*=//; s/^\"//; s/\"$//; s/\\\(.\)/\1/g"
    long = "." * SHORTEST
    return f"""\
values=$(sed -n {quote(f"/^[A-Za-z_]/{{{unescape}; /{long}/p}}")} {" ".join(files)})
if [ -z "$values" ]; then echo none; exit 0; fi
in_pipe() {{ if grep -qaF -f /dev/fd/3 3<<VALUES
$values
VALUES
then echo "found $1"; fi; }}
if [ -n {quote(units)} ]; then
  systemctl show -- {units} | in_pipe "what systemctl show says"
  journalctl --quiet --no-pager -b -o cat -n 2000 {of_units} | in_pipe "the journal"
fi
grep -rlaF --exclude-dir=venvs -f - {places} /proc/[0-9]*/cmdline 2>/dev/null \\
  <<VALUES | sed 's/^/found /'
$values
VALUES
"""


def _searched(description: Description) -> list[str]:
    if description.of(Unit):
        home = Layout(description.app).home
        return [home, FOLDER, "/etc/homeport", "/var/lib/homeport", "/run/homeport"]
    # On a laptop, what lies beside is the application's own, or its developer's.
    return [quote(entry.path) for entry in (*description.of(File), *description.of(Hook))]


def exposure(description: Description) -> str:
    """Return the shell that has systemd rate the services."""
    names = [unit.name for unit in description.of(Unit) if unit.name.endswith(".service")]
    return f"systemd-analyze security --no-pager {' '.join(map(quote, names))} | grep Overall"


def levels(answer: str) -> dict[str, float]:
    """Return how exposed each unit is, from 0 (not at all) to 10."""
    found = re.findall(r"exposure level for (\S+): ([0-9.]+)", answer)
    return {unit: float(level) for unit, level in found}
