#!/usr/bin/env bash
# Kills the directory (kill -9) again and again while writers write, starts it anew and
# compares: says how many acknowledged requests there were, and fails when one was lost.
#   scripts/crash-test.sh [ROUNDS [WRITERS]]     20 rounds, 8 writers
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh
cmake --preset release >/dev/null
cmake --build --preset release --target main-server peer-server peer-client >/dev/null
TRUEQUE_CRASH_ROUNDS=${1:-20} TRUEQUE_CRASH_WRITERS=${2:-8} \
  /usr/bin/python3 -m pytest -q -s -p no:cacheprovider tests/suite/crash_test.py
