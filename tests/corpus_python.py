"""Edits every Python file of a folder in every way, and judges each result by other means.

    python tests/corpus_python.py FOLDER [--jobs N] [--targets N] [--verbose]

What an edit brings goes by a name that no file has. Taken out of the new file again, in Python's
own tree, it must leave the old tree; and the lines that no edited statement touches must be there
byte for byte, with the line ends that they had. A second run must change nothing.

Exit status 1: something is wrong.
"""

from __future__ import annotations

import argparse
import ast
import os
import sys
import warnings
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing import Pool
from pathlib import Path
from typing import TYPE_CHECKING

from patchkit.edit.python.add import add
from patchkit.edit.python.argument import argument, find_calls
from patchkit.edit.python.assign import assign
from patchkit.edit.python.imports import add_import
from patchkit.edit.python.insert import insert
from patchkit.edit.python.replace import replace
from patchkit.edit.python.source import read
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from patchkit.edit.python.source import Source

NEW = "brand_new_name"
DEFINITION = f"def {NEW}():\n    return {NEW}\n"
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_BLOCKS = (ast.stmt, ast.ExceptHandler, ast.match_case)
BAD = frozenset(("wrong", "noise", "unstable", "crash"))


@dataclass(frozen=True)
class Edit:
    """One edit: what it is called, how it is made, and the lines that it may touch."""

    kind: str
    make: Callable[[Source], str]
    touches: tuple[tuple[int, int], ...] = ()


@dataclass
class Report:
    """What came out: counts by kind and outcome, and a line for all that is not simply ok."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def merge(self, other: Report) -> None:
        """Add another report."""
        self.counts += other.counts
        self.reasons += other.reasons
        self.notes += other.notes


def edits(tree: ast.Module, most: int) -> Iterator[Edit]:
    """Yield edits of a file; of each kind at most so many."""
    yield Edit("assign", lambda s: assign(s, NEW.upper(), "1"))
    yield Edit("import", lambda s: add_import(s, f"import {NEW}"))
    yield Edit("import from", lambda s: add_import(s, f"from {NEW} import a as {NEW}_"))
    yield Edit("add", lambda s: add(s, DEFINITION))
    functions = [name for name in _definitions(tree) if name]
    for name in _spread(functions, most):
        yield Edit(
            "insert at start", lambda s, n=name: insert(s, f"{NEW}()", function=n, at="start")
        )
        yield Edit("insert at end", lambda s, n=name: insert(s, f"{NEW}()", function=n, at="end"))
        yield Edit("add behind", lambda s, n=name: add(s, DEFINITION, after=n))
        yield Edit("add before", lambda s, n=name: add(s, DEFINITION, before=n))
    calls = {_last(n.func): n for n in ast.walk(tree) if isinstance(n, ast.Call) and _last(n.func)}
    for name in _spread(sorted(calls), most):
        touched = _statements(tree, lambda n, name=name: _is_call(n, name))
        yield Edit("argument", lambda s, n=name: _argument(s, n), touched)
    texts = Counter(ast.dump(n) for n in ast.walk(tree) if isinstance(n, ast.Compare))
    for node in _spread([n for n in ast.walk(tree) if isinstance(n, ast.Compare)], most):
        if texts[ast.dump(node)] == 1:
            touched = _statements(tree, lambda n, node=node: n is node)
            code = ast.unparse(node)
            yield Edit("replace", lambda s, c=code: replace(s, c, f"{NEW}({c})"), touched)


def judge(text: str, edit: Edit) -> tuple[str, str]:
    """Return how an edit comes out, and why."""
    try:
        after = edit.make(read(text, "a.py"))
    except EditRefused as error:
        return "refused", error.problems[0].message
    except Exception as error:  # noqa: BLE001  a crash is what is counted
        return "crash", repr(error)
    if fault := _faults(text, after, edit):
        return fault
    try:
        again = edit.make(read(after, "a.py"))
    except EditRefused as error:
        return "unstable", error.problems[0].message
    return ("ok", "") if again == after else ("unstable", "a second run changes it")


def check_text(name: str, text: str, most: int) -> Report:
    """Return how every edit of a text comes out."""
    report = Report()
    try:
        tree = _parsed(text)
    except (SyntaxError, ValueError, RecursionError):
        report.counts["file", "no Python"] += 1
        return report
    for edit in edits(tree, most):
        outcome, why = judge(text, edit)
        report.counts[edit.kind, outcome] += 1
        if outcome == "refused":
            report.reasons["".join(c for c in why if not c.isdigit())[:60]] += 1
        if outcome != "ok":
            report.notes.append(f"{outcome}: {edit.kind}: {name}: {why}")
    return report


def check_file(job: tuple[Path, int]) -> Report:
    """Return how every edit of a file comes out."""
    path, most = job
    try:
        text = path.read_bytes().decode()
    except (UnicodeDecodeError, OSError):
        return Report(Counter({("file", "no UTF-8"): 1}))
    return check_text(str(path), text, most)


def _faults(text: str, after: str, edit: Edit) -> tuple[str, str] | None:
    new = _statements(_parsed(after), _is_new) if edit.touches else ()
    if _kept(text, edit.touches) != _kept(after, new):
        return "noise", "a line that the edit has nothing to do with differs"
    if text.startswith("\ufeff") != after.startswith("\ufeff"):
        return "noise", "the byte order mark"
    if text and text.endswith("\n") != after.endswith("\n"):
        return "noise", "the last line end"
    left = _Without().visit(_parsed(after))
    if ast.dump(left) != ast.dump(_Without().visit(_parsed(text))):
        return "wrong", "without what is new it means something else"
    return None


def _kept(text: str, gone: tuple[tuple[int, int], ...]) -> list[str]:
    """Return the lines that hold nothing new, but blank ones, which may come with it."""
    lines = enumerate(text.removeprefix("\ufeff").split("\n"), start=1)
    out = {number for first, last in gone for number in range(first, last + 1)}
    old = [line for i, line in lines if i not in out and NEW not in line.lower()]
    return [line for line in old if line.strip("\r \t")]


def _is_new(node: ast.AST) -> bool:
    name = getattr(node, "id", None) or getattr(node, "arg", None)
    return name == NEW


def _statements(tree: ast.AST, found: Callable[[ast.AST], bool]) -> tuple[tuple[int, int], ...]:
    """Return the lines of the statements, heads of blocks among them, that hold what is found."""
    spans = []
    for node in ast.walk(tree):
        if not isinstance(node, _BLOCKS):
            continue
        own = [p for p in ast.iter_child_nodes(node) if not isinstance(p, _BLOCKS)]
        if any(found(below) for part in own for below in ast.walk(part)):
            ends = [b for part in own for below in ast.walk(part) for b in _lines(below)]
            spans.append((min(ends + _starts(node)), _last_line(node, ends)))
    return tuple(spans)


def _last_line(node: ast.AST, ends: list[int]) -> int:
    """Return where a statement ends, of one with a block its head."""
    body = getattr(node, "body", None)
    if isinstance(body, list) and body:
        return max([*ends, body[0].lineno - 1])
    return max([*ends, *_lines(node)])


def _starts(node: ast.AST) -> list[int]:
    return _lines(node)[:1]


def _lines(node: ast.AST) -> list[int]:
    first = getattr(node, "lineno", None)
    return [] if first is None else [first, node.end_lineno]


class _Without(ast.NodeTransformer):
    """Takes out what goes by the new name."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                setattr(node, name, [item for item in value if not _brings(item)])
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id == NEW and node.args:
            return self.visit(node.args[0])
        return self.generic_visit(node)


