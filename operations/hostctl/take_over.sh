# Takes over a host from the program that was called homeport, while its applications serve on.
#
# What that program kept is given its version and its name of today. What it kept to go back to goes:
# it would bring back units that call what is no longer there. It may be cut off, and run again.
# systemd reads the boot unit's file until the end, and so do we: where it is, there is work left.
set -eu
state=/var/lib/homeport unit=homeport-boot.service
exec 9>>"$state/working"
flock 9 # as that program does: no other process is at work now
for journal in "$state"/*/deploy; do
  [ -e "$journal" ] || continue
  app=${journal%/deploy} app=${app##*/}
  echo "a deploy of $app is open: wait for it, or end it with \`homeport revert $app ID\`" >&2
  exit 1
done
systemctl stop 'homeport-finish-*.service' 'homeport-deadman-*.service'
versioned() { # FILE: a document of JSON, or records of it, that has no version yet
  if [ -f "$1" ] && ! grep -q '"version"' "$1"; then sed -i 's/^{/{"version": 1, /' "$1"; fi
}
headed() { # FILE: lines of text whose first doesn't say the version yet
  case $(head -n 1 "$1") in 'version '*) ;; *) sed -i '1i version 1' "$1" ;; esac
}
numbers='s/"drain": \([0-9]\)/"drain_timeout": \1/
s/"keep": \([0-9]\)/"keep_releases": \1/
s/"data": \([0-9]\)/"data_version": \1/'
for own in "$state"/*/; do
  rm -rf "${own}before" "${own}generations"
  rm -f "${own}last" "${own}bad"
  for ledger in fronts:proxy configs:config-files hooks:git-hooks logins:sshd-logins \
    daemons:system-services swaps:zram; do
    if [ -e "$own${ledger%:*}" ]; then mv -f "$own${ledger%:*}" "$own${ledger#*:}"; fi
  done
  versioned "${own}history"
  for file in "$own"*; do
    case $(head -n 1 "$file" 2>/dev/null) in /* | 'slot '*) headed "$file" ;; esac
  done
  app=${own%/} app=${app##*/}
  for spec in /etc/homeport/"$app"/processes.json /srv/"$app"/slots/*/etc/processes.json; do
    versioned "$spec"
    if [ -f "$spec" ]; then sed -i "$numbers" "$spec"; fi
  done
done
# nginx is told of the names in this folder before a release has made its own there. They are hard
# links: one that a process put in its socket's place is none.
for link in /run/homeport-sockets/*/*.sock; do
  name=${link##*/} app=${link%/*}
  name=${name%.sock} app=${app##*/}
  case $name in *.previous) continue ;; esac
  socket=$(readlink "$link") || continue
  slot=${socket%/*}
  slot=${slot##*"/$app-$name"} place=/run/homeport-proxy/$app/$name
  slot=${slot#-}
  slot=${slot:-lone}
  mkdir -p "$place/$slot"
  chgrp www-data "$place/$slot"
  chmod 710 "$place/$slot"
  ln -nfP "$socket" "$place/$slot/socket" || continue
  if [ -L "$place/$slot/socket" ]; then rm "$place/$slot/socket"; fi
  for way in active backup; do ln -sfn "$slot" "$place/$way"; done
done
rm -f "$state/lease"
versioned "$state/lock"
if [ -e "$state/key" ]; then mv -f "$state/key" "$state/hmac-key"; fi
rm -f "$state/working" /usr/local/sbin/homeport
rm -rf /usr/local/lib/homeport /usr/local/lib/homeport.versions
systemctl disable --quiet --now "$unit"
sync
rm -f "/etc/systemd/system/$unit"
systemctl daemon-reload
