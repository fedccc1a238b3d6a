#!/bin/bash
# Asks the server of this container whether it serves: healthcheck main-server|peer-server.
# Written with nothing but bash and coreutils, so that an image needs no further package.
set -euo pipefail
program=$1

# The command line the container runs with, to ask that program for its settings.
command=("$program")
for process in /proc/[0-9]*; do
  if [ "$(cat "$process/comm" 2>/dev/null)" = "$program" ]; then
    mapfile -d '' -t command <"$process/cmdline"
    break
  fi
done

# setting <key>: the first value of that name, which is the one of the first section.
settings=$("${command[@]}" --print-config)
setting() { sed -n "s/^ *$1 *= *\([^ ]*\).*/\1/p" <<<"$settings" | head -n 1; }
host=$(setting host) port=$(setting port)
case $host in 0.0.0.0 | '') host=127.0.0.1 ;; ::) host=::1 ;; esac
exec 3<>"/dev/tcp/$host/$port"

if [ "$program" = main-server ]; then
  printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
  timeout 3 head -n 1 <&3 | grep -q ' 200 '
  exit
fi

# One call of grpc.health.v1.Health/Check, frame by frame as RFC 9113 has them: the
# client's preface, empty settings, the headers of stream 1 (RFC 7541, nothing
# compressed) and an empty request.
{
  printf 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
  printf '\0\0\0\4\0\0\0\0\0'
  printf '\0\0\113\1\4\0\0\0\1\203\206\4\34/grpc.health.v1.Health/Check\1\11localhost'
  printf '\17\20\20application/grpc\0\2te\10trailers'
  printf '\0\0\5\0\1\0\0\0\1\0\0\0\0\0'
} >&3
# Serving is a message of two bytes: field 1 (the status) is 1. The connection stays
# open after it, so the answer is read byte by byte; read gives '' for a zero.
LC_ALL=C answer=''
while [[ $answer != *00000000020801 ]]; do
  IFS= read -r -d '' -n 1 -t 3 byte <&3
  printf -v code '%d' "'$byte"
  printf -v answer '%s%02x' "$answer" "$((code & 255))"
done
