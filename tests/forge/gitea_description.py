"""Holds requests and answers against Forgejo's own description of its API (Swagger 2.0).

Go writes what is empty as null, which the description leaves out: null passes for anything.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from jsonschema import Draft4Validator, FormatChecker

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from loopback import Reply, Request

_PREFIX = "/api/v1"
_PORT = re.compile(rb"localhost:\d+")
_FORMATS = FormatChecker(())
_TYPES = {"integer": int, "boolean": {"true": True, "false": False}.__getitem__}
# What any path may answer, and no path's description says.
_ALWAYS = {401, 403, 404, 405, 422, 429, 500}
_REFUSAL = {
    "type": "object",
    "required": ["message"],
    "properties": {
        "message": {"type": "string"},
        "url": {"type": "string"},
        "errors": {"type": ["array", "null"], "items": {"type": "string"}},
    },
    "additionalProperties": False,
}


@_FORMATS.checks("date-time", raises=ValueError)
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


class GiteaDescription:
    """The description, indexed by path."""

    def __init__(self, file: Path) -> None:
        self._whole = json.loads(file.read_text())
        assert self._whole["basePath"] == _PREFIX
        # Every Gitea and Forgejo gives it, none describes it: modules/structs/user.go adds it.
        self._whole["definitions"]["User"]["properties"]["username"] = {"type": "string"}
        self._validators: dict[int, Draft4Validator] = {}
        # Answers that were held against it already, whatever the server's port: most come often.
        self._right: set[tuple[str, int, bytes]] = set()
        # The most literal template first: `{index}` of one could swallow a part of another.
        literal_first = sorted(self._whole["paths"], key=lambda path: path.count("{"))
        self._paths = [(_pattern(path), path) for path in literal_first]

    def check_request(self, request: Request) -> None:
        """Raise AssertionError when Forgejo does not describe this request."""
        name, operation = self._operation(request.method, request.path)
        parameters = {one["name"]: one for one in operation.get("parameters", ())}
        for key, value in request.query.items():
            assert key in parameters, f"{name}: Forgejo knows no parameter {key}"
            told = parameters[key]
            self._fits(name, _TYPES.get(told["type"], unquote)(value), told)
        body = next((one for one in parameters.values() if one["in"] == "body"), None)
        if not request.body:
            assert not (body and body.get("required")), f"{name} needs a body"
            return
        assert body, f"{name} takes no body"
        assert request.headers["Content-Type"] == "application/json"
        self._fits(name, request.json, body["schema"])

    def check_reply(self, request: Request, reply: Reply) -> None:
        """Raise AssertionError when Forgejo does not describe this answer."""
        name, operation = self._operation(request.method, request.path)
        told = operation["responses"].get(str(reply.status))
        if told is None or reply.status >= 400:
            known = reply.status in _ALWAYS or told is not None
            assert known, f"{name} does not answer {reply.status}"
            _check_refusal(name, reply)
            return
        schema = self._resolved(told).get("schema")
        if schema is None:
            assert not reply.body, f"{name} answers {reply.status} without a body"
        elif (same := (name, reply.status, _PORT.sub(b"localhost", reply.body))) not in self._right:
            self._fits(name, json.loads(reply.body), schema)
            self._right.add(same)

    def fits(self, method: str, path: str, status: int, data: Any) -> None:
        """Raise AssertionError when data is not what Forgejo describes for a status."""
        name, operation = self._operation(method, path)
        self._fits(name, data, self._resolved(operation["responses"][str(status)])["schema"])

    @cache  # noqa: B019  one description for a whole run
    def _operation(self, method: str, path: str) -> tuple[str, dict[str, Any]]:
        assert path.startswith(_PREFIX), path
        for pattern, template in self._paths:
            if pattern.fullmatch(path.removeprefix(_PREFIX)):
                found = self._whole["paths"][template].get(method.lower())
                if found is not None:
                    return f"{method} {template}", found
        raise AssertionError(f"Forgejo has no {method} {path}")

    def _fits(self, name: str, data: Any, schema: Mapping[str, Any]) -> None:
        errors = list(_told(self._validator(schema).iter_errors(data)))
        assert not errors, f"{name}: {errors}"

    def _validator(self, schema: Mapping[str, Any]) -> Draft4Validator:
        if id(schema) not in self._validators:
            made = Draft4Validator(self._plain(schema), format_checker=_FORMATS)
            self._validators[id(schema)] = made
        return self._validators[id(schema)]

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        return self._target(node["$ref"]) if "$ref" in node else node

    def _target(self, reference: str) -> dict[str, Any]:
        found: Any = self._whole
        for key in reference.removeprefix("#/").split("/"):
            found = found[key]
        return found

    def _plain(self, node: Mapping[str, Any], above: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return a schema on its own: references resolved, null allowed, nothing unknown."""
        if (reference := node.get("$ref")) is not None:
            if reference in above:
                return {}  # such as a repository's parent, which is one too
            return self._plain(self._target(reference), (*above, reference))
        plain = {key: node[key] for key in ("format", "enum", "required") if key in node}
        if "type" in node:
            plain["type"] = [node["type"], "null"]
        if "enum" in plain:
            plain["enum"] = [*plain["enum"], None]
        if "items" in node:
            plain["items"] = self._plain(node["items"], above)
        if "properties" in node:
            parts = node["properties"].items()
            plain["properties"] = {key: self._plain(part, above) for key, part in parts}
            plain["additionalProperties"] = False
        return plain


def _told(errors: Iterator[Any]) -> Iterator[str]:
    for error in errors:
        yield f"{'.'.join(map(str, error.absolute_path))}: {error.message[:300]}"


def _check_refusal(name: str, reply: Reply) -> None:
    kind = dict(reply.headers)["Content-Type"]
    if kind.startswith("text/plain"):
        assert reply.status == 404, f"{name} answers {reply.status} in plain text"
        return
    errors = list(_told(Draft4Validator(_REFUSAL).iter_errors(json.loads(reply.body))))
    assert not errors, f"{name}: {errors}"


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{\w+\}", template)
    return re.compile("[^/]+".join(map(re.escape, parts)))
