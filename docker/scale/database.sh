#!/bin/bash
# Makes the database at the first start, with the password DATABASE_PASSWORD, and serves it.
set -euo pipefail

# Made beside and then renamed: a crash leaves no half of one, and nothing that is not
# ours is ever removed.
data=$PGDATA/main
if [ ! -d "$data" ]; then
  rm -rf "$data.new"
  initdb -D "$data.new" -U trueque -E UTF8 --locale=C --auth-local=trust --auth-host=scram-sha-256 \
    --pwfile=<(echo "${DATABASE_PASSWORD:?says the password to come in with}")
  echo 'host all all all scram-sha-256' >>"$data.new/pg_hba.conf"
  echo 'create database trueque' | postgres --single -D "$data.new" postgres
  sync
  mv "$data.new" "$data"
  sync "$PGDATA"
fi
exec postgres -D "$data" -c listen_addresses='*' -c unix_socket_directories=/tmp "$@"
