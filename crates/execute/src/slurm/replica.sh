# Runs one replica of the attempt whose folder is $1, and leaves a record of its end there.
folder=$1
cd -- "$folder" || exit 125
. ./settings
rank=0
if [ -e gang ]; then
  # The hub says which replicas are on which node.
  while read -r node ranks; do
    if [ "$node" = "$SLURMD_NODENAME" ]; then
      read -r -a ranks <<<"$ranks"
      rank=${ranks[$SLURM_LOCALID]}
    fi
  done <gang
fi
mapfile -d '' -t argv <argv
mapfile -d '' -t environment <"environment.$rank"
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
mapfile -d '' -t directory <directory
began=${EPOCHREALTIME:-$(date +%s.%6N)}
problem=
code=127
if [ "${#directory[@]}" -gt 0 ] && ! cd -- "${directory[0]}" 2>/dev/null; then
  problem="there is no folder ${directory[0]}"
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
