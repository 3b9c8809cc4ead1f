"""`patchkit explain`: the page of an op, of a rule of lint, or of a class."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from patchkit.cli.telling import say
from patchkit.errors import UsageError
from patchkit.fixes import CLASSES, known_names, load_classes, load_fix
from patchkit.lint import RULES, cures, find_rule
from patchkit.ops import OP_NAMES, find_op
from patchkit.report.class_page import class_list, class_page
from patchkit.report.lint_text import cured_by, rule_list, rule_page
from patchkit.report.pages import op_list, op_page

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from patchkit.lint import Rule

_NAMES = (*OP_NAMES, *(rule.name for rule in RULES))
_REFS = sorted({rule.ref for rule in RULES if rule.ref})


def _every_name() -> list[str]:
    return [*_NAMES, *(name for name in known_names() if name.startswith(f"{CLASSES}/"))]


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    del ctx, param
    return [
        click.shell_completion.CompletionItem(name)
        for name in (*_every_name(), *_REFS)
        if name.startswith(incomplete)
    ]


@click.command("explain")
@click.argument("name", required=False, shell_complete=_complete)
def command(name: str | None) -> None:
    """Print what an op, a rule of lint or a class is about; without NAME, list them all.

    \b
    patchkit explain
    patchkit explain labels.set
    patchkit explain orphaned-service
    patchkit explain R011
    patchkit explain classes/pg-backup
    """
    if name is None:
        say(f"{op_list()}\n{rule_list()}\n{class_list(load_classes())}".rstrip("\n"))
        return
    say(_page(name).rstrip("\n"))


def _cures(rule: Rule) -> str:
    names = cured_by(rule, cures())
    lines = [f"    patchkit diff {name} --in path/to/recipe\n" for name in names]
    return "".join(["\nCured by a class:\n\n", *lines]) if lines else ""


def _page(name: str) -> str:
    if op := find_op(name):
        return op_page(op)
    if rule := find_rule(name):
        return rule_page(rule) + _cures(rule)
    if Path(name).parent.name == CLASSES and (fix := load_fix(name)).is_class:
        return class_page(fix)
    names = _every_name()
    near = get_close_matches(name, names, n=3) or [n for n in names if n.startswith(name)]
    raise UsageError(
        f"there is no op, rule or class {name}",
        hint=f"did you mean {', '.join(near)}?" if near else "`patchkit explain` lists them",
    )
