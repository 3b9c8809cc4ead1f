"""Writes what is made from the code: tables of the README, and the schema of fix specs.

Run it after a change of an op, a judge or a plan; `tests/test_docs.py` fails until then.
"""

from __future__ import annotations

from pathlib import Path

from patchkit.cli.schema import schema_text
from patchkit.report.pages import op_table
from patchkit.report.plans import plans_table
from patchkit.report.settings_table import settings_table
from patchkit.report.verify_text import judge_table

ROOT = Path(__file__).parents[1]
_TABLES = {"ops": op_table, "judges": judge_table, "plans": plans_table, "settings": settings_table}


def readme() -> str:
    """Return the README with its tables as they must be."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, table in _TABLES.items():
        head, mark, rest = text.partition(f"<!-- {name} -->\n")
        _, end, tail = rest.partition("<!-- end -->")
        text = f"{head}{mark}\n{table()}\n{end}{tail}"
    return text


if __name__ == "__main__":
    (ROOT / "README.md").write_text(readme(), encoding="utf-8")
    (ROOT / "fixes" / "schema.json").write_text(schema_text(), encoding="utf-8")
