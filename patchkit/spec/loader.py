"""Reads a fix spec: either a `Fix`, or every mistake of the file at once.

Values that hold a template are taken on trust for any type; they are judged again when the
template is filled in (`Fix.step`).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from patchkit.errors import Problem, SpecError
from patchkit.spec.extended import Extended
from patchkit.spec.fix import Fix
from patchkit.spec.mistakes import checked
from patchkit.spec.model import FixSpec, OpModel
from patchkit.spec.params import cycles, rendered_part
from patchkit.spec.problems import of_fault, of_mistakes, title
from patchkit.spec.source import Source
from patchkit.spec.target import target_problems
from patchkit.spec.templates import faults, file_texts, has_template
from patchkit.spec.words import did_you_mean, found

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from patchkit.spec.source import Loc

_RENDERED = ("params", "applies_to", "expects", "ops", "ensures", "pr")


def load(
    text: str,
    path: str,
    *,
    op_type: Callable[[str], type[OpModel] | None],
    op_names: Sequence[str],
    rules: Callable[[], Iterable[str]] | None = None,
    general_ops: Collection[str] = (),
    template_dirs: Sequence[Path] = (),
    find_class: Callable[[str], tuple[str, str]] | None = None,
) -> Fix:
    """Return the fix that `text` spells.

    Args:
        text: the file's content.
        path: what messages call it.
        op_type: the model of an op by name, None for an unknown one.
        op_names: every op's name, for «did you mean».
        rules: gives the names and numbers of lint's rules; asked when the spec allows some.
            Without it any name is taken.
        general_ops: those that work on a repository that is no recipe.
        template_dirs: where the ops' `template:` files lie; without any they are not looked at.
        find_class: the text and the path of the class of a name, for `extends:`; raises SpecError.

    Raises:
        SpecError: with every problem found, in the order of the file.
    """
    source = _source(text, path, find_class)
    problems: list[Problem] = []
    spec = _spec(source, problems)
    models = [_op_model(source, i, op_type, op_names, problems) for i in _steps(source)]
    problems += _unknown_rules(source, rules) if rules else ()
    problems += target_problems(source, general_ops)
    problems += _template_problems(source)
    problems += _cycle_problems(source)
    texts = _file_texts(source, template_dirs, problems)
    if problems or spec is None:
        raise SpecError(_sorted(problems))
    known = tuple(model for model in models if model)
    dirs = tuple(template_dirs)
    return Fix(spec, source, _digest(source, texts), models=known, template_dirs=dirs)


def _source(text: str, path: str, find_class: Callable[[str], tuple[str, str]] | None) -> Source:
    own = Source(text, path)
    name = own.data.get("extends")
    if find_class is None or not isinstance(name, str):
        return own
    try:
        found, where = find_class(name)
    except SpecError as error:
        raise SpecError(tuple(_at_name(p, own, ("extends",)) for p in error.problems)) from None
    return Extended(own, Source(found, where))


def _spec(source: Source, problems: list[Problem]) -> FixSpec | None:
    spec, wrong = checked(FixSpec, source.data)
    problems += of_mistakes(wrong, source)
    return spec


def _steps(source: Source) -> list[int]:
    """Return the numbers of the ops that can be judged: what is no mapping is refused already."""
    ops = source.data.get("ops")
    return [i for i, op in enumerate(ops) if isinstance(op, dict)] if isinstance(ops, list) else []


def _op_model(
    source: Source,
    index: int,
    op_type: Callable[[str], type[OpModel] | None],
    op_names: Sequence[str],
    problems: list[Problem],
) -> type[OpModel] | None:
    data = source.data["ops"][index]
    loc: Loc = ("ops", index)
    name = data.get("op")
    model = op_type(name) if isinstance(name, str) else None
    if model is None:
        problems.append(_unknown_op(source, loc, name, op_names))
        return None
    problems += of_mistakes(checked(model, data, unrendered=True)[1], source, loc)
    return model


def _unknown_op(source: Source, loc: Loc, name: Any, op_names: Sequence[str]) -> Problem:
    step = f"step {int(loc[1]) + 1}"
    place = source.place((*loc, "op"))
    if name is None:
        return Problem(f'{step}: "op" is missing', place, "`patchkit explain` lists the ops")
    if not isinstance(name, str):
        return Problem(f'{step}: "op": expected text, found {found(name)}', place)
    near = did_you_mean(name, op_names)
    hint = "" if near else "`patchkit explain` lists the ops"
    return Problem(f'{step}: unknown op "{name}"{near}', place, hint)


def _unknown_rules(source: Source, rules: Callable[[], Iterable[str]]) -> Iterator[Problem]:
    named = dict(_named_rules(source.data))
    known = set(rules()) if named else set()
    for loc, name in named.items():
        if isinstance(name, str) and name not in known:
            near = did_you_mean(name, known)
            hint = "" if near else "`patchkit explain` lists the rules"
            yield Problem(f'unknown rule "{name}"{near}', source.place(loc), hint)


def _named_rules(data: dict[str, Any]) -> Iterator[tuple[Loc, Any]]:
    allowed, cured = data.get("allow"), data.get("cures")
    for i, entry in enumerate(allowed if isinstance(allowed, list) else ()):
        if isinstance(entry, dict) and "rule" in entry:
            yield ("allow", i, "rule"), entry["rule"]
    for i, name in enumerate(cured if isinstance(cured, list) else ()):
        yield ("cures", i), name


def _template_problems(source: Source) -> Iterator[Problem]:
    params = _params(source)
    parts: dict[Loc, Any] = {("params", name): rendered_part(raw) for name, raw in params.items()}
    parts |= {(name,): source.data.get(name) for name in _RENDERED if name != "params"}
    for start, part in parts.items():
        for loc, text, key in _texts(part, start):
            for fault in faults(text, tuple(params)):
                yield of_fault(fault, text, source, loc, key=key)


def _params(source: Source) -> dict[str, Any]:
    params = source.data.get("params")
    return params if isinstance(params, dict) else {}


def _texts(value: Any, loc: Loc) -> Iterator[tuple[Loc, str, bool]]:
    """Yield every text below `value` with its place and whether it is a key."""
    if isinstance(value, str):
        yield loc, value, False
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _texts(item, (*loc, i))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield (*loc, key), key, True
            yield from _texts(item, (*loc, key))


def _cycle_problems(source: Source) -> Iterator[Problem]:
    for circle in cycles(_params(source)):
        way = " → ".join(circle)
        for name in circle[:-1]:
            place = source.place(("params", name), key=True)
            yield Problem(f'param "{name}" needs itself: {way}', place, "give one of them a value")


def _file_texts(source: Source, dirs: Sequence[Path], problems: list[Problem]) -> dict[str, str]:
    """Return the template files that the ops name literally, by name."""
    texts: dict[str, str] = {}
    for i in _steps(source) if dirs else ():
        name = source.data["ops"][i].get("template")
        if not isinstance(name, str) or has_template(name):
            continue
        try:
            texts |= file_texts(name, dirs)
        except SpecError as error:
            loc = ("ops", i, "template")
            problems += [_at_name(problem, source, loc) for problem in error.problems]
    return texts


def _at_name(problem: Problem, source: Source, loc: Loc) -> Problem:
    if problem.place:
        return problem
    message = f"{title(loc, source.data)}: {problem.message}"
    return Problem(message, source.place(loc), problem.hint)


def _digest(source: Source, files: dict[str, str]) -> str:
    digest = hashlib.sha256(source.text.encode())
    if source.base is not None:
        digest.update(f"\0extends\0{source.base.text}".encode())
    for name in sorted(files):
        digest.update(f"\0{name}\0{files[name]}".encode())
    return digest.hexdigest()


def _sorted(problems: list[Problem]) -> tuple[Problem, ...]:
    """Return the problems once each, those of one file in the order of its lines."""

    def key(problem: Problem) -> tuple[str, int, int]:
        place = problem.place
        return (place.path, place.line, place.column) if place else ("", 0, 0)

    return tuple(dict.fromkeys(sorted(problems, key=key)))
