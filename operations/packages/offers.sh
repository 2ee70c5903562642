# offers NAME...: what apt knows of each name. A package that it can install is "offered NAME"; a
# name that none has and others provide is "virtual NAME PROVIDER..."; of the rest it says nothing.
offers() {
  if ! command -v apt-cache >/dev/null; then return; fi
  {
    LC_ALL=C apt-cache policy "$@" 2>/dev/null || :
    LC_ALL=C apt-cache showpkg "$@" 2>/dev/null || :
  } | awk -v names="$*" '
    /^[^ ]+:$/ { name = $1; sub(/:$/, "", name) }
    $1 == "Candidate:" && $2 != "(none)" { offered[name] = 1 }
    /^Package: / { name = $2; part = "" }
    /^[A-Z][A-Za-z ]*:/ { part = $0 }
    part ~ /^Reverse Provides:/ && /^[a-z0-9]/ && !seen[name, $1]++ {
      providers[name] = providers[name] " " $1
    }
    END {
      count = split(names, name_of, " ")
      for (number = 1; number <= count; number++) {
        name = name_of[number]
        if (name in offered) print "offered " name
        else if (name in providers) print "virtual " name providers[name]
      }
    }'
}
