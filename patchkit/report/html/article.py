"""One fix on one recipe as a piece of the review page: written anywhere, put together elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchkit.rendering import Verdict
from patchkit.report.html.templates import written
from patchkit.report.html.text import shown
from patchkit.report.html.views import entry_view, failure_view

if TYPE_CHECKING:
    from patchkit.report.html.entry import Entry, Failure

FAILED = "failed"
WORDS = {v.name.lower(): str(v) for v in Verdict} | {FAILED: "could not be rendered"}


@dataclass(frozen=True, slots=True)
class Article:
    """What the page knows of one fix on one recipe, and what it shows.

    Attributes:
        fix: what users type for the fix.
        title: what the fix does; its name where it cannot be read.
        recipe: the name of the recipe or repository; empty where nothing was read.
        kind: the verdict as a class; `failed` where there is none.
        lint: `worse`, `better` or `no worse`; empty where lint was not asked.
        added: new lines.
        removed: lines that are gone.
        is_asked: whether judges or the forge were asked.
        body: HTML.
    """

    fix: str
    title: str
    recipe: str
    kind: str
    lint: str
    added: int
    removed: int
    is_asked: bool
    body: str


def article(entry: Entry) -> Article:
    """Return an entry as HTML without surrogates or control characters, whatever it holds."""
    view = entry_view(entry)
    return Article(
        shown(view.fix),
        shown(view.title),
        shown(view.repository),
        view.kind,
        view.lint.word if view.lint else "",
        view.added,
        view.removed,
        is_asked=bool(view.pills),
        body=written("report_entry.html.j2", view=view),
    )


def failed_article(failure: Failure) -> Article:
    """Return why a fix could not be rendered as HTML."""
    view = failure_view(failure)
    return Article(
        shown(failure.name),
        shown(failure.name),
        shown(failure.recipe),
        FAILED,
        "",
        0,
        0,
        is_asked=False,
        body=written("report_failure.html.j2", view=view, words=WORDS[FAILED]),
    )
