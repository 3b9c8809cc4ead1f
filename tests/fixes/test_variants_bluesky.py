"""Both fixes of bluesky-pds on recipes that nobody has seen: what they make and leave."""

from __future__ import annotations

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

from patchkit import Verdict

SERVICE_LABELS = re.compile(r"coop-cloud\..*|backupbot\.backup")
NOTE = """\
The service `app` is now called `pds` and the service `caddy` is now called
`app`. A deploy does not remove a service: the old `caddy` goes on running
beside the new ones until you remove what is left. Right after this upgrade, run
with your app's stack name:

    docker service rm ${STACK_NAME}_caddy
"""


# A shorter name is wrapped in another place.
NOTE_OF_WEB = """\
The service `app` is now called `pds` and the service `web` is now called `app`.
A deploy does not remove a service: the old `web` goes on running beside the new
ones until you remove what is left. Right after this upgrade, run with your
app's stack name:

    docker service rm ${STACK_NAME}_web
"""
NOTES = {"caddy": NOTE, "web": NOTE_OF_WEB, "proxy": NOTE.replace("caddy", "proxy")}


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


def mended(files, *, front="caddy", variables=None):
    """Return what the compose files must say afterwards."""
    after = {}
    for path, data in renamed(view(files), HOSTS).items():
        services, names = data["services"], {"app": "pds", front: "app"}
        own = labels(services["app"]) if "app" in services else {}
        for name in [name for name in own if SERVICE_LABELS.fullmatch(name)]:
            labels(services.setdefault(front, {}))[name] = own.pop(name)
        for body in services.values():
            needs = body.get("depends_on", [])
            if isinstance(needs, dict):
                body["depends_on"] = {names.get(key, key): item for key, item in needs.items()}
            elif needs:
                body["depends_on"] = [names.get(key, key) for key in needs]
        if variables and path == "compose.yml":
            services[front]["environment"].update(variables)
        data["services"] = {names.get(name, name): body for name, body in services.items()}
        after[path] = data
    return after


TEXTS = {
    ".env.sample": (("http://app:", "http://pds:"),),
    "Caddyfile.tmpl": (("http://app:", "http://pds:"),),
    "gatus.yml.tmpl": (('"STACK_NAME" }}_app:', '"STACK_NAME" }}_pds:'),),
    "abra.sh": (
        ("CADDYFILE_VERSION=v4", "CADDYFILE_VERSION=v5"),
        ("GATUS_YML_VERSION=v1\n", "GATUS_YML_VERSION=v2\n"),
        ("GATUS_YML_VERSION=v1\r", "GATUS_YML_VERSION=v2\r"),
        ('"$DOMAIN" app ', '"$DOMAIN" pds '),
        ('_app"', '_pds"'),
    ),
    "README.md": (
        ("<domain> app", "<domain> pds"),
        ("`app` is the PDS", "`pds` is the PDS"),
        ("`caddy` stands", "`app` stands"),
        ("http://app:", "http://pds:"),
        ("<domain> caddy caddy", "<domain> app caddy"),
    ),
}


def texts(files, front="caddy"):
    """Return what the other files must say afterwards."""
    after = {"release/next": NOTES[front]}
    for path in files.keys() & TEXTS.keys():
        text = files[path]
        for old, new in TEXTS[path]:
            text = text.replace(old.replace("caddy", front, 1), new)
        after[path] = text
    return after


@pytest.fixture
def check(check_applies):
    """Check the fix on a variant of the sample; `more` are texts that differ besides."""

    def run(variant, more=None, *, params=None, front="caddy", variables=None):
        files = variant(sample("bluesky-pds"))
        return check_applies(
            "bluesky-pds",
            files,
            mended(files, front=front, variables=variables),
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
    "no README": without("README.md"),
    "no old release notes": without("release/*"),
}


@pytest.mark.parametrize("name", PLAIN)
def test_applies(name, check):
    check(PLAIN[name])


def caddyfile(text):
    """Give the recipe another Caddyfile."""
    return lambda files: files | {"Caddyfile.tmpl": text}


