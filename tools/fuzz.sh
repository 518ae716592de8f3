#!/usr/bin/env bash
# Fuzzes the engine for so many seconds on one core, beginning with the corpus. See docs/fuzzing.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ./tools/packages.sh
need_cargo
need_packages g++:g++
if ! cargo fuzz --version >/dev/null 2>&1; then
  echo "missing: cargo-fuzz; install it by 'cargo install cargo-fuzz --locked' and run this again" >&2
  exit 1
fi
seconds=${1:-240}
cd crates/dispatch/fuzz
# cargo-fuzz sets flags that stable has only so.
export RUSTC_BOOTSTRAP=1
mkdir -p found
exec cargo fuzz run --sanitizer "${SANITIZER:-none}" history found corpus/history -- -max_total_time="$seconds" -max_len=512 -timeout=20
