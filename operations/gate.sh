# Functions that judge a start: each ends the script with what the service said, if it failed.
report() {
  for unit in "$@"; do
    if systemctl is-active --quiet "$unit"; then continue; fi
    echo "$unit is $(systemctl is-active "$unit"); its last lines:" >&2
    journalctl --no-pager --quiet -o cat -n 20 -u "$unit" >&2
  done
  exit 1
}
steady() {
  for unit in "$@"; do
    case "$(systemctl show -p NRestarts --value "$unit")" in ''|0) ;; *) failed "$unit" ;; esac
    systemctl is-active --quiet "$unit" || failed "$unit"
  done
}
failed() {
  echo "$1 did not stay up; its last lines:" >&2
  journalctl --no-pager --quiet -o cat -n 20 -u "$1" >&2
  exit 1
}
uptime_s() { cut -d. -f1 /proc/uptime; } # by the monotonic clock: a Pi's other one may jump
ready() {
  until=$(($(uptime_s) + $1)) unit=$2
  shift 2
  until said=$("$@" 2>&1); do
    systemctl is-active --quiet "$unit" || failed "$unit"
    if [ "$(uptime_s)" -ge "$until" ]; then echo "$unit did not get ready: $said" >&2; failed "$unit"; fi
    sleep 1
  done
}
once() { # UNIT RECORD: it has succeeded when there is a record; a start that is not due says nothing
  systemctl reset-failed "$1" 2>/dev/null || true
  if systemctl start "$1" 2>/dev/null && [ -f "$2" ]; then return 0; fi
  echo "$1 failed, and the next deploy runs it again; its last lines:" >&2
  journalctl --no-pager --quiet -o cat -n 20 -u "$1" >&2
  return 1
}