# What the Caddyfile may say to reach the PDS, and what it must say then.
PROXIES = {
    "reverse_proxy app:3000": "reverse_proxy pds:3000",
    "reverse_proxy http://app:3000": "reverse_proxy http://pds:3000",
    "reverse_proxy h2c://app:3000": "reverse_proxy h2c://pds:3000",
    "reverse_proxy app": "reverse_proxy pds",
    "reverse_proxy * app:3000": "reverse_proxy * pds:3000",
    "reverse_proxy /xrpc/* app:3000": "reverse_proxy /xrpc/* pds:3000",
    "reverse_proxy @stream app:3000 {\n\t\tflush_interval -1\n\t}": (
        "reverse_proxy @stream pds:3000 {\n\t\tflush_interval -1\n\t}"
    ),
    "reverse_proxy {\n\t\tto app:3000\n\t}": "reverse_proxy {\n\t\tto pds:3000\n\t}",
    "reverse_proxy {\n\t\tto http://app:3000\n\t}": (
        "reverse_proxy {\n\t\tto http://pds:3000\n\t}"
    ),
    "reverse_proxy {\n\t\tdynamic a app 3000\n\t}": "reverse_proxy {\n\t\tdynamic a pds 3000\n\t}",
    "reverse_proxy app:3000 app:3001": "reverse_proxy pds:3000 pds:3001",
    "reverse_proxy app:3000 # the app": "reverse_proxy pds:3000 # the app",
    "reverse_proxy app:{$PDS_PORT:3000}": "reverse_proxy pds:{$PDS_PORT:3000}",
    'reverse_proxy app:{{ env "PDS_PORT" }}': 'reverse_proxy pds:{{ env "PDS_PORT" }}',
    'reverse_proxy {{ env "STACK_NAME" }}_app:3000': (
        'reverse_proxy {{ env "STACK_NAME" }}_pds:3000'
    ),
    "reverse_proxy tasks.app:3000": "reverse_proxy tasks.pds:3000",
    "reverse_proxy app:3000\n\tredir /old https://app.example.com/new": (
        "reverse_proxy pds:3000\n\tredir /old https://app.example.com/new"
    ),
    "reverse_proxy app:3000\n\treverse_proxy /view https://app.bsky.example": (
        "reverse_proxy pds:3000\n\treverse_proxy /view https://app.bsky.example"
    ),
    "reverse_proxy app:3000\n\troot * /srv/app\n\thandle_path /app/* {\n\t\tfile_server\n\t}": (
        "reverse_proxy pds:3000\n\troot * /srv/app\n\thandle_path /app/* {\n\t\tfile_server\n\t}"
    ),
}


def proxying(proxy):
    return (
        "{\n\ton_demand_tls {\n\t\task http://app:3000/tls-check\n\t}\n}\n\n"
        f"*.{{$DOMAIN}} {{\n\ttls {{\n\t\ton_demand\n\t}}\n\t{proxy}\n}}\n"
    )


@pytest.mark.parametrize("proxy", PROXIES)
def test_follows_what_the_caddyfile_says(proxy, check):
    text = proxying(proxy)
    new = text.replace("ask http://app:", "ask http://pds:").replace(proxy, PROXIES[proxy])
    check(caddyfile(text), {"Caddyfile.tmpl": new})


ASKS = {
    "ask http://app:3000/tls-check": "ask http://pds:3000/tls-check",
    "ask http://app:3000/xrpc/check?only=handles": "ask http://pds:3000/xrpc/check?only=handles",
    "ask http://app:2583/": "ask http://pds:2583/",
    "ask http://app/tls-check": "ask http://pds/tls-check",
    'ask "http://app:3000/tls-check"': 'ask "http://pds:3000/tls-check"',
    "permission http {\n\t\t\tendpoint http://app:3000/tls-check\n\t\t}": (
        "permission http {\n\t\t\tendpoint http://pds:3000/tls-check\n\t\t}"
    ),
}


@pytest.mark.parametrize("ask", ASKS)
def test_follows_who_is_asked_for_certificates(ask, check):
    text = (
        f"{{\n\ton_demand_tls {{\n\t\t{ask}\n\t}}\n}}\n"
        "https:// {\n\ttls {\n\t\ton_demand\n\t}\n\treverse_proxy app:3000\n}\n"
    )
    new = text.replace("reverse_proxy app", "reverse_proxy pds").replace(ask, ASKS[ask])
    check(caddyfile(text), {"Caddyfile.tmpl": new})


def test_caddyfile_without_a_template(check):
    text = "pds.example.com {\n\treverse_proxy app:3000\n}\n"
    variant = then(
        caddyfile(text),
        moved("Caddyfile.tmpl", "caddy/Caddyfile"),
        replaced(
            "compose.yml",
            (
                "    file: caddy/Caddyfile\n    template_driver: golang\n",
                "    file: ./caddy/Caddyfile\n",
            ),
        ),
    )
    check(variant, {"caddy/Caddyfile": text.replace("app:", "pds:")})


