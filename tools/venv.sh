#!/bin/sh
# Make .venv from the locks: with uv, and with uv itself from the same lock, by hash. All of it is
# for developers; with --runtime there is only what deploys and verifies.
set -eu
cd "$(dirname "$0")/.."
locks="requirements.lock requirements-dev.lock"
if [ "${1:-}" = --runtime ]; then locks=requirements.lock; fi

say() { printf '    %s\n' "$*" >&2; }

suitable() {
  command -v "$1" >/dev/null && "$1" -c '
import ensurepip, sys, venv
sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
  for python in python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
    if suitable "$python"; then
      printf '%s\n' "$python"
      return
    fi
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

python=$(find_python)
if [ -z "$python" ] && command -v apt-get >/dev/null; then
  say "installing python3 and python3-venv with apt-get"
  as_root apt-get update -qq
  as_root apt-get install -y -qq --no-install-recommends python3 python3-venv ca-certificates >&2
  python=$(find_python)
fi
if [ -z "$python" ]; then
  echo "No Python 3.11 or newer with venv was found. Fix: install one, then try again." >&2
  exit 1
fi

say "making .venv with $("$python" --version)"
bootstrap=$(mktemp -d)
trap 'rm -rf "$bootstrap"' EXIT
"$python" -m venv "$bootstrap/venv"
awk '/^[^ #]/ { ours = /^uv==/ } ours' requirements.lock >"$bootstrap/uv.txt"
"$bootstrap/venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
  --no-deps --requirement "$bootstrap/uv.txt"
rm -rf .venv
# ensurepip would leave packages there that no lock names.
"$python" -m venv --without-pip .venv
# shellcheck disable=SC2086 # it is a list
"$bootstrap/venv/bin/uv" pip sync --quiet --compile-bytecode --require-hashes \
  --python .venv/bin/python $locks
if [ "$locks" != requirements.lock ]; then touch .venv/ready; fi
