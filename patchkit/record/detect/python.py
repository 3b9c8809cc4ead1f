"""Python files, by what they define: imports, constants, functions, statements, arguments."""

from __future__ import annotations

import ast
import textwrap
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, TypeAlias

from patchkit.record.candidate import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from patchkit.record.candidate import Case, Step

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_Definition: TypeAlias = _Function | ast.ClassDef
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class _Module:
    """A Python file as its compiler reads it."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()
        self.body = ast.parse(text).body

    def source(self, first: ast.stmt, last: ast.stmt) -> str:
        """Return the lines of statements, with decorators and the comments right above."""
        above = [first.lineno, *(d.lineno for d in getattr(first, "decorator_list", ()))]
        start = min(above) - 1
        while start and self.lines[start - 1].lstrip().startswith("#"):
            start -= 1
        text = "\n".join(self.lines[start : last.end_lineno])
        return textwrap.dedent(text) + "\n"

    def expression(self, node: ast.expr) -> str:
        text = "\n".join(self.lines) + "\n"
        return ast.get_source_segment(text, node) or ast.unparse(node)

    def scopes(self) -> Iterator[tuple[str, list[ast.stmt]]]:
        """Yield the body of the file, and of each of its classes and functions, by name."""
        yield "", self.body
        yield from _below("", self.body)


def _below(prefix: str, body: list[ast.stmt]) -> Iterator[tuple[str, list[ast.stmt]]]:
    for node in body:
        if isinstance(node, _DEFINITIONS):
            name = f"{prefix}{node.name}"
            yield name, node.body
            if isinstance(node, ast.ClassDef):
                yield from _below(f"{name}.", node.body)


def _modules(case: Case) -> Iterator[tuple[Step, _Module, _Module]]:
    for path in case.edited:
        texts = case.texts(path)
        if texts and path.endswith(".py"):
            try:
                yield {"file": path}, *map(_Module, texts)
            except (SyntaxError, ValueError, RecursionError):
                continue


def changed_imports(case: Case) -> Iterator[Candidate]:
    """Imports that came, or are gone."""
    for file, old, new in _modules(case):
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
    for file, old, new in _modules(case):
        scopes = dict(old.scopes())
        for scope, body in new.scopes():
            was = _constants(scopes.get(scope, []))
            previous = ""
            for name, value in _constants(body).items():
                full = f"{scope}.{name}" if scope else name
                step: Step = {"op": "python.assign"} | file | {"name": full}
                if name not in was or not _same(was[name], value):
                    yield from _assigned(step, was.get(name), value, new)
                    if name not in was and previous:
                        given = {"value": new.expression(value), "after": previous}
                        yield Candidate(step | given)
                previous = name
            if scope:
                yield from _returned(file, scope, scopes.get(scope, []), body, new)


def _assigned(
    step: Step, was: ast.expr | None, value: ast.expr, new: _Module
) -> Iterator[Candidate]:
    if isinstance(was, ast.Dict) and isinstance(value, ast.Dict):
        old = {ast.unparse(k): v for k, v in zip(was.keys, was.values, strict=True) if k}
        for key, item in zip(value.keys, value.values, strict=True):
            there = old.get(ast.unparse(key)) if key else None
            if isinstance(key, ast.Constant) and not (there and _same(there, item)):
                yield Candidate(step | {"key": key.value, "value": new.expression(item)})
    yield Candidate(step | {"value": new.expression(value)})


def _returned(
    file: Step, scope: str, was: list[ast.stmt], body: list[ast.stmt], new: _Module
) -> Iterator[Candidate]:
    """Yield what makes a function return something else."""
    pair = [[n for n in some if isinstance(n, ast.Return) and n.value] for some in (was, body)]
    if [len(some) for some in pair] != [1, 1]:
        return
    before, after = pair[0][0].value, pair[1][0].value
    if before and after and not _same(before, after):
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
    for file, old, new in _modules(case):
        known = {name for name, _ in old.scopes()}
        for scope, body in new.scopes():
            for nth, node in enumerate(body):
                prefix = f"{scope}." if scope else ""
                if not isinstance(node, _DEFINITIONS) or f"{prefix}{node.name}" in known:
                    continue
                step: Step = {"op": "python.add"} | file | {"code": new.source(node, node)}
                if not scope:
                    yield Candidate(step)
                above, below = (_names(body[n : n + 1] if n >= 0 else []) for n in (nth - 1, nth + 1))
                yield from (Candidate(step | {"after": f"{prefix}{name}"}) for name in above)
                yield from (Candidate(step | {"before": f"{prefix}{name}"}) for name in below)


def _names(nodes: list[ast.stmt]) -> Iterable[str]:
    """Return what statements define."""
    return [*_constants(nodes), *(n.name for n in nodes if isinstance(n, _DEFINITIONS))]


def changed_arguments(case: Case) -> Iterator[Candidate]:
    """Arguments of calls that are other ones, came, or are gone."""
    for file, old, new in _modules(case):
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


def _calls(old: _Module, new: _Module) -> Iterator[tuple[ast.Call, ast.Call]]:
    """Yield the calls of both sides that belong together, where nothing came or went."""
    sides = [
        [node for top in module.body for node in ast.walk(top) if isinstance(node, ast.Call)]
        for module in (old, new)
    ]
    if len(sides[0]) == len(sides[1]):
        for before, after in zip(*sides, strict=True):
            if _same(before.func, after.func):
                yield before, after


def changed_statements(case: Case) -> Iterator[Candidate]:
    """Statements that functions, or the file, have newly; bodies that are others."""
    for file, old, new in _modules(case):
        scopes = dict(old.scopes())
        for scope, body in new.scopes():
            was = scopes.get(scope)
            if was is None or (scope and not _is_function(new, scope)):
                continue
            function = {"function": scope} if scope else {}
            yield from _inserted({"op": "python.insert"} | file | function, old, was, new, body)
            if scope and not all(map(_same, was, body)):
                code = body[_has_doc(body) :]
                if code:
                    step: Step = {"op": "python.replace"} | file | function
                    yield Candidate(step | {"body": new.source(code[0], code[-1])})


def _inserted(
    step: Step, old: _Module, was: list[ast.stmt], new: _Module, body: list[ast.stmt]
) -> Iterator[Candidate]:
    shown = [[ast.unparse(node) for node in some] for some in (was, body)]
    for tag, a, _, c, d in SequenceMatcher(None, *shown, autojunk=False).get_opcodes():
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


def _is_function(module: _Module, scope: str) -> bool:
    body = module.body
    node: ast.stmt | None = None
    for name in scope.split("."):
        node = next(n for n in body if isinstance(n, _DEFINITIONS) and n.name == name)
        body = node.body
    return isinstance(node, _FUNCTIONS)


def _has_doc(body: list[ast.stmt]) -> int:
    first = body[0].value if body and isinstance(body[0], ast.Expr) else None
    return int(isinstance(first, ast.Constant) and isinstance(first.value, str))


def _same(one: ast.AST, other: ast.AST) -> bool:
    return ast.dump(one) == ast.dump(other)
