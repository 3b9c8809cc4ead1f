"""Writes the review page: one file, its style and script inside, and nothing else allowed to run.

The page's Content-Security-Policy names both by their hashes, so that markup which ever got past
the escaping could still load, run and style nothing: https://www.w3.org/TR/CSP3/
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from patchkit import __version__
from patchkit.report.html.article import FAILED, WORDS, article, failed_article
from patchkit.report.html.templates import asset, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from patchkit.report.html.article import Article
    from patchkit.report.html.entry import Entry, Failure

_FEW = 3  # articles that are shown unfolded
# The order of verdicts in what sums them up; a recipe of another kind is hidden at first.
_ORDER = ("applies", "fixed", "other", "drifted", "broken", FAILED)


class _Placed(NamedTuple):
    """An article with its id on the page, the only one."""

    anchor: str
    article: Article


def review_page(entries: Iterable[Entry], failures: Iterable[Failure] = ()) -> str:
    """Return the page; the same entries give the same text.

    Args:
        entries: fixes on recipes, in the order in which they are shown.
        failures: the fixes that could not be rendered.
    """
    return page([*map(failed_article, failures), *map(article, entries)])


def page(articles: Sequence[Article]) -> str:
    """Return the page of articles that were written already."""
    style, script = asset("report.css"), asset("report.js")
    kinds = Counter(one.kind for one in articles)
    return written(
        "report.html.j2",
        placed=list(_placed(articles)),
        headline=_headline(articles),
        counted=_counted(articles),
        failed=FAILED,
        kinds=kinds,
        words=WORDS,
        verdicts=[(kind, WORDS[kind], kinds[kind]) for kind in _ORDER if kinds[kind]],
        recipes=sorted({one.recipe for one in articles if one.recipe}),
        fixes=_repeated(articles),
        lints=_present(articles),
        few=_FEW,
        style=Markup(style),  # noqa: S704  our own file
        script=Markup(script),  # noqa: S704  our own file
        policy=_policy(style, script),
        version=__version__,
    )


def _placed(articles: Sequence[Article]) -> Iterator[_Placed]:
    """Yield articles by the fix's name, with the recipe's name where the fix has several."""
    often = Counter(one.fix for one in articles)
    seen: Counter[str] = Counter()
    for number, one in enumerate(articles, 1):
        fix = one.fix.rpartition("/")[2]
        name = fix if often[one.fix] == 1 else f"{fix}.{one.recipe}"
        name = f"failed-{number}" if one.kind == FAILED else name
        seen[name] += 1
        yield _Placed(name if seen[name] == 1 else f"{name}.{seen[name]}", one)


def _headline(articles: Sequence[Article]) -> str:
    """Return what the page is about, for its title."""
    titles = {one.title for one in articles}
    if len(titles) != 1:
        return _counted(articles)
    recipes = [one.recipe for one in articles]
    return f"{titles.pop()}, {recipes[0] if len(recipes) == 1 else _number(recipes, 'recipe')}"


def _counted(articles: Sequence[Article]) -> str:
    """Return `8 fixes`, `7 of 8 fixes`, or `3 fixes on 40 recipes` where a fix has several."""
    fixes = {one.fix for one in articles}
    shown = {one.fix for one in articles if one.kind != FAILED}
    words = _number(fixes, "fix", "es")
    words = words if shown == fixes else f"{len(shown)} of {words}"
    recipes = {one.recipe for one in articles if one.recipe}
    return words if len(fixes) == len(articles) else f"{words} on {_number(recipes, 'recipe')}"


def _number(things: Sequence[str] | set[str], word: str, ending: str = "s") -> str:
    return f"{len(things)} {word}{ending if len(things) != 1 else ''}"


def _repeated(articles: Sequence[Article]) -> list[str]:
    """Return the fixes, where to choose one is not the same as to choose an article."""
    found = {one.fix for one in articles}
    return sorted(found) if 1 < len(found) < len(articles) else []


def _present(articles: Iterable[Article]) -> list[str]:
    """Return what lint comes to, of what occurs, the worst first."""
    found = {one.lint for one in articles}
    return [word for word in ("worse", "no worse", "better") if word in found]


def _policy(style: str, script: str) -> str:
    allowed = f"style-src {_digest(style)}; script-src {_digest(script)}"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
