#!/bin/sh
# Runs the server from any folder: ./your_program.sh --port 6380 --replicaof "localhost 6379"
set -e
root=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
[ -d "$root/node_modules" ] || [ -f "$root/dist/disgo-server.cjs" ] || (cd "$root" && npm ci >&2)
# Node 20 would parse them at every start, which takes longer than the rest; disgo uses none of them.
unset NODE_EXTRA_CA_CERTS
node "$root/scripts/ensure-built.mjs" >&2
exec sh "$root/bin/disgo-server" "$@"
