#!/usr/bin/env bash
# Makes a Debian package of a built program, and prints its path:
# tools/package.sh PROGRAM [--version VERSION] [--out FOLDER] [--licences FILE] [--fast]
# FILE is what packaging/licences.py printed; a fast package is a larger one. Equal programs give equal packages, byte for byte: times
# are those of SOURCE_DATE_EPOCH, else of the last commit. DEB_MAINTAINER is who answers for it.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$top/tools/packages.sh"
usage() { echo "usage: tools/package.sh PROGRAM [--version VERSION] [--out FOLDER] [--licences FILE] [--fast]" >&2; exit 2; }

program='' version='' out=. licences='' level=6
while [ $# -gt 0 ]; do
  case $1 in
    --version | --out | --licences) [ $# -ge 2 ] || usage; declare "${1#--}=$2"; shift 2 ;;
    --fast) level=1; shift ;;
    -*) usage ;;
    *) [ -z "$program" ] || usage; program=$1; shift ;;
  esac
done
[ -n "$program" ] || usage
[ -x "$program" ] && [ -f "$program" ] || { echo "error: $program is not a program" >&2; exit 2; }
program=$(realpath "$program")
if [ -z "$licences" ]; then
  echo "note: without --licences this package names no licences of linked libraries, and is not for others" >&2
elif [ ! -s "$licences" ]; then
  echo "error: $licences: there is no such file" >&2
  exit 2
fi
need_packages dpkg-deb:dpkg dpkg-shlibdeps:dpkg-dev strip:binutils gzip:gzip xz:xz-utils
own=$("$program" --version | cut -d ' ' -f 2)
version=${version:-$own}
dpkg --validate-version "$version" || exit 2
architecture=$(dpkg --print-architecture)
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
  SOURCE_DATE_EPOCH=$(git -C "$top" log -1 --format=%ct 2>/dev/null || stat -c %Y "$top/CHANGELOG.md")
fi
export SOURCE_DATE_EPOCH LC_ALL=C.UTF-8 TZ=UTC
umask 022

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root from=$top/packaging
put() { install -D -m "$1" "$2" "$root$3"; }

put 755 "$program" /usr/bin/shugu
strip --strip-all --remove-section=.comment "$root/usr/bin/shugu"
# Without the caller's environment, which help texts would show.
shugu() { env -i PATH=/usr/bin:/bin HOME=/nonexistent "$root/usr/bin/shugu" "$@"; }
mkdir -p "$root/usr/share/man/man1"
shugu man "$root/usr/share/man/man1"
gzip -9n "$root"/usr/share/man/man1/*
mkdir -p "$root"/usr/share/{bash-completion/completions,zsh/vendor-completions,fish/vendor_completions.d}
shugu completions bash >"$root/usr/share/bash-completion/completions/shugu"
shugu completions zsh >"$root/usr/share/zsh/vendor-completions/_shugu"
shugu completions fish >"$root/usr/share/fish/vendor_completions.d/shugu.fish"

for unit in "$from"/systemd/*; do put 644 "$unit" "/usr/lib/systemd/system/${unit##*/}"; done
put 755 "$from/lib/agent" /usr/lib/shugu/agent
put 755 "$from/lib/wait-for-hub" /usr/lib/shugu/wait-for-hub
put 644 "$from/etc/shugu.toml" /etc/shugu/shugu.toml
put 644 "$from/etc/default" /etc/default/shugu
install -d -m 700 "$root/etc/shugu/agents"

doc=/usr/share/doc/shugu
put 644 "$from/debian/copyright" $doc/copyright
put 644 "$from/etc/agent.env" $doc/examples/agent.env
for page in "$top"/docs/*.md; do put 644 "$page" "$doc/guide/${page##*/}"; done
for page in "$top"/docs/kubernetes/*.yaml; do put 644 "$page" "$doc/guide/kubernetes/${page##*/}"; done
put 644 "$top/CHANGELOG.md" $doc/CHANGELOG.md
maintainer=${DEB_MAINTAINER:-The authors of Shugu <shugu@localhost>}
printf 'shugu (%s) unstable; urgency=medium\n\n  * What is new is in CHANGELOG.md.\n\n -- %s  %s\n' "$version" "$maintainer" \
  "$(date -R --date "@$SOURCE_DATE_EPOCH")" >"$root$doc/changelog"
gzip -9n "$root$doc/changelog" "$root$doc/CHANGELOG.md"
if [ -n "$licences" ]; then gzip -9n <"$licences" >"$root$doc/THIRD-PARTY.gz"; fi
put 644 "$from/debian/lintian-overrides" /usr/share/lintian/overrides/shugu

# What it is linked with, by Debian's own account of it.
mkdir -p "$work/about/debian"
printf 'Source: shugu\n\nPackage: shugu\nArchitecture: any\n' >"$work/about/debian/control"
depends=$(cd "$work/about" && dpkg-shlibdeps -O "$root/usr/bin/shugu" 2>/dev/null | sed -n 's/^shlibs:Depends=/, /p')

mkdir -p "$root/DEBIAN"
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@MAINTAINER@/$maintainer/" \
  -e "s/@SIZE@/$(du -k -s --apparent-size --exclude=DEBIAN "$root" | cut -f 1)/" -e "s/@DEPENDS@/$depends/" \
  "$from/debian/control" >"$root/DEBIAN/control"
for script in config postinst prerm postrm; do install -m 755 "$from/debian/$script" "$root/DEBIAN/$script"; done
install -m 644 "$from/debian/conffiles" "$from/debian/templates" "$root/DEBIAN/"
(cd "$root" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
find "$root" -exec touch --no-dereference --date "@$SOURCE_DATE_EPOCH" {} +

mkdir -p "$out"
package=$out/shugu_${version}_$architecture.deb
dpkg-deb --root-owner-group -Zxz -z"$level" --build "$root" "$package" >&2
echo "$package"
