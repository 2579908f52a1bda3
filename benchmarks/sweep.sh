#!/usr/bin/env bash
# Runs the loads of the plots and tables on one or several targets, interleaved, and leaves a JSON file for each run.
#   benchmarks/sweep.sh --output FOLDER [--rounds N] [--seconds S] [--loads curves|table|all] [--server BINARY]
#     [--target 'LABEL,ADDRESS,NQN[,NSID[,PID]]']...
# Without --target it starts this repository's server with a memory disk, a null disk and a file (O_DIRECT) and measures these: the server
# that --server names, or else that of this tree, published as native code.
# Where there are two processors, that server has the first and the load the last. Nothing else should run meanwhile.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
. ./eng/require-dotnet.sh
. ./eng/publish-native.sh

output='' rounds=3 seconds=3 loads=curves server='' targets=()
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || { echo "sweep.sh: $1 needs a value; the first lines of $0 list the options" >&2; exit 2; }
  case $1 in
    --output) output=$2 ;;
    --rounds) rounds=$2 ;;
    --seconds) seconds=$2 ;;
    --loads) loads=$2 ;;
    --server) server=$2 ;;
    --target) targets+=("$2") ;;
    *) echo "sweep.sh: there is no option $1; the first lines of $0 list the options" >&2; exit 2 ;;
  esac
  shift 2
done
[ -n "$output" ] || { echo "sweep.sh: --output FOLDER is missing" >&2; exit 2; }
[[ -z $server || ( -f $server && -x $server ) ]] || { echo "sweep.sh: --server is $server, which is no program" >&2; exit 2; }
case $loads in curves | table | all) ;; *) echo "sweep.sh: --loads is $loads, expected curves, table or all" >&2; exit 2 ;; esac
mkdir -p "$output"

echo "Building …" >&2
publish_native benchmarks/ManagedNvmet.LoadGenerator sweep/load
load=artifacts/sweep/load/nvme-load
first=() last=()
if command -v taskset >/dev/null && [ "$(nproc)" -gt 1 ]; then
  first=(taskset -c 0) last=(taskset -c $(($(nproc) - 1)))
fi

if [ ${#targets[@]} = 0 ]; then
  if [ -z "$server" ]; then
    publish_native src/ManagedNvmet.Server sweep/server
    server=artifacts/sweep/server/managed-nvmet
  fi
  work=$(mktemp -d -p "${TMPDIR:-/var/tmp}")
  pid=
  cleanup() {
    [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
    wait
    rm -rf "$work"
  }
  trap cleanup EXIT
  trap 'exit 130' INT TERM
  # Written once, so that reads find blocks and not holes; the memory disk further down.
  dd if=/dev/urandom of="$work/disk.img" bs=1M count=1024 status=none
  nqn=nqn.2026-11.io.example:sweep
  "${first[@]}" "$server" --namespace mem:1G --namespace null:1T --namespace "$work/disk.img" \
    --listen 127.0.0.1:0 --nqn $nqn --shards 1 --state-directory "$work/state" --log-level Warning >"$work/server.log" 2>&1 &
  pid=$!
  for _ in $(seq 100); do
    port=$(sed -n 's/^ *listening *127.0.0.1:\([0-9]*\).*/\1/p' "$work/server.log")
    [ -z "$port" ] || break
    sleep 0.1
  done
  [ -n "$port" ] || { cat "$work/server.log" >&2; exit 1; }
  "${last[@]}" "$load" "127.0.0.1:$port" $nqn --size 128k --depth 16 --pattern sequential --read-percent 0 --warm-up 0 --seconds 5 --quiet >/dev/null
  targets=("memory,127.0.0.1:$port,$nqn,1,$pid" "null,127.0.0.1:$port,$nqn,2,$pid" "file,127.0.0.1:$port,$nqn,3,$pid")
fi

works=()
if [ "$loads" != table ]; then
  for depth in 1 2 4 8 16 32 64 128; do works+=("--depth $depth"); done
  for queues in 4 16 64; do works+=("--queues $queues --depth $((128 / queues))"); done
fi
if [ "$loads" != curves ]; then
  [ "$loads" = all ] || works+=("--depth 1" "--depth 32" "--depth 128")
  works+=("--depth 32 --read-percent 0" "--depth 128 --read-percent 0" "--depth 32 --read-percent 70"
    "--size 128k --depth 32 --pattern sequential" "--size 128k --depth 32 --pattern sequential --read-percent 0"
    "--depth 32 --header-digest --data-digest" "--size 128k --depth 32 --pattern sequential --header-digest --data-digest")
fi

for round in $(seq "$rounds"); do
  number=0
  for work_load in "${works[@]}"; do
    number=$((number + 1))
    for target in "${targets[@]}"; do
      IFS=, read -r label address nqn namespace process <<<"$target"
      file=$(printf '%s/%s-%02d-%d.json' "$output" "${label//[^A-Za-z0-9]/-}" "$number" "$round")
      printf '%s: %s\n' "$label" "$work_load" >&2
      # shellcheck disable=SC2086  # the options of a load are words
      "${last[@]}" "$load" "$address" "$nqn" --namespace "${namespace:-1}" ${process:+--server-pid "$process"} --label "$label" \
        --seconds "$seconds" --json "$file" --quiet $work_load >/dev/null
    done
  done
done
