"""`patchkit withdraw`: closes the pull requests of fixes, with the reason."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from patchkit.cli.telling import say, tell
from patchkit.cli.wanted import wants_named_fixes
from patchkit.errors import ExitCode, PatchkitError, UsageError
from patchkit.publish.plan import Facts, plan
from patchkit.publish.withdraw import acts, carry_out, standing
from patchkit.report.errors import error_text
from patchkit.report.plan_text import act_text, plan_text
from patchkit.report.terminal import working

if TYPE_CHECKING:
    from patchkit.cli.wanted import Wanted
    from patchkit.publish.withdraw import Act, Standing


@click.command("withdraw")
@wants_named_fixes
@click.option("--why", metavar="TEXT", required=True, help="The reason, for people.")
@click.option("--dry-run", is_flag=True, help="Show what would be done; write nothing anywhere.")
@click.option("--yes", is_flag=True, help="Do not ask before the first write.")
def command(wanted: Wanted, *, why: str, dry_run: bool, yes: bool) -> int:
    """Withdraw fixes: close their pull requests with the reason, and delete their branches.

    It is done on every mirror that the settings name, or on the one of --mirror or --profile.
    A branch on which somebody else committed stays, and so does its pull request, which gets the
    reason as a comment (exit code 3). `patchkit pr` does not propose a withdrawn fix again unless
    it is called with --reopen.

    \b
    patchkit withdraw gitea --why "1.25 no longer needs it" --dry-run
    patchkit withdraw gitea --why "1.25 no longer needs it" --yes
    """
    if not why.strip():
        raise UsageError("--why is empty", hint="people want to know why: --why TEXT")
    there, code = _read(wanted)
    steps = [(one, act) for one in there for act in acts(one)]
    writing = [(one, act) for one, act in steps if act.writes]
    code = max([code, *(act.code for _, act in steps)])
    for one, act in steps:
        tell(act_text(one.fix, act))
    for one in there:
        if not acts(one):
            tell(f"{one.fix}: nothing to withdraw on {one.target.mirror.remote.url}")
    if dry_run or not writing:
        return code
    if not yes and sys.stdin.isatty():
        click.confirm(f"Do these {len(writing)} steps?", abort=True, err=True)
    return max(code, _carried_out(there, why))


def _read(wanted: Wanted) -> tuple[list[Standing], ExitCode]:
    """Return what there is of each fix; one that cannot be read does not stop the others."""
    found: list[Standing] = []
    fixes, worst = wanted.readable()
    for fix in fixes:
        places = wanted.targets.everywhere(fix.repository)
        for profile in places:
            try:
                with working(f"{fix.id}: reading its mirror"):
                    place = wanted.targets.target(fix.repository, profile)
                    found += [standing(fix.id, place)] if place else []
            except PatchkitError as error:
                tell(error_text(error))
                worst = max(worst, error.exit_code)
                continue
            # Of several mirrors one may lack the recipe; the only one may not.
            if place is None and len(places) == 1:
                missing = plan(Facts(mirror=False))
                tell(plan_text(fix.id, fix.repository, missing))
                worst = max(worst, missing.code)
    return found, worst


def _carried_out(there: list[Standing], why: str) -> ExitCode:
    worst = ExitCode.OK
    for one in there:
        try:
            # Each step waits for the one before: a branch goes only when its pull is closed.
            worst = max([worst, *(_done(one, act, why) for act in acts(one) if act.writes)])
        except PatchkitError as error:
            tell(error_text(error))
            worst = max(worst, error.exit_code)
    return worst


def _done(there: Standing, act: Act, why: str) -> ExitCode:
    with working(f"{there.fix}: writing to the forge"):
        done = carry_out(act, there, why)
    say(act_text(there.fix, done))
    return done.code
