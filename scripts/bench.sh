#!/usr/bin/env bash
# Measures Trueque against other programs in the same run, round by round in turn,
# and prints ratios: these say more than seconds do on a busy machine.
#   scripts/bench.sh lookup     a lookup among 200,000 files against nginx and a constant
#   scripts/bench.sh transfer   a 2 GiB file between two peers against curl from nginx
#   scripts/bench.sh            both
# TRUEQUE_BENCH_DIR names a folder on the disk to measure (default: a temporary one).
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh bench
cmake --preset release -DTRUEQUE_TESTS=OFF >/dev/null
cmake --build --preset release
for part in ${1:-lookup transfer}; do
  /usr/bin/python3 "tests/bench/$part.py" --bin build/release/bin
done
