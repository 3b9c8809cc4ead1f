"""Python files, by what they do: arguments of calls, statements, bodies of functions."""

from __future__ import annotations

import ast
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from patchkit.record.candidate import Candidate
from patchkit.record.detect.python_module import DEFINITIONS, modules, same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.record.candidate import Case, Step
    from patchkit.record.detect.python_module import Module

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def changed_arguments(case: Case) -> Iterator[Candidate]:
    """Arguments of calls that are other ones, came, or are gone."""
    for file, old, new in modules(case):
        counts: dict[tuple[str, str, str, str], int] = {}
        for before, after in _calls(old, new):
            was, now = (
                {k.arg: module.expression(k.value) for k in call.keywords if k.arg}
                for module, call in ((old, before), (new, after))
            )
            for name in {**was, **now}:
                if was.get(name) != now.get(name):
                    key = (ast.unparse(after.func), name, was.get(name, ""), now.get(name, ""))
                    counts[key] = counts.get(key, 0) + 1
        for (call, name, was_, now_), number in counts.items():
            step: Step = {"op": "python.argument"} | file | {"call": call, "name": name}
            step |= {"value": now_} if now_ else {"remove": True}
            count = {"count": number} if number > 1 else {}
            yield Candidate(step | ({"was": was_} if was_ else {}) | count)


def _calls(old: Module, new: Module) -> Iterator[tuple[ast.Call, ast.Call]]:
    """Yield the calls of both sides that belong together, where nothing came or went."""
    sides = [
        [node for top in module.body for node in ast.walk(top) if isinstance(node, ast.Call)]
        for module in (old, new)
    ]
    if len(sides[0]) == len(sides[1]):
        for before, after in zip(*sides, strict=True):
            if same(before.func, after.func):
                yield before, after


def changed_statements(case: Case) -> Iterator[Candidate]:
    """Statements that functions, or the file, have newly; bodies that are others."""
    for file, old, new in modules(case):
        scopes = dict(old.scopes())
        for scope, body in new.scopes():
            was = scopes.get(scope)
            if was is None or (scope and not _is_function(new, scope)):
                continue
            function = {"function": scope} if scope else {}
            yield from _inserted({"op": "python.insert"} | file | function, old, was, new, body)
            if scope and not all(map(same, was, body)):
                code = body[_has_doc(body) :]
                if code:
                    step: Step = {"op": "python.replace"} | file | function
                    yield Candidate(step | {"body": new.source(code[0], code[-1])})


def _inserted(
    step: Step, old: Module, was: list[ast.stmt], new: Module, body: list[ast.stmt]
) -> Iterator[Candidate]:
    before, after = ([ast.unparse(node) for node in some] for some in (was, body))
    for tag, a, _, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "insert":
            continue
        code = {"code": new.source(body[c], body[d - 1])}
        if a == _has_doc(was):
            yield Candidate(step | {"at": "start"} | code)
        if a == len(was):
            yield Candidate(step | {"at": "end"} | code)
        for where, node in (("after", was[a - 1 : a]), ("before", was[a : a + 1])):
            if node and not hasattr(node[0], "body"):
                yield Candidate(step | {where: old.source(node[0], node[0]).strip()} | code)


def _is_function(module: Module, scope: str) -> bool:
    body = module.body
    node: ast.stmt | None = None
    for name in scope.split("."):
        node = next(n for n in body if isinstance(n, DEFINITIONS) and n.name == name)
        body = node.body
    return isinstance(node, _FUNCTIONS)


def _has_doc(body: list[ast.stmt]) -> int:
    first = body[0].value if body and isinstance(body[0], ast.Expr) else None
    return int(isinstance(first, ast.Constant) and isinstance(first.value, str))
