"""A plan and what came of it, for people: one line each, the reasons below."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from patchkit.publish.carry_out import Done
    from patchkit.publish.plan import Plan
    from patchkit.publish.withdraw import Act


def plan_text(fix_id: str, where: str, plan: Plan, *, fork: str = "") -> str:
    """Return what is going to happen to a fix on a mirror, and why.

    Args:
        fix_id: the fix.
        where: the mirror.
        plan: what is planned.
        fork: the URL of the fork that is made before; empty for none.
    """
    first = f"\n  the fork {fork} is made first" if fork else ""
    return f"{fix_id}: {plan.action} on {where}\n  {plan.reason}{first}"


def plans_text(rows: Iterable[tuple[Plan, str, str, str]]) -> str:
    """Return a table of what is about to be written.

    Args:
        rows: plan, fix, mirror, and the fork that is made before, empty for none.
    """
    lines = ["to be written:"]
    for plan, fix, where, fork in rows:
        lines.append(f"  {plan.action:<25}{fix} on {where}")
        lines += [f"  {'':<25}the fork {fork} is made first"] if fork else []
    return "\n".join(lines)


def done_text(fix_id: str, done: Done) -> str:
    """Return what came of a plan: the pull request's page, and what went otherwise than meant."""
    lines = [f"{fix_id}: {done.plan.action}"]
    if done.pull is not None:
        lines[0] += f": {done.pull.url}"
    if not done.plan.writes:  # it came otherwise than planned
        lines.append(f"  {done.plan.reason}")
    lines += [f"  note: {note}" for note in done.notes]
    return "\n".join(lines)


def act_text(fix_id: str, act: Act) -> str:
    """Return a step of a withdrawal: what is done, where, and why it is not."""
    page = f": {act.pull.url}" if act.pull else ""
    reason = f"\n  {act.reason}" if act.reason else ""
    return f"{fix_id}: {act.step} {act.what}{page}{reason}"