OTHER_PORT = resub("*", (r"\bapp:3000", "app:2583"), (r"localhost:3000", "localhost:2583"))

BUILT = {
    "other port": (then(OTHER_PORT), {}),
    "front called web": (
        then(
            resub(COMPOSE, (r"^  caddy:", "  web:"), (r"- caddy$", "- web")),
            replaced(
                "README.md", ("`caddy` stands", "`web` stands"), ("> caddy caddy", "> web caddy")
            ),
        ),
        {"front": "web"},
    ),
    "front called proxy": (
        then(
            resub(COMPOSE, (r"^  caddy:", "  proxy:"), (r"- caddy$", "- proxy")),
            replaced(
                "README.md",
                ("`caddy` stands", "`proxy` stands"),
                ("> caddy caddy", "> proxy caddy"),
            ),
        ),
        {"front": "proxy"},
    ),
    "no overlays": (
        then(
            without("compose.*.yml", "gatus.yml.tmpl"),
            replaced("abra.sh", ("export GATUS_YML_VERSION=v1\n", "")),
        ),
        {},
    ),
    "PDS on the stack's own network only": (
        replaced(
            "compose.yml",
            (
                "      # proxy as well, internal alone has no way out to the relay\n"
                "      - proxy\n",
                "",
            ),
        ),
        {},
    ),
    "no backup": (
        replaced(
            "compose.yml",
            ("        - 'backupbot.backup=true'\n", ""),
        ),
        {},
    ),
    "backup on both": (
        replaced(
            "compose.yml",
            (
                "        - 'traefik.enable=true'\n",
                "        - 'traefik.enable=true'\n        - 'backupbot.backup=true'\n",
            ),
        ),
        {},
    ),
    "no labels on the front": (
        lambda files: (
            files
            | {
                "compose.yml": re.sub(
                    r"(?s)      labels:\n        - 'traefik.*?\n\nvolumes",
                    "\nvolumes",
                    files["compose.yml"],
                )
            }
        ),
        {},
    ),
    "labels in an overlay": (
        added(
            "compose.more.yml",
            'version: "3.8"\nservices:\n  app:\n    deploy:\n      labels:\n'
            "        coop-cloud.${STACK_NAME}.chaos: 'true'\n        com.example.own: 'a'\n",
        ),
        {},
    ),
    "networks as mappings": (
        replaced(
            "compose.yml",
            (
                "      - proxy\n      - internal\n    healthcheck",
                "      proxy: {}\n      internal:\n    healthcheck",
            ),
        ),
        {},
    ),
    "a command of caddy": (
        replaced(
            "compose.yml",
            (
                "    image: caddy:2.10.0-alpine\n",
                "    image: caddy:2.10.0-alpine\n"
                "    command: caddy run --config /etc/caddy/Caddyfile --adapter caddyfile\n",
            ),
        ),
        {},
    ),
    "a command of caddy as a list": (
        replaced(
            "compose.yml",
            (
                "    image: caddy:2.10.0-alpine\n",
                "    image: caddy:2.10.0-alpine\n"
                "    command: ['caddy', 'run', '--config', '/etc/caddy/Caddyfile']\n"
                "    entrypoint: sh -c 'exec caddy run && caddy reload'\n",
            ),
        ),
        {},
    ),
    "a host in a variable": (
        replaced(
            "compose.yml",
            (
                "      - ACME_EMAIL=${ACME_EMAIL}\n",
                "      - ACME_EMAIL=${ACME_EMAIL}\n      - PDS_HOST=app\n",
            ),
        ),
        {"variables": {"PDS_HOST": "pds"}},
    ),
}


@pytest.mark.parametrize("name", BUILT)
def test_applies_to_other_builds(name, check):
    variant, names = BUILT[name]
    check(variant, **names)


ABRA_LINE = "export CADDYFILE_VERSION=v4\n"

LABELS = """\
x-labels: &labels
  coop-cloud.${STACK_NAME}.version: 0.2.3+v0.4.204
  coop-cloud.${STACK_NAME}.timeout: ${TIMEOUT:-180}
  backupbot.backup: 'true'
  backupbot.backup.pre-hook: /pds_backup.sh backup
"""


def test_labels_by_an_alias(check_applies):
    files = then(
        dumped(),
        resub(
            "compose.yml",
            (r"(?s)      labels:\n        - coop-cloud.*?(?=  caddy:)", "      labels: *labels\n"),
            (r"\Aversion: .*\n", LABELS),
        ),
        resub("compose.*.yml", (r"\Aversion: .*\n", "")),
    )(sample("bluesky-pds"))
    expected = mended(files)
    del expected["compose.yml"]["x-labels"]
    check_applies("bluesky-pds", files, expected, texts(files), gone="")


