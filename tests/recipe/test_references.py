"""Every place that names a service, over the files of a recipe."""

from __future__ import annotations

import pytest

from patchkit.recipe.model import Recipe
from patchkit.recipe.references import references
from patchkit.tree import RecipeTree


def found(files: dict[str, str], service: str = "app") -> list[tuple[str, str, str]]:
    """Return place, kind and form of every reference; the text there must be the name."""
    tree = RecipeTree.from_files(files)
    refs = references(Recipe(tree), service)
    for ref in refs:
        assert tree.text(ref.file)[ref.start : ref.end] == service
    return [(f"{ref.file}:{ref.place.line}:{ref.place.column}", ref.kind, ref.form) for ref in refs]


def service(body: str) -> dict[str, str]:
    return {"compose.yml": "services:\n  web:\n" + body}


STRUCTURAL = {
    "depends_on list": ("    depends_on:\n      - app\n", (4, 9), "depends_on"),
    "depends_on flow": ("    depends_on: [db, app]\n", (3, 22), "depends_on"),
    "depends_on mapping": (
        "    depends_on:\n      app:\n        condition: service_started\n",
        (4, 7),
        "depends_on",
    ),
    "links": ("    links:\n      - app:alias\n", (4, 9), "links"),
    "volumes_from": ("    volumes_from:\n      - app:ro\n", (4, 9), "volumes_from"),
    "extends": ("    extends:\n      service: app\n", (4, 16), "extends"),
    "extends short": ("    extends: app\n", (3, 14), "extends"),
    "network_mode": ('    network_mode: "service:app"\n', (3, 28), "network_mode"),
    "pid": ("    pid: service:app\n", (3, 18), "pid"),
    "ipc": ("    ipc: service:app\n", (3, 18), "ipc"),
    "traefik router": (
        '    deploy:\n      labels:\n        - "traefik.http.routers.${STACK_NAME}_app.rule=x"\n',
        (5, 47),
        "label",
    ),
    "traefik service": (
        "    labels:\n      traefik.http.services.app.loadbalancer.server.port: 80\n",
        (4, 29),
        "label",
    ),
    "service of a router": (
        "    labels:\n      traefik.http.routers.x.service: ${STACK_NAME}-app\n",
        (4, 53),
        "label",
    ),
    "version label": (
        '    deploy:\n      labels: ["coop-cloud.${STACK_NAME}.app.version=1.2"]\n',
        (4, 42),
        "label",
    ),
    "alias": (
        "    networks:\n      proxy:\n        aliases:\n          - app\n",
        (6, 13),
        "alias",
    ),
}


@pytest.mark.parametrize(("body", "at", "kind"), STRUCTURAL.values(), ids=STRUCTURAL)
def test_fields_that_hold_services(body, at, kind):
    assert found(service(body)) == [(f"compose.yml:{at[0]}:{at[1]}", kind, "field")]


NOT_THE_SERVICE = {
    "extends of another file": "    extends:\n      file: x.yml\n      service: app\n",
    "container": "    volumes_from:\n      - container:app\n",
    "link alias": "    links:\n      - db:app\n",
    "volume": "    volumes:\n      - app:/data\n",
    "network": "    networks:\n      - app\n",
    "config": "    configs:\n      - app\n",
    "host network": "    network_mode: host\n",
    "image": "    image: app:1.2\n",
    "hostname": "    hostname: app.example.com\n",
    "user": "    user: app:1000\n",
    "label value": '    deploy:\n      labels:\n        - "a.b=app"\n',
    "traefik middleware": '    labels:\n      - "traefik.http.middlewares.app.x=y"\n',
    "longer router": '    labels:\n      - "traefik.http.routers.${STACK_NAME}-app-x.rule=y"\n',
    "recipe version": '    labels:\n      - "coop-cloud.${STACK_NAME}.version=app"\n',
    "volume label": '    labels:\n      - "backupbot.backup.volumes.app=false"\n',
}


@pytest.mark.parametrize("body", NOT_THE_SERVICE.values(), ids=NOT_THE_SERVICE)
def test_fields_that_hold_something_else(body):
    assert found(service(body)) == []


