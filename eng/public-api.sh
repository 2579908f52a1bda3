#!/usr/bin/env bash
# Writes PublicAPI.Unshipped.txt of libraries anew from what is public in their code.
#   eng/public-api.sh ManagedNvmet.Target     # one library
#   eng/public-api.sh                         # all of them, which takes a minute or two
set -euo pipefail
cd "$(dirname "$0")/.."

if [ $# = 0 ]; then
  set -- $(for file in src/*/PublicAPI.Unshipped.txt; do basename "$(dirname "$file")"; done)
fi
for library in "$@"; do
  file=src/$library/PublicAPI.Unshipped.txt
  [ -f "$file" ] || { echo "eng/public-api.sh: there is no $file." >&2; exit 2; }
  before=$(mktemp)
  cp "$file" "$before"
  echo '#nullable enable' >"$file"
  if ! dotnet build "src/$library" -c Release -v quiet -nologo -t:Rebuild -p:BuildProjectReferences=false -p:RunAnalyzers=true \
      -p:TreatWarningsAsErrors=false >"$before.log"; then
    cp "$before" "$file"
    grep -m 5 'error' "$before.log" >&2
    echo "eng/public-api.sh: $library does not compile. Build src/ManagedNvmet.Server first, without analyzers: -p:RunAnalyzers=false." >&2
    exit 1
  fi
  sed -n "s/.*warning RS0016: Symbol '\(.*\)' is not part of the declared public API.*/\1/p" "$before.log" | LC_ALL=C sort -u >>"$file"
  echo "$library: $(($(wc -l <"$file") - 1)) members"
  rm -f "$before" "$before.log"
done
