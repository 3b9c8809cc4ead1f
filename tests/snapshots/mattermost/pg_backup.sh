#!/bin/bash
# Backs up and restores the app's database. backup-bot-two runs it inside the container:
#   pg_backup.sh backup    writes a dump to the top of the data volume
#   pg_backup.sh restore   loads that dump into a new database, then swaps it in
# The dump is gzip, whatever its name says. It holds no roles, and nothing that is set on the
# database as such: owner, privileges and settings stay those of the running server.
# A restore needs disk space for a second copy of the database.
set -euo pipefail
umask 077

default_database=mattermost
default_user=mattermost
volume=/var/lib/postgresql/data
dump_name=backup.sql

say() { printf 'pg_backup: %s\n' "$*"; }
fail() { say "$*" >&2; exit 1; }

# A setting as the postgres image reads it: the variable, else the file that NAME_FILE names.
setting() {
  local file="$1_FILE"
  if [[ -n ${!1:-} ]]; then
    printf '%s' "${!1}"
  elif [[ -n ${!file:-} ]]; then
    cat -- "${!file}"
  fi
}

# Runs SQL from standard input. psql itself quotes :"db" as a name and :'db' as a text.
sql() {
  PGDATABASE=$maintenance psql -Xqw -v ON_ERROR_STOP=1 \
    -v db="$db" -v new="$new" -v old="$old" >/dev/null
}

# Sound gzip to the last byte, with the line that pg_dump writes last. Newer releases of
# pg_dump write one line more, \unrestrict.
is_whole() {
  local end
  end=$(gzip -dc <"$1" | tail -c 300) || return 1
  end=${end%$'\n\n\\unrestrict '*}
  [[ $end == *$'\n--\n-- PostgreSQL database dump complete\n--' ]]
}

backup() {
  trap 'rm -f -- "$dump.tmp"' EXIT
  rm -f -- "$dump.tmp"
  PGDATABASE=$db pg_dump -w | gzip >"$dump.tmp" ||
    fail "could not dump database $db; the previous dump is untouched"
  is_whole "$dump.tmp" || fail "the new dump is not whole; the previous dump is untouched"
  mv -f -- "$dump.tmp" "$dump"
  say "dumped database $db to $dump"
}

restore() {
  [[ -f $dump ]] || fail "there is no dump $dump; database $db is untouched"
  is_whole "$dump" || fail "$dump is damaged or cut short; database $db is untouched"
  trap undo EXIT
  create || fail "could not create a database to load the dump into"
  gzip -dc <"$dump" | PGDATABASE=$new psql -Xqw -v ON_ERROR_STOP=1 -f - >/dev/null ||
    fail "could not load $dump"
  swap || fail "could not swap in the loaded database"
  trap - EXIT
  tidy || say "could not drop the replaced database $old; the next run tries again" >&2
  say "restored database $db from $dump"
}

undo() {
  if tidy; then
    say "the restore failed; database $db is as it was" >&2
  else
    say "the restore failed and could not clean up; the next run does" >&2
  fi
}

# Puts right what a restore left that failed or was killed. While the new database is there it
# is not swapped in, so connections to the old one may have been left off.
tidy() {
  sql <<'SQL'
SELECT format('ALTER DATABASE %I ALLOW_CONNECTIONS true', datname) FROM pg_database
WHERE datname = :'db' AND EXISTS (SELECT FROM pg_database WHERE datname = :'new') \gexec
SELECT format('ALTER DATABASE %I ALLOW_CONNECTIONS false', datname),
  format('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %L', datname),
  format('DROP DATABASE %I', datname)
FROM pg_database WHERE datname IN (:'new', :'old')
  AND EXISTS (SELECT FROM pg_database WHERE datname = :'db') \gexec
SQL
}

# An empty database with the owner, place and language of the one that it will replace.
create() {
  sql <<'SQL'
SELECT has_database_privilege(:'db', 'CONNECT'); -- stops here if there is no such database
SELECT format('CREATE DATABASE %I TEMPLATE template0 OWNER %I TABLESPACE %I ENCODING %L',
    :'new', pg_get_userbyid(datdba), spcname, pg_encoding_to_char(encoding))
  || format(' LC_COLLATE %L LC_CTYPE %L', datcollate, datctype)
  || CASE d->>'datlocprovider' WHEN 'c' THEN ' LOCALE_PROVIDER libc'
    WHEN 'b' THEN format(' LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', d->>'datlocale')
    WHEN 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %L',
      coalesce(d->>'datlocale', d->>'daticulocale'))
      || coalesce(' ICU_RULES ' || quote_literal(d->>'daticurules'), '')
    ELSE '' END
FROM pg_database JOIN pg_tablespace t ON t.oid = dattablespace, to_jsonb(pg_database) d
WHERE datname = :'db' \gexec
SQL
}

# Gives the new database what was set on the old one, shuts clients out, exchanges the names.
# The two renames are one transaction: there is no moment without the database.
swap() {
  sql <<'SQL'
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC, %I', :'new', pg_get_userbyid(datdba))
FROM pg_database WHERE datname = :'db' AND datacl IS NOT NULL \gexec
SELECT format('GRANT %s ON DATABASE %I TO %s%s', privilege_type, :'new',
  CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
  CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM pg_database, aclexplode(datacl) WHERE datname = :'db' \gexec
SELECT format('ALTER DATABASE %I CONNECTION LIMIT %s', :'new', datconnlimit),
  format('COMMENT ON DATABASE %I IS %L', :'new', shobj_description(oid, 'pg_database'))
FROM pg_database WHERE datname = :'db' \gexec
ALTER DATABASE :"db" ALLOW_CONNECTIONS false;
SELECT pg_sleep(0.2); -- clients that were half way in show up
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN (:'db', :'new');
BEGIN;
UPDATE pg_db_role_setting SET setdatabase = n.oid FROM pg_database o, pg_database n
WHERE setdatabase = o.oid AND o.datname = :'db' AND n.datname = :'new';
ALTER DATABASE :"db" RENAME TO :"old";
ALTER DATABASE :"new" RENAME TO :"db";
COMMIT;
SQL
}

if [[ $# != 1 || ! $1 =~ ^(backup|restore)$ ]]; then
  echo 'usage: pg_backup.sh backup|restore' >&2
  exit 2
fi

user=$(setting POSTGRES_USER)
db=$(setting POSTGRES_DB)
db=${db:-$user} # as the image does
db=${db:-$default_database}
export PGUSER=${user:-$default_user}
maintenance=postgres
[[ $db != postgres ]] || maintenance=template1
id=$(printf '%s' "$db" | md5sum)
new=pg_backup_${id:0:12}_new
old=pg_backup_${id:0:12}_old

data=${PGDATA:-$volume}
folder=$data
[[ $data/ != "$volume"/* ]] || folder=$volume
dump=$folder/$dump_name

[[ -d $folder ]] || fail "there is no folder $folder"
exec 9<"$folder"
flock -n 9 || fail "another backup or restore is running"
tidy || say "could not clean up after an earlier run" >&2
"$1"
