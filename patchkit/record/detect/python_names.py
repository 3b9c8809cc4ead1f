"""Python files, by the names that they bind: imports, constants, functions and classes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from patchkit.record.candidate import Candidate
from patchkit.record.detect.python_module import DEFINITIONS, modules, same

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from patchkit.record.candidate import Case, Step
    from patchkit.record.detect.python_module import Module


def changed_imports(case: Case) -> Iterator[Candidate]:
    """Imports that came, or are gone."""
    for file, old, new in modules(case):
        was, now = _imports(old.body), _imports(new.body)
        for verb, some, others in (("add", now, was), ("drop", was, now)):
            for one in some:
                if one not in others:
                    yield Candidate({"op": "python.import"} | file | {verb: one})


def _imports(body: list[ast.stmt]) -> list[str]:
    """Return the imports of a file, a name each."""
    found = []
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                single = type(node)(**{**dict(ast.iter_fields(node)), "names": [alias]})
                found.append(ast.unparse(single))
    return found


def changed_constants(case: Case) -> Iterator[Candidate]:
    """Constants of files and classes with another value, entries of dicts, and new ones."""
    for file, old, new in modules(case):
        scopes = dict(old.scopes())
        for scope, body in new.scopes():
            was = _constants(scopes.get(scope, []))
            previous = ""
            for name, value in _constants(body).items():
                full = f"{scope}.{name}" if scope else name
                step: Step = {"op": "python.assign"} | file | {"name": full}
                if name not in was or not same(was[name], value):
                    yield from _assigned(step, was.get(name), value, new)
                    if name not in was and previous:
                        given = {"value": new.expression(value), "after": previous}
                        yield Candidate(step | given)
                previous = name
            if scope:
                yield from _returned(file, scope, scopes.get(scope, []), body, new)


def _assigned(
    step: Step, was: ast.expr | None, value: ast.expr, new: Module
) -> Iterator[Candidate]:
    if isinstance(was, ast.Dict) and isinstance(value, ast.Dict):
        old = {ast.unparse(k): v for k, v in zip(was.keys, was.values, strict=True) if k}
        for key, item in zip(value.keys, value.values, strict=True):
            there = old.get(ast.unparse(key)) if key else None
            if isinstance(key, ast.Constant) and not (there and same(there, item)):
                yield Candidate(step | {"key": key.value, "value": new.expression(item)})
    yield Candidate(step | {"value": new.expression(value)})


def _returned(
    file: Step, scope: str, was: list[ast.stmt], body: list[ast.stmt], new: Module
) -> Iterator[Candidate]:
    """Yield what makes a function return something else."""
    pair = [[n for n in some if isinstance(n, ast.Return) and n.value] for some in (was, body)]
    if [len(some) for some in pair] != [1, 1]:
        return
    before, after = pair[0][0].value, pair[1][0].value
    if before and after and not same(before, after):
        if isinstance(after, ast.Dict):
            step: Step = {"op": "python.assign"} | file | {"name": scope}
            yield from (c for c in _assigned(step, before, after, new) if "key" in c.step)
        returns = {"function": scope, "returns": new.expression(after)}
        yield Candidate({"op": "python.replace"} | file | returns)


def _constants(body: list[ast.stmt]) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    for node in body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        if len(targets) == 1 and isinstance(targets[0], ast.Name) and isinstance(value, ast.expr):
            found[targets[0].id] = value
    return found


def added_definitions(case: Case) -> Iterator[Candidate]:
    """Functions and classes that are new."""
    for file, old, new in modules(case):
        known = {name for name, _ in old.scopes()}
        for scope, body in new.scopes():
            for nth, node in enumerate(body):
                prefix = f"{scope}." if scope else ""
                if not isinstance(node, DEFINITIONS) or f"{prefix}{node.name}" in known:
                    continue
                step: Step = {"op": "python.add"} | file | {"code": new.source(node, node)}
                if not scope:
                    yield Candidate(step)
                above, below = (
                    _names(body[n : n + 1] if n >= 0 else []) for n in (nth - 1, nth + 1)
                )
                yield from (Candidate(step | {"after": f"{prefix}{name}"}) for name in above)
                yield from (Candidate(step | {"before": f"{prefix}{name}"}) for name in below)


def _names(nodes: list[ast.stmt]) -> Iterable[str]:
    """Return what statements define."""
    return [*_constants(nodes), *(n.name for n in nodes if isinstance(n, DEFINITIONS))]
