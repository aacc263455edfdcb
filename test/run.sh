#!/usr/bin/env bash
# All tests of the house: Go on SQLite and PostgreSQL, the web's own, and the walks in a
# real browser. Prints what was skipped; a closing line of each part counts what ran.
set -euo pipefail
cd "$(dirname "$0")/.."

dsn=$(engine/db/dbtest/postgres.sh start)
trap 'engine/db/dbtest/postgres.sh stop' EXIT
export LINLI_TEST_POSTGRES=$dsn LINLI_REQUIRE_POSTGRES=1

log=$(mktemp)
echo "== go test ./..."
go test -timeout 20m -json ./... >"$log" || failed=1
# One line a package, the failures in full, the skips counted with their reasons.
go run ./test/report "$log"
rm -f "$log"
[ -z "${failed:-}" ] || exit 1

if [ -d ui/node_modules ]; then
	echo "== web: unit tests"
	(cd ui && npx vitest run)
	echo "== web: walks in a browser"
	(cd ui && npm run --silent e2e)
fi
