#!/usr/bin/env bash
# Sees to it that the container engine has debian:bookworm-slim: as it is, pulled
# from the registry, or, where no registry can be reached, put together from the
# packages of the Debian mirror. For test machines without a way out.
set -euo pipefail
cd "$(dirname "$0")/.."

image=debian:bookworm-slim
if docker image inspect "$image" >/dev/null 2>&1; then exit 0; fi
if timeout 60 docker pull --quiet "$image" >/dev/null 2>&1; then exit 0; fi

echo "base-image.sh: $image is not here and cannot be pulled; making it from Debian's packages"
scripts/setup.sh image

# What the published "slim" variant leaves out of every package, copyright texts kept.
slim=(
  --dpkgopt='path-exclude=/usr/share/doc/*'
  --dpkgopt='path-include=/usr/share/doc/*/copyright'
  --dpkgopt='path-exclude=/usr/share/locale/*'
  --dpkgopt='path-exclude=/usr/share/man/*'
)
# bookworm joins /bin and /usr/bin; the hook does so before any package is unpacked.
merged=(--include=usr-is-merged --hook-directory=/usr/share/mmdebstrap/hooks/merged-usr)
# The names of this machine are no part of an image.
clean=(--customize-hook='rm -f "$1/etc/hostname" "$1/etc/resolv.conf"')

log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! mmdebstrap --variant=minbase "${slim[@]}" "${merged[@]}" "${clean[@]}" bookworm - 2>"$log" \
    | docker import --change 'CMD ["bash"]' - "$image" >/dev/null; then
  cat "$log" >&2
  docker image rm "$image" >/dev/null 2>&1 || true
  echo "base-image.sh: making $image failed; the log is above" >&2
  exit 1
fi
