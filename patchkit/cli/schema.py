"""`patchkit schema`: the JSON Schema of fix specs."""

from __future__ import annotations

import json

import click

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
    models = {name: op.model for name in OP_NAMES if (op := find_op(name))}
    return json.dumps(fix_schema(models), indent=2) + "\n"
