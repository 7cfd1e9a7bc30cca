#!/bin/sh
# Makes the virtual environment named in $1 with a Python of 3.11 or newer; $PYTHON is tried first.
set -eu
venv=$1
old_enough='import sys; sys.exit(sys.version_info < (3, 11))'

if "$venv/bin/python" -c "$old_enough" 2>/dev/null && "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    exit 0
fi
without_venv=
for python in ${PYTHON:-} python3.11 python3 python3.12 python3.13 python3.14; do
    "$python" -c "$old_enough" 2>/dev/null || continue
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        without_venv=$python
        continue
    fi
    exec "$python" -m venv --clear "$venv"
done
if [ -n "$without_venv" ]; then
    echo "$without_venv cannot make virtual environments: its module venv is missing." >&2
    echo "On Debian and Ubuntu: apt-get install python3-venv" >&2
else
    echo "No Python of version 3.11 or newer was found. Install one, or name it: make PYTHON=/path/to/python3" >&2
fi
exit 1
