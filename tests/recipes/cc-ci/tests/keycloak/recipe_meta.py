"""Keycloak: signs users in, and is the provider for the recipes that need one."""

HEALTH_PATH = "/realms/master"
HEALTH_OK = (200,)
DEPLOY_TIMEOUT = 900
WARM_CANONICAL = False
