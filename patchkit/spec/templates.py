"""Templates: of a value inside a spec, and of a file below `templates/`.

A value that is one expression, `"{{ keep_days }}"`, gives what the expression gives; any other
gives text. Both run in the sandbox, and every failure is a `SpecError` with its place.
https://jinja.palletsprojects.com/en/stable/templates/
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from patchkit.edit.yaml.values import StyledStr
from patchkit.errors import Place, SpecError
from patchkit.spec.faults import FROM_TEXT, Fault, fault_of, frames, undefined
from patchkit.spec.template_files import content, located

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from jinja2 import nodes

    from patchkit.spec.sandbox import Sandbox

_MARKS = ("{{", "{%", "{#")
# Most templates are a param's name and no more: Jinja need not read them.
_NAME = re.compile(r"\{\{ ?([a-z_][a-z0-9_]*) ?\}\}")
_JINJAS = frozenset(
    (
        *("and", "caller", "else", "false", "if", "in", "is", "kwargs", "loop", "namespace"),
        *("none", "not", "or", "range", "self", "super", "true", "varargs"),
    )
)


def has_template(text: str) -> bool:
    """Return whether `text` holds anything for Jinja2."""
    return any(mark in text for mark in _MARKS)


def names_in(text: str) -> frozenset[str]:
    """Return the names that `text` takes from outside; none if it cannot be read."""
    read = _read(text) if has_template(text) else None
    return frozenset() if read is None or isinstance(read, Fault) else frozenset(read)


def faults(text: str, known: Collection[str]) -> list[Fault]:
    """Return what can be said to be wrong with `text` before it is rendered.

    Args:
        text: the template.
        known: the names that will be defined; the built-in ones always are.
    """
    read = _read(text) if has_template(text) else {}
    if isinstance(read, Fault):
        return [read]
    return [undefined(name, known, line) for name, line in read.items() if name not in known]


def render_text(text: str, values: Mapping[str, Any], place: Place | None = None) -> Any:
    """Return `text` with its templates filled in.

    A text without a template is returned as it is. One that is a single expression gives the
    expression's value. Any other gives a string in the quotes or block style of the template,
    unless YAML asked for the quotes only because the template starts with a brace.

    Args:
        text: the template.
        values: what its names mean.
        place: where it stands, for messages.

    Raises:
        SpecError: it cannot be read, uses an unknown name, or does what the sandbox forbids.
    """
    if not has_template(text):
        return text
    value = values.get(_name_in(text))
    if isinstance(value, str) and value.isascii():
        return _restyled(value, text)
    from patchkit.spec.sandbox import FAILURES  # noqa: PLC0415

    fault = _read(text)
    if not isinstance(fault, Fault):
        try:
            return _restyled(_program(text)(values), text)
        except FAILURES as error:
            fault = fault_of(error, FROM_TEXT, values)
    raise SpecError(fault.message, place=fault.place(place, text), hint=fault.hint)


def render_file(name: str, values: Mapping[str, Any], dirs: Sequence[Path]) -> str:
    """Return the template file `name` with its templates filled in.

    Args:
        name: its path below one of `dirs`, with slashes.
        values: what its names mean.
        dirs: the folders searched, the first that has it wins; includes search them too.

    Raises:
        SpecError: no folder has it, its name leaves the folder, it cannot be read, or it uses
            an unknown name; with the template's own file and line.
    """
    from jinja2 import FunctionLoader  # noqa: PLC0415

    from patchkit.spec.sandbox import FAILURES, Sandbox  # noqa: PLC0415

    texts: dict[str, str] = {}

    def load(wanted: str) -> tuple[str, str, None]:
        path = located(wanted, dirs)
        texts[str(path)] = content(path)
        return texts[str(path)], str(path), None

    try:
        return Sandbox(FunctionLoader(load)).get_template(name).render(values)
    except FAILURES as error:
        path = _file_of(error, texts)
        raise fault_of(error, path, values).in_file(path, texts[path]) from None


def file_texts(name: str, dirs: Sequence[Path]) -> dict[str, str]:
    """Return the text of the template file `name` and of all it includes, by name.

    Raises:
        SpecError: as for `render_file`, as far as that can be told without values.
    """
    from jinja2.meta import find_referenced_templates  # noqa: PLC0415

    texts: dict[str, str] = {}
    todo = [name]
    while todo:
        current = todo.pop()
        path = located(current, dirs)
        texts[current] = content(path)
        for below in find_referenced_templates(_file_tree(str(path), texts[current])):
            if below is None:
                raise SpecError("an include names its file literally", place=Place(str(path)))
            if below not in texts:
                todo.append(below)
    return texts


@cache
def _sandbox() -> Sandbox:
    from patchkit.spec.sandbox import Sandbox  # noqa: PLC0415

    return Sandbox()


@lru_cache(maxsize=1024)
def _read(text: str) -> dict[str, int] | Fault:
    """Return the names that a text takes from outside, with the line of each."""
    if name := _name_in(text):
        return {name: 1}
    from jinja2 import nodes  # noqa: PLC0415
    from jinja2.meta import find_undeclared_variables  # noqa: PLC0415

    from patchkit.spec.sandbox import FAILURES  # noqa: PLC0415

    try:
        tree = _sandbox().parse(text)
        undeclared = find_undeclared_variables(tree)
    except FAILURES as error:
        return fault_of(error, FROM_TEXT, ())
    for found in tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
        return Fault("a value includes no template", found.lineno, "make it a template file")
    lines: dict[str, int] = {}
    for node in tree.find_all(nodes.Name):
        if node.name in undeclared:
            lines.setdefault(node.name, node.lineno)
    return lines


def _name_in(text: str) -> str:
    """Return the name that is all of a template, empty when it is more or Jinja's own word."""
    found = _NAME.fullmatch(text)
    return found[1] if found and found[1] not in _JINJAS else ""


