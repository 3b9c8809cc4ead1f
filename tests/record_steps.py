"""Steps of every op for the places that a recipe gives: what `patchkit record` finds again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patchkit.draft.uses import uses
from patchkit.edit.yaml.emit import Style, item_lines
from patchkit.fixes import loads_fix
from patchkit.recipe.forms import as_mapping, networks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.recipe.model import Recipe
    from patchkit.spec.fix import Fix

Step = dict[str, Any]

# What a compose file of its own lacks to be a recipe.
AROUND = {
    ".env.sample": "TYPE=probe\n\nDOMAIN=probe.example.com\n#PROBE_DEBUG=1\n",
    "abra.sh": "export OLD_CONF_VERSION=v1\n",
    "probe.conf": "host = one\nport = 1\n\nlast = yes\n",
    "Caddyfile": "one {\n    reverse_proxy a:1\n}\n\ntwo {\n    reverse_proxy b:2\n}\n",
    "probe.ini": "[server]\nDOMAIN = example.com\n\n[log]\nLEVEL = info\n",
    "probe.py": "import os\n\nLIMIT = 3\n\n\ndef run(ctx):\n"
    '    ctx.exec(service="app")\n    return os.name\n',
    "release/next": "The index is built anew.\n",
}


def fix_of(step: Step, kind: str = "recipe") -> Fix:
    """Return a fix of one step."""
    lines = "".join(f"{line}\n" for line in item_lines(step, 2, Style()))
    return loads_fix(f"id: probe\ntitle: probe\n{kind}: probe\nwhy: probe\nops:\n{lines}")


def steps(recipe: Recipe) -> Iterator[Step]:
    """Yield steps of every op that the recipe gives a place for."""
    yield from _of_files(recipe)
    names = [name for name, body in recipe.services.items() if body]
    for name in dict.fromkeys((*names[:1], *names[-1:])):
        others = [other for other in names if other != name]
        yield from _of_service(recipe, name)
        yield from _of_entries(recipe, name, others[:1])
        yield from _of_uses(recipe, name, others[:1])
    yield {
        "op": "service.add",
        "service": "zzprobe",
        "definition": {"image": "probe:1", "command": "run"},
    }
    yield from _of_yaml(recipe, names)


def _of_files(recipe: Recipe) -> Iterator[Step]:
    have = recipe.tree
    yield {"op": "abra.export", "name": "PROBE_VERSION", "value": "v1"}
    yield {"op": "env_sample.set", "name": "PROBE_PORT", "value": "25", "comment": "of probes"}
    yield {
        "op": "file.add",
        "path": "probe.sh",
        "mode": "0755",
        "text": "#!/bin/sh\necho {% raw %}{{ x }}{% endraw %}\n",
    }
    yield {"op": "release.note", "text": "Probe it before the upgrade."}
    if "probe.conf" in have:
        yield {"op": "env_sample.set", "name": "PROBE_DEBUG", "value": "1"}
        yield {"op": "env_sample.unset", "name": "PROBE_DEBUG"}
        yield {"op": "file.remove", "path": "probe.conf"}
        yield {"op": "file.rename", "path": "probe.conf", "to": "conf/probe.conf"}
        yield {"op": "file.chmod", "path": "probe.conf", "mode": "0755"}
        yield {
            "op": "ini.set",
            "file": "probe.ini",
            "section": "server",
            "key": "PORT",
            "value": "1",
        }
        yield {
            "op": "ini.set",
            "file": "probe.ini",
            "section": "log",
            "key": "LEVEL",
            "value": "warn",
        }
        yield {"op": "ini.unset", "file": "probe.ini", "section": "server", "key": "DOMAIN"}
        yield from _of_text()
        yield from _of_python()


def _of_text() -> Iterator[Step]:
    file = {"file": "Caddyfile"}
    yield {"op": "text.replace", **file, "find": "proxy a:1", "with": "proxy c:3"}
    yield {"op": "text.replace", **file, "regex": "proxy (.):2", "with": r"proxy \1:20"}
    yield {"op": "text.insert", **file, "after": "a:1", "text": "    encode gzip\n    log\n"}
    yield {"op": "text.insert", **file, "at": "end", "text": "[{% raw %}{{ raw }}{% endraw %}]"}


def _of_python() -> Iterator[Step]:
    file = {"file": "probe.py"}
    yield {"op": "python.assign", **file, "name": "LIMIT", "value": "5"}
    yield {"op": "python.assign", **file, "name": "OTHER", "value": '"x"'}
    yield {"op": "python.import", **file, "add": "from pathlib import Path"}
    yield {"op": "python.add", **file, "code": "def more():\n    return 1\n"}
    yield {"op": "python.insert", **file, "function": "run", "at": "start", "code": "ctx.wait()"}
    yield {"op": "python.replace", **file, "function": "run", "returns": "os.sep"}
    yield {"op": "python.replace", **file, "function": "run", "body": "return ctx.done()"}
    yield {"op": "python.argument", **file, "call": "exec", "name": "service", "value": '"pds"'}


def _of_service(recipe: Recipe, name: str) -> Iterator[Step]:
    service, body = {"service": name}, recipe.services[name]
    yield {"op": "service.rename", **service, "to": "zzprobe"}
    yield {"op": "service.remove", **service}
    yield {"op": "service.set", **service, "fields": {"deploy.replicas": 3}}
    yield {
        "op": "service.set",
        **service,
        "fields": {"hostname": "probe", "stop_grace_period": "1m"},
    }
    if field := next((key for key in body if key not in {"image", "build"}), None):
        yield {"op": "service.unset", **service, "fields": [field]}
    if "image" in body:
        yield {"op": "image.set", **service, "tag": "9.9.9"}
        yield {"op": "image.set", **service, "image": "probe/probe:1"}
    yield {"op": "healthcheck.set", **service, "test": ["CMD", "true"], "start_period": "5m"}
    if "healthcheck" in body:
        yield {"op": "healthcheck.set", **service, "interval": "77s"}
    for network in list(networks(body))[:1]:
        yield {"op": "network.alias", **service, "network": network, "alias": "zzalias"}


def _of_entries(recipe: Recipe, name: str, others: list[str]) -> Iterator[Step]:
    service, body = {"service": name}, recipe.services[name]
    labels = list(as_mapping((body.get("deploy") or {}).get("labels") or body.get("labels")))
    variables = list(as_mapping(body.get("environment")))
    yield {
        "op": "labels.set",
        **service,
        "labels": {"probe.enable": "true", "probe.rule": "a && b"},
    }
    yield {"op": "environment.set", **service, "variables": {"ZZ_PROBE": "${PROBE:-1}"}}
    for label in labels[:1]:
        yield {"op": "labels.set", **service, "labels": {label: "zz"}}
        yield {"op": "labels.unset", **service, "labels": [label]}
        yield {"op": "labels.rename", **service, "labels": {label: "zz.other"}}
    for variable in variables[:1]:
        yield {"op": "environment.set", **service, "variables": {variable: "zz"}}
        yield {"op": "environment.unset", **service, "names": [variable]}
        yield {"op": "environment.rename", **service, "names": {variable: "ZZ_OTHER"}}
    for to in others:
        if labels:
            yield {"op": "labels.move", **service, "to": to, "labels": labels[-1:]}
        if variables:
            yield {"op": "environment.move", **service, "to": to, "names": variables[-1:]}


def _of_uses(recipe: Recipe, name: str, others: list[str]) -> Iterator[Step]:
    service = {"service": name}
    config = {"name": "zz_conf", "target": "/etc/zz.conf"}
    yield {
        "op": "config.add",
        **service,
        **config,
        "file": "zz.conf",
        "text": "a = 1\n",
        "mode": "0440",
    }
    yield {
        "op": "secret.add",
        **service,
        "name": "zz_secret",
        "length": 32,
        "environment": "ZZ_FILE",
    }
    yield {"op": "volume.add", **service, "name": "zzdata", "target": "/zz"}
    for use in uses(recipe, "configs", name)[:1]:
        yield {"op": "config.remove", **service, "name": use.source}
        yield {"op": "config.retarget", **service, "name": use.source, "to": "/zz/other"}
    for use in uses(recipe, "secrets", name)[:1]:
        yield {"op": "secret.remove", **service, "name": use.source}
        for to in others:
            yield {"op": "secret.move", **service, "to": to, "name": use.source}
    for use in uses(recipe, "volumes", name)[:1]:
        yield {"op": "volume.remove", **service, "at": use.target}


def _of_yaml(recipe: Recipe, names: list[str]) -> Iterator[Step]:
    yield {"op": "yaml.set", "path": "x-probe.deep.value", "value": [1, "two"]}
    for name in names[:1]:
        body, path = recipe.services[name], f'services."{name}"'
        lists = [key for key, value in body.items() if isinstance(value, list) and value]
        for key in lists[:1]:
            yield {"op": "yaml.append", "path": f"{path}.{key}", "value": "zz:1"}
            yield {"op": "yaml.remove", "path": f"{path}.{key}", "value": body[key][0]}
        if body:
            yield {"op": "yaml.unset", "path": f"{path}.{list(body)[-1]}"}
            yield {"op": "yaml.move", "from": f"{path}.{list(body)[-1]}", "to": f"{path}.x-zz"}
