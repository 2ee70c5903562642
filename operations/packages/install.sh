# The packages "$@" are installed, and nothing is removed. What else is at work with apt
# comes to its end first, within $patience seconds. $cloud is where cloud-init says what it does.
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
uptime() { read -r seconds _ </proc/uptime; echo "${seconds%%.*}"; }
end=$(($(uptime) + patience))

# The first boot: cloud-init may be about to install packages, make accounts and restart daemons.
# Its own status --wait ends with the first error, and cloud-init goes on after that.
while [ -e "$cloud"/enabled ] && [ ! -e "$cloud"/result.json ]; do
  case $(systemctl is-system-running 2>/dev/null) in initializing | starting) ;; *) break ;; esac
  if [ "$(uptime)" -ge "$end" ]; then
    echo "cloud-init was at work here for $patience s; see \`cloud-init status --long\` there" >&2
    exit 1
  fi
  sleep 1
done

# apt's own patience is for one of its four locks.
patient() {
  while :; do
    code=0
    { said=$("$@" 2>&1 >&3 3>&-) || code=$?; } 3>&1
    case "$code $said" in
      0\ *) break ;;
      *'Could not get lock'* | *'lock was locked by another process'*) ;;
      *) break ;;
    esac
    if [ "$(uptime)" -ge "$end" ]; then
      held=$(printf '%s\n' "$said" | sed -n '/lock/{s/^E: //;p;q}')
      echo "others were at work with apt here for $patience s: $held" >&2
      exit "$code"
    fi
    sleep 2
  done
  if [ -n "$said" ]; then printf '%s\n' "$said" >&2; fi
  [ "$code" = 0 ] || exit "$code"
}
apt() { apt-get -qq -y -o APT::Get::AutomaticRemove=false "$@"; }

patient apt update >/dev/null
told=$(offers "$@")
odd=
for name in "$@"; do
  of=$(printf '%s\n' "$told" | while read -r what which providers; do
    if [ "$which" = "$name" ]; then echo "$what $providers"; fi
  done)
  case $of in
    offered*) ;;
    virtual*) odd="$odd; $name is provided by ${of#virtual } on this Debian: name that" ;;
    *) odd="$odd; this Debian has no package $name: correct its name" ;;
  esac
done
if [ -n "$odd" ]; then
  echo "${odd#; } below apt_packages, for hosts of this release alone in group_data" >&2
  exit 1
fi
patient apt --no-remove --no-install-recommends -o Dpkg::Options::=--force-confold install "$@"
for name in "$@"; do
  case $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null || :) in
    installed*) ;;
    *) echo "$name is not installed, though apt-get said so" >&2; exit 1 ;;
  esac
done
