"""What the python ops share: their fields, and how an edit runs on a file of the draft."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field

from patchkit.draft import NoMatch
from patchkit.edit.python.errors import NotFound
from patchkit.edit.python.syntax import expression_fault, statements_fault
from patchkit.edit.yaml.values import scalar_text
from patchkit.errors import EditRefused, Place
from patchkit.ops import Changed
from patchkit.ops.python.project import line_length
from patchkit.spec.templates import has_template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from patchkit.draft import Draft
    from patchkit.edit.python.source import Source
    from patchkit.tree import RecipeTree

T = TypeVar("T")

# A name, and names joined by dots; what holds a template is judged when it is filled in.
NAME = r"^[^\W\d]\w*$|\{\{|\{%"
DOTTED = r"^[^\W\d]\w*(\.[^\W\d]\w*)*$|\{\{|\{%"
FILE = "The Python file."
VALUE = "An expression of Python: a text needs quotes of its own, as in `'\"pds\"'`."
CODE = "Statements of Python, written as a formatter would write them there."
TEMPLATE = "The template that makes the code, below `templates/`."


def _as_source(value: Any) -> Any:
    """Return what YAML reads as a number or a truth value as Python spells it."""
    if isinstance(value, bool):
        return str(value)
    return scalar_text(value) if isinstance(value, (int, float)) else value


def _expression(value: str) -> str:
    if not has_template(value) and (wrong := expression_fault(value)):
        raise ValueError(f"not a Python expression: {wrong}")
    return value


def _statements(value: str) -> str:
    if not has_template(value) and (wrong := statements_fault(value)):
        raise ValueError(f"not Python code: {wrong}")
    return value


def _pattern(value: str) -> str:
    head = value.rstrip()
    if head.endswith(":"):
        _statements(f"{head} ...")
        return value
    return _statements(value)


def _as_count(value: Any) -> Any:
    return None if value == "any" else value


Expression = Annotated[
    str,
    AfterValidator(_expression),
    BeforeValidator(
        _as_source,
        json_schema_input_type=str | int | float | bool,
    ),
]
Statements = Annotated[str, AfterValidator(_statements), BeforeValidator(_as_source)]
Pattern = Annotated[str, AfterValidator(_pattern), BeforeValidator(_as_source)]
Count = Annotated[
    Annotated[int, Field(ge=1)] | None,
    BeforeValidator(_as_count, json_schema_input_type=int | Literal["any"]),
]
COUNT = "How many there must be; `any` for one or more."


def edit(draft: Draft, file: str, change: Callable[[Source], str]) -> bool:
    """Run an edit on a Python file; return whether anything changed."""
    draft.require_file(file)
    return draft.save(file, guarded(file, lambda: change(source_of(draft, file))))


def changed(draft: Draft, before: RecipeTree, message: str) -> Changed:
    """Return an op's outcome, with the lines that it leaves for a formatter to break."""
    places = [
        f"{file}:{number}"
        for file in draft.tree.changed_paths(before)
        for number in _long_lines(draft, before, file)
    ]
    if not places:
        return Changed(message)
    verb = "is" if len(places) == 1 else "are"
    return Changed(f"{message}; {', '.join(places)} {verb} too long: run the formatter")


def _long_lines(draft: Draft, before: RecipeTree, file: str) -> Iterator[int]:
    """Yield the numbers of the lines that are new and too long."""
    old, limit = set(before.text(file).split("\n")), line_length(draft.tree, file)
    for number, line in enumerate(draft.tree.text(file).split("\n"), start=1):
        if len(line.rstrip("\r")) > limit and line not in old:
            yield number


def guarded(file: str, work: Callable[[], T]) -> T:
    """Return what some work on a file gives, its failures as those of an op."""
    try:
        return work()
    except NotFound as error:
        problem = error.problems[0]
        raise NoMatch(
            problem.message, near=error.near, place=problem.place, hint=problem.hint, needed=True
        ) from error
    except RecursionError:
        raise EditRefused(
            "the code is nested too deeply", place=Place(file), hint="use a text op"
        ) from None


def source_of(draft: Draft, file: str) -> Source:
    """Return a file of the draft, read."""
    # LibCST takes longer to import than all the rest.
    from patchkit.edit.python.source import read  # noqa: PLC0415

    return read(draft.tree.text(file), file, line_length(draft.tree, file))
