#!/bin/sh
# A throw-away PostgreSQL for the tests, shared by all test binaries:
#   postgres.sh start   starts it if it does not run and prints its connection string
#   postgres.sh stop    stops and removes it
# It keeps nothing safe (fsync is off) and listens on a socket only.
set -eu
dir="${TMPDIR:-/tmp}/linli-postgres"
dsn="postgres:///postgres?host=$dir&user=postgres"

programs() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }

# The server refuses to run as root.
plain() {
	if [ "$(id -u)" = 0 ]; then setpriv --reuid="$account" --regid="$(id -g "$account")" --clear-groups -- "$@"; else "$@"; fi
}

start() {
	if [ -z "$(programs)" ]; then
		# The package must not start a cluster of its own.
		{ apt-get update -q && apt-get install -q -y --no-install-recommends postgresql-common &&
			sed -i "s/^#\?create_main_cluster.*/create_main_cluster = false/" /etc/postgresql-common/createcluster.conf &&
			apt-get install -q -y --no-install-recommends postgresql; } >&2
	fi
	bin=$(programs)
	if "$bin/pg_isready" -q -h "$dir" -U postgres; then return; fi
	rm -rf "$dir"
	mkdir -m 755 "$dir"
	if [ "$(id -u)" = 0 ]; then chown "$account" "$dir"; fi
	cd "$dir"
	plain "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C -N >"$dir/log"
	plain "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -s start -o "-k $dir -c listen_addresses= -c fsync=off \
		-c synchronous_commit=off -c full_page_writes=off -c max_connections=400 -c max_pred_locks_per_transaction=256 \
		-c shared_buffers=128MB -c autovacuum=off" >&2
}

stop() {
	if [ -d "$dir/data" ]; then
		cd "$dir"
		plain "$(programs)/pg_ctl" -D "$dir/data" -m immediate -s stop >&2 || true
	fi
	rm -rf "$dir"
}

account=postgres
id -u postgres >/dev/null 2>&1 || account=nobody
case "${1:-}" in
start)
	start
	echo "$dsn"
	;;
stop) stop ;;
*)
	echo "usage: $0 start|stop" >&2
	exit 2
	;;
esac
