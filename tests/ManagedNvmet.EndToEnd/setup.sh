#!/bin/bash
# setup.sh [--refresh]: builds what the guests of the end-to-end tests need, from Debian packages: one root file system with
# nvme-cli and fio, and three stock kernels, each with its initramfs. Nothing is added to this machine's apt sources: the
# packages of the other releases come through an apt of our own, with its own lists, in the cache folder.
#
#   --refresh    build again although nothing in the recipe changed (newer kernels in the archive, for instance)
#
# Root is needed only to install missing tools on this machine. Exit codes: 0 ready, 1 a stage failed, 3 a tool is missing.
# Environment: MANAGEDNVMET_E2E_CACHE   where everything is kept (default ~/.cache/managednvmet-e2e)
#              MANAGEDNVMET_E2E_MIRROR, MANAGEDNVMET_E2E_SECURITY_MIRROR   Debian archives, if apt here does not name any
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
cache=${MANAGEDNVMET_E2E_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/managednvmet-e2e}
recipe=("$here/setup.sh" "$here/guest/packages" "$here/guest/modules" "$here/guest/initramfs-init")
key=$(cat "${recipe[@]}" | sha256sum | cut -d' ' -f1)
kernels=(6.1 6.12 7)

die() { echo "setup.sh: $2" >&2; exit "$1"; }

# Where a kernel comes from: "package/suite" candidates, the first that the archive has is taken.
kernel_sources() {
  case $1 in
    6.1) echo linux-image-amd64/bookworm-security linux-image-amd64/bookworm ;;
    6.12) echo linux-image-amd64/trixie-security linux-image-amd64/trixie linux-image-6.12-amd64/bookworm-security ;;
    7) echo linux-image-amd64/trixie-backports ;;
  esac
}

# ---- stages: each leaves a stamp with the key of the recipe that it was built from

stage() { # stage NAME FUNCTION [ARGUMENT...]
  local name=$1 started=$SECONDS
  shift
  if [ "$(cat "$cache/stamps/$name" 2>/dev/null)" = "$key" ]; then echo "  $name: up to date"; return; fi
  printf '  %s ...' "$name"
  # In the background and waited for, because a function called in a condition would run on after an error.
  ( set -e; "$@" ) >"$cache/$name.log" 2>&1 &
  if ! wait $!; then echo " failed"; tail -n 25 "$cache/$name.log" >&2; die 1 "stage '$name' failed; all of it is in $cache/$name.log"; fi
  echo "$key" > "$cache/stamps/$name"
  rm -f "$cache/$name.log"
  echo " $((SECONDS - started)) s"
}

archive() { # archive PATTERN: the first Debian archive whose address matches, from this machine's apt configuration
  sed -nE 's/^(URIs:|deb( +\[[^]]*\])?) +([^ ]+).*/\3/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -m1 -E "$1" || true
}

names() { grep -v '^#' "$here/guest/$1"; }

own_apt() { APT_CONFIG="$cache/apt/apt.conf" "$@"; }

package_lists() {
  local mirror security suite keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  mirror=${MANAGEDNVMET_E2E_MIRROR:-$(archive '/debian/?$')}
  security=${MANAGEDNVMET_E2E_SECURITY_MIRROR:-$(archive '/debian-security/?$')}
  [ -n "$mirror" ] || die 1 "this machine's apt names no Debian archive; set MANAGEDNVMET_E2E_MIRROR to one"
  [ -r "$keyring" ] || die 1 "$keyring is missing: install debian-archive-keyring"
  rm -rf "$cache/apt/lists"
  mkdir -p "$cache/apt/lists/partial" "$cache/apt/archives/partial"
  : > "$cache/apt/status"
  {
    for suite in bookworm trixie trixie-backports; do echo "deb [signed-by=$keyring] $mirror $suite main"; done
    for suite in bookworm-security trixie-security; do [ -z "$security" ] || echo "deb [signed-by=$keyring] $security $suite main"; done
  } > "$cache/apt/sources.list"
  # The root file system is trixie; from bookworm comes only what is asked for by name.
  printf 'Package: *\nPin: release n=bookworm*\nPin-Priority: 50\n' > "$cache/apt/preferences"
  cat > "$cache/apt/apt.conf" <<CONF
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User "root";
APT::Install-Recommends "false";
Acquire::Languages "none";
Dir::Etc::sourcelist "$cache/apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "$cache/apt/preferences";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::lists "$cache/apt/lists";
Dir::State::status "$cache/apt/status";
Dir::Cache "$cache/apt";
CONF
  own_apt apt-get update
}

