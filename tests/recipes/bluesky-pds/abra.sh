#!/bin/bash

export CADDYFILE_VERSION=v4
export ROBOTS_TXT_VERSION=v1
export PDS_ENTRYPOINT_VERSION=v2
export PDS_BACKUP_VERSION=v1
export GATUS_YML_VERSION=v1

# These run on your own machine: abra app cmd --local <domain> create_account ...

# create_account <handle> <email>
create_account() {
  if [ $# -ne 2 ]; then
    echo "usage: create_account <handle> <email>" >&2
    return 1
  fi
  abra app run "$DOMAIN" app goat pds admin account create --handle "$1" --email "$2"
}

# create_invite: prints one invite code
create_invite() {
  abra app run "$DOMAIN" app goat pds admin create-invites
}

# insert_plc_key: makes the rotation key and stores it as a secret
insert_plc_key() {
  local key
  key="$(openssl ecparam -name secp256k1 -genkey -noout -outform DER |
    tail -c +8 | head -c 32 | od -An -tx1 | tr -d ' \n')"
  abra app secret insert "$DOMAIN" plc_key v1 "$key"
}

# why_not_running: what swarm says about the server
why_not_running() {
  docker service ps --no-trunc "${STACK_NAME}_app"
}
