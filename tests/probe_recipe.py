"""A small recipe that hand edits are tried on: a service, its config, an overlay."""

from __future__ import annotations

COMPOSE = """\
services:
  app:
    image: nginx:1.27 # moves
    configs: [app_conf]
    depends_on: [db]
    deploy:
      labels:
        - "traefik.enable=true"
        - "backupbot.backup=true"
  db:
    image: postgres:16
configs:
  app_conf:
    name: ${STACK_NAME}_app_conf_${APP_CONF_VERSION}
    file: app.conf
"""
FILES = {
    "compose.yml": COMPOSE,
    "compose.mail.yml": "services:\n  app:\n    environment:\n      - MAIL=1\n",
    ".env.sample": "TYPE=probe\nDOMAIN=example.com\n#COMPOSE_FILE=compose.yml:compose.mail.yml\n",
    "abra.sh": "export APP_CONF_VERSION=v1\n",
    "app.conf": "say one thing\n",
}
