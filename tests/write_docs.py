"""Writes what is made from the code: tables, the schema, what shown commands print, `docs/share/`.

Run it after a change of a command, an op, a judge or a plan; tests fail until then. `docs/share/`
holds the manual's pages and the completions of shells; a wheel puts them where they are looked for.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

sys.path += [
    str(Path(__file__).parent / name) for name in ("cli", "docs", "forge", "git", "publish")
]

import manual
from click.shell_completion import get_completion_class
from picture import PICTURE, drawn
from shown import PAGES, printed, shown
from stage import stage

from patchkit.cli.main import cli
from patchkit.cli.schema import schema_text
from patchkit.lint import RULES
from patchkit.report.pages import op_table
from patchkit.report.plans import plans_table
from patchkit.report.settings_table import settings_table
from patchkit.report.verify_text import judge_table

ROOT = Path(__file__).parents[1]
_COMPLETIONS = {
    "bash": "bash-completion/completions/patchkit",
    "zsh": "zsh/site-functions/_patchkit",
    "fish": "fish/vendor_completions.d/patchkit.fish",
}


def with_tables(text: str) -> str:
    """Return a page with its tables as they must be."""
    for name, table in TABLES.items():
        head, mark, rest = text.partition(f"<!-- {name} -->\n")
        if mark:
            _, end, tail = rest.partition("<!-- end -->")
            text = f"{head}{mark}\n{table()}\n{end}{tail}"
    return text


def rules_table() -> str:
    """Return every rule of lint, a Markdown table."""
    rows = (f"| `{r.name}` | {r.ref or ''} | {r.severity} | {r.title} |\n" for r in RULES)
    return "| rule | abra's | severity | what it finds |\n|---|---|---|---|\n" + "".join(rows)


TABLES = {
    "ops": op_table,
    "rules": rules_table,
    "judges": judge_table,
    "plans": plans_table,
    "settings": settings_table,
}


def completions() -> dict[str, str]:
    """Return the completion script of each shell, by its path below `docs/share/`."""
    return {path: _script(shell) for shell, path in _COMPLETIONS.items()}


def share() -> dict[str, str]:
    """Return every file of `docs/share/` by its path below it."""
    pages = {f"man/man1/{name}": text for name, text in manual.pages().items()}
    return pages | completions()


def _script(shell: str) -> str:
    kind = get_completion_class(shell)
    assert kind is not None
    return kind(cli, {}, "patchkit", "_PATCHKIT_COMPLETE").source().strip("\n") + "\n"


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
    shutil.rmtree(ROOT / "docs" / "share", ignore_errors=True)
    for name, text in share().items():
        (ROOT / "docs" / "share" / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / "docs" / "share" / name).write_text(text, encoding="utf-8")
    PICTURE.write_text(drawn(), encoding="utf-8")
    (ROOT / "fixes" / "schema.json").write_text(schema_text(), encoding="utf-8")
    for page in PAGES:
        text = with_tables(page.read_text(encoding="utf-8"))
        if any(command.output is not None for command in shown(text)):
            text = with_output(text)
        page.write_text(text, encoding="utf-8")
