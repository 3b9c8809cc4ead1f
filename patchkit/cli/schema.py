"""`patchkit schema`: the JSON Schema of fix specs."""

from __future__ import annotations

import json

import click

from patchkit.edit.yaml import parse, to_data
from patchkit.lint import RULES
from patchkit.ops import OP_NAMES, find_op
from patchkit.spec.schema import fix_schema


@click.command("schema")
def command() -> None:
    """Print the JSON Schema of fix specs, which editors use for completion and checks.

    \b
    patchkit schema > fixes/schema.json
    """
    click.echo(schema_text(), nl=False)


def schema_text() -> str:
    """Return the schema as it lies beside fix specs."""
    ops = {name: op for name in OP_NAMES if (op := find_op(name))}
    models = {name: op.model for name, op in ops.items()}
    examples = {name: to_data(parse(op.example.step)) for name, op in ops.items()}
    rules = {name: rule.title for rule in RULES for name in (rule.name, rule.ref) if name}
    return json.dumps(fix_schema(models, examples, rules), indent=2) + "\n"
