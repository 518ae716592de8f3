#!/usr/bin/env bash
# Fuzzes a target, or all of them one after the other, for so many seconds each on one core, beginning with the corpus:
# tools/fuzz.sh [TARGET|all] [SECONDS]. See docs/fuzzing.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ./tools/packages.sh
need_cargo
need_packages g++:g++ cmake:cmake
target=${1:-all} seconds=${2:-240}
need_tool cargo-fuzz cargo-fuzz@0.13.2
mapfile -t all < <(sed -n '/^\[\[bin\]\]/{n;s/^name = "\(.*\)"/\1/p}' fuzz/Cargo.toml)
case " ${all[*]} all " in
  *" $target "*) ;;
  *) echo "$target is no target; there are all, ${all[*]}" >&2; exit 2 ;;
esac
[ "$target" = all ] || all=("$target")

# cargo-fuzz sets flags that stable has only so. All targets are built at once: what they share is most of it.
export RUSTC_BOOTSTRAP=1 PATH="$PWD/target/tools/bin:$PATH"
sanitizer=${SANITIZER:-none}
(cd fuzz && cargo fuzz build --sanitizer "$sanitizer" --target-dir "$PWD/../target/fuzz")
programs=$(echo target/fuzz/*/release)
failed=()
for one in "${all[@]}"; do
  mkdir -p "fuzz/found/$one" "fuzz/artifacts/$one"
  printf '%s: ' "$one"
  log="fuzz/found/$one.log"
  longest=4096
  [ "$one" = history ] && longest=512
  if "$programs/$one" "fuzz/found/$one" "fuzz/corpus/$one" -artifact_prefix="fuzz/artifacts/$one/" -max_total_time="$seconds" \
    -max_len="$longest" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 >"$log" 2>&1; then
    sed -n 's/^stat::number_of_executed_units: *\([0-9]*\)/\1 inputs in SECONDS s, nothing found/p' "$log" | sed "s/SECONDS/$seconds/"
  else
    echo "found something:" && grep -v '^#' "$log" | tail -40
    failed+=("$one")
  fi
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "what broke something lies in fuzz/artifacts; docs/fuzzing.md says what to do with it: ${failed[*]}" >&2
  exit 1
fi
