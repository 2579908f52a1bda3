#!/usr/bin/env bash
# Measures the server with the load generator of this repository: memory and an O_DIRECT file, reads and writes, 4 KiB and 128 KiB, then what
# it uses at rest. Rounds are interleaved; every figure is printed, and the table at the end holds the medians. Nothing else should run meanwhile.
#   benchmarks/measure.sh [ROUNDS] [SECONDS]      (3 rounds, 3 seconds)
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
. ./eng/require-dotnet.sh

rounds=${1:-3} seconds=${2:-3}
dotnet build src/ManagedNvmet.Server -c Release -v quiet -nologo >/dev/null
dotnet build benchmarks/ManagedNvmet.LoadGenerator -c Release -v quiet -nologo >/dev/null
server=src/ManagedNvmet.Server/bin/Release/net10.0/managed-nvmet
load=benchmarks/ManagedNvmet.LoadGenerator/bin/Release/net10.0/nvme-load
nqn=nqn.2026-11.io.example:measure

work=$(mktemp -d -p "${TMPDIR:-/var/tmp}")
declare -A pids
cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

start() { # NAME PORT DISK
  # The server on one core and the load on the other, where there are two.
  $(command -v taskset >/dev/null && [ "$(nproc)" -gt 1 ] && echo taskset -c 0) \
    "$server" --namespace "$3" --listen "127.0.0.1:$2" --nqn "$nqn" --shards 1 --state-directory "$work/state-$1" \
    --log-level Warning >"$work/$1.log" 2>&1 &
  pids[$1]=$!
  for _ in $(seq 100); do
    grep -qs "nvme connect" "$work/$1.log" && return
    sleep 0.1
  done
  cat "$work/$1.log" >&2
  exit 1
}

start memory 24420 mem:1G
# Written once, so that reads find blocks and not holes.
dd if=/dev/urandom of="$work/disk.img" bs=1M count=1024 status=none
start file 24421 "$work/disk.img"
declare -A ports=([memory]=24420 [file]=24421)

pin=$(command -v taskset >/dev/null && [ "$(nproc)" -gt 1 ] && echo taskset -c 1 || true)
for round in $(seq "$rounds"); do
  for disk in memory file; do
    for work_load in "--size 4096 --depth 32" "--size 4096 --depth 32 --reads 0" "--size 4096 --depth 1" \
      "--size 131072 --depth 8 --sequential" "--size 131072 --depth 8 --sequential --reads 0"; do
      line=$($pin "$load" "127.0.0.1:${ports[$disk]}" "$nqn" --seconds "$seconds" --server-pid "${pids[$disk]}" $work_load)
      echo "$disk: $line" | tee -a "$work/results"
    done
  done
done

echo
echo "Medians of $rounds rounds"
awk -F': ' '
  {
    key = $1 ": " $2; value = $3
    match(value, /^[0-9]+/); iops = substr(value, RSTART, RLENGTH)
    match(value, /CPU [0-9.]+/); cpu = substr(value, RSTART + 4, RLENGTH - 4)
    match(value, /mean [0-9.]+/); mean = substr(value, RSTART + 5, RLENGTH - 5)
    if (!(key in n)) order[++keys] = key
    n[key]++; i[key, n[key]] = iops + 0; c[key, n[key]] = cpu + 0; m[key, n[key]] = mean + 0
  }
  function median(a, key, count,   x, y, t, v) {
    for (x = 1; x <= count; x++) v[x] = a[key, x]
    for (x = 1; x <= count; x++) for (y = x + 1; y <= count; y++) if (v[y] < v[x]) { t = v[x]; v[x] = v[y]; v[y] = t }
    return v[int((count + 1) / 2)]
  }
  END {
    printf "%-62s %10s %14s %12s\n", "", "IOPS", "CPU us/command", "mean us"
    for (k = 1; k <= keys; k++)
      printf "%-62s %10d %14.2f %12.1f\n", order[k], median(i, order[k], n[order[k]]), median(c, order[k], n[order[k]]), median(m, order[k], n[order[k]])
  }' "$work/results"

echo
pid=${pids[memory]}
before=$(awk '{ print $14 + $15 }' "/proc/$pid/stat")
sleep 10
after=$(awk '{ print $14 + $15 }' "/proc/$pid/stat")
echo "At rest, after the load: $((after - before)) ticks of 10 ms in 10 s; resident $(awk '/VmRSS/ { print int($2 / 1024) }' "/proc/$pid/status") MiB (memory disk of 1 GiB included)," \
  "$(awk '/VmRSS/ { print int($2 / 1024) }' "/proc/${pids[file]}/status") MiB (file)"
