# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright The PG Mirror authors
#
# Two throw-away PostgreSQL servers, source and target, in a temporary folder, for quickstart and
# benchmark. Sourced after lib.sh. The sourcing script calls trap_clean_up before anything else of
# this; SETTINGS may hold further options of the servers.

ROLE=shopkeeper
SETTINGS=()
servers=()
scratch=

trap_clean_up ()
{
  unset "${!PG@}"
  bindir=$(find_server_bindir)
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

# Short, because a socket's path has at most 107 bytes. The passwords in it are for nobody else.
make_scratch ()
{
  scratch=$(mktemp -d /tmp/pgm-XXXXXX) || exit 1
  chmod 711 "$scratch"
  as_server=(setpriv --pdeathsig QUIT)
  if [ "$(id -u)" -eq 0 ]; then
    as_server+=(--reuid nobody --regid nogroup --clear-groups)
  fi
}

clean_up ()
{
  trap '' INT TERM
  [ ${#servers[@]} -eq 0 ] || kill -QUIT "${servers[@]}" 2> /dev/null
  wait
  [ -z "$scratch" ] || rm -rf "$scratch"
}

# The servers' own superuser, or the shop's plain role.
as_superuser () { PGPASSFILE=$scratch/pgpass PGHOST=$scratch/$1 PGUSER=postgres "${@:2}"; }
as_role () { PGPASSFILE=$scratch/pgpass PGHOST=$scratch/$1 PGUSER=$ROLE "${@:2}"; }
psql_quietly () { "$bindir/psql" -X -q -w -v ON_ERROR_STOP=1 "$@"; }

new_password () { od -An -N 12 -t x1 /dev/urandom | tr -d ' \n'; }

start_server ()
{
  local folder=$scratch/$1 tries=0

  mkdir "$folder" && chmod 755 "$folder"
  (umask 077 && printf '%s' "$superuser_password" > "$folder/password")
  [ "$(id -u)" -ne 0 ] || chown -R nobody:nogroup "$folder"
  (cd "$folder" && "${as_server[@]}" "$bindir/initdb" -D "$folder/data" -U postgres -A scram-sha-256 \
    --pwfile "$folder/password" -E UTF8 --locale=C.UTF-8 --no-sync) \
    > "$folder.log" 2>&1 || return 1
  # A session of its own: Ctrl-C in the terminal is for the program, which tidies up on the servers.
  setsid "${as_server[@]}" "$bindir/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= \
    -c fsync=off -c full_page_writes=off "${SETTINGS[@]}" >> "$folder.log" 2>&1 &
  servers+=($!)
  until "$bindir/pg_isready" -q -h "$folder"; do
    tries=$((tries + 1))
    if [ $tries -gt 600 ] || ! kill -0 "${servers[-1]}" 2> /dev/null; then
      return 1
    fi
    sleep 0.05
  done
}

prepare_servers ()
{
  local side

  superuser_password=$(new_password)
  role_password=$(new_password)
  (umask 077 && printf '*:*:*:postgres:%s\n*:*:*:%s:%s\n' "$superuser_password" "$ROLE" \
    "$role_password" > "$scratch/pgpass")
  for side in source target; do
    if ! start_server "$side"; then
      cat "$scratch/$side.log" >&2
      die "could not start the $side server"
    fi
    as_superuser "$side" psql_quietly -d postgres << END || die "could not create the role"
CREATE ROLE $ROLE LOGIN CREATEDB PASSWORD '$role_password';
END
  done
}
