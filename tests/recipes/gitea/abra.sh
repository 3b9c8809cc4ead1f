#!/bin/bash

export APP_INI_VERSION=v14
export DOCKER_SETUP_VERSION=v2
export PG_BACKUP_VERSION=v1

# abra app cmd <domain> app admin user list
admin() {
  gitea admin --config /etc/gitea/app.ini "$@"
}

# abra app cmd <domain> app create_admin <name> <email>
create_admin() {
  if [ $# -ne 2 ]; then
    echo "usage: create_admin <name> <email>" >&2
    return 1
  fi
  admin user create --admin --username "$1" --email "$2" --random-password
}

# abra app cmd <domain> app check
check() {
  gitea doctor check --config /etc/gitea/app.ini --all
}