VERSIONS = {
    "by default in the name": (
        then(
            resub(COMPOSE, (r"_\$\{CADDYFILE_VERSION\}", "_${CADDYFILE_VERSION:-v4}")),
            replaced("abra.sh", (ABRA_LINE, "")),
        ),
        "export ROBOTS_TXT_VERSION=v1\nexport PDS_ENTRYPOINT_VERSION=v2\n"
        "export PDS_BACKUP_VERSION=v1\nexport GATUS_YML_VERSION=v2\n"
        "export CADDYFILE_VERSION=v5\n",
    ),
    "in quotes": (
        replaced("abra.sh", ("CADDYFILE_VERSION=v4", 'CADDYFILE_VERSION="v4"')),
        'export CADDYFILE_VERSION="v5"\nexport ROBOTS',
    ),
    "a bare number": (
        replaced("abra.sh", ("CADDYFILE_VERSION=v4", "CADDYFILE_VERSION=9")),
        "export CADDYFILE_VERSION=10\nexport ROBOTS",
    ),
}


@pytest.mark.parametrize("name", VERSIONS)
def test_raises_the_version(name, check_applies):
    variant, wanted = VERSIONS[name]
    files = variant(sample("bluesky-pds"))
    after = check_applies(
        "bluesky-pds", files, mended(files), texts(files), gone="", aside=("abra.sh",)
    )
    assert wanted in after["abra.sh"]


def test_exports_where_there_is_no_abra_sh(check_applies):
    files = then(without("abra.sh"), resub(COMPOSE, (r"_\$\{([A-Z_]+_VERSION)\}$", r"_${\1:-v4}")))(
        sample("bluesky-pds")
    )
    exported = "export CADDYFILE_VERSION=v5\nexport GATUS_YML_VERSION=v5\n"
    check_applies(
        "bluesky-pds", files, mended(files), texts(files) | {"abra.sh": exported}, gone=""
    )


DRIFTED = {
    "another name already": (
        then(resub(COMPOSE, (r"^  app:", "  server:")), resub(COMPOSE, (r"- app$", "- server"))),
        ("the PDS is not called app here",),
    ),
    "no PDS": (
        resub(COMPOSE, ("bluesky-social/pds", "bluesky-social/relay")),
        ("no service with image 'pds'", "app (bluesky-social/relay:0.4.204)", "--param pds="),
    ),
    "no caddy": (
        resub(COMPOSE, ("image: caddy:", "image: nginx:")),
        ("no service with image 'caddy*'", "caddy (nginx:2.10.0-alpine)", "--param front="),
    ),
    "front on another network": (
        resub(COMPOSE, (r"\bproxy\b(?=\n|:)", "edge"), (r"\[proxy,", "[edge,")),
        ("expected network proxy of caddy",),
    ),
    "the name is taken": (
        added("compose.more.yml", 'version: "3.8"\nservices:\n  pds:\n    image: nginx:1\n'),
        ("there is a service pds already",),
    ),
}


@pytest.mark.parametrize("name", DRIFTED)
def test_drifts(name, check_drifts):
    variant, words = DRIFTED[name]
    check_drifts("bluesky-pds", variant(sample("bluesky-pds")), *words)


# --- the alias ------------------------------------------------------------------------------------

ALIAS_HOSTS = ((r"//app(?=[:/])", "//pds"),)
ALIAS_TEXTS = {
    ".env.sample": (("http://app:", "http://pds:"),),
    "Caddyfile.tmpl": (("http://app:", "http://pds:"),),
    "abra.sh": (("CADDYFILE_VERSION=v4", "CADDYFILE_VERSION=v5"),),
    "README.md": (("http://app:", "http://pds:"),),
}


def aliased(files, *, network="internal"):
    """Return what the compose files must say with the alias."""
    after = {path: renamed(data, ALIAS_HOSTS) for path, data in view(files).items()}
    joined = after["compose.yml"]["services"]["app"]["networks"]
    joined[network] = {"aliases": [*(joined[network] or {}).get("aliases", []), "pds"]}
    return after


