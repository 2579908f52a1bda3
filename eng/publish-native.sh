# Sourced by the scripts that measure, in the root of the repository.

# publish_native PROJECT NAME: the program in the form that is recommended, native code, in artifacts/NAME. Where that cannot be made it says so,
# and publishes the next best.
publish_native() {
  local printed
  rm -rf "artifacts/$2"
  if ! printed=$(publish_as "$1" "$2" -p:PublishAot=true 2>&1); then
    tail -n 5 <<<"$printed" >&2
    echo "${0##*/}: no native code can be made of $1 here (gcc or clang is needed): the next best form is measured." >&2
    quietly publish_as "$1" "$2" --no-self-contained
  fi
}

publish_as() {
  dotnet publish "$1" -c Release --use-current-runtime -v quiet -nologo -o "artifacts/$2" "${@:3}"
}

# quietly COMMAND…: a step of a build, whose output is of interest only when it fails. That ends the script.
quietly() {
  local printed
  if ! printed=$("$@" 2>&1); then
    echo "$printed" >&2
    echo "${0##*/}: the build failed; see above." >&2
    exit 1
  fi
}
