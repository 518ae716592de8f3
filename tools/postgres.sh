#!/usr/bin/env bash
# Runs a command beside a PostgreSQL server of its own: tools/postgres.sh COMMAND…
# The server is Debian's, in a temporary folder, on a free port of loopback, not as root, and gone with the command, which finds its
# address in SHUGU_TEST_POSTGRES.
set -euo pipefail
[ $# -gt 0 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
[ -x "$bin/initdb" ] || { echo "no PostgreSQL server is installed (Debian: postgresql)" >&2; exit 1; }
folder=$(mktemp -d "${TMPDIR:-/tmp}/shugu-postgres.XXXXXX")
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
as() { "$@"; }
if [ "$(id -u)" -eq 0 ]; then
  # The server refuses to run as root.
  chown postgres "$folder"
  as() { setpriv --reuid=postgres --regid=postgres --clear-groups env HOME=/nonexistent "$@"; }
fi
cd "$folder"
end() { as "$bin/pg_ctl" stop -D "$folder/data" -m immediate -w >/dev/null 2>&1 || true; rm -rf "$folder"; }
trap end EXIT
as "$bin/initdb" -D "$folder/data" -U hub -A trust -E UTF8 --locale=C >/dev/null
as "$bin/pg_ctl" start -D "$folder/data" -w -l "$folder/log" \
  -o "-p $port -c listen_addresses=127.0.0.1 -k $folder -c max_connections=600 -c shared_buffers=256MB ${POSTGRES_OPTIONS:-}" >/dev/null ||
  { cat "$folder/log" >&2; exit 1; }
cd "$OLDPWD"
SHUGU_TEST_POSTGRES="postgres://hub@127.0.0.1:$port" SHUGU_TEST_POSTGRES_FOLDER="$folder" "$@"
