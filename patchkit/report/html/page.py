"""Writes the review page: one file, its style and script inside, and nothing else allowed to run.

The page's Content-Security-Policy names both by their hashes, so that markup which ever got past
the escaping could still load, run and style nothing: https://www.w3.org/TR/CSP3/
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from patchkit import __version__
from patchkit.data import data_dir
from patchkit.report.html.text import prose, shown
from patchkit.report.html.views import FAILED, counts, entry_view, failure_view, web_link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from patchkit.report.html.entry import Entry, Failure
    from patchkit.report.html.views import EntryView

_FEW = 3  # entries that are shown unfolded


def review_page(entries: Iterable[Entry], failures: Iterable[Failure] = ()) -> str:
    """Return the page; the same entries give the same text.

    Args:
        entries: fixes on recipes, in the order in which they are shown.
        failures: the fixes that could not be rendered.

    Returns:
        HTML without surrogates or control characters, whatever the recipes hold.
    """
    views = list(_views(entries))
    style, script = _asset("report.css"), _asset("report.js")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            views=views,
            failures=[failure_view(failure) for failure in failures],
            failed=FAILED,
            verdicts=counts(views),
            recipes=sorted({view.repository for view in views}),
            lints=_present(views),
            few=_FEW,
            style=Markup(style),  # noqa: S704  our own file
            script=Markup(script),  # noqa: S704  our own file
            policy=_policy(style, script),
            version=__version__,
        )
    )


def _views(entries: Iterable[Entry]) -> Iterator[EntryView]:
    seen: Counter[str] = Counter()
    for entry in entries:
        name = entry.result.fix.id
        seen[name] += 1
        yield entry_view(entry, name if seen[name] == 1 else f"{name}.{seen[name]}")


def _present(views: Iterable[EntryView]) -> list[str]:
    """Return what lint comes to, of what occurs, the worst first."""
    found = {view.lint.word for view in views if view.lint}
    return [word for word in ("worse", "no worse", "better") if word in found]


def _policy(style: str, script: str) -> str:
    allowed = f"style-src {_digest(style)}; script-src {_digest(script)}"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _asset(name: str) -> str:
    return (data_dir("templates") / name).read_text(encoding="utf-8")


def _template(name: str) -> str:
    """Return a template without the line ends between its tags: a browser would keep each."""
    return re.sub(r"(?<=[>}])\n\s*(?=[<{])", "", _asset(name))


@cache
def _environment() -> Environment:
    environment = Environment(
        autoescape=True,
        finalize=_final,
        loader=FunctionLoader(_template),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {"prose": prose, "shown": shown, "web_link": web_link}
    return environment


def _final(value: Any) -> Any:
    """Return what is printed: of texts, what can be seen of them."""
    return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value
