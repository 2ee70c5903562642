"""What tests of several modules share: fake sudo."""

from __future__ import annotations

# sudo as it reads a password: byte by byte, up to the end of the line, and only if it needs one.
ASKING = """\
#!/bin/sh
echo "$*" >>%s
asked=
while [ $# -gt 0 ]; do
  case "$1" in
    -n) [ -z "$ASKS" ] || exit 1 ;;
    -S) [ -z "$ASKS" ] || { IFS= read -r asked; [ "$asked" = "$PASSWORD" ] || exit 1; } ;;
    -p) shift ;;
    -*) ;;
    *) break ;;
  esac
  shift
done
exec "$@"
"""