root_file_system() {
  local work=$cache/root.work package
  local root=$work/root debs=$work/debs
  rm -rf "$work"; mkdir -p "$root" "$debs/partial"
  # With an empty package database apt fetches everything that a new system needs. The packages are unpacked, not installed:
  # no maintainer script runs, so that this needs neither root nor a chroot; what a script would have made follows below.
  own_apt apt-get install -y --download-only -o Dir::Cache::archives="$debs" $(names packages)
  printf '%s\n' ./usr/share/{doc,man,locale,bug,lintian,bash-completion} > "$work/exclude"
  # base-files first: it brings /bin, /lib and /sbin as links into /usr.
  for package in "$debs"/base-files_*.deb "$debs"/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x -C "$root" --no-same-owner --keep-directory-symlink --exclude-from="$work/exclude"
  done
  printf 'root:x:0:0:root:/root:/bin/bash\nmessagebus:x:100:100::/nonexistent:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n' > "$root/etc/passwd"
  printf 'root:x:0:\nmessagebus:x:100:\nnogroup:x:65534:\n' > "$root/etc/group"
  printf '127.0.0.1 localhost\n::1 localhost\n' > "$root/etc/hosts"
  [ -e "$root/usr/bin/awk" ] || ln -s gawk "$root/usr/bin/awk"
  mkdir -p "$root"/{proc,sys,dev,run,tmp,mnt,root} "$root/usr/lib/modules"
  byte_compile "$root"
  # Uncompressed: an emulated processor takes longer to unpack a page than to read it.
  mksquashfs "$root" "$work/squashfs" -noappend -all-root -noI -noD -noF -noX -no-progress
  mv "$work/squashfs" "$cache/root.squashfs"
  cp "$root/usr/bin/busybox" "$cache/busybox"
  chmod -R u+w "$work"; rm -rf "$work"
}

# nvme-stas is written in Python, which an emulated processor takes long to compile. It is the guest's own Python that does it here,
# through the guest's own loader: byte code of another version would be ignored.
byte_compile() { # byte_compile ROOT
  local library=usr/lib/x86_64-linux-gnu python
  python=$(readlink "$1/usr/bin/python3")
  PYTHONHOME=$1/usr "$1/$library/ld-linux-x86-64.so.2" --library-path "$1/$library" "$1/usr/bin/$python" \
    -m compileall -q -s "$1" -p / "$1/usr/lib/$python" "$1/usr/lib/python3/dist-packages"
}

# The packages of one kernel: the image, and whatever of the same build it is divided into.
kernel_packages() {
  local package=$1 dependency
  for dependency in $(own_apt apt-cache depends --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces "$package" |
      awk '$1 == "Depends:" { print $2 }' | grep -E '^linux-(image|binary|modules|base)-[0-9]'); do
    echo "$dependency"
    kernel_packages "$dependency"
  done
}