@lru_cache(maxsize=1024)
def _program(text: str) -> Callable[[Mapping[str, Any]], Any]:
    """Return a function from values to the rendered text or, of one expression, its value."""
    from jinja2 import nodes  # noqa: PLC0415
    from jinja2.environment import TemplateExpression  # noqa: PLC0415

    from patchkit.spec.sandbox import plain  # noqa: PLC0415

    tree = _sandbox().parse(text)
    expression = _single_expression(tree)
    if expression is None:
        return _sandbox().from_string(tree).render
    # What Jinja's own compile_expression does with the text between the braces.
    target = nodes.Name("result", "store", lineno=1)
    tree.body = [nodes.Assign(target, expression, lineno=1)]
    run = TemplateExpression(_sandbox().from_string(tree), undefined_to_none=False)
    return lambda values: plain(run(values))


def _single_expression(tree: nodes.Template) -> nodes.Expr | None:
    from jinja2 import nodes  # noqa: PLC0415

    if len(tree.body) != 1 or not isinstance(tree.body[0], nodes.Output):
        return None
    parts = tree.body[0].nodes
    return parts[0] if len(parts) == 1 and not isinstance(parts[0], nodes.TemplateData) else None


def _restyled(result: Any, text: str) -> Any:
    if type(result) is not str or not isinstance(text, StyledStr):
        return result
    forced = text.style in {"'", '"'} and text.startswith("{")
    return StyledStr(result, "" if forced else text.style)


def _file_of(error: BaseException, texts: Mapping[str, str]) -> str:
    """Return the innermost of the loaded template files that an error came from."""
    named = [str(getattr(error, "filename", "")), *reversed([name for name, _ in frames(error)])]
    return next(name for name in (*named, *texts) if name in texts)


def _file_tree(path: str, text: str) -> nodes.Template:
    from patchkit.spec.sandbox import FAILURES  # noqa: PLC0415

    try:
        return _sandbox().parse(text, filename=path)
    except FAILURES as error:
        raise fault_of(error, path, ()).in_file(path, text) from None
