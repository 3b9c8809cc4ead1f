"""Stacks that stay deployed between runs, and the domains that they answer at."""

ZONE = "ci.example.org"

# Live-warm providers: the runs of other recipes use them at any time.
WARM_DOMAINS = {
    "keycloak": f"warm-keycloak.{ZONE}",
    "traefik": f"traefik.{ZONE}",
}


def stable_domain(recipe: str) -> str:
    """Return the domain that a recipe keeps from run to run."""
    return f"warm-{recipe}.{ZONE}"
