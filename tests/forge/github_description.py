"""Holds requests against GitHub's own descriptions of its REST and GraphQL APIs."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import graphql
from graphql.execution.values import get_variable_values
from jsonschema import Draft4Validator

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import Request

_BY_NUMBER = re.compile(r"^/repositories/\d+/")
_STATUSES = re.compile(r"/statuses/(\w+)$")
_WITH_SLASHES = {"ref", "path"}


@dataclass(frozen=True)
class Operation:
    """One method at one path: its parameters by name, and the schema of its body."""

    name: str
    parameters: dict[str, dict[str, Any]]
    body: dict[str, Any] | None

    def check(self, request: Request) -> None:
        for name, value in request.query.items():
            parameter = self.parameters.get(name)
            assert parameter, f"{self.name}: GitHub knows no parameter {name}"
            self._fits(_typed(value, parameter["schema"]), parameter["schema"], name)
        for name, parameter in self.parameters.items():
            assert name in request.query or not parameter.get("required"), f"{self.name}: {name}"
        if self.body is None:
            assert not request.body, f"{self.name} takes no body"
        elif request.body:
            assert request.headers["Content-Type"] == "application/json"
            self._fits(request.json, self.body, "body")
            known = self.body.get("properties")
            unknown = set(request.json) - set(known) if known else set()
            assert not unknown, f"{self.name}: GitHub knows no {unknown}"
        else:
            assert not self.body.get("required"), f"{self.name} needs a body"

    def _fits(self, value: Any, schema: dict[str, Any], where: str) -> None:
        errors = [error.message for error in Draft4Validator(schema).iter_errors(value)]
        assert not errors, f"{self.name}: {where}: {errors}"


class Description:
    """GitHub's descriptions; that of REST indexed by path."""

    def __init__(self, openapi: Path, graphql: Path) -> None:
        self._whole = json.loads(openapi.read_text())
        self._graphql = graphql
        # The most literal template first: `{ref}` of one could swallow a part of another.
        self._paths = [
            (_pattern(template), template)
            for template in sorted(self._whole["paths"], key=_literal, reverse=True)
        ]

    def check(self, request: Request, prefix: str = "") -> None:
        """Raise AssertionError when GitHub does not describe this request."""
        assert request.headers["User-Agent"].startswith("patchkit/")
        path = _described(request.path.removeprefix(prefix))
        if path.endswith("/graphql"):
            self._check_graphql(request)
        else:
            self.operation(request.method, path).check(request)

    def _check_graphql(self, request: Request) -> None:
        assert request.method == "POST"
        assert set(request.json) == {"query", "variables"}
        asked = graphql.parse(request.json["query"])
        assert graphql.validate(self._schema, asked) == []
        [operation] = asked.definitions
        assert isinstance(operation, graphql.OperationDefinitionNode)
        wanted, given = list(operation.variable_definitions or ()), request.json["variables"]
        values = get_variable_values(self._schema, wanted, given)
        assert not isinstance(values, list), values  # of what is wrong with them

    @cached_property
    def _schema(self) -> graphql.GraphQLSchema:
        return graphql.build_schema(
            self._graphql.read_text(), assume_valid=True, assume_valid_sdl=True
        )

    @cache  # noqa: B019  one description for a whole run
    def operation(self, method: str, path: str) -> Operation:
        for pattern, template in self._paths:
            if pattern.fullmatch(path):
                found = self._whole["paths"][template]
                assert method.lower() in found, f"{template} has no {method}"
                return self._operation(f"{method} {template}", found[method.lower()])
        raise AssertionError(f"GitHub has no path {path}")

    def _operation(self, name: str, found: dict[str, Any]) -> Operation:
        parameters = [self._plain(parameter) for parameter in found.get("parameters", ())]
        body = found.get("requestBody")
        schema = body and self._plain(body["content"]["application/json"]["schema"])
        query = {one["name"]: one for one in parameters if one["in"] == "query"}
        return Operation(name, query, schema)

    def _plain(self, node: Any) -> Any:
        """Return a part with its references resolved, and as JSON Schema says nullable."""
        if isinstance(node, list):
            return [self._plain(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            target: Any = self._whole
            for key in node["$ref"].removeprefix("#/").split("/"):
                target = target[key]
            return self._plain(target)
        plain = {key: self._plain(value) for key, value in node.items() if key != "example"}
        if plain.pop("nullable", False) and "type" in plain:
            plain["type"] = [plain["type"], "null"]
        return plain


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    return re.compile(
        "".join(
            re.escape(part) if at % 2 == 0 else (".+" if part in _WITH_SLASHES else "[^/]+")
            for at, part in enumerate(parts)
        )
    )


def _described(path: str) -> str:
    """Return the path that stands for one of GitHub's own links to a further page.

    They name a repository by its number, and, in recordings, statuses by their older path.
    """
    named = _BY_NUMBER.sub("/repos/some/one/", path)
    return named if named == path else _STATUSES.sub(r"/commits/\1/statuses", named)


def _literal(template: str) -> int:
    return len(re.sub(r"\{\w+\}", "", template))


def _typed(value: str, schema: dict[str, Any]) -> Any:
    kind = schema.get("type")
    text = unquote(value)
    return int(text) if kind == "integer" else text == "true" if kind == "boolean" else text
