#!/bin/bash

export APP_ENTRYPOINT_VERSION=v5
export SIDEKIQ_YML_VERSION=v1
export PG_BACKUP_VERSION=v2

# abra app cmd <domain> app rake site_settings:export
rake() {
  cd /opt/bitnami/discourse || return
  RAILS_ENV=production bundle exec rake "$@"
}

# abra app cmd <domain> app make_admin
make_admin() {
  rake admin:create
}

# abra app cmd --local <domain> queue_log: the last lines of the job runner
queue_log() {
  abra app logs "$DOMAIN" sidekiq
}
