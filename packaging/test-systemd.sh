#!/usr/bin/env bash
# The package on a machine with systemd: boots one in QEMU, installs the package of a built program, and looks whether hub, keeper
# and agent do in it what they are said to do: packaging/test-systemd.sh PROGRAM
# It needs root (for file owners in the machine's image), no accelerated QEMU, about three minutes, and 3 GB below target/.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$top/tools/packages.sh"
[ $# -eq 1 ] && [ -x "$1" ] || { echo "usage: packaging/test-systemd.sh PROGRAM" >&2; exit 2; }
program=$(realpath "$1")
if [ "$(id -u)" -ne 0 ] || [ "$(dpkg --print-architecture)" != amd64 ]; then
  echo "SKIPPED: a machine with systemd: needs root, and amd64"
  exit 0
fi
need_packages qemu-system-x86_64:qemu-system-x86 debootstrap:debootstrap mke2fs:e2fsprogs

base=${SHUGU_TEST_MACHINE:-$top/target/test-machine}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The machine without the package, made once.
if [ ! -f "$base/made" ]; then
  echo "making a machine in $base (once, about a minute)"
  rm -rf "$base"
  mkdir -p "$base"
  debootstrap --variant=minbase --include=systemd-sysv,dbus,adduser,debconf,init-system-helpers,procps,curl,libstdc++6,kmod,initramfs-tools \
    bookworm "$base/root" >"$base/log" 2>&1 || { tail "$base/log" >&2; exit 1; }
  chroot "$base/root" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends linux-image-cloud-amd64 >>"$base/log" 2>&1
  rm -rf "$base"/root/var/cache/apt "$base"/root/var/lib/apt/lists "$base"/root/usr/share/{locale,man}
  touch "$base/made"
fi

cp -a "$base/root" "$work/root"
root=$work/root
"$top/tools/package.sh" "$program" --fast --version 0.1.0+test1 --out "$work" >/dev/null 2>&1
"$top/tools/package.sh" "$program" --fast --version 0.1.0+test2 --out "$work" >/dev/null 2>&1
install -m 644 "$work"/shugu_*.deb "$root/root/"
install -m 755 "$top/packaging/test-systemd-inside.sh" "$root/root/inside"
cat >"$root/etc/systemd/system/inside.service" <<'U'
[Service]
ExecStart=/root/inside
ExecStopPost=/bin/systemctl poweroff --force
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS0
U
mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
ln -s ../inside.service "$root/etc/systemd/system/multi-user.target.wants/inside.service"
ln -sf /dev/null "$root/etc/systemd/system/serial-getty@ttyS0.service"
echo "/dev/vda / ext4 rw 0 0" >"$root/etc/fstab"
echo machine >"$root/etc/hostname"
echo "127.0.0.1 localhost machine" >"$root/etc/hosts"
truncate -s 2G "$work/disk"
mke2fs -q -t ext4 -d "$root" "$work/disk"
rm -rf "$root"

accelerator=tcg
if [ -w /dev/kvm ] && grep -qE 'vmx|svm' /proc/cpuinfo; then accelerator=kvm; fi
timeout 900 qemu-system-x86_64 -M q35 -accel "$accelerator" -cpu max -smp 1 -m 1536 -nographic -no-reboot -nic none \
  -kernel "$base"/root/boot/vmlinuz-* -initrd "$base"/root/boot/initrd.img-* \
  -drive "file=$work/disk,if=virtio,format=raw,cache=unsafe" \
  -append "root=/dev/vda rw console=ttyS0 quiet loglevel=0 systemd.show_status=0" </dev/null 2>&1 |
  sed -u 's/\r//g; s/\x1b[^a-zA-Z]*[a-zA-Z]//g; /SeaBIOS/d; s/^Booting from ROM[. c]*//' | tee "$work/said"
grep -qE '^[0-9]+ passed, 0 failed$' "$work/said"
