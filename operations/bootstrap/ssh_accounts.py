"""The accounts that have keys: who could log in to a host, if sshd let everybody in by key."""

from __future__ import annotations

from shlex import quote

KEY_LINE = "^[^#]*(ssh-|ecdsa-|sk-)"
LARGEST = 1_000_000
"""Bytes of a file of keys that are read."""


def ask(user: str) -> str:
    """Return the shell that prints what sshd's settings come to for a user."""
    return f"sshd -T -C user={user},host=localhost,addr=127.0.0.1"


def with_keys() -> str:
    """Return the shell that prints ``keys``, a tab and the name of each account with keys.

    A Match block may have other files of keys for an account. Where sshd takes keys from a command
    or an authority, each account of a person counts as one that has keys.
    """
    return f"""\
holds_key() {{
  case "$1" in /*) file=$1 ;; *) file=$home/$1 ;; esac
  [ -f "$file" ] && head -c {LARGEST} -- "$file" | grep -aqE {quote(KEY_LINE)}
}}
is_person() {{
  case "$shell" in */nologin|*/false) return 1 ;; esac
  [ "$uid" -ge 1000 ] && [ "$uid" -lt 65534 ]
}}
has_keys() {{
  while read -r word value; do
    case "$word" in
      trustedusercakeys|authorizedkeyscommand)
        if [ "$value" != none ] && is_person; then return 0; fi ;;
      authorizedkeysfile)
        case "$value" in *%*)
          value=$(printf '%s' "$value" | sed "s|%h|$home|g;s|%u|$name|g;s|%U|$uid|g;s|%%|%|g") ;;
        esac
        for each in $value; do
          if holds_key "$each"; then return 0; fi
        done ;;
    esac
  done <<SETTINGS
$settings
SETTINGS
  return 1
}}
matched= settings=$({ask("root")})
if grep -rqsiE '^[[:space:]]*match[[:space:]]' /etc/ssh; then matched=yes; fi
accounts=$(getent passwd)
while IFS=: read -r name _ uid _ _ home shell; do
  if [ -n "$matched" ]; then settings=$({ask('"$name"')}); fi
  if has_keys; then printf 'keys\\t%s\\n' "$name"; fi
done <<ACCOUNTS
$accounts
ACCOUNTS
"""
