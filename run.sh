#!/usr/bin/env bash
# Builds the server and runs it; arguments go to it. Without arguments: a default disk on 127.0.0.1:4420.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
. ./eng/require-dotnet.sh

project=src/ManagedNvmet.Server
server=$project/bin/Release/net10.0/managed-nvmet
# A log on the side, shown only when the build fails: what a user came for is the server's own output.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
[ -x "$server" ] || echo "Building ManagedNvmet (about a minute the first time) …" >&2
if ! dotnet build "$project" -c Release -v quiet -nologo >"$log" 2>&1; then
  cat "$log" >&2
  echo "run.sh: the build failed; see above." >&2
  exit 1
fi
rm -f "$log"
trap - EXIT
exec "$server" "$@"
