"""The JSON Schema of fix specs, which editors complete from and check by.

An op's keys follow its `op:` by if/then, so that an editor offers and judges those of this op
alone. https://json-schema.org/draft/2020-12/json-schema-core
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema

from patchkit.spec.model import FixSpec, OpModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import core_schema

    from patchkit.spec.fields import SpecModel

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEMPLATE = {
    "description": "A Jinja2 template that gives the value.",
    "examples": ["{{ service }}"],
    "type": "string",
    "pattern": r"\{\{|\{%",
}
_NOTES = ("title", "description", "default", "examples")
# What editors show above a key; a model's own name says nothing to an author.
_TITLES = {
    "Allow": "A rule that may be broken",
    "Condition": "A condition",
    "Param": "A param",
    "PullRequestText": "The pull request",
}
# What narrows the texts that a schema takes, and what makes it take anything but everything.
_NARROW = frozenset(("const", "enum", "format", "maxLength", "minLength", "pattern"))
_TYPED = frozenset(("$ref", "allOf", "anyOf", "const", "enum", "oneOf", "type"))


class _Schema(GenerateJsonSchema):
    """Pydantic's schema without titles made of names, and without what stands for «not written»."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  pydantic's signature
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        inner, default = self.generate_inner(schema["schema"]), schema.get("default")
        if default is None or (default == [] and inner.get("minItems", 0) > 0):
            return inner
        return super().default_schema(schema)


def fix_schema(
    op_types: Mapping[str, type[OpModel]],
    examples: Mapping[str, Any] | None = None,
    rules: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a fix spec.

    Args:
        op_types: the model of every op by its name.
        examples: an entry of `ops` for each, as data.
        rules: what each rule of lint finds, by its name and by abra's number.
    """
    own, _ = _schemas([FixSpec])
    definitions, refs = _schemas([FixSpec, *op_types.values()])
    for name in definitions.keys() - own.keys():
        definitions[name] = _inside(definitions[name])
    for op, model in op_types.items():
        definition = definitions[refs[model].rsplit("/", 1)[-1]]
        definition["title"] = op
        about = _first_sentence(definition)
        # Editors that offer the whole op write its name from the default.
        called: dict[str, Any] = {
            "type": "string",
            "const": op,
            "default": op,
            "description": about,
        }
        called["examples"] = [op]
        definition["properties"]["op"] = called
        definition["examples"] = [examples[op]] if examples else []
    for name, title in _TITLES.items():
        definitions[name]["title"] = title
    root = definitions.pop(FixSpec.__name__)
    names = {op: refs[op_types[op]] for op in op_types}
    root["properties"]["ops"]["items"] = _step(names, definitions)
    for model in (root, *definitions.values()):
        _tell_what_may_be_left_out(model)
    _name_rules(root, definitions, rules or {})
    inherited = [name for name in root["required"] if name != "id"]
    for name in inherited:
        root["properties"][name]["description"] += " With extends it may be left out."
    _take_short_form(root["properties"]["params"])
    root["title"] = "A patchkit fix"
    root["oneOf"] = [{"required": [name]} for name in ("recipe", "repository", "applies_to")]
    root["anyOf"] = [{"required": ["extends"]}, {"required": inherited}]
    root["required"] = ["id"]
    return {"$schema": _DIALECT, **root, "$defs": {**definitions, "Template": _TEMPLATE}}


def _schemas(
    models: list[type[SpecModel]],
) -> tuple[dict[str, Any], dict[type[Any], str]]:
    """Return the definitions of the models and all that they use, and the reference to each."""
    refs, schema = models_json_schema(
        [(model, "validation") for model in models], schema_generator=_Schema
    )
    return schema["$defs"], {model: ref["$ref"] for (model, _), ref in refs.items()}


def _first_sentence(definition: dict[str, Any]) -> str:
    return " ".join(definition.get("description", "").split("\n\n")[0].split())


def _tell_what_may_be_left_out(model: dict[str, Any]) -> None:
    """Say so of every key that has no default to show and is not required."""
    for name, key in model.get("properties", {}).items():
        if name not in model.get("required", ()) and not {"default", "const"} & key.keys():
            key["description"] = f"{key.get('description', '')} May be left out.".lstrip()


def _name_rules(
    root: dict[str, Any], definitions: dict[str, Any], rules: Mapping[str, str]
) -> None:
    """Let editors offer the rules of lint."""
    if not rules:
        return
    definitions["Rule"] = {"enum": list(rules), "enumDescriptions": list(rules.values())}
    rule = {"$ref": "#/$defs/Rule"}
    root["properties"]["cures"]["items"] = rule
    for model, key in (("Allow", "rule"), ("Condition", "lint")):
        schema = definitions[model]["properties"][key]
        schema.pop("type")
        schema["anyOf"] = [rule, {"$ref": "#/$defs/Template"}] if key == "lint" else [rule]


def _step(refs: dict[str, str], definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of one entry of `ops`; `refs` point at the schema of each op."""
    about = [_first_sentence(definitions[ref.rsplit("/", 1)[-1]]) for ref in refs.values()]
    # `enumDescriptions` is the editors' own: they show it beside each value.
    names: dict[str, Any] = {"enum": list(refs), "enumDescriptions": about}
    names["description"] = "The op's name; it decides which other keys there are."
    names["examples"] = ["labels.set"]
    # Where the name is one of them, editors show its own page instead of all names.
    any_of_them = f"^({'|'.join(map(re.escape, refs))})$"
    known = {"properties": {"op": {"pattern": any_of_them}}, "required": ["op"]}
    rules: list[dict[str, Any]] = [{"if": known, "else": {"properties": {"op": names}}}]
    rules += [
        {
            "if": {"properties": {"op": {"const": op}}, "required": ["op"]},
            "then": {"$ref": ref},
        }
        for op, ref in refs.items()
    ]
    return {"type": "object", "properties": {"op": {}}, "required": ["op"], "allOf": rules}


def _take_short_form(params: dict[str, Any]) -> None:
    short: list[dict[str, Any]] = [
        {"type": ["string", "number", "boolean"]},
        {"type": "array", "items": {"type": "string"}},
    ]
    for pattern, param in params["patternProperties"].items():
        params["patternProperties"][pattern] = {"anyOf": [param, *short]}
    params["additionalProperties"] = False


def _inside(schema: dict[str, Any]) -> dict[str, Any]:
    """Return `schema` with every schema below it taking a template too."""
    result = dict(schema)
    for key in ("properties", "patternProperties"):
        if key in schema:
            result[key] = {name: _templated(below) for name, below in schema[key].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            result[key] = _templated(schema[key])
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            result[key] = [_inside(below) for below in schema[key]]
    return result


def _templated(schema: dict[str, Any]) -> dict[str, Any]:
    """Return `schema` taking a template too; what editors show stays outermost."""
    notes = {key: schema[key] for key in _NOTES if key in schema}
    bare = {key: value for key, value in _inside(schema).items() if key not in notes}
    if _takes_any_text(bare):
        return notes | bare
    alternatives = bare["anyOf"] if list(bare) == ["anyOf"] else [bare]
    return {**notes, "anyOf": [*alternatives, {"$ref": "#/$defs/Template"}]}


def _takes_any_text(schema: dict[str, Any]) -> bool:
    if "anyOf" in schema:
        return any(map(_takes_any_text, schema["anyOf"]))
    kinds = schema.get("type", () if _TYPED & schema.keys() else "string")
    return "string" in ([kinds] if isinstance(kinds, str) else kinds) and not (
        _NARROW & schema.keys()
    )
