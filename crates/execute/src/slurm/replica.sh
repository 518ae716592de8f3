# Runs one replica of the attempt whose folder is $1, and leaves a record of its end there.
folder=$1
cd -- "$folder" || exit 125
# The job as the hub wants it, devices of a replica, its CPUs, how many replicas, a folder, a number of words, those words.
mapfile -d '' -t parts <attempt
devices=${parts[1]} replicas=${parts[3]} directory=${parts[4]} count=${parts[5]}
argv=("${parts[@]:6:count}")
# Then for each replica its node and its environment. The hub says which replicas are on which node.
at=$((6 + count)) before=0
for ((rank = 0; rank < replicas; rank++)); do
  count=${parts[at + 1]}
  environment=("${parts[@]:at+2:count}")
  if [ "$replicas" -eq 1 ]; then
    break
  elif [ "${parts[at]}" = "$SLURMD_NODENAME" ]; then
    [ "$before" -eq "$SLURM_LOCALID" ] && break
    before=$((before + 1))
  fi
  at=$((at + 2 + count))
done
if [ "$devices" -gt 0 ]; then
  # Those that the cluster gave, shared out among the replicas of this node.
  given=${CUDA_VISIBLE_DEVICES:-${ASCEND_RT_VISIBLE_DEVICES:-${ROCR_VISIBLE_DEVICES:-${SLURM_STEP_GPUS:-${SLURM_JOB_GPUS:-}}}}}
  IFS=, read -r -a given <<<"$given"
  given=("${given[@]:$((${SLURM_LOCALID:-0} * devices)):devices}")
  mine=$(IFS=, && printf '%s' "${given[*]}")
  environment+=("SHUGU_DEVICES=$mine" "CUDA_VISIBLE_DEVICES=$mine" "ASCEND_RT_VISIBLE_DEVICES=$mine" "HIP_VISIBLE_DEVICES=$mine")
fi
exec 3>&1 4>&2
exec >"replica-$rank.stdout" 2>"replica-$rank.stderr" </dev/null
began=${EPOCHREALTIME:-$(date +%s.%6N)}
problem=
code=127
if [ -n "$directory" ] && ! cd -- "$directory" 2>/dev/null; then
  problem="there is no folder $directory"
elif ! type -P -- "${argv[0]}" >/dev/null; then
  problem="there is no program ${argv[0]}"
else
  # A signal that ends the program must not end its witness; the program itself takes signals as ever.
  trap : TERM INT HUP USR1 USR2 CONT
  case ${argv[0]} in
    *=*) env -- "${environment[@]}" sh -c 'exec "$@"' sh "${argv[@]}" ;;
    *) env -- "${environment[@]}" "${argv[@]}" ;;
  esac
  code=$?
fi
exec >&3 2>&4
{
  printf '%s %s %s\n%s\n' "$code" "$began" "${EPOCHREALTIME:-$(date +%s.%6N)}" "${problem//$'\n'/ }"
  times
  echo .
} >"$folder/end.$rank"
exit "$code"
