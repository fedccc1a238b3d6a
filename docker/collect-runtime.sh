#!/usr/bin/env bash
# Puts each program, stripped, and the names of the packages its libraries come from
# into a folder: collect-runtime.sh BIN FOLDER. So no list of them has to be kept.
set -euo pipefail
bin=$1 folder=$2
mkdir -p "$folder"

# owner <library>: its package; dpkg knows a library by one of its two names, with
# or without /usr.
owner() {
  local path
  path=$(realpath "$1")
  { dpkg-query -S "$path" || dpkg-query -S "${path#/usr}" || dpkg-query -S "/usr$path"; } \
    2>/dev/null | head -n 1 | cut -d: -f1
}

for program in main-server peer-server peer-client; do
  strip -o "$folder/$program" "$bin/$program"
  ldd "$bin/$program" | awk '$2 == "=>" { print $3 }' | while read -r library; do
    owner "$library"
  done | sort -u >"$folder/$program.packages"
done
