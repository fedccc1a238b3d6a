#!/usr/bin/env bash
# Installs the Debian packages Trueque is built and tested with, as far as they are
# missing. Prints nothing when none is.
#   scripts/setup.sh          what building and testing need
#   scripts/setup.sh build    only what building needs
#   scripts/setup.sh bench    what building and tests/bench need
#   scripts/setup.sh image    what making a base image without a registry needs
set -euo pipefail

build=(
  ca-certificates ccache cmake g++ git ninja-build pkg-config protobuf-compiler protobuf-compiler-grpc
  libcli11-dev libcpp-httplib-dev libgrpc++-dev libgrpc-dev libinih-dev libprotobuf-dev
  libpqxx-dev libsodium-dev libspdlog-dev libssl-dev libutf8proc-dev nlohmann-json3-dev
  prometheus-cpp-dev zlib1g-dev
)
test=(
  clang-format clang-tidy curl libgmock-dev libgtest-dev postgresql python3 python3-grpc-tools
  python3-grpcio python3-protobuf python3-pytest python3-requests
)

image=(mmdebstrap)
bench=(
  aria2 curl libcpp-httplib-dev nginx-light openssl opentracker python3 python3-flask python3-libtorrent
  redis-server rsync wrk
)

case "${1:-all}" in
  all) wanted=("${build[@]}" "${test[@]}") ;;
  build) wanted=("${build[@]}") ;;
  image) wanted=("${image[@]}") ;;
  bench) wanted=("${build[@]}" "${bench[@]}") ;;
  *)
    echo "usage: scripts/setup.sh [build|image|bench]" >&2
    exit 2
    ;;
esac

missing=()
for package in "${wanted[@]}"; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "Installing missing Debian packages: ${missing[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "setup.sh: run as root, or install sudo" >&2; exit 1; }
  as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { "${as_root[@]}" apt-get update -qq && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  cat "$log" >&2
  echo "setup.sh: installing the packages failed; the log is above" >&2
  exit 1
fi
