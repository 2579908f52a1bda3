#!/usr/bin/env bash
# Runs test projects and lists the lines of src that no test reached.
#   eng/coverage.sh [PROJECT…]        by default every project of tests/ but ManagedNvmet.EndToEnd, which needs its guests
#   eng/coverage.sh ManagedNvmet.Protocol.Tests
# Prints the share of each project, and writes artifacts/coverage/summary.txt (a line for each file) and artifacts/coverage/missing.txt (each file with its missing lines).
# It builds apart from the usual build, in artifacts/coverage/build, since the tests need another runner for this.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
. ./eng/require-dotnet.sh

out=$PWD/artifacts/coverage
if [ $# = 0 ]; then
  for folder in tests/*.Tests tests/ManagedNvmet.Conformance tests/ManagedNvmet.Simulation tests/ManagedNvmet.Fuzz; do
    set -- "$@" "$(basename "$folder")"
  done
fi
mkdir -p "$out"
rm -f "$out"/*.cobertura.xml
for project in "$@"; do
  [ -d "tests/$project" ] || { echo "coverage.sh: there is no tests/$project" >&2; exit 2; }
  echo "$project"
  dotnet build "tests/$project" -c Release -v quiet -nologo -p:Coverage=true --artifacts-path "$out/build"
  # A test that fails still covers; its failure is what test.sh is for.
  "$out/build/bin/$project/release/$project" --coverlet --coverlet-output-format cobertura --coverlet-include '[*anaged*vmet*]*' \
    --results-directory "$out/$project" --no-progress >"$out/$project.log" 2>&1 </dev/null || echo "  some tests failed: $out/$project.log"
  find "$out/$project" -name '*cobertura*.xml' -newer "$out/$project.log" -o -name '*cobertura*.xml' | tail -n 1 |
    xargs -r -I{} cp {} "$out/$project.cobertura.xml"
done
# One line of cobertura is <line number="12" hits="0" …>. A line counts as reached when any project reached it.
cat "$out"/*.cobertura.xml | awk -v root="$PWD/" '
  /<class / {
    file = $0
    sub(/.*filename="/, "", file)
    sub(/".*/, "", file)
    sub(root, "", file)
    sub(/^.*src\//, "src/", file)
  }
  /<line / && file ~ /^src\// && file !~ /\/obj\// {
    number = $0; sub(/.*number="/, "", number); sub(/".*/, "", number)
    hits = $0; sub(/.*hits="/, "", hits); sub(/".*/, "", hits)
    key = file SUBSEP (number + 0)
    if (!(key in seen)) { seen[key] = 0; lines[file]++ }
    if (hits + 0 > 0 && seen[key] == 0) { seen[key] = 1; reached[file]++ }
  }
  END {
    for (key in seen) { split(key, part, SUBSEP); print part[1] "\t" part[2] "\t" seen[key] }
  }' | sort -t"$(printf '\t')" -k1,1 -k2,2n | awk -F '\t' -v summary="$out/summary.txt" -v missing="$out/missing.txt" '
  function finish() {
    if (file == "") return
    flush()
    printf "%5.1f %%  %5d of %5d  %s\n", 100 * reached / lines, reached, lines, file >summary
    if (ranges != "") printf "%s:%s\n", file, ranges >missing
    split(file, part, "/")
    total[part[2]] += lines; got[part[2]] += reached
  }
  function flush() {
    if (from) ranges = ranges " " (from == to ? from : from "-" to)
    from = 0
  }
  $1 != file { finish(); file = $1; lines = reached = 0; ranges = "" }
  { lines++ }
  $3 == 1 { reached++; flush() }
  $3 == 0 { if (!from) from = $2; to = $2 }
  END {
    finish()
    for (project in total) printf "%5.1f %% of %5d lines  %s\n", 100 * got[project] / total[project], total[project], project | "sort -k5"
    close("sort -k5")
    if (file == "") { print "no line was measured"; exit 1 }
  }'
sort -o "$out/summary.txt" "$out/summary.txt"
echo "by file: $out/summary.txt; lines that no test reached: $out/missing.txt"
