#!/bin/bash
# Makes the database at the first start, with the password DATABASE_PASSWORD, and serves it.
set -euo pipefail

# Whole or not at all: a folder half made is made again.
if [ ! -s "$PGDATA/made" ]; then
  find "$PGDATA" -mindepth 1 -delete
  initdb -D "$PGDATA" -U trueque -E UTF8 --locale=C --auth-local=trust --auth-host=scram-sha-256 \
    --pwfile=<(echo "${DATABASE_PASSWORD:?says the password to come in with}")
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  echo 'create database trueque' | postgres --single -D "$PGDATA" postgres
  echo yes >"$PGDATA/made"
  sync
fi
exec postgres -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/tmp "$@"
