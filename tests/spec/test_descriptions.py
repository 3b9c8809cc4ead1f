"""The schema reads as documentation: every key says what it is, shows one, and its default."""

from __future__ import annotations

import json

import jsonschema
import pytest

from patchkit.cli.schema import schema_text
from patchkit.ops import OP_NAMES

SCHEMA = json.loads(schema_text())
MODELS = {"FixSpec": SCHEMA} | {n: d for n, d in SCHEMA["$defs"].items() if "properties" in d}
KEYS = [(model, key) for model, definition in MODELS.items() for key in definition["properties"]]


def judge(schema, value):
    """Judge a value by a part of the schema."""
    whole = {"$defs": SCHEMA["$defs"], "allOf": [schema]}
    jsonschema.Draft202012Validator(whole).validate(value)


def choices(schema):
    """Whether the key's values are few, and shown by the schema itself."""
    return (
        "enum" in schema
        or "const" in schema
        or schema.get("type") == "boolean"
        or any(map(choices, schema.get("anyOf", ())))
    )


def test_every_model_is_walked():
    titles = {d.get("title") for d in SCHEMA["$defs"].values()}
    assert set(OP_NAMES) <= titles
    assert len(MODELS) == len(OP_NAMES) + len({"FixSpec", "Allow", "Condition", "Param", "PR"})


@pytest.mark.parametrize("model", MODELS)
def test_models_are_described(model):
    assert MODELS[model]["description"].split("\n")[0].strip()


@pytest.mark.parametrize(("model", "key"), KEYS)
def test_keys_are_described(model, key):
    definition, schema = MODELS[model], MODELS[model]["properties"][key]
    assert schema.get("description", "").endswith((".", "none", "`")), "write a description"
    assert schema.get("examples") or choices(schema), "write examples"
    for example in schema.get("examples", ()):
        judge(schema, example)
    if "default" in schema:
        judge(schema, schema["default"])
    else:
        required = definition.get("required", ())
        inherited = {name for other in definition.get("anyOf", ()) for name in other["required"]}
        said = "With extends it may" if key in inherited - {"extends"} else "May"
        is_told = schema["description"].endswith(f"{said} be left out.")
        assert is_told or "const" in schema or key in required


@pytest.mark.parametrize("op", OP_NAMES)
def test_ops_have_an_example_that_is_valid(op):
    (definition,) = (d for d in SCHEMA["$defs"].values() if d.get("title") == op)
    (example,) = definition["examples"]
    assert example["op"] == op
    judge(SCHEMA["properties"]["ops"]["items"], example)


def test_names_of_ops_are_described_one_by_one():
    names = SCHEMA["properties"]["ops"]["items"]["allOf"][0]["else"]
    name = names["properties"]["op"]
    assert name["enum"] == list(OP_NAMES)
    assert len(name["enumDescriptions"]) == len(OP_NAMES)
    assert all(about.endswith(".") for about in name["enumDescriptions"])
