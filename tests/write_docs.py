"""Writes what is made from the code: the README's tables and the schema of fix specs.

Run it after a change of an op or a plan; `tests/test_docs.py` fails until then.
"""

from __future__ import annotations

import re
from pathlib import Path

from patchkit.cli.schema import schema_text
from patchkit.report.pages import op_table
from patchkit.report.plans import plans_table

ROOT = Path(__file__).parents[1]
_TABLE = re.compile(r"(<!-- (ops|plans) -->\n).*?(?=<!-- end -->)", re.DOTALL)
_TABLES = {"ops": op_table, "plans": plans_table}


def readme() -> str:
    """Return the README with its tables as they must be."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return _TABLE.sub(lambda found: f"{found[1]}\n{_TABLES[found[2]]()}\n", text)


if __name__ == "__main__":
    (ROOT / "README.md").write_text(readme(), encoding="utf-8")
    (ROOT / "fixes" / "schema.json").write_text(schema_text(), encoding="utf-8")
