"""The JSON Schema of fix specs, which editors complete from and check by.

An op's keys follow its `op:` by if/then, so that an editor offers and judges those of this op
alone. https://json-schema.org/draft/2020-12/json-schema-core
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema

from patchkit.spec.model import FixSpec, OpModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import core_schema

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEMPLATE = "Template"
_NOTES = ("title", "description", "default", "examples")
# What narrows the texts that a schema takes.
_NARROW = frozenset(("const", "enum", "format", "maxLength", "minLength", "pattern"))
_TYPED = frozenset(("$ref", "allOf", "anyOf", "const", "enum", "oneOf", "type"))


def fix_schema(op_types: Mapping[str, type[OpModel]]) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a fix spec.

    Args:
        op_types: the model of every op by its name.
    """
    own = set(_definitions([FixSpec]))
    definitions = _definitions([FixSpec, *op_types.values()])
    for name in set(definitions) - own:
        definitions[name] = _templated(definitions[name])
    refs = {op: f"#/$defs/{_name_of(model, op_types)}" for op, model in op_types.items()}
    root = definitions.pop(FixSpec.__name__)
    root["properties"]["ops"]["items"] = _step(refs)
    root["properties"]["params"]["additionalProperties"] = _param()
    definitions[_TEMPLATE] = {
        "type": "string",
        "pattern": r"\{\{|\{%",
        "description": "A Jinja2 template that gives the value.",
    }
    return {"$schema": _DIALECT, **root, "title": "A patchkit fix", "$defs": definitions}
