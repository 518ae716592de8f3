#!/usr/bin/env bash
# Builds the program so that it needs nothing of the system that it runs on, or looks at one that was built:
# packaging/static.sh [--out FOLDER]      builds it with musl, into target/x86_64-unknown-linux-musl/release and, if given, FOLDER
# packaging/static.sh --check PROGRAM     whether it is what it should be
# Zig brings the C and C++ compilers and libraries for musl, which Debian has only for C; both parts of it come from PyPI.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tools/packages.sh
. "$top/tools/packages.sh"
target=x86_64-unknown-linux-musl

# Whether a program is static, and serves where there is nothing but itself.
look() {
  local program=$1 empty hub url='' code=0
  if [ ! -x "$program" ]; then echo "error: $program is not a program" >&2; return 2; fi
  if readelf --wide --program-headers "$program" | grep -q INTERP; then
    echo "FAILED  $program asks for a loader" >&2
    return 1
  fi
  if readelf --wide --dynamic "$program" 2>/dev/null | grep -q NEEDED; then
    echo "FAILED  $program asks for libraries" >&2
    return 1
  fi
  echo "ok      it asks for no loader and no library"
  local as=()
  if [ "$(id -u)" -ne 0 ]; then
    as=(unshare --user --map-root-user)
    if ! "${as[@]}" true 2>/dev/null; then echo "SKIPPED in an empty folder: needs root, or user namespaces"; return; fi
  fi
  empty=$(mktemp -d)
  install -m 755 "$program" "$empty/shugu"
  local inside=("${as[@]}" env -i "$(command -v chroot)" "$empty")
  "${inside[@]}" /shugu --version
  "${inside[@]}" /shugu up --dir /state --census guizhou --no-local --tls --listen 127.0.0.1:0 >"$empty/out" 2>"$empty/err" &
  hub=$!
  for _ in $(seq 200); do
    url=$(sed -n 's/^ready //p' "$empty/out")
    if [ -n "$url" ] || ! kill -0 "$hub" 2>/dev/null; then break; fi
    sleep 0.1
  done
  if [ -z "$url" ]; then
    cat "$empty/err" >&2
    code=1
  else
    # By TLS, of itself; the census was read and the journal written.
    "${inside[@]}" /shugu census --dir /state --json | grep -q '"sites"' || code=1
    # The solver, which is C++.
    install -m 644 "$top/data/guizhou/route-ratio-500-servers.toml" "$empty/plan.toml"
    "${inside[@]}" /shugu plan /plan.toml --at 2026-01-01 --samples 10 --json | grep -q '"status": "proven"' || code=1
    kill -TERM "$hub"
    wait "$hub" || code=1
    "${inside[@]}" /shugu check --dir /state || code=1
  fi
  rm -rf "$empty"
  if [ $code -ne 0 ]; then echo "FAILED  it does not serve in an empty folder" >&2; return 1; fi
  echo "ok      it serves in an empty folder, and its journal is sound"
}

case ${1:-} in
  --check) [ $# -eq 2 ] || { echo "usage: packaging/static.sh --check PROGRAM" >&2; exit 2; }
    need_packages readelf:binutils
    look "$2"
    exit ;;
  --out) [ $# -eq 2 ] || { echo "usage: packaging/static.sh --out FOLDER" >&2; exit 2; }
    out=$2 ;;
  '') out='' ;;
  *) echo "usage: packaging/static.sh [--out FOLDER | --check PROGRAM]" >&2; exit 2 ;;
esac

need_cargo
need_packages cmake:cmake readelf:binutils python3:python3 "/usr/lib/llvm-*/lib/libclang.so*:libclang-dev" \
  "/usr/lib/python3*/ensurepip/__init__.py:python3-venv" "/usr/include/stdlib.h:libc6-dev" cc:gcc
tools=$top/target/tools/static
if [ ! -x "$tools/bin/cargo-zigbuild" ]; then
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check ziglang==0.17.1 cargo-zigbuild==0.24.1
fi
if command -v rustup >/dev/null 2>&1; then rustup target add $target >&2; fi
cd "$top"
# What a debugger would want makes the program five times as large.
PATH=$tools/bin:$PATH CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_PROFILE_RELEASE_STRIP=symbols \
  cargo zigbuild --release --locked --package shugu --target $target >&2
program=${CARGO_TARGET_DIR:-target}/$target/release/shugu
look "$program"
if [ -n "$out" ]; then
  install -D -m 755 "$program" "$out/shugu"
fi
