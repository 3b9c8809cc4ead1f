"""`patchkit test`: the tests of fix specs, for those who do without pytest."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from patchkit.cli.options import optional_fixes_argument
from patchkit.cli.telling import tell
from patchkit.errors import ExitCode, PatchkitError, UsageError
from patchkit.fixes import classes_in, specs_in
from patchkit.report.errors import error_text
from patchkit.testing.failure import Failure, NotTried
from patchkit.testing.suite import CHECKS, Suite

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from patchkit.testing.suite import Case


@click.command("test")
@optional_fixes_argument
@click.option(
    "--only", metavar="CHECK", multiple=True, type=click.Choice(CHECKS), help="Make this check."
)
@click.option(
    "--snapshot-update", "update", is_flag=True, help="Make today's diffs the reviewed ones."
)
def command(fixes: tuple[str, ...], only: tuple[str, ...], update: bool) -> int:
    """Test fix specs on samples of their recipes: all of ./fixes, or those that are named.

    A fix must be valid, apply to its sample (recipes/<recipe> beside fixes/, else the bundled
    one), make the diff that was reviewed (snapshots/<fix>/<sample>.diff), be empty when it is
    run again, make no rule of lint worse, and find a recipe drifted that lacks what it looks
    for. `pytest fixes/` does the same.

    \b
    patchkit test
    patchkit test fixes/mattermost.yml --only valid --only applies
    patchkit test fixes/gitea.yml --snapshot-update
    """
    names = fixes or specs_here()
    codes = [_tested(name, only or CHECKS, update=update) for name in names]
    return max(codes)


def specs_here(*, are_classes_wanted: bool = False) -> Sequence[str]:
    """Return the spec files of ./fixes, and those of its classes where they are wanted.

    Raises:
        UsageError: there are none.
    """
    here = Path("fixes")
    paths = [*specs_in(here), *(classes_in(here) if are_classes_wanted else ())]
    found = [str(path) for path in paths]
    if found:
        return found
    raise UsageError("there are no fixes in ./fixes", hint="name one, or `patchkit new FIX`")


def _tested(name: str, only: Collection[str], *, update: bool) -> ExitCode:
    try:
        cases = list(Suite(name, update=update).cases())
    except PatchkitError as error:
        tell(error_text(error))
        return error.exit_code
    # A spec that cannot be read has but one case, which is told whatever was asked.
    chosen = [case for case in cases if case.check in only] or cases
    return max(_tried(name, case) for case in chosen)


def _tried(name: str, case: Case) -> ExitCode:
    """Make a check and tell how it ended; one that could not be made has not been passed."""
    outcome = case.run()
    word = {Failure: "FAILED", NotTried: "not tried"}.get(type(outcome), "ok")
    why = f": {outcome.reason}" if isinstance(outcome, NotTried) else ""
    click.echo(f"{word:<9}  {name}  {case.name}{why}")
    if isinstance(outcome, Failure):
        text = textwrap.indent(outcome.text(), "  ")
        click.echo(text.encode("utf-8", "surrogateescape"))
        return outcome.code
    return ExitCode.CHANGE if outcome else ExitCode.OK
