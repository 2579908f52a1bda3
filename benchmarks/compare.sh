#!/usr/bin/env bash
# Runs this server beside others, interleaved, on the same cores and the same data, and prints the table of bars: medians, spread, ratios.
#   benchmarks/compare.sh                     everything, with the peers that Debian has (installed when this is root)
#   benchmarks/compare.sh --only G1,G9        some bars
#   benchmarks/compare.sh --quick             to see that it works
#   benchmarks/compare.sh --help              all options; --spdk DIR and --floor BINARY let two more take part
# Nothing else should run meanwhile. Ctrl-C ends what it started and removes its files.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
# The SDK is looked for where global.json is; paths among the arguments are the caller's.
caller=$PWD
cd "$root"
. ./eng/require-dotnet.sh
. ./eng/publish-native.sh

# A program that a peer or its client is; installed when this is root, named when it is not. Without it its lines say that it is missing.
need() {
  command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing $2 …" >&2
    apt-get install -y -qq --no-install-recommends "$2" >/dev/null 2>&1 ||
      echo "compare.sh: $2 could not be installed; try 'apt-get update'." >&2
  else
    echo "compare.sh: $1 is not here, and lines that need it will say so. As root: apt-get install $2" >&2
  fi
}

case " $* " in
  *" --help "* | *" -h "* | *" -? "*) ;;
  *)
    need taskset util-linux
    need fio fio
    need tgtd tgt
    need iscsi-perf libiscsi-bin
    need qemu-nbd qemu-utils
    need nbdkit nbdkit
    need losetup mount
    ;;
esac

out=$root/artifacts/compare
echo "Building …" >&2
publish_native src/ManagedNvmet.Server compare/server
publish_native benchmarks/ManagedNvmet.LoadGenerator compare/load
quietly dotnet build benchmarks/ManagedNvmet.Comparison -c Release -v quiet -nologo

cd "$caller"
exec "$root/benchmarks/ManagedNvmet.Comparison/bin/Release/net10.0/nvme-compare" \
  --server "$out/server/managed-nvmet" \
  --load-tool "$out/load/nvme-load" "$@"
