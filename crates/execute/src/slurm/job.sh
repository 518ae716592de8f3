#!/bin/bash
# Runs one attempt of a job. What it runs is data in the file `attempt` of the attempt's folder ($1) and is never read as
# shell text; $2 is what runs one replica, $3 how many there are, and $4 how many CPUs each has.
cd -- "$1" || exit 125
# The cluster may hold an attempt twice, if it took it and could not say so. Only the first that comes here runs.
set -o noclobber
{ printf '%s %s .\n' "$SLURM_JOB_ID" "${EPOCHREALTIME:-$(date +%s.%6N)}" >claim; } 2>/dev/null || exit 124
set +o noclobber
if [ "$3" -eq 1 ]; then
  . "$2" "$1"
fi
groups=()
if [ -n "${SLURM_HET_SIZE:-}" ]; then
  groups=(--het-group="0-$((SLURM_HET_SIZE - 1))")
fi
exec srun "${groups[@]}" --cpus-per-task="$4" --kill-on-bad-exit=1 --input=none bash "$2" "$1"
