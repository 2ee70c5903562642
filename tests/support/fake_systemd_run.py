"""systemd-run and systemctl, as far as what runs in a unit of its own needs them."""

from __future__ import annotations

SYSTEMD_RUN = """\
while [ "$#" -gt 0 ]; do
  case "$1" in
    --setenv=*) export "${1#--setenv=}" ;;
    --property=EnvironmentFile=*) set -a; . "${1#--property=EnvironmentFile=}"; set +a ;;
    --property=Environment=*) export "${1#--property=Environment=}" ;;
    -*) ;;
    *) break ;;
  esac
  shift
done
exec "$@"
"""
"""Shell that has a command run with its variables, and with none of the other properties."""

RUN = """\
#!/bin/sh
cd "$HOMEPORT_RELEASE"
PYTHONPATH=$PWD exec "$@"
"""
"""What starts a command of a release."""