def _brings(node: object) -> bool:
    if isinstance(node, ast.keyword):
        return node.arg == NEW
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        return node.name == NEW
    if isinstance(node, ast.Assign):
        return ast.unparse(node) == f"{NEW.upper()} = 1"
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return NEW in ast.unparse(node)
    return isinstance(node, ast.Expr) and ast.unparse(node) == f"{NEW}()"


def _insert(source: Source, name: str, at: str) -> str:
    return insert(source, f"{NEW}()", function=name, at=at)


def _argument(source: Source, name: str) -> str:
    calls = find_calls(source, name, NEW, value="1")
    return argument(calls, NEW, "1")


def _is_call(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and _last(node.func) == name


def _last(node: ast.expr) -> str:
    return getattr(node, "id", "") or getattr(node, "attr", "")


def _definitions(tree: ast.AST, inside: str = "") -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            # One that is one line gets several, which the other tests look at.
            if isinstance(node, FUNCTIONS) and node.body[0].lineno > node.lineno:
                yield f"{inside}{node.name}"
            yield from _definitions(node, f"{inside}{node.name}.")


def _spread(items: list, most: int) -> list:
    """Return some of the items, from first to last."""
    step = max(len(items) // most, 1)
    return items[::step][:most]


def _parsed(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text.removeprefix("\ufeff"))


def table(report: Report) -> str:
    """Return the counts as a table, and the reasons of refusals."""
    outcomes = ["ok", "refused", *sorted(BAD)]
    lines = [f"{'edit':18}" + "".join(f"{name:>10}" for name in outcomes)]
    for kind in sorted({kind for kind, _ in report.counts if kind != "file"}):
        numbers = "".join(f"{report.counts[kind, outcome]:10}" for outcome in outcomes)
        lines.append(f"{kind:18}{numbers}")
    lines += [f"{n:6} {reason}" for reason, n in report.reasons.most_common(25)]
    return "\n".join(lines)


def main() -> int:
    """Print the table and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument(
        "--targets", type=int, default=2, help="functions, calls and the like a file"
    )
    parser.add_argument("--verbose", action="store_true", help="tell refusals too")
    options = parser.parse_args()
    report = Report()
    jobs = [(path, options.targets) for path in sorted(options.folder.rglob("*.py"))]
    with Pool(options.jobs) as pool:
        for part in pool.imap_unordered(check_file, jobs, chunksize=4):
            report.merge(part)
    print(table(report))
    bad = [note for note in report.notes if options.verbose or not note.startswith("refused")]
    print("\n".join(bad))
    return int(any(outcome in BAD for _, outcome in report.counts))


if __name__ == "__main__":
    sys.exit(main())
