#!/bin/sh
# The demo: what would change, change it, prove it, and see that nothing is left to change.
set -eu
cd "$(dirname "$0")/.."
inventory=inventories/lab.py

step() { printf '\n\033[1m%s\033[0m\n    $ %s\n\n' "$1" "$2"; }

show() {
  step "$1" "$2"
  sh -c "$2"
}

show "1. What would change: all of it, and only it" "pyinfra $inventory deploy.py --dry --diff"
show "2. Make it so" "pyinfra -y $inventory deploy.py"
show "3. Prove it" "pytest -q tests/production --inventory=$inventory"
show "4. Again: nothing to change" "pyinfra -y $inventory deploy.py"

printf '\n\033[1mThree hosts run the sample application.\033[0m\n\n'
python -m lab status
cat <<'NEXT'

Open      http://ADDRESS:8000/ of any of these hosts
Next      edit app.yml or examples/pinboard, then: pyinfra inventories/lab.py deploy.py --dry --diff
Upgrade   docs/deployment-guide.md has a second version to deploy, a broken one, and the way back
Look      python -m lab shell pi
Stop      make lab-down
NEXT