@pytest.fixture
def check_alias(check_applies):
    def run(variant, more=None, *, network="internal"):
        files = variant(sample("bluesky-pds"))
        wanted = {}
        for path in files.keys() & ALIAS_TEXTS.keys():
            wanted[path] = files[path]
            for old, new in ALIAS_TEXTS[path]:
                wanted[path] = wanted[path].replace(old, new)
        return check_applies(
            "bluesky-pds-alias",
            files,
            aliased(files, network=network),
            wanted | (more or {}),
            gone=rf"\bapp\b|_VERSION=|^ *- [\"']?(proxy|{network})\b|^ *(networks|aliases):"
            r"|^ *# (above|beside)",
        )

    return run


# Forms of fields that the alias has nothing to do with are left out.
ELSEWHERE = ("labels", "environment", "items", "all as", "volumes", "secrets", "images", "digests")


@pytest.mark.parametrize("name", [name for name in PLAIN if not name.startswith(ELSEWHERE)])
def test_alias_applies(name, check_alias):
    check_alias(PLAIN[name])


ALIAS_BUILT = {
    "front called web": (
        resub(COMPOSE, (r"^  caddy:", "  web:"), (r"- caddy$", "- web")),
        "internal",
    ),
    "no overlays": (without("compose.*.yml"), "internal"),
    "other network": (
        then(
            resub(COMPOSE, (r"- internal$", "- backend"), (r"^  internal:", "  backend:")),
            resub(COMPOSE, (r", internal\]", ", backend]")),
        ),
        "backend",
    ),
    "networks in brackets": (
        replaced(
            "compose.yml",
            (
                "    networks:\n      # proxy as well, internal alone has no way out to the relay\n"
                "      - proxy\n      - internal\n",
                "    networks: [proxy, internal]\n",
            ),
        ),
        "internal",
    ),
    "networks as a mapping": (
        replaced(
            "compose.yml",
            (
                "      # proxy as well, internal alone has no way out to the relay\n"
                "      - proxy\n      - internal\n",
                "      proxy:\n      internal:\n",
            ),
        ),
        "internal",
    ),
    "another alias": (
        replaced(
            "compose.yml",
            (
                "      # proxy as well, internal alone has no way out to the relay\n"
                "      - proxy\n      - internal\n",
                "      proxy:\n      internal:\n        aliases: [server]\n",
            ),
        ),
        "internal",
    ),
    "own network only": (
        replaced(
            "compose.yml",
            (
                "      # proxy as well, internal alone has no way out to the relay\n"
                "      - proxy\n",
                "",
            ),
        ),
        "internal",
    ),
}


@pytest.mark.parametrize("name", ALIAS_BUILT)
def test_alias_applies_to_other_builds(name, check_alias):
    variant, network = ALIAS_BUILT[name]
    check_alias(variant, network=network)


UNIQUE = {proxy for proxy in PROXIES if "_app" in proxy or "tasks." in proxy}


@pytest.mark.parametrize("proxy", sorted(PROXIES.keys() - UNIQUE))
def test_alias_is_what_the_caddyfile_says(proxy, check_alias):
    text = proxying(proxy)
    new = text.replace("ask http://app:", "ask http://pds:").replace(proxy, PROXIES[proxy])
    check_alias(caddyfile(text), {"Caddyfile.tmpl": new})


ALIAS_DRIFTED = {
    "the other fix is in": (
        then(
            resub(COMPOSE, (r"^  app:", "  pds:"), (r"- app$", "- pds")),
            resub(COMPOSE, (r"^  caddy:", "  app:"), (r"- caddy$", "- app")),
        ),
        ("the PDS is not called app here",),
    ),
    "no network of its own": (
        resub(COMPOSE, (r"^      - internal\n", "")),
        ("no network !proxy of app", "--param network="),
    ),
    "two networks of its own": (
        replaced(
            "compose.yml",
            (
                "      - proxy\n      - internal\n    entry",
                "      - proxy\n      - internal\n      - mail\n    entry",
            ),
            ("  internal:\n\nsecrets", "  internal:\n  mail:\n\nsecrets"),
        ),
        ("internal, mail", "--param network="),
    ),
}


@pytest.mark.parametrize("name", ALIAS_DRIFTED)
def test_alias_drifts(name, check_drifts):
    variant, words = ALIAS_DRIFTED[name]
    check_drifts("bluesky-pds-alias", variant(sample("bluesky-pds")), *words)


def test_alias_is_not_needed_where_all_peers_use_a_name_of_the_stack(rendered):
    files = resub("*", (r"//app:", "//${STACK_NAME}_app:"))(sample("bluesky-pds"))
    assert rendered("bluesky-pds-alias", files).verdict is Verdict.FIXED
