"""`patchkit test`: the tests of fix specs, for those who do without pytest."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import TYPE_CHECKING

import click

from patchkit.cli.options import optional_fixes_argument
from patchkit.cli.specs import named
from patchkit.cli.telling import echo, say, tell
from patchkit.errors import ExitCode, PatchkitError
from patchkit.report.errors import error_text
from patchkit.testing.failure import Failure, NotTried
from patchkit.testing.suite import CHECKS, Suite

if TYPE_CHECKING:
    from collections.abc import Collection

    from patchkit.testing.suite import Case


_WORDS = {Failure: "FAILED", NotTried: "not tried"}


@click.command("test")
@optional_fixes_argument
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(CHECKS),
    help="Make this check; may be given more than once.",
)
@click.option(
    "--snapshot-update", "update", is_flag=True, help="Make today's diffs the reviewed ones."
)
def command(fixes: tuple[str, ...], only: tuple[str, ...], update: bool) -> int:
    """Test fix specs on samples: all of ./fixes and its classes, or those that are named.

    A FIX may be a folder of specs, too. A fix must be valid, apply to its sample
    (recipes/<recipe> beside fixes/, else the bundled one), make the diff that was reviewed
    (snapshots/<fix>/<sample>.diff), be empty when it is run again, make no rule of lint worse,
    and find a recipe drifted that lacks what it looks for. A class is tried on every sample that
    it applies to. `pytest fixes/` does the same.

    \b
    patchkit test
    patchkit test fixes/mattermost.yml --only valid --only applies
    patchkit test classes/pg-backup --only applies
    patchkit test fixes/gitea.yml --snapshot-update
    """
    ended: Counter[str] = Counter()
    codes = [_tested(name, only or CHECKS, ended, update=update) for name in named(fixes)]
    parts = [f"{number} {word}" for word, number in ended.items()]
    number = ended.total()
    tell(f"{number} check{'s' * (number != 1)}: {', '.join(parts)}" if parts else "no checks")
    return max(codes)


def _tested(name: str, only: Collection[str], ended: Counter[str], *, update: bool) -> ExitCode:
    try:
        cases = list(Suite(name, update=update).cases())
    except PatchkitError as error:
        tell(error_text(error))
        return error.exit_code
    # A spec that cannot be read has but one case, which is told whatever was asked.
    chosen = [case for case in cases if case.check in only] or cases
    return max(_tried(name, case, ended) for case in chosen)


def _tried(name: str, case: Case, ended: Counter[str]) -> ExitCode:
    """Make a check and tell how it ended; one that could not be made has not been passed."""
    outcome = case.run()
    word = _WORDS.get(type(outcome), "ok")
    ended[word] += 1
    why = f": {outcome.reason}" if isinstance(outcome, NotTried) else ""
    say(f"{word:<9}  {name}  {case.name}{why}")
    if isinstance(outcome, Failure):
        say(textwrap.indent(outcome.said(), "  "))
        if shown := outcome.shown():
            # Every line, also one of a diff that holds a space alone.
            shown = textwrap.indent(shown, "  ", lambda line: line != "\n")
            echo(shown)
        return outcome.code
    return ExitCode.CHANGE if outcome else ExitCode.OK
