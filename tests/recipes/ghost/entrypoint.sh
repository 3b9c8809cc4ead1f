#!/bin/sh
set -eu

# Ghost reads no files of secrets.
database__connection__password=$(cat /run/secrets/db_root)
export database__connection__password
if [ -f /run/secrets/smtp_pass ]; then
  mail__options__auth__pass=$(cat /run/secrets/smtp_pass)
  export mail__options__auth__pass
fi

exec docker-entrypoint.sh "$@"
