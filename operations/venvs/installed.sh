# What is installed in a venv. All of it is run in the venv's folder.
kept=.homeport

# A strange name is a finding, and not a damaged answer.
printable() { tr '\n\000\001-\010\013-\037\177-\377' '?\n?'; }

# sums PATH...: hashes of those that are files.
sums() {
  for path in "$@"; do
    shift
    if [ -f "$path" ]; then set -- "$@" "$path"; fi
  done
  if [ "$#" -gt 0 ]; then sha256sum -z -- "$@"; fi
}

# For every look: what stands at the top, and hashes of what says what is installed.
listing() {
  {
    find . bin lib/python*/site-packages -mindepth 1 -maxdepth 1 \
      -printf 'entry\t%p\t%y\t%l\0' 2>/dev/null || :
    sums pyvenv.cfg lib/python*/site-packages/*.pth lib/python*/site-packages/*.dist-info/RECORD
  } | printable | LC_ALL=C sort
}

# Hashes of what no wheel brings: byte code, scripts, what stands at the top.
made() {
  find . -path "./$kept" -prune -o -type f \
    \( -name '*.pyc' -o -path './bin/*' -o ! -path './*/*' \) -exec sha256sum -z -- {} + \
    | printable | LC_ALL=C sort
}

# For a venv that has just been built: keep what it is.
keep() {
  mkdir "$kept"
  listing >"$kept/listing"
  made >"$kept/made"
}

body() {
  while read -r sum path; do
    if [ -f "$path" ]; then printf 'text\t%s\t' "$path"; base64 -w 0 -- "$path"; echo; fi
  done
}

# tell VENV: what an ordinary probe says.
tell() {
  printf 'venv\t%s\n' "$1"
  # The interpreter isn't started: a file that a wheel put beside it would have it run code of the
  # wheel. Its name says which it is, and the listing whether it is the one that was built with.
  if [ -f bin/python ] && [ -x bin/python ] && real=$(readlink -e bin/python); then
    case "${real##*/python}" in
      3.[0-9] | 3.[0-9][0-9]) printf 'python\t%s\n' "${real##*/python}" ;;
    esac
  fi
  now=$(listing)
  printf '%s\n' "$now"
  built="$kept/listing"
  if [ ! -f "$built" ]; then
    built=/dev/null
  elif [ "$now" = "$(cat "$built")" ]; then
    echo as-built
    return
  else
    echo was
    cat "$built"
    echo end
  fi
  printf '%s\n' "$now" | grep -vxFf "$built" | grep -E '(/RECORD|pyvenv.cfg)$' | body
}

# Hashes of all that a wheel may have brought, and what else isn't as it was made.
verify_files() {
  echo verify_files
  find . -path "./$kept" -prune -o -type f ! -name '*.pyc' ! -path './bin/*' -path './*/*' \
    -exec sha256sum -z -- {} + | printable | sed 's/^/file\t/'
  find . -mindepth 2 ! -type f ! -type d -printf 'odd\t%p\0' | printable
  as_made="$kept/made"
  if [ ! -f "$as_made" ]; then as_made=/dev/null; fi
  made | { grep -vxFf "$as_made" || :; } | sed 's/^/made\t/'
  # A name with a line break is a finding above, and no line of ours.
  find lib/python*/site-packages -path '*.dist-info/RECORD' -type f ! -path '*
*' -printf 'x %p\n' | body
}
