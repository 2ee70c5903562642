# offers NAME...: what apt knows of each name. A package that it can install is "offered NAME"; a
# name that none has and others provide is "virtual NAME PROVIDER..."; of the rest it says nothing.
# With $memory apt writes nothing, its caches neither.
offers() {
  if ! command -v apt-cache >/dev/null; then return 0; fi
  offered=$(LC_ALL=C apt-cache ${memory-} policy "$@" 2>/dev/null | awk '
    /^[^ ]+:$/ { name = $1; sub(/:$/, "", name) }
    $1 == "Candidate:" && $2 != "(none)" { print name }')
  others=
  for name in "$@"; do
    case "
$offered
" in *"
$name
"*) echo "offered $name" ;; *) others="$others $name" ;; esac
  done
  if [ -z "$others" ]; then return 0; fi
  LC_ALL=C apt-cache ${memory-} showpkg $others 2>/dev/null | awk -v names=" $others " '
    /^Package: / { name = $2; part = "" }
    /^[A-Z][A-Za-z ]*:/ { part = $0 }
    # It takes a name that no package has for a pattern, and tells of all that fit.
    part ~ /^Reverse Provides:/ && /^[a-z0-9]/ && index(names, " " name " ") {
      providers[name] = providers[name] " " $1
    }
    END { for (name in providers) print "virtual " name providers[name] }'
}
