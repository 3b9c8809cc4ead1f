from __future__ import annotations

import pytest
import yaml
from dummies import HEAD, OPS, STEP, loaded
from jsonschema import Draft202012Validator

from patchkit.spec.schema import fix_schema

SCHEMA = fix_schema(OPS)
VALIDATOR = Draft202012Validator(SCHEMA)


def faults(text: str) -> list[str]:
    """Return where the schema refuses a spec."""
    return sorted(error.json_path for error in VALIDATOR.iter_errors(yaml.safe_load(text)))


def test_it_is_a_schema_of_its_draft() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(STEP, id="step"),
        pytest.param(
            'ops:\n  - {op: labels.set, service: a, labels: "{{ x }}", keep: "{{ y }}", '
            'optional: "{{ z }}", on_alias: "{{ w }}", where: "{{ v }}"}\nparams: {x: 1}\n',
            id="templates-for-any-type",
        ),
        pytest.param(
            STEP + "params:\n  a: b\n  c: 3\n  d: [x]\n  e: {find: service, image: postgres}\n",
            id="params",
        ),
        pytest.param(
            STEP + "expects:\n  - {any: [{service: a, label: b, value: 5}]}\n",
            id="conditions",
        ),
        pytest.param(
            STEP + "evidence: one\nwith: [a]\nallow: [{rule: R001, reason: x}]\nversion: minor\n",
            id="the-rest",
        ),
    ],
)
def test_right(text: str) -> None:
    assert faults(HEAD + text) == []


@pytest.mark.parametrize(
    ("text", "places"),
    [
        pytest.param(STEP + "ensure: []\n", ["$"], id="unknown-key"),
        pytest.param("ops: []\n", ["$.ops"], id="no-ops"),
        pytest.param("ops: [{service: a}]\n", ["$.ops[0]"], id="no-op"),
        pytest.param("ops: [{op: dance}]\n", ["$.ops[0].op"], id="unknown-op"),
        pytest.param("ops: [{op: labels.set, labels: {}}]\n", ["$.ops[0]"], id="missing"),
        pytest.param(
            "ops: [{op: labels.set, service: a, labels: {}, path: x}]\n",
            ["$.ops[0]"],
            id="key-of-another-op",
        ),
        pytest.param(
            "ops: [{op: labels.set, service: 3, labels: {}, keep: x}]\n",
            ["$.ops[0].keep", "$.ops[0].service"],
            id="types",
        ),
        pytest.param(STEP + "params: {my-name: 1}\n", ["$.params"], id="param-name"),
        pytest.param(STEP + "params: {a: {typ: int}}\n", ["$.params.a"], id="param"),
        pytest.param(STEP + "expects: [{servce: a}]\n", ["$.expects[0]"], id="condition"),
        pytest.param(STEP + "pr: {title: }\n", ["$.pr.title"], id="empty-key"),
        pytest.param(STEP + "version: huge\n", ["$.version"], id="version"),
    ],
)
def test_wrong(text: str, places: list[str]) -> None:
    assert faults(HEAD + text) == places


def test_every_key_is_explained() -> None:
    for name in ("Param", "Condition", "Allow", "PullRequestText"):
        for key, schema in SCHEMA["$defs"][name]["properties"].items():
            assert schema.get("description"), f"{name}.{key}"
    assert all(schema.get("description") for schema in SCHEMA["properties"].values())


def test_an_op_has_its_own_keys_and_name() -> None:
    _, *rules = SCHEMA["properties"]["ops"]["items"]["allOf"]
    assert [rule["if"]["properties"]["op"]["const"] for rule in rules] == list(OPS)
    op = SCHEMA["$defs"]["LabelsSet"]
    assert op["title"] == "labels.set"
    assert op["properties"]["op"]["const"] == "labels.set"
    assert op["properties"]["op"]["description"] == "Set labels of a service."
    assert op["properties"]["keep"] == {
        "description": "How many.",
        "default": 0,
        "anyOf": [{"type": "integer", "minimum": 0}, {"$ref": "#/$defs/Template"}],
    }


def test_it_agrees_with_the_loader_on_a_full_spec() -> None:
    text = HEAD + STEP + "pr: {title: x, body: one, labels: [a], comment: '!testme'}\n"
    assert loaded(text).spec.pr.body == ["one"]
    assert faults(text) == []
