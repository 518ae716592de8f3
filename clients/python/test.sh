#!/usr/bin/env bash
# Tests the Python package against a hub that PROGRAM (`shugu`) starts: format, lints, types, whether what is made is up to date, tests.
#   test.sh PROGRAM [FOLDER]      FOLDER keeps the environment between runs; target/tools/python of the repository if left out
set -euo pipefail
if [ $# -lt 1 ] || [ ! -x "$1" ]; then
  echo "usage: $0 PROGRAM [FOLDER]; PROGRAM is a built shugu, such as target/release/shugu" >&2
  exit 2
fi
program=$(realpath "$1")
folder=$(realpath --canonicalize-missing "${2:-"$(dirname "${BASH_SOURCE[0]}")/../../target/tools/python"}")
cd "$(dirname "${BASH_SOURCE[0]}")"
stage() { printf '\n== Python: %s\n' "$*"; }

# A Python of 3.11 or later that can make environments.
serves() { "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
find_python() {
  for python in ${PYTHON:-python3 python3.11 python3.12 python3.13}; do
    if serves "$python"; then return; fi
  done
  return 1
}
if ! find_python; then
  . ../../tools/packages.sh
  need_packages "/nowhere/venv:python3-venv"
  find_python || { echo "missing: Python 3.11 or later" >&2; exit 1; }
fi

stage "environment"
made=$({ "$python" --version; cat pyproject.toml constraints.txt; } | sha256sum)
if [ "$(cat "$folder/made" 2>/dev/null)" != "$made" ]; then
  rm -rf "$folder/environment" "$folder/made"
  mkdir -p "$folder"
  "$python" -m venv "$folder/environment"
fi
environment=$folder/environment/bin
pip=("$environment/python" -m pip --quiet --disable-pip-version-check install --no-compile --constraint constraints.txt)
if [ ! -e "$folder/made" ]; then
  "${pip[@]}" hatchling
  "${pip[@]}" --no-build-isolation '.[test]'
  echo "$made" >"$folder/made"
fi
"${pip[@]}" --no-build-isolation --no-deps --force-reinstall .

# Compiled modules lie there and not among the sources.
export PYTHONPYCACHEPREFIX=$folder/compiled
stage "format and lints"
"$environment/ruff" format --no-cache --check --quiet .
"$environment/ruff" check --no-cache --quiet .
stage "types"
"$environment/mypy" --cache-dir "$folder/mypy"
stage "what is made is up to date"
"$environment/python" generate.py "$program" --check
stage "tests"
SHUGU_PROGRAM=$program "$environment/python" -m pytest -p no:cacheprovider --quiet
