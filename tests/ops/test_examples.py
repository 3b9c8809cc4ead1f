"""Every op's page is true: its example runs, and says what it says about every field."""

from __future__ import annotations

import pytest

from patchkit.ops import OP_NAMES, Changed, find_op

COMMON = {"op", "optional", "on_alias"}


@pytest.mark.parametrize("name", OP_NAMES)
def test_example_gives_its_after_and_nothing_on_a_second_run(name, make):
    op = find_op(name)
    example = op.example
    made = make(example.before, example.step)
    assert isinstance(made.outcome, Changed), made.outcome
    expected = {**example.before, **example.after}
    assert made.files == {path: text for path, text in expected.items() if text is not None}
    again = make(made.tree, example.step)
    assert not isinstance(again.outcome, Changed)
    assert again.tree == made.tree


@pytest.mark.parametrize("name", OP_NAMES)
def test_name_and_step_are_those_of_the_op(name):
    op = find_op(name)
    assert op.name == name
    assert op.example.step.startswith(f"op: {name}\n")


@pytest.mark.parametrize("name", OP_NAMES)
def test_model_and_every_field_are_described(name):
    model = find_op(name).model
    first = model.__doc__.strip().split("\n\n")[0]
    assert first.endswith(".")
    fields = {key: field.description for key, field in model.model_fields.items()}
    assert [key for key, text in fields.items() if not text or not text.endswith(".")] == []
    assert set(fields) > COMMON


@pytest.mark.parametrize("name", OP_NAMES)
def test_fields_are_described_for_editors_too(name):
    schema = find_op(name).model.model_json_schema()
    assert set(schema["properties"]) > COMMON
    assert all("description" in field for field in schema["properties"].values())
