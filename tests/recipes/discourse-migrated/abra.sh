#!/bin/bash

export APP_ENTRYPOINT_VERSION=v6
export PG_BACKUP_VERSION=v2

# abra app cmd <domain> app rake site_settings:export
rake() {
  cd /var/www/discourse || return
  RAILS_ENV=production bundle exec rake "$@"
}

# abra app cmd <domain> app make_admin
make_admin() {
  rake admin:create
}
