#!/usr/bin/env bash
# Measures Trueque against other programs in the same run, round by round in turn,
# and prints ratios: these say more than seconds do on a busy machine.
#   scripts/bench.sh lookup     a lookup among 200,000 files against nginx and a constant
#   scripts/bench.sh transfer   files between peers against curl, aria2, rsync, libtorrent
#   scripts/bench.sh directory  the directory against nginx, opentracker, cpp-httplib, Flask, SQLite; and crowds
#   scripts/bench.sh            all three
# What follows goes to the benchmark: transfer --mib 2048 --rounds 3 --cases one disk
# TRUEQUE_BENCH_DIR names a folder on the disk to measure (default: a temporary one),
# TRUEQUE_BENCH_MEMORY one in memory (default: /dev/shm).
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh bench
cmake --preset release -DTRUEQUE_TESTS=OFF -DTRUEQUE_BENCHMARKS=ON >/dev/null
cmake --build --preset release
if [ $# -eq 0 ]; then
  for each in transfer directory; do /usr/bin/python3 "tests/bench/$each.py" --bin build/release/bin; done
  set -- lookup
fi
part=$1
shift
/usr/bin/python3 "tests/bench/$part.py" --bin build/release/bin "$@"
