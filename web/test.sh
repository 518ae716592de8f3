#!/usr/bin/env bash
# Tests the dashboard: types, whether what is embedded is what its sources make, and every page and action in a real browser at a real hub.
#   test.sh PROGRAM      PROGRAM is a built shugu, such as target/release/shugu
set -euo pipefail
if [ $# -ne 1 ] || [ ! -x "$1" ]; then
  echo "usage: $0 PROGRAM; PROGRAM is a built shugu, such as target/release/shugu" >&2
  exit 2
fi
SHUGU_PROGRAM=$(realpath "$1")
export SHUGU_PROGRAM
cd "$(dirname "${BASH_SOURCE[0]}")"
. ../tools/packages.sh
stage() { printf '\n== Dashboard: %s\n' "$*"; }

need_packages node:nodejs npm:npm chromium:chromium
if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; then
  echo "SKIPPED: the dashboard is built and tested with Node 20.19 or later, here is $(node --version); what is embedded is committed" >&2
  exit 0
fi

stage "dependencies, as they are locked"
made=$(cat package-lock.json | sha256sum)
if [ "$(cat node_modules/.made 2>/dev/null)" != "$made" ]; then
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent
  echo "$made" >node_modules/.made
fi

stage types
npm run --silent check

stage "what is embedded is what the sources make"
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
npx vite build --logLevel warn --outDir "$fresh" --emptyOutDir
if ! diff -rq dist "$fresh"; then
  echo "web/dist is not what the sources make: run npm run build in web/, and commit it" >&2
  exit 1
fi
# What the first page needs, as a browser gets it: the entry's own script, packed.
entry=$(grep -o 'assets/index-[^"]*\.js' dist/index.html | head -1)
packed=$(gzip -9c "dist/$entry" | wc -c)
echo "script of the first page: $packed bytes packed"
if [ "$packed" -gt 409600 ]; then
  echo "that is more than 400 KiB" >&2
  exit 1
fi

stage "the interface is described as the hub describes it"
npm run --silent api -- "$SHUGU_PROGRAM" --check

stage "pages and actions, in Chromium"
npx playwright test
