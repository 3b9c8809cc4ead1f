"""Writes what is made from the code: tables, the schema of fix specs, what shown commands print.

Run it after a change of an op, a judge or a plan; `tests/test_docs.py` fails until then.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path += [
    str(Path(__file__).parent / name) for name in ("cli", "docs", "forge", "git", "publish")
]

from shown import PAGES, printed, shown
from stage import stage

from patchkit.cli.schema import schema_text
from patchkit.report.pages import op_table
from patchkit.report.plans import plans_table
from patchkit.report.verify_text import judge_table

ROOT = Path(__file__).parents[1]
_TABLES = {"ops": op_table, "judges": judge_table, "plans": plans_table}


def readme() -> str:
    """Return the README with its tables as they must be."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, table in _TABLES.items():
        head, mark, rest = text.partition(f"<!-- {name} -->\n")
        _, end, tail = rest.partition("<!-- end -->")
        text = f"{head}{mark}\n{table()}\n{end}{tail}"
    return text


def with_output(text: str) -> str:
    """Return a page on which each command in a block of `console` prints what it does print."""
    parts, done = [], 0
    with tempfile.TemporaryDirectory() as folder, stage(Path(folder)):
        for command in shown(text):
            output = printed(command.words)[1]
            if command.output is not None:
                parts += [text[done : command.span[0]], output]
                done = command.span[1]
    return "".join([*parts, text[done:]])


if __name__ == "__main__":
    (ROOT / "README.md").write_text(readme(), encoding="utf-8")
    (ROOT / "fixes" / "schema.json").write_text(schema_text(), encoding="utf-8")
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        if any(command.output is not None for command in shown(text)):
            page.write_text(with_output(text), encoding="utf-8")
