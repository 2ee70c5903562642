"""What the service user can reach, where secrets lie about, and how far services are shut in."""

from __future__ import annotations

import re
from shlex import quote

from homeport.description.paths import HostPaths
from homeport.engine.kind import DesiredState
from homeport.files.entries import File
from homeport.hostctl.protocol import SLOTS
from homeport.operations.config_files import ConfigFile
from homeport.operations.git_hooks import GitHook
from homeport.operations.releases import Release
from homeport.operations.units.resources import FOLDER, Unit
from homeport.operations.users.resources import ServiceUser

SHORTEST = 8
"""Characters of a secret that is looked for; a shorter one would be found by chance."""
PLACES = "/ /srv /etc /etc/homeport /etc/systemd /usr/local/bin /var/lib /var/cache/homeport"


LINKS = "/run/homeport-sockets /run/homeport-proxy"
"""Where the proxy and checks find sockets."""


def reach(description: DesiredState) -> str:
    """Return the shell that tells, as the service user, what it can read of others and write."""
    place = HostPaths(description.app)
    user = quote(description.of(ServiceUser)[0].name)
    secret = [file.path for file in description.of(File) if file.secret]
    own = [place.environment[0], *(release.path for release in description.of(Release))]
    own += [config.path for config in description.of(ConfigFile)]
    return f"""\
set -- {" ".join(map(quote, [*secret, *own]))} /root /etc/shadow /etc/gshadow /etc/sudoers
set -- "$@" /etc/ssh/ssh_host_*_key /etc/homeport/*/secrets /var/lib/homeport/* /run/homeport/*
set -- "$@" /srv/*/slots/*/etc/secrets
for other in /etc/homeport/*; do
  if [ "$other" = {place.config} ]; then continue; fi
  set -- "$@" "$other/environment" "$other/config" "/var/lib/${{other##*/}}"
done
setpriv --reuid={user} --regid={user} --init-groups --inh-caps=-all sh -c '
  for path; do if [ -r "$path" ]; then echo "reads $path"; fi; done
  for path in {PLACES} {place.state}; do if [ -w "$path" ]; then echo "writes $path"; fi; done
  find {place.home} {place.config} {FOLDER} {LINKS} ! -type l -writable -printf "writes %p\\n" || :
' sh "$@"
"""


def data(description: DesiredState) -> str:
    """Return the shell that tells what each directory is that systemd gives to the account."""
    own = (path for user in description.of(ServiceUser) for path in user.directories)
    paths = " ".join(map(quote, own))
    return f"stat -c 'data %n %F:%a:%U:%G' -- {paths} 2>/dev/null || [ $? = 1 ]\n"


def data_faults(user: ServiceUser, answer: str) -> list[str]:
    """Return which of them others can enter; one that isn't there was never needed."""
    wanted = f"directory:700:{user.name}:{user.name}"
    rows = (line.split(" ", 2)[1:] for line in answer.splitlines())
    return [f"{path} is a {found}, not a {wanted}" for path, found in rows if found != wanted]


def leaks(description: DesiredState) -> str:
    """Return the shell that names every place where a secret's value is found; not the value.

    The values are read on the host and go to ``grep`` by its standard input.
    """
    files = [quote(file.path) for file in description.of(File) if file.secret]
    if not files:
        return "echo none"
    places = " ".join(_searched(description))
    loaded = [quote(name) for unit in description.of(Unit) for name in unit.unit_names]
    units, of_units = " ".join(loaded), " ".join(f"-u {name}" for name in loaded)
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


def _searched(description: DesiredState) -> list[str]:
    if description.of(Unit):
        home = HostPaths(description.app).home
        return [home, FOLDER, "/etc/homeport", "/var/lib/homeport", "/run/homeport"]
    # On a laptop, what lies beside is the application's own, or its developer's.
    return [quote(entry.path) for entry in (*description.of(File), *description.of(GitHook))]


def may_hold(description: DesiredState, path: str) -> bool:
    """Say whether the host keeps a copy there of a file with a secret, for root alone."""
    place = HostPaths(description.app)
    secrets = [file.path for file in description.of(File) if file.secret]
    secrets += [config.path for config in description.of(ConfigFile) if _is_secret(config)]
    frozen = {
        f"{place.slot(slot)}/etc{secret.removeprefix(place.config)}"
        for secret in secrets
        for slot in SLOTS
    }
    # To go back to: before-images, and generations.
    return path in frozen or path.startswith(
        (f"{place.own}/snapshot/", f"{place.own}/generations/")
    )


def _is_secret(config: ConfigFile) -> bool:
    return isinstance(config.entry, File) and config.entry.secret


def exposure(description: DesiredState) -> str:
    """Return the shell that has systemd rate the services."""
    names = [name for unit in description.of(Unit) for name in unit.unit_names]
    services = " ".join(quote(name) for name in names if name.endswith(".service"))
    # Before the second release, one of two slots has no unit yet.
    return f"""\
for unit in {services}; do
  if [ -e {FOLDER}/"$unit" ]; then set -- "$@" "$unit"; fi
done
systemd-analyze security --no-pager "$@" | grep Overall
"""


def levels(answer: str) -> dict[str, float]:
    """Return how exposed each unit is, from 0 (not at all) to 10."""
    found = re.findall(r"exposure level for (\S+): ([0-9.]+)", answer)
    return {unit: float(level) for unit, level in found}
