#!/usr/bin/env bash
# Formats the C++ files git knows or would add; with --check only says which are not.
set -euo pipefail
cd "$(dirname "$0")/.."

mode=(-i)
[ "${1:-}" = --check ] && mode=(--dry-run -Werror)
git ls-files --cached --others --exclude-standard -z -- '*.h' '*.cpp' \
  | xargs -0 -r -n 16 -P "$(nproc)" clang-format "${mode[@]}"
