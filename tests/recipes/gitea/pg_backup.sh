#!/bin/bash
# Dump and restore of the database, called by the hooks of the backup.

set -euo pipefail

dump=/var/lib/postgresql/data/backup.sql.gz

backup() {
  pg_dump -U "$POSTGRES_USER" "$POSTGRES_DB" | gzip > "$dump.part"
  mv "$dump.part" "$dump"
}

restore() {
  gzip -t "$dump"
  dropdb -U "$POSTGRES_USER" --maintenance-db=template1 --force --if-exists "$POSTGRES_DB"
  createdb -U "$POSTGRES_USER" --maintenance-db=template1 "$POSTGRES_DB"
  gunzip -c "$dump" | psql -U "$POSTGRES_USER" -d "$POSTGRES_DB" -v ON_ERROR_STOP=1 -q
}

case "${1:-}" in
  backup | restore) "$1" ;;
  *)
    echo "usage: $0 backup|restore" >&2
    exit 2
    ;;
esac
