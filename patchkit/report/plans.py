"""What `patchkit pr` may do to a fix on a mirror, as a table for the README."""

from __future__ import annotations

from patchkit.publish.plan import Action

_ROWS = {
    Action.CREATE: (
        "the fix applies, and nobody has proposed the change",
        "commit, push, open the pull request, label it, ask for reviews, ask CI",
    ),
    Action.UPDATE_BRANCH: (
        "the base or the fix changed, or the branch is gone",
        "render again, move the branch if its head is still the one that was read, ask CI",
    ),
    Action.UPDATE_TEXT: (
        "title or body read otherwise than the fix",
        "write them; what people wrote outside the marks stays",
    ),
    Action.SET_UP: (
        "an earlier run was cut off",
        "add the labels, the reviewers and the question to CI that are missing",
    ),
    Action.NOTHING: (
        "the pull request is as it should be, or the recipe has the change or is of another kind",
        "",
    ),
    Action.SUPERSEDED: ("another open pull request holds the change already", ""),
    Action.CLOSE: ("the recipe has the change by now", "say so in a comment, close"),
    Action.COMMENT: (
        "the recipe has the change by now, and a person worked on the branch",
        "say so in a comment, once",
    ),
    Action.EDITED: ("a person committed on the branch", ""),
    Action.CLOSED: ("a person closed it, or it was merged and taken back", "`--reopen` asks again"),
    Action.WITHDRAWN: ("`patchkit withdraw` closed it", "`--reopen` asks again"),
    Action.DRIFTED: ("the recipe is neither what the fix expects nor fixed", ""),
    Action.WORSE: ("lint got worse, a finding is open, or a real program says no", ""),
    Action.MISSING: ("there is no such mirror, or the token may not see it", ""),
    Action.CONFLICT: ("the pull request goes to another base, or the branch moved meanwhile", ""),
}


def plans_table() -> str:
    """Return every action with when it is planned and what is done, a Markdown table."""
    lines = "".join(
        f"| {action} | {when} | {done or 'nothing'} |\n" for action, (when, done) in _ROWS.items()
    )
    return f"| action | when | what is done |\n|---|---|---|\n{lines}"
