#!/bin/bash
# Runs one attempt of a job. What it runs is data in the attempt's folder ($1) and is never read as shell text; $2 is
# what runs one replica.
cd -- "$1" || exit 125
# The cluster may hold an attempt twice, if it took it and could not say so. Only the first that comes here runs.
set -o noclobber
{ printf '%s %s .\n' "$SLURM_JOB_ID" "${EPOCHREALTIME:-$(date +%s.%6N)}" >claim; } 2>/dev/null || exit 124
set +o noclobber
if [ ! -e gang ]; then
  . "$2" "$1"
fi
parts=()
if [ -n "${SLURM_HET_SIZE:-}" ]; then
  parts=(--het-group="0-$((SLURM_HET_SIZE - 1))")
fi
. ./settings
exec srun "${parts[@]}" --cpus-per-task="$cpus" --kill-on-bad-exit=1 --input=none bash "$2" "$1"
