#!/usr/bin/env bash
# Runs the examples for newcomers as they stand: in a shell, and in Python, at a real hub.
#   newcomer.sh PROGRAM PYTHON      PYTHON has the package of clients/python installed
set -euo pipefail
program=$(realpath "$1")
# Not through its link: a Python in an environment knows its packages by where it lies.
python=$2
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=$(mktemp -d)
hub=
trap '[ -z "$hub" ] || kill "$hub" 2>/dev/null || true; wait; rm -rf "$folder"' EXIT
mkdir "$folder/bin"
ln -s "$program" "$folder/bin/shugu"
export PATH="$folder/bin:$PATH"

expect() {
  if ! grep -q "$1" <<<"$said"; then
    printf 'the newcomer was not told %s, but:\n%s\n' "$1" "$said" >&2
    exit 1
  fi
}

said=$(SHUGU_DIR="$folder/shell" examples/newcomer.sh guizhou 2>&1)
for told in job-1 'hello from' 'llm-lab pays' 'total'; do expect "$told"; done
lines=$(grep -cv '^#\|^set \|^until \|^$' examples/newcomer.sh)
[ "$lines" -lt 10 ]
echo "in a shell: $lines lines"

export SHUGU_DIR="$folder/python"
shugu up --census guizhou --listen 127.0.0.1:0 >"$folder/ready" 2>/dev/null &
hub=$!
until [ -s "$folder/ready" ]; do sleep 0.1; done
said=$("$python" examples/newcomer.py 2>&1)
for told in 'hello from' ' yuan'; do expect "$told"; done
lines=$(grep -cv '^"""\|^$' examples/newcomer.py)
[ "$lines" -lt 10 ]
echo "in Python: $lines lines"
