# Runs a batch script as Slurm would: with what Slurm tells it by the environment, and an `srun` that starts its tasks here.
# $1 is the script, $2 the first number of an array or all of its numbers, $3 what lies between two of them, $4 tasks of a node;
# what follows is for the script.
# Each replica has its own, as they may share the job's folder: what one runs another must not write.
folder=${SHUGU_FOLDER:-.}/slurm.${SHUGU_REPLICA:-0}
mkdir -p "$folder/bin" || exit 126
batch=$folder/script
printf '%s' "$1" > "$batch" && chmod 700 "$batch" || exit 126
numbers=$2 between=$3 tasks=$4
shift 4
export SLURM_JOB_ID="${SHUGU_JOB_ID##*-}" SLURM_JOBID="${SHUGU_JOB_ID##*-}" SLURM_JOB_NAME="$SHUGU_JOB_NAME"
export SLURM_NNODES="${SHUGU_REPLICAS:-1}" SLURM_JOB_NUM_NODES="${SHUGU_REPLICAS:-1}" SLURM_NODEID="${SHUGU_REPLICA:-0}"
export SLURM_NTASKS_PER_NODE="$tasks" SLURM_NTASKS=$((${SHUGU_REPLICAS:-1} * tasks)) SLURM_NPROCS=$((${SHUGU_REPLICAS:-1} * tasks))
export SLURM_PROCID=$((${SHUGU_REPLICA:-0} * tasks)) SLURM_LOCALID=0 SLURM_JOB_NODELIST="$SHUGU_PEERS" SLURM_NODELIST="$SHUGU_PEERS"
export SLURM_SUBMIT_DIR="$PWD" SLURM_RESTART_COUNT=$((${SHUGU_ATTEMPT:-1} - 1)) SLURM_CLUSTER_NAME=shugu
if [ -n "$SHUGU_ARRAY_INDEX" ]; then
    export SLURM_ARRAY_JOB_ID="${SHUGU_ARRAY##*-}" SLURM_ARRAY_TASK_COUNT="$SHUGU_ARRAY_COUNT"
    if [ "$between" -gt 0 ]; then
        export SLURM_ARRAY_TASK_ID=$((numbers + between * SHUGU_ARRAY_INDEX))
    else
        export SLURM_ARRAY_TASK_ID="$(echo "$numbers" | cut -d, -f$((SHUGU_ARRAY_INDEX + 1)))"
    fi
fi
cat > "$folder/bin/srun" <<'SRUN'
#!/bin/sh
# Starts a command once for each task of this node; options of srun that place or bind are left to the hub, which did both.
while [ $# -gt 0 ]; do
    case $1 in
        --) shift; break ;;
        --exclusive|--label|--unbuffered|--overlap|--exact|--pty|--quiet|--verbose|--kill-on-bad-exit|--mpi=*|--*=*) shift ;;
        --*) shift; [ $# -gt 0 ] && shift ;;
        -[lKuQvsO]) shift ;;
        -??*) shift ;;
        -*) shift; [ $# -gt 0 ] && shift ;;
        *) break ;;
    esac
done
[ $# -gt 0 ] || { echo "srun: nothing to run" >&2; exit 1; }
first=$((SLURM_NODEID * SLURM_NTASKS_PER_NODE))
[ "$SLURM_NTASKS_PER_NODE" -eq 1 ] && exec "$@"
pids='' at=0 worst=0
while [ $at -lt "$SLURM_NTASKS_PER_NODE" ]; do
    SLURM_LOCALID=$at LOCAL_RANK=$at SLURM_PROCID=$((first + at)) RANK=$((first + at)) WORLD_SIZE=$SLURM_NTASKS "$@" &
    pids="$pids $!" at=$((at + 1))
done
for pid in $pids; do
    wait "$pid" || { code=$?; [ $code -gt $worst ] && worst=$code; }
done
exit $worst
SRUN
chmod 700 "$folder/bin/srun"
PATH=$(cd "$folder/bin" && pwd):$PATH
export PATH
exec "$(cd "$folder" && pwd)/script" "$@"
