"""abra's rules about the merged stack: R001, R002, R009, R010, R011."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.finding import Severity
from patchkit.lint.rule import Hit, rule
from patchkit.recipe.forms import as_mapping, as_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.lint.subject import Subject

_VERSION = "3.8"


@rule("unexpected-compose-version", Severity.WARN, ref="R001", cure="yaml.set")
def unexpected_compose_version(subject: Subject) -> Iterator[Hit]:
    """The compose file's version is not "3.8".

    Why: abra reads all recipes as version 3.8; with another one fields are missing or new.

    Bad:
        version: "3.9"

    Good:
        version: "3.8"

    Fix: write `version: "3.8"` at the top of every compose file.
    """
    version = as_text(subject.recipe.merged.get("version"))
    if version != _VERSION:
        said = f"the version is {version}" if version else "there is no version"
        yield Hit(subject.key("version"), f'{said}; "{_VERSION}" was expected')


@rule("no-healthcheck", Severity.WARN, ref="R002", cure="healthcheck.set")
def no_healthcheck(subject: Subject) -> Iterator[Hit]:
    """A service has no healthcheck; `disable: true` counts as one.

    Why: without it Swarm takes a task for healthy as soon as it runs: a broken upgrade is
    neither seen nor rolled back.

    Bad:
        app:
          image: gitea/gitea:1.24.6

    Good:
        app:
          image: gitea/gitea:1.24.6
          healthcheck:
            test: ["CMD", "curl", "-fsS", "http://localhost:3000/api/healthz"]

    Fix: give the service a healthcheck that asks what the service is for.
    """
    for name, body in subject.merged.items():
        if body.get("healthcheck") is None:
            yield Hit(subject.service_place(name), f"the service {name} has no healthcheck")


@rule("no-app-service", Severity.ERROR, ref="R009", cure="service.rename")
def no_app_service(subject: Subject) -> Iterator[Hit]:
    """No service is called `app`.

    Why: abra looks at the service `app` for the deployed version, for `abra app run` and logs.

    Bad:
        services:
          web:

    Good:
        services:
          app:

    Fix: call the service that the world reaches `app`.
    """
    if "app" not in subject.merged:
        yield Hit(subject.key("services"), "no service is called app")


def _not_routed(subject: Subject) -> str:
    known = subject.settings.get("DOMAIN")
    routed = known is not None and not known.commented
    return "" if routed else ".env.sample sets no DOMAIN: the recipe is not routed"


@rule("no-traefik-routing", Severity.ERROR, ref="R010", cure="labels.set", unless=_not_routed)
def no_traefik_routing(subject: Subject) -> Iterator[Hit]:
    """No service has the deploy label `traefik.enable=true`.

    Why: traefik routes nothing to the stack, and the operator's domain answers 404.

    Bad:
        deploy:
          labels:
            - traefik.http.services.${STACK_NAME}.loadbalancer.server.port=80

    Good:
        deploy:
          labels:
            - traefik.enable=true
            - traefik.http.services.${STACK_NAME}.loadbalancer.server.port=80

    Fix: add `traefik.enable=true` to the deploy labels of the service that the world reaches.
    """
    if not any(_deploy_labels(body).get("traefik.enable") == "true" for body in _bodies(subject)):
        home = "app" in subject.merged
        place = subject.service_place("app") if home else subject.key("services")
        yield Hit(place, "no service has the deploy label traefik.enable=true")


@rule("service-without-image", Severity.ERROR, ref="R011", cure="service.remove")
def service_without_image(subject: Subject) -> Iterator[Hit]:
    """A service has no image after all compose files are merged.

    Why: `docker stack deploy` fails for every operator whose `COMPOSE_FILE` lists the file.

    Bad:
        services:
          sidekiq:
            environment:
              - SMTP_USER

    Good:
        services:
          sidekiq:
            image: discourse/discourse:3.5.0
            environment:
              - SMTP_USER

    Fix: remove the service from every compose file, or give it an image.
    """
    for part in subject.services:
        if not subject.merged.get(part.name, {}).get("image"):
            yield Hit(part.place, f"the service {part.name} has no image")


def _bodies(subject: Subject) -> list[dict[str, object]]:
    return list(subject.merged.values())


def _deploy_labels(body: dict[str, object]) -> dict[str, str | None]:
    deploy = body.get("deploy")
    return as_mapping(deploy.get("labels") if isinstance(deploy, dict) else None)
