# Functions for nginx: try what it would run, have it run that, and ask whether it does.
LOG=/var/log/nginx/error.log
ROOM=/run/homeport-nginx
asked() { # URL: the digest of ours that is said there
  curl -q -s -k -g -m 5 --noproxy '*' --connect-to ::127.0.0.1: -o /dev/null \
    -w '%header{x-homeport-proxy}' "$1" || :
}
fits() { # CERTIFICATE KEY NAME...: whether nginx, and those who ask, can do with them
  certificate=$1 key=$2
  shift 2
  for file in "$certificate" "$key"; do
    [ -f "$file" ] || { echo "there is no $file on the host" >&2; exit 1; }
  done
  case $(stat -L -c %a "$key") in *0) ;; *)
    echo "$key is a key that everybody may read; run chmod o= on it" >&2; exit 1 ;;
  esac
  theirs=$(openssl x509 -in "$certificate" -noout -pubkey) \
    || { echo "$certificate is no certificate" >&2; exit 1; }
  ours=$(openssl pkey -in "$key" -pubout -passin pass:) \
    || { echo "$key is no key that can be read without a password" >&2; exit 1; }
  [ "$theirs" = "$ours" ] || { echo "$key is not the key of $certificate" >&2; exit 1; }
  openssl x509 -in "$certificate" -noout -checkend 0 >/dev/null \
    || { echo "$certificate has expired" >&2; exit 1; }
  for name in "$@"; do
    case $(openssl x509 -in "$certificate" -noout -checkhost "$name") in *NOT*)
      echo "$certificate is not for $name" >&2; exit 1 ;;
    esac
  done
}
trial() ( # COMING... -- LEAVING...: nginx reads all that it would; only it sees that in its place
  # Where there is no nginx any more, nothing can be asked to leave it.
  if [ "$SITES" = 0 ] && ! command -v nginx >/dev/null; then exit 0; fi
  mkdir -p -m 700 "$ROOM"
  room=$(mktemp -d "$ROOM/trial.XXXXXX")
  trap 'rm -rf "$room"' EXIT
  cp -a /etc/nginx/. "$room"
  while [ "$1" != -- ]; do cp "$1" "$room/conf.d/"; shift; done
  shift
  for path in "$@"; do rm -f "$room/conf.d/${path##*/}"; done
  said=$(unshare --mount sh -c 'mount --bind "$1" /etc/nginx && exec nginx -t' - "$room" 2>&1) \
    || { printf '%s\n' "$said" >&2; exit 1; }
  if printf '%s\n' "$said" | grep -F "$CLASHES" >&2; then
    echo "another site of this nginx has the name, and one of the two would be ignored" >&2
    exit 1
  fi
)
keep() { # PATH...: so that they can be put back
  mkdir -p -m 700 "$ROOM"
  kept=$(mktemp -d "$ROOM/kept.XXXXXX")
  for path in "$@"; do
    if [ -e "$path" ] || [ -L "$path" ]; then cp -a "$path" "$kept"; fi
  done
}
back() { # PATH...: as they were
  for path in "$@"; do
    was=$kept/${path##*/}
    if [ -e "$was" ] || [ -L "$was" ]; then
      cp -a "$was" "$path.homeport-new" && mv -fT "$path.homeport-new" "$path"
    else
      rm -f "$path"
    fi
  done
  rm -rf "$kept"
  sync /etc/nginx/conf.d
}
turn() { # has nginx read what is in place, and run
  if systemctl is-active --quiet nginx.service; then
    systemctl reload nginx.service
  elif [ "$SITES" != 0 ]; then
    systemctl reset-failed nginx.service 2>/dev/null || :
    systemctl start nginx.service
  fi
}
uptime_s() { cut -d. -f1 /proc/uptime; } # by the monotonic clock: a Pi's other one may jump
news() { tail -c "+$((size + 1))" "$LOG" 2>/dev/null | grep -E '\[(emerg|alert|crit)\]' | tail -n 20; }
proven() { # nginx runs what is in place, and says so; otherwise its own words are told
  size=$(stat -c %s "$LOG" 2>/dev/null || echo 0)
  if ! turn; then
    journalctl --no-pager --quiet -o cat -n 20 -u nginx.service >&2
    return 1
  fi
  until=$(($(uptime_s) + 20))
  until answers; do
    said=$(news)
    if [ -n "$said" ]; then printf '%s\n' "$said" >&2; return 1; fi
    if [ "$(uptime_s)" -ge "$until" ]; then
      echo "what answers is not what nginx was given; does nginx.conf include conf.d/*.conf?" >&2
      return 1
    fi
    sleep 0.2
  done
}
