#!/bin/bash

export APP_ENTRYPOINT_VERSION=v3

# abra app cmd <domain> app ctl user list
ctl() {
  mmctl --local "$@"
}

# abra app cmd <domain> app make_admin <username>
make_admin() {
  if [ $# -ne 1 ]; then
    echo "usage: make_admin <username>" >&2
    return 1
  fi
  mmctl --local roles system-admin "$1"
}

# abra app cmd <domain> postgres table_sizes
table_sizes() {
  psql -U mattermost -d mattermost -c \
    "SELECT relname, pg_size_pretty(pg_total_relation_size(relid)) AS size
     FROM pg_catalog.pg_statio_user_tables
     ORDER BY pg_total_relation_size(relid) DESC LIMIT 15"
}
