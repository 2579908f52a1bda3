# Sourced: makes sure that the .NET SDK of global.json is there, or says how to get it.
wanted=$(sed -n 's/.*"version": *"\([0-9]*\.[0-9]*\)\..*/\1/p' global.json)
if ! command -v dotnet >/dev/null 2>&1 || ! dotnet --list-sdks 2>/dev/null | grep -q "^${wanted//./\\.}\."; then
  echo "$(basename "$0"): the .NET SDK $wanted is needed and was not found." >&2
  echo "  Install it with your package manager (package dotnet-sdk-$wanted), or as the page 'Install .NET on Linux' of the .NET documentation says." >&2
  exit 3
fi
# No compiler or build node stays behind when a script ends.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false