TEXTUAL = {
    "environment list": ("    environment:\n      - A=http://app:1\n", "environment", "host"),
    "environment mapping": ("    environment:\n      A: http://app:1\n", "environment", "host"),
    "host variable": ("    environment:\n      - DB_HOST=app\n", "environment", "host"),
    "other variable": ("    environment:\n      - DB_NAME=app\n", "environment", "word"),
    "command": ("    command: wait-for app:80\n", "command", "host"),
    "command list": ('    command: ["wait-for", "app:80"]\n', "command", "host"),
    "folded command": ("    command: >\n      wait-for\n      app:80\n", "command", "host"),
    "entrypoint": ("    entrypoint: /x --host app\n", "entrypoint", "host"),
    "healthcheck": (
        "    healthcheck:\n      test: curl http://app:1\n",
        "healthcheck",
        "host",
    ),
    "hook": (
        '    deploy:\n      labels:\n        - "backupbot.backup.pre-hook=curl app:80"\n',
        "label",
        "host",
    ),
    "hook mapping": (
        "    deploy:\n      labels:\n        backupbot.backup.pre-hook: docker exec app x\n",
        "label",
        "word",
    ),
    "comment": ("    # reach it at http://app:1\n    image: a:1\n", "comment", "host"),
}


@pytest.mark.parametrize(("body", "kind", "form"), TEXTUAL.values(), ids=TEXTUAL)
def test_texts_that_name_it(body, kind, form):
    assert [(k, f) for _, k, f in found(service(body))] == [(kind, form)]


PROGRAMS = [
    "    command: app\n",
    '    command: ["app", "serve"]\n',
    "    entrypoint:\n      - app\n      - serve\n",
    '    healthcheck:\n      test: ["CMD", "app", "check"]\n',
]


@pytest.mark.parametrize("body", PROGRAMS)
def test_programs_of_that_name_are_not_the_service(body):
    assert found(service(body)) == []


def test_comment_within_a_block_scalar_is_its_content():
    body = "    command: |\n      # http://app:1\n      x\n"
    assert [(kind, form) for _, kind, form in found(service(body))] == [("command", "host")]


def test_own_key_in_every_overlay():
    files = {
        "compose.yml": "services:\n  app:\n    image: a:1\n",
        "compose.smtp.yml": "services:\n  'app':\n    environment: [X]\n",
    }
    assert found(files) == [
        ("compose.smtp.yml:2:4", "service", "field"),
        ("compose.yml:2:3", "service", "field"),
    ]


def test_extension_fields_hold_parts_of_services():
    files = {
        "compose.yml": "x-env: &env\n  API_HOST: app\nx-part: &part\n  depends_on: [app]\n"
        "services:\n  web:\n    <<: *part\n    environment: *env\n"
    }
    assert found(files) == [
        ("compose.yml:2:13", "environment", "host"),
        ("compose.yml:4:16", "depends_on", "field"),
    ]


def test_other_files_of_the_recipe():
    files = {
        "compose.yml": "services:\n  app:\n    image: a:1\n",
        ".env.sample": "API_HOST=app\n#UPSTREAM=http://app:1\n## see http://app:2\nNAME=app\n",
        "Caddyfile": "reverse_proxy app\n# app\n",
        "abra.sh": 'run() { docker exec app ls; }\nlogs() { abra app logs "$D" app; }\n',
        "README.md": "The app. `app` is at http://app:3.\n",
        "release/1.0.0+1": "docker service rm ${STACK_NAME}_app\n",
        "release/next": "http://app:4\n",
        "logo.png": "\x00http://app:5",
    }
    assert found(files)[:-1] == [
        (".env.sample:1:10", "text", "host"),
        (".env.sample:2:18", "text", "host"),
        (".env.sample:3:15", "text", "host"),
        (".env.sample:4:6", "text", "word"),
        ("Caddyfile:1:15", "text", "host"),
        ("README.md:1:11", "text", "mention"),
        ("README.md:1:29", "text", "host"),
        ("abra.sh:1:21", "text", "word"),
        ("abra.sh:2:29", "text", "abra"),
    ]


def test_escapes_that_spell_the_name_are_a_question():
    refs = references(
        Recipe(RecipeTree.from_files(service('    command: "curl http://\\x61pp:1"\n'))), "app"
    )
    assert [(ref.form, ref.place.column) for ref in refs] == [("word", 14)]
