"""Params that classes find: an image whose tag moves, a field, a config inside a volume."""

from __future__ import annotations

import pytest

from patchkit import RecipeTree, Verdict, loads_fix, render

COMPOSE = """\
services:
  app:
    image: {image}
    entrypoint: {entrypoint}
    ports:
      - "80:80"
      - {{target: 1, published: 1, mode: {mode}}}
    configs:
      - {{source: seed, target: {seed}}}
      - {{source: start, target: /start.sh}}
    volumes:
      - {volume}
  db:
    image: postgres:16.2
  pinned:
    image: redis:7@sha256:{digest}
volumes: {{data: }}
configs:
  seed: {{file: seed.ini}}
  start: {{file: start.sh}}
"""
USUAL = {
    "image": "example/app:1.2",
    "entrypoint": "[/start.sh]",
    "mode": "host",
    "seed": "/data/etc/seed.ini",
    "volume": "data:/data/",
    "digest": "0" * 64,
}
FIX = """\
id: x
title: t
recipe: r
why: w
params:
  it: {param}
ops:
  - {{op: file.add, path: found, text: "{{{{ it }}}}"}}
"""


def found(param, **texts):
    files = {"compose.yml": COMPOSE.format(**(USUAL | texts)), "seed.ini": "", "start.sh": ""}
    patch = render(loads_fix(FIX.format(param=param)), RecipeTree.from_files(files))
    if patch.verdict is Verdict.APPLIES:
        return patch.tree.text("found").rstrip("\n")
    return "\n".join(reason.message for reason in patch.reasons)


@pytest.mark.parametrize(
    ("image", "says"),
    [
        ("example/app:1.2", "app"),
        ("example/app", "app"),
        ("host.example:5000/app", "app"),
        ("example/app:v3-alpine", "app"),
        ("example/app:stable", "app"),
        ("example/app:1.2.3", "no service with tag 'moving'"),
        ("example/app:2024-01-02", "app"),
        ("${IMAGE}", "no service with tag 'moving'"),
        ("example/app:${TAG}", "no service with tag 'moving'"),
        ("example/app:${TAG:-edge}", "app"),
        ("docker.example/library/postgres:15.3", "no service with tag 'moving'"),
        ("postgres:15", "app"),
    ],
)
def test_a_tag_that_moves(image, says):
    assert found("{find: service, tag: moving}", image=image).startswith(says)


@pytest.mark.parametrize(
    ("name", "texts", "says"),
    [
        ("entrypoint", {}, "/start.sh"),
        ("entrypoint", {"entrypoint": "/start.sh"}, "/start.sh"),
        ("entrypoint", {"entrypoint": "${X:-/start.sh}"}, "/start.sh"),
        ("entrypoint", {"entrypoint": "[sh, -c, x]"}, "3 candidates"),
        ("entrypoint", {"entrypoint": "{a: b}"}, "no field entrypoint of app"),
        ("ports.mode", {}, "2 candidates"),
        ("ports.published", {"mode": "ingress"}, "2 candidates"),
        ("deploy.mode", {}, "no field deploy.mode of app"),
        ("tty", {}, "no field tty of app"),
    ],
)
def test_a_field(name, texts, says):
    assert found(f"{{find: field, service: app, name: {name}}}", **texts).startswith(says)


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ({}, "seed"),
        ({"volume": "{type: volume, source: data, target: /data/etc}"}, "seed"),
        ({"volume": "data:/data:ro"}, "no config of app inside a volume of it"),
        ({"volume": "/srv:/data"}, "no config of app inside a volume of it"),
        ({"volume": "data:/dat"}, "no config of app inside a volume of it"),
        ({"volume": "data:/"}, "2 candidates"),
    ],
)
def test_a_config_inside_a_volume(texts, says):
    assert found("{find: config, service: app, within: volume}", **texts).startswith(says)


def test_where_a_config_is():
    assert found("{find: target, service: app, config: seed}") == "/data/etc/seed.ini"
    assert found("{find: target, service: app, config: x}").startswith("no config x of app")


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        ("{service: app, field: ports.mode, value: host}", Verdict.APPLIES),
        ("{service: app, field: ports.mode, value: hos}", Verdict.DRIFTED),
        ("{service: app, field: ports.mode, matches: '^h'}", Verdict.APPLIES),
        ("{service: db, field: ports.mode, value: host}", Verdict.DRIFTED),
        ("{lint: moving-image-tag}", Verdict.APPLIES),
        ("{lint: moving-image-tag, absent: true}", Verdict.DRIFTED),
        ("{lint: R008}", Verdict.APPLIES),
        ("{lint: orphaned-service}", Verdict.DRIFTED),
    ],
)
def test_conditions(condition, verdict):
    fix = loads_fix(FIX.format(param="a") + f"expects:\n  - {condition}\n")
    files = {"compose.yml": COMPOSE.format(**USUAL), "seed.ini": "", "start.sh": ""}
    assert render(fix, RecipeTree.from_files(files)).verdict is verdict


def test_a_rule_that_there_is_not():
    with pytest.raises(Exception, match=r'unknown rule "orphan-service".*orphaned-service'):
        loads_fix(FIX.format(param="a") + "ensures:\n  - any: [{lint: orphan-service}]\n")
