#!/usr/bin/env bash
# Looks at what is built in: licences, bans and sources by deny.toml, and what is known against any of it (RustSec's advisories).
# SHUGU_ADVISORY_DB=FOLDER takes a copy of https://github.com/RustSec/advisory-db, as git has it, where that is not to be had.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ./tools/packages.sh
need_tool cargo-deny cargo-deny@0.20.2
deny=target/tools/bin/cargo-deny
$deny --locked --log-level error check --hide-inclusion-graph licenses bans sources
database=https://github.com/RustSec/advisory-db
if [ -n "${SHUGU_ADVISORY_DB:-}" ]; then
  export GIT_CONFIG_COUNT=1 GIT_CONFIG_VALUE_0=$database
  export GIT_CONFIG_KEY_0="url.file://$(realpath "$SHUGU_ADVISORY_DB").insteadOf"
elif ! GIT_TERMINAL_PROMPT=0 timeout 20 git ls-remote --quiet $database HEAD >/dev/null 2>&1; then
  echo "SKIPPED: advisories, of which $database cannot be reached; SHUGU_ADVISORY_DB names a copy of it" >&2
  exit 0
fi
$deny --locked --log-level error check --hide-inclusion-graph advisories
