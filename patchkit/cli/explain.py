"""`patchkit explain`: the page of an op."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from patchkit.errors import UsageError
from patchkit.ops import OP_NAMES, find_op
from patchkit.report.pages import op_list, op_page

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    del ctx, param
    return [click.shell_completion.CompletionItem(n) for n in OP_NAMES if n.startswith(incomplete)]


@click.command("explain")
@click.argument("op", required=False, shell_complete=_complete)
def command(op: str | None) -> None:
    """Print what an op does, its keys and an example; without OP, the list of all ops.

    \b
    patchkit explain
    patchkit explain labels.set
    """
    if op is None:
        click.echo(op_list(), nl=False)
        return
    found = find_op(op)
    if found is None:
        near = get_close_matches(op, OP_NAMES, n=3) or [n for n in OP_NAMES if n.startswith(op)]
        raise UsageError(
            f"there is no op {op}",
            hint=f"did you mean {', '.join(near)}?" if near else "`patchkit explain` lists them",
        )
    click.echo(op_page(found), nl=False)
