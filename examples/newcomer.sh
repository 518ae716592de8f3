#!/usr/bin/env bash
# The first ten minutes in a shell: a hub, a job, why it waits, what it writes, what it costs. `shugu` is on the path; SHUGU_DIR names a new folder.
set -euo pipefail
shugu up --census "$1" --listen 127.0.0.1:0 >"$SHUGU_DIR.ready" 2>/dev/null & hub=$!
until [ -s "$SHUGU_DIR.ready" ]; do sleep 0.1; done
shugu submit --tenant llm-lab --name hello -- sh -c 'echo hello from $(hostname)'
shugu why job-1
shugu wait job-1
shugu logs job-1
shugu statement --tenant llm-lab
kill "$hub" && wait "$hub"
