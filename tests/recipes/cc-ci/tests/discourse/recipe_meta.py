"""Discourse: a forum that boots slowly."""

HEALTH_PATH = "/srv/status"
DEPLOY_TIMEOUT = 1800
EXTRA_ENV = {"COMPOSE_FILE": "compose.yml:compose.ccci.yml"}
