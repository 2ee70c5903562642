# above PLACE: adds PLACE and each directory and link on the way to it to $ways, if they are there.
ways= last=
above() {
  ways=${ways:-/}
  left=${1#/} at= hops=0
  while [ -n "$left" ]; do
    step=${left%%/*}
    case $left in */*) left=${left#*/} ;; *) left= ;; esac
    case $step in
      '' | .) continue ;;
      ..) at=${at%/*}; continue ;;
    esac
    at=$at/$step
    if [ -L "$at" ]; then
      case " $ways " in *" $at "*) ;; *) ways="$ways $at" ;; esac
      hops=$((hops + 1))
      to=$(readlink "$at")
      # What isn't plain is judged by its link, and not followed.
      case $to in '' | *[!A-Za-z0-9./@:+_-]*) return 0 ;; /*) at= ;; *) at=${at%/*} ;; esac
      if [ "$hops" -gt 20 ]; then return 0; fi
      left=$to/$left
    elif [ -d "$at" ]; then
      case " $ways " in *" $at "*) ;; *) ways="$ways $at" ;; esac
    else
      return 0
    fi
  done
}
