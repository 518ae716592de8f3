# What the build needs from the system: installed where that is allowed, named where it is not.

need_cargo() {
  if ! command -v cargo >/dev/null 2>&1; then
    echo "missing: the Rust toolchain (cargo); install it from https://rustup.rs and run this again" >&2
    exit 1
  fi
}

# need_packages COMMAND_OR_FILE_OR_PATTERN:PACKAGE …
need_packages() {
  local missing=() pair what
  for pair in "$@"; do
    what=${pair%%:*}
    if ! command -v "$what" >/dev/null 2>&1 && ! compgen -G "$what" >/dev/null; then missing+=("${pair##*:}"); fi
  done
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  local as=()
  if [ "$(id -u)" -ne 0 ]; then as=(sudo --non-interactive); fi
  if command -v apt-get >/dev/null 2>&1 && { [ "$(id -u)" -eq 0 ] || sudo --non-interactive true 2>/dev/null; }; then
    echo "installing ${missing[*]}" >&2
    if "${as[@]}" apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive "${as[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2; then
      return
    fi
  fi
  echo "missing packages: ${missing[*]}; they may not be installed from here, install them and run this again" >&2
  exit 1
}

# need_tool PROGRAM CRATE@VERSION [OPTION]…: a tool of the field's that cargo builds, into target/tools. What several of them are made of is
# built once, without what only a debugger wants.
need_tool() {
  local program=$1 crate=$2
  shift 2
  if [ -x "target/tools/bin/$program" ]; then return; fi
  if ! CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR=target/tools/build cargo install "$crate" "$@" --locked --debug --quiet --root target/tools; then
    echo "missing: $program, which could not be fetched; with a network, 'cargo install $crate $* --locked --root target/tools' installs it" >&2
    exit 1
  fi
}
