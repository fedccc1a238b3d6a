#!/usr/bin/env bash
# Installs what is missing, builds, and runs the tests; the last line counts them.
#   scripts/test.sh                 everything a change has to pass
#   scripts/test.sh unit suite ...  only these stages
# Stages: layering format unit contract suite asan containers; on request: tsan tidy.
# TRUEQUE_JOBS sets how many jobs run at once; the logs of the stages stand in
# build/test-logs.
set -euo pipefail
cd "$(dirname "$0")/.."

required=(layering format unit contract suite asan containers)
on_request=(tsan tidy)
jobs=${TRUEQUE_JOBS:-$(nproc)}
logs=$PWD/build/test-logs
python=/usr/bin/python3

usage() {
  echo "usage: scripts/test.sh [stage...]; stages: ${required[*]} ${on_request[*]}" >&2
  exit 2
}

# build <preset>: configures and builds, quietly where all is well.
build() {
  local preset=$1 log=$logs/build-$1.log
  echo "build: $preset"
  if ! { cmake --preset "$preset" -DTRUEQUE_TESTS=ON && cmake --build --preset "$preset" -j "$jobs"; } >"$log" 2>&1; then
    tail -n 60 "$log"
    echo "build: $preset failed; the whole log is $log"
    return 1
  fi
}

# run_ctest <stage> <preset> <ctest arguments...>
run_ctest() {
  local stage=$1 preset=$2
  shift 2
  ctest --preset "$preset" -j "$jobs" --no-tests=error --output-junit "$logs/$stage.xml" "$@"
}

# run_suite <report> <preset> <folder...>: tests in Python against that build's programs.
# They wait more than they work, hence twice as many at once.
run_suite() {
  local report=$1 bin=$PWD/build/$2/bin
  shift 2
  TRUEQUE_BIN=$bin "$python" tests/suite/run.py --jobs "$((jobs * 2))" \
    --junit "$logs/$report.xml" "$@"
}

stage_layering() { build release && run_ctest layering release -L layering; }
stage_format() { build release && run_ctest format release -L format; }
stage_unit() { build release && run_ctest unit release -L unit; }
stage_contract() { build release && run_ctest contract release -L contract; }
stage_suite() { build release && run_suite suite release tests/suite tests/demo; }
# The suite as well: what the programs do to memory shows where they run for real.
stage_asan() {
  local status=0
  build asan || return 1
  run_ctest asan asan -L 'unit|contract' || status=1
  TRUEQUE_PATIENCE=4 run_suite asan-suite asan tests/suite || status=1
  return "$status"
}
stage_tsan() { build tsan && run_ctest tsan tsan -L 'unit|contract'; }

stage_containers() {
  if ! docker info >/dev/null 2>&1; then
    echo "containers: skipped: no container engine"
    return 77
  fi
  scripts/base-image.sh && build_images && run_suite containers release tests/containers
}

# Once, before the tests: each of their files would build the same images beside the other.
build_images() {
  local program
  for program in main-server peer-server peer-client; do
    docker build -q -f docker/Dockerfile --target "$program" -t "$program" . || return 1
  done
}

stage_tidy() {
  cmake -S . -B build/tidy -G Ninja >/dev/null \
    && cmake --build build/tidy -j "$jobs" --target trueque_proto >/dev/null \
    && run-clang-tidy -quiet -p build/tidy -j "$jobs" \
      '/(common|server|peer_server|peer_client|tests)/.*\.cpp$'
}

passed=0 failed=0 skipped=0

# count <stage> <exit status>: adds what the stage's report says; a stage that failed
# adds at least one failure, whatever its report says.
count() {
  local stage=$1 status=$2 numbers=(0 0 0)
  if [ -f "$logs/$stage.xml" ]; then
    read -r -a numbers < <("$python" scripts/junit_counts.py "$logs/$stage"*.xml) \
      || numbers=(0 1 0)
    "$python" scripts/junit_counts.py --failures "$logs/$stage"*.xml >>"$logs/failures" || true
  elif [ "$status" = 0 ]; then
    numbers=(1 0 0)
  elif [ "$status" = 77 ]; then
    numbers=(0 0 1) status=0
  fi
  if [ "$status" != 0 ] && [ "${numbers[1]}" = 0 ]; then numbers[1]=1; fi
  passed=$((passed + numbers[0])) failed=$((failed + numbers[1])) skipped=$((skipped + numbers[2]))
  printf '%-10s  %d passed, %d failed, %d skipped\n' "$stage" "${numbers[@]}" >>"$logs/summary"
}

run_stage() {
  local stage=$1 status=0 start=$SECONDS
  echo "== $stage"
  "stage_$stage" 2>&1 | tee "$logs/$stage.log" || status=${PIPESTATUS[0]}
  echo "== $stage: $((SECONDS - start)) s"
  count "$stage" "$status"
}

stages=("$@")
[ ${#stages[@]} -gt 0 ] || stages=("${required[@]}")
for stage in "${stages[@]}"; do
  case " ${required[*]} ${on_request[*]} " in *" $stage "*) ;; *) usage ;; esac
done

scripts/setup.sh
rm -rf "$logs"
mkdir -p "$logs"
for stage in "${stages[@]}"; do run_stage "$stage"; done

# What failed is said again here: whoever sees only the end of a long log sees why.
echo
[ ! -s "$logs/failures" ] || { cat "$logs/failures" && echo; }
cat "$logs/summary"
if [ "$skipped" -gt 0 ]; then
  echo "$passed passed, $failed failed, $skipped skipped"
else
  echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ]
