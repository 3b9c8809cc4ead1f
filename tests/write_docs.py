"""Writes what is made from the code: the README's table of ops and the schema of fix specs.

Run it after a change of an op; `tests/test_docs.py` fails until then.
"""

from __future__ import annotations

import re
from pathlib import Path

from patchkit.cli.schema import schema_text
from patchkit.report.pages import op_table

ROOT = Path(__file__).parents[1]
_TABLE = re.compile(r"(?<=<!-- ops -->\n).*?(?=<!-- end -->)", re.DOTALL)


def readme() -> str:
    """Return the README with the table as it must be."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return _TABLE.sub(lambda _: f"\n{op_table()}\n", text)


if __name__ == "__main__":
    (ROOT / "README.md").write_text(readme(), encoding="utf-8")
    (ROOT / "fixes" / "schema.json").write_text(schema_text(), encoding="utf-8")
