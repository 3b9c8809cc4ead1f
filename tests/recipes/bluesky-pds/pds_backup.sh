#!/bin/sh
# Consistent copies of the SQLite databases while the server keeps writing.
# The image has no sqlite3 program, but node has the driver of the PDS.

set -eu

cd /app

copy_databases() {
  find /pds -name '*.sqlite' | node -e '
    const pds = require.resolve("@atproto/pds");
    const Database = require(require.resolve("better-sqlite3", { paths: [pds] }));
    const files = require("fs").readFileSync(0, "utf8").split("\n").filter(Boolean);
    (async () => {
      for (const file of files) {
        const db = new Database(file, { readonly: true });
        await db.backup(file + ".bak.part");
        db.close();
        require("fs").renameSync(file + ".bak.part", file + ".bak");
      }
    })().catch((error) => { console.error(error); process.exit(1); });
  '
}

restore_databases() {
  find /pds -name '*.sqlite.bak' | while read -r copy; do
    database="${copy%.bak}"
    rm -f "$database-wal" "$database-shm"
    mv "$copy" "$database"
  done
}

case "${1:-}" in
  backup) copy_databases ;;
  clean) find /pds -name '*.sqlite.bak' -delete ;;
  restore) restore_databases ;;
  *)
    echo "usage: $0 backup|clean|restore" >&2
    exit 2
    ;;
esac
