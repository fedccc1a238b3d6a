#!/usr/bin/env bash
# Shows Trueque on this machine: a directory, two peers with a sample folder each, and
# the menu. Builds first, installing what that needs. Leaving the menu stops everything
# and removes what was made.
#   scripts/demo.sh            opens the menu
#   scripts/demo.sh --script   goes through it by itself: fetches a file from the other
#                              peer and compares it, byte for byte
set -euo pipefail
cd "$(dirname "$0")/.."
top=$PWD
bin=$top/build/release/bin

scripted=no
case "${1:-}" in
  '') ;;
  --script) scripted=yes ;;
  *)
    echo "usage: scripts/demo.sh [--script]" >&2
    exit 2
    ;;
esac

build() {
  scripts/setup.sh build
  local log=build/demo-build.log
  mkdir -p build
  [ -x "$bin/peer-client" ] || echo "Building Trueque; the first time takes a few minutes."
  # Ninja configures again by itself where that is needed.
  if ! { { [ -f build/release/build.ninja ] || cmake --preset release -DTRUEQUE_TESTS=OFF; } \
      && cmake --build --preset release --target main-server peer-server peer-client; } >$log 2>&1; then
    tail -n 40 $log
    echo "demo.sh: the build failed; the whole log is $log" >&2
    exit 1
  fi
}

servers=()
menu=
folder=

stop_everything() {
  trap - EXIT
  trap '' INT TERM HUP
  # Clients of the directory first, so that they can log out.
  local pid index
  [ -z "$menu" ] || kill "$menu" 2>/dev/null || true
  for ((index = ${#servers[@]} - 1; index >= 0; index--)); do
    pid=${servers[index]}
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  [ -z "$menu" ] || wait "$menu" 2>/dev/null || true
  [ -z "$folder" ] || rm -rf "$folder"
}

# wait_for <seconds> <command...>: until the command succeeds.
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.05
  done
}

serves_or_ended() {
  grep -q 'IP Address Running:' "$log" || ! kill -0 "$started" 2>/dev/null
}

# start <name> <program> <arguments...>: on a free port of the loopback, left in $port.
# In a session of its own, so that Ctrl-C in the menu is the menu's alone, and ended by
# the system should this script be killed outright.
start() {
  local name=$1 program=$2 attempt
  shift 2
  log=$folder/$name.log
  : >"$log" # there to be read before the program has opened it
  for attempt in {1..20}; do
    port=$((20000 + RANDOM % 12000))
    setsid setpriv --pdeathsig TERM "$bin/$program" --host 127.0.0.1 --port "$port" "$@" \
      >"$log" 2>&1 </dev/null &
    started=$!
    wait_for 20 serves_or_ended || break
    if kill -0 "$started" 2>/dev/null; then
      servers+=("$started")
      return
    fi
    # Taken by another program in the meantime: try the next one.
    grep -q "$port" "$log" || break
  done
  cat "$log" >&2
  echo "demo.sh: $program did not start; what it said is above" >&2
  kill "$started" 2>/dev/null || true
  exit 1
}

# start_peer <name>: shares the folder of that name, under a name and password of its own.
start_peer() {
  local name=$1
  echo trueque >"$folder/$name.password"
  # The port is not known before the peer has started, but a peer announces the one it
  # has when none is given.
  start "$name" peer-server --shared-dir "$folder/$name" --directory-url "http://127.0.0.1:$directory_port" \
    --directory-username "$name" --directory-password-file "$folder/$name.password" \
    --directory-advertise-ip 127.0.0.1
}

make_samples() {
  mkdir -p "$folder/ana/recipes" "$folder/luis/music"
  printf 'Tortilla: six eggs, four potatoes, one onion, and the patience to turn it once.\n' \
    >"$folder/ana/recipes/tortilla.txt"
  head -c 300000 /dev/urandom >"$folder/ana/holiday.jpg"
  printf 'Caminante, no hay camino,\nse hace camino al andar.\n' >"$folder/luis/poem.txt"
  head -c 5000000 /dev/urandom >"$folder/luis/music/song.ogg"
}

client() {
  "$bin/peer-client" "$@" --server-host 127.0.0.1 --server-port "$directory_port" \
    --peer-server-host 127.0.0.1 --peer-server-port "$client_port" --shared-dir "$folder/ana"
}

everything_announced() {
  local file
  for file in tortilla.txt holiday.jpg poem.txt song.ogg; do
    client search "$file" >/dev/null 2>&1 || return 1
  done
}

# Asks the directory as a third user would, until both folders are in it.
wait_for_the_peers() {
  echo trueque >"$folder/visitor.password"
  if ! client login --username visitor --password-file "$folder/visitor.password" \
      --peer-ip 127.0.0.1 --peer-port 1 >"$folder/visitor.log" 2>&1 \
      || ! wait_for 30 everything_announced; then
    cat "$folder"/*.log >&2
    echo "demo.sh: the peers did not announce their folders; the logs are above" >&2
    exit 1
  fi
  client logout >/dev/null 2>&1
}

# open_menu: runs the menu on this script's own input. Behind `wait`, so that a signal to
# this script is not left waiting for the menu; a shell's background command would ignore
# Ctrl-C, hence env.
open_menu() {
  cd "$folder"
  env --default-signal=INT,QUIT "$bin/peer-client" --server-host 127.0.0.1 \
    --server-port "$directory_port" --peer-server-host 127.0.0.1 \
    --peer-server-port "$client_port" --shared-dir "$folder/ana" <&0 &
  menu=$!
  local status=0
  while kill -0 "$menu" 2>/dev/null; do
    status=0
    wait "$menu" || status=$?
  done
  menu=
  return "$status"
}

run_script() {
  local status=0
  printf '%s\n' 1 ana trueque '' 3 '' 4 music/song.ogg 2 5 >"$folder/keys"
  open_menu <"$folder/keys" || status=$?
  echo
  if [ "$status" -ne 0 ]; then
    echo "demo.sh: the menu ended with $status" >&2
    return 1
  fi
  if ! cmp "$folder/luis/music/song.ogg" "$folder/ana/music/song.ogg"; then
    echo "demo.sh: the file fetched is not the file shared" >&2
    return 1
  fi
  echo "Fetched music/song.ogg from luis: $(stat -c %s "$folder/ana/music/song.ogg") bytes, byte-identical."
}

build
# Settings of the person's own Trueque are no part of this.
unset "${!TRUEQUE_@}"
trap stop_everything EXIT
trap 'exit 143' TERM
trap 'exit 129' HUP
# On a terminal the menu gets Ctrl-C as well, and decides what it means.
if [ -t 0 ]; then trap : INT; else trap 'exit 130' INT; fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/trueque-demo.XXXXXX")
export XDG_STATE_HOME=$folder/state
make_samples
start directory main-server --storage-path "$folder/logged_peers.json"
directory_port=$port
start_peer luis
start_peer ana
client_port=$port
wait_for_the_peers

if [ "$scripted" = yes ]; then
  run_script
  exit
fi
echo "Choose 1 and log in as ana, password trueque; an empty line takes the peer IP offered."
echo "Choose 4 and fetch from luis, the other peer: music/song.ogg, or poem.txt."
echo "What you fetch lands in $folder/ana, which ana shares; 5 leaves and removes it all."
open_menu