kernel() { # kernel VERSION
  local target=$cache/kernel-$1 work=$cache/kernel-$1.work source packages= package module file release modules
  rm -rf "$work"; mkdir -p "$work/unpacked" "$work/initramfs" "$work/debs"
  for source in $(kernel_sources "$1"); do
    packages=$(kernel_packages "$source" 2>/dev/null | sort -u || true)
    [ -z "$packages" ] || break
  done
  [ -n "$packages" ] || die 1 "the archive has none of: $(kernel_sources "$1")"
  ( cd "$work/debs" && own_apt apt-get download $packages )
  for package in "$work"/debs/*.deb; do dpkg-deb --fsys-tarfile "$package" | tar -x -C "$work/unpacked" --no-same-owner; done

  for modules in "$work"/unpacked/usr/lib/modules/[0-9]* "$work"/unpacked/lib/modules/[0-9]*; do [ ! -d "$modules" ] || break; done
  release=${modules##*/}
  [ -d "$work/unpacked/lib/modules" ] || { mkdir -p "$work/unpacked/lib"; ln -s ../usr/lib/modules "$work/unpacked/lib/modules"; }
  depmod -b "$work/unpacked" "$release"

  local root=$work/initramfs applet
  mkdir -p "$root"/{bin,proc,sys,dev,run,newroot} "$root/lib/modules/$release"
  for module in $(names modules); do
    modprobe -d "$work/unpacked" -S "$release" --show-depends "$module" 2>/dev/null | awk '$1 == "insmod" { print $2 }' || true
  done | sort -u > "$work/files"
  while read -r file; do
    case $file in
      *.xz) xz -dc "$file" > "$root/lib/modules/$release/$(basename "$file" .xz)" ;;
      *.zst) zstd -qdc "$file" > "$root/lib/modules/$release/$(basename "$file" .zst)" ;;
      *) cp "$file" "$root/lib/modules/$release/" ;;
    esac
  done < "$work/files"
  cp "$modules/modules.builtin" "$modules/modules.order" "$root/lib/modules/$release/"
  depmod -b "$root" "$release"
  names modules > "$root/modules"
  install -m 755 "$cache/busybox" "$root/bin/busybox"
  for applet in sh cat cp mkdir modprobe mount poweroff sleep switch_root; do ln -s busybox "$root/bin/$applet"; done
  install -m 755 "$here/guest/initramfs-init" "$root/init"

  mkdir -p "$target"
  ( cd "$root" && find . | cpio -o -H newc --quiet -R 0:0 ) > "$target/initrd"
  for file in "$modules/vmlinuz" "$work"/unpacked/boot/vmlinuz-*; do [ ! -e "$file" ] || cp "$file" "$target/vmlinuz"; done
  [ -s "$target/vmlinuz" ]
  echo "$release" > "$target/release"
  rm -rf "$work"
}

tools() {
  local -A package=([qemu-system-x86_64]=qemu-system-x86 [mksquashfs]=squashfs-tools [cpio]=cpio [depmod]=kmod [modprobe]=kmod
    [xz]=xz-utils [zstd]=zstd [dpkg-deb]=dpkg [apt-get]=apt)
  local tool missing=() install=()
  PATH=$PATH:/usr/sbin:/sbin
  for tool in "${!package[@]}"; do
    command -v "$tool" >/dev/null || { missing+=("$tool"); install+=("${package[$tool]}"); }
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    die 3 "this machine lacks ${missing[*]}; get it with: sudo apt-get install --no-install-recommends $(printf '%s\n' "${install[@]}" | sort -u | tr '\n' ' ')"
  fi
  rm -f "$cache/stamps/tools"
  stage tools install_tools $(printf '%s\n' "${install[@]}" | sort -u)
}

install_tools() {
  apt-get update
  # Another program that is just installing something holds the lock for a while.
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
}

case ${1:-} in
  '') ;;
  --refresh) rm -rf "$cache/recipe" "$cache/stamps" ;;
  *) sed -n '2,/^set/{/^#/s/^# \?//p}' "$0"; exit 2 ;;
esac
if [ "$(cat "$cache/recipe" 2>/dev/null)" = "$key" ]; then echo "$cache is up to date"; exit 0; fi
command -v apt-get >/dev/null || die 3 "the guests are made of Debian packages, and this machine has no apt-get"
mkdir -p "$cache/stamps"
rm -f "$cache/recipe"
tools
echo "Building the guests of the end-to-end tests in $cache"
stage package-lists package_lists
stage root-file-system root_file_system
for version in "${kernels[@]}"; do stage "kernel-$version" kernel "$version"; done
rm -rf "$cache/apt" "$cache/busybox" "$cache/stamps"
echo "$key" > "$cache/recipe"
echo "Ready after $SECONDS s: root file system $(du -h "$cache/root.squashfs" | cut -f1), kernels $(cat "$cache"/kernel-*/release | tr '\n' ' ')"
