#!/usr/bin/env bash
# Installs what the tests need and runs every test. The last line is "N passed, N failed, N skipped".
#   ./test.sh              everything
#   ./test.sh --quick      without the stock Linux hosts in QEMU
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")"
. ./eng/require-dotnet.sh

quick=
case "${1:-}" in
  --quick) quick=1 ;;
  "") ;;
  *) echo "usage: ./test.sh [--quick]" >&2; exit 2 ;;
esac

passed=0 failed=0 skipped=0
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
trap 'echo "test.sh: stopped" >&2; exit 130' INT

say() { printf '%s %s\n' "$(date +%H:%M:%S)" "$*"; }

# A check that is one test: a name and a command.
check() {
  local name=$1 log=$results/check.log start=$SECONDS
  shift
  if "$@" >"$log" 2>&1; then
    passed=$((passed + 1))
    say "ok      $name ($((SECONDS - start)) s)"
  else
    failed=$((failed + 1))
    say "FAILED  $name ($((SECONDS - start)) s)"
    tail -n 40 "$log"
  fi
}

# One test project: counts come from the runner's own report.
suite() {
  local project=$1 report=$results/$1.xml log=$results/$1.log counts start=$SECONDS
  "tests/$project/bin/Release/net10.0/$project" -noColor -noLogo -xml "$report" >"$log" 2>&1 </dev/null
  local rc=$?
  if [ ! -s "$report" ]; then
    failed=$((failed + 1))
    say "FAILED  $project ended with $rc and no report"
    tail -n 40 "$log"
    return
  fi
  # The report's <assembly> elements carry the counts; errors outside of tests count as failures.
  local p f s e
  p=$(count passed "$report") f=$(count failed "$report") s=$(count skipped "$report") e=$(count errors "$report")
  f=$((f + e))
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  say "$([ "$f" = 0 ] && echo "ok     " || echo "FAILED ") $project: $p passed, $f failed, $s skipped ($((SECONDS - start)) s)"
  if [ "$f" != 0 ]; then
    grep -E '^ +[^ ].*\[FAIL\]|^ {6}' "$log" | head -n 80
  fi
  if [ "$s" != 0 ]; then
    grep -A1 -F '[SKIP]' "$log" | grep -v '^--' | sed 's/^/        /'
  fi
}

# The server by the user's command, on a free port and with a state folder of its own.
run_sh_serves() {
  local state out pid line
  state=$(mktemp -d) out=$(mktemp)
  XDG_STATE_HOME=$state ./run.sh --listen 127.0.0.1:0 >"$out" 2>&1 </dev/null &
  pid=$!
  for _ in $(seq 300); do
    line=$(grep -o 'nvme connect  -t tcp -a 127.0.0.1 -s [0-9]* -n nqn.*' "$out") && break
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.2
  done
  kill -TERM "$pid" 2>/dev/null
  wait "$pid"
  local rc=$?
  cat "$out"
  rm -rf "$state" "$out"
  [ "$rc" = 0 ] && [ -n "$line" ]
}

# The form that is recommended: native code, which must do all that the other forms do. The publish ends at any warning.
native_form_serves() {
  local folder nqn=nqn.2026-11.io.example:native pid port rc=1
  folder=$(mktemp -d)
  if dotnet publish src/ManagedNvmet.Server -c Release -r linux-x64 -p:PublishAot=true -v quiet -nologo -o "$folder/server"; then
    "$folder/server/managed-nvmet" --namespace mem:16M --listen 127.0.0.1:0 --nqn "$nqn" --state-directory "$folder/state" \
      --management-socket "$folder/socket" >"$folder/out" 2>&1 </dev/null &
    pid=$!
    for _ in $(seq 100); do
      port=$(sed -n 's/.*nvme connect .*-s \([0-9]*\) -n nqn.*/\1/p' "$folder/out") && [ -n "$port" ] && break
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    benchmarks/ManagedNvmet.LoadGenerator/bin/Release/net10.0/nvme-load "127.0.0.1:$port" "$nqn" --read-percent 50 --verify --seconds 1 &&
      "$folder/server/managed-nvmet" status --server "$folder/socket" | grep -F "$nqn" && rc=0
    kill -TERM "$pid" 2>/dev/null
    wait "$pid" || rc=1
    cat "$folder/out"
  fi
  rm -rf "$folder"
  return "$rc"
}

count() {
  grep -o '<assembly [^>]*>' "$2" | sed -n 's/.* '"$1"'="\([0-9]*\)".*/\1/p' | awk '{ n += $1 } END { print n + 0 }'
}

# The commands that the tests call, and the Debian package of each. As root the missing packages are installed; for another user they are named.
install_packages() {
  local start=$SECONDS command package
  local -A missing=()
  while read -r command package; do
    command -v "$command" >/dev/null 2>&1 || missing[$package]=$command
  done <<'END'
gcc build-essential
losetup util-linux
setpriv util-linux
mount mount
mkfs.ext4 e2fsprogs
dmsetup dmsetup
ip iproute2
systemd-analyze systemd
chromium chromium
tshark tshark
dbus-daemon dbus
avahi-daemon avahi-daemon
avahi-browse avahi-utils
END
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    say "some tests will be skipped: not installed: ${missing[*]}. As root: apt-get install ${!missing[*]}"
    return 0
  fi
  say "installing ${!missing[*]}"
  # A fresh machine has no package lists, and old lists name packages that the archive no longer has.
  if ! apt-get update -qq >"$results/apt.log" 2>&1; then
    say "apt-get update failed; the installation goes on with the package lists that are here:"
    tail -n 5 "$results/apt.log"
  fi
  # One by one, so that a package that the archive lacks does not keep the others away.
  for package in "${!missing[@]}"; do
    if ! DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >"$results/apt.log" 2>&1; then
      say "$package cannot be installed; the tests that need ${missing[$package]} will be skipped:"
      tail -n 5 "$results/apt.log"
    fi
  done
  say "packages: $((SECONDS - start)) s"
}

install_packages
say "building"
check "the solution builds without a warning" dotnet build ManagedNvmet.sln -c Release -v quiet -nologo
check "the code is formatted" dotnet format ManagedNvmet.sln --verify-no-changes --no-restore -v quiet
check "run.sh serves and prints the line to type on the host" run_sh_serves
check "the server as native code serves, and its verbs answer" native_form_serves
check "the scripts parse" bash -n run.sh test.sh .ci/run eng/*.sh benchmarks/*.sh tests/ManagedNvmet.EndToEnd/*.sh

if [ -z "$quick" ]; then
  # Builds the guests into a folder outside the repository; a second run finds them there.
  say "preparing the stock Linux hosts (minutes the first time)"
  start=$SECONDS
  if ! tests/ManagedNvmet.EndToEnd/setup.sh; then
    say "the stock Linux hosts are not to be had here; their tests will be skipped"
    # A CI that tests less than it should must not look as if it had tested everything.
    [ -z "${CI:-}" ] || failed=$((failed + 1))
  fi
  say "stock Linux hosts: $((SECONDS - start)) s"
fi

for folder in tests/*/; do
  project=$(basename "$folder")
  [ -x "tests/$project/bin/Release/net10.0/$project" ] || continue
  if [ -n "$quick" ] && [ "$project" = ManagedNvmet.EndToEnd ]; then
    continue
  fi
  suite "$project"
done

[ $((passed + failed)) -gt 0 ] || failed=1
say "all parts: $((SECONDS / 60)) min $((SECONDS % 60)) s"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
