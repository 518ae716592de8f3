#!/usr/bin/env bash
# Fuzzes the engine for so many seconds on one core, then keeps the smallest corpus that reaches as much. See docs/fuzzing.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../crates/dispatch/fuzz"
. ../../../tools/packages.sh
need_cargo
need_packages g++:g++
if ! cargo fuzz --version >/dev/null 2>&1; then
  echo "missing: cargo-fuzz; install it by 'cargo install cargo-fuzz --locked' and run this again" >&2
  exit 1
fi
seconds=${1:-240}
# cargo-fuzz sets flags that stable has only so.
export RUSTC_BOOTSTRAP=1
cargo fuzz run --sanitizer "${SANITIZER:-none}" history -- -max_total_time="$seconds" -max_len=512 -timeout=20
# What is named was put there by somebody and stays.
named=$(mktemp -d)
trap 'rm -rf "$named"' EXIT
find corpus/history -name 'regression-*' -exec cp -t "$named" {} +
cargo fuzz cmin --sanitizer "${SANITIZER:-none}" history
find "$named" -type f -exec cp -t corpus/history {} +
