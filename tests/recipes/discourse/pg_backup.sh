#!/bin/bash
# Called by the backup bot in the container of the database.

set -euo pipefail

file=/var/lib/postgresql/data/backup.sql.gz
psql=(psql -U "$POSTGRES_USER" -v ON_ERROR_STOP=1 -q)

case "${1:-}" in
  backup)
    pg_dump -U "$POSTGRES_USER" "$POSTGRES_DB" | gzip > "$file.new"
    mv "$file.new" "$file"
    ;;
  restore)
    # load first, swap afterwards: a bad dump leaves the forum as it is
    "${psql[@]}" -d template1 -c "DROP DATABASE IF EXISTS restored" -c "CREATE DATABASE restored"
    gunzip -c "$file" | "${psql[@]}" -d restored
    "${psql[@]}" -d template1 \
      -c "DROP DATABASE IF EXISTS \"$POSTGRES_DB\" WITH (FORCE)" \
      -c "ALTER DATABASE restored RENAME TO \"$POSTGRES_DB\""
    ;;
  *)
    echo "usage: $0 backup|restore" >&2
    exit 2
    ;;
esac
