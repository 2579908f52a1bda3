#!/usr/bin/env bash
# Prints the table of a folder of results and draws them.
#   benchmarks/plot.sh FOLDER [PICTURES [NOTE]]      (without PICTURES only the table)
set -euo pipefail
repository=$(dirname "$(dirname "$(readlink -f "$0")")")
. "$repository/eng/require-dotnet.sh"
[ $# -ge 1 ] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
dotnet build "$repository/benchmarks/ManagedNvmet.Plots" -c Release -v quiet -nologo >/dev/null
"$repository/benchmarks/ManagedNvmet.Plots/bin/Release/net10.0/nvme-plots" "$1" ${2:+--output "$2"} ${3:+--note "$3"}
