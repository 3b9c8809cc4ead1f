"""The templates of the review page: everything that they print is escaped and can be seen."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from patchkit.data import data_dir
from patchkit.report.html.excerpt import excerpt
from patchkit.report.html.pills import ci_kind
from patchkit.report.html.text import prose, shown
from patchkit.report.html.views import web_link


def written(name: str, **values: Any) -> str:
    """Return a template filled with values."""
    return _environment().get_template(name).render(values)


def asset(name: str) -> str:
    """Return the text of a file beside the templates."""
    return (data_dir("templates") / name).read_text(encoding="utf-8")


def _template(name: str) -> str:
    """Return a template without the line ends between its tags: a browser would keep each."""
    return re.sub(r"(?<=[>}])\n\s*(?=[<{])", "", asset(name))


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
    environment.filters |= {
        "ci_kind": ci_kind,
        "excerpt": excerpt,
        "prose": prose,
        "shown": shown,
        "web_link": web_link,
    }
    return environment


def _final(value: Any) -> Any:
    """Return what is printed: of texts, what can be seen of them."""
    return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value
