"""Carries out a template and bounds what it writes.

https://pkg.go.dev/text/template#hdr-Actions
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.verify.gotemplate.evaluate import STEP, Evaluator
from patchkit.verify.gotemplate.fault import CallFault, Fault
from patchkit.verify.gotemplate.nodes import Branch, Call, Jump, Pipeline, Text
from patchkit.verify.gotemplate.parser import MAIN
from patchkit.verify.gotemplate.printing import plain
from patchkit.verify.gotemplate.values import is_true, type_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from patchkit.verify.gotemplate.nodes import Node
    from patchkit.verify.gotemplate.task import Task
    from patchkit.verify.gotemplate.values import Value

MAX_OUTPUT = 1024 * 1024  # characters


class _Jumped(Exception):  # noqa: N818  how a range is left
    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__()


class Run(Evaluator):
    """One execution.

    Attributes:
        out: what was written so far.
        pieces: for each write, where it begins in the output and in the template, and whether
            it is text of the template.
    """

    def __init__(
        self, templates: Mapping[str, tuple[Node, ...]], task: Task, *, inverted: bool = False
    ) -> None:
        super().__init__(task)
        self.out: list[str] = []
        self.pieces: list[tuple[int, int, bool]] = []
        self._templates = templates
        self._inverted = inverted
        self._size = 0

    def main(self) -> None:
        """Carry out the whole template.

        Raises:
            Fault: Go would fail, or a bound is reached.
        """
        self._template(MAIN, self._task.dot(), 0)

    def _template(self, name: str, dot: Value, position: int) -> None:
        if name not in self._templates:
            raise Fault(f"no template is called {name!r}", position)
        kept, self.variables = self.variables, [("$", dot)]
        self._nodes(dot, self._templates[name], position)
        self.variables = kept

    def _nodes(self, dot: Value, nodes: Iterable[Node], position: int) -> None:
        self.deeper(position)
        for node in nodes:
            self._node(dot, node)
        self.depth -= 1

    def _node(self, dot: Value, node: Node) -> None:
        self.spend(STEP, node.position)
        match node:
            case Text():
                self._write(node.text, node.position, is_text=True)
            case Pipeline():
                value = self.pipeline(dot, node)
                if not node.variables:
                    self._write(_shown(value, node.position), node.position)
            case Branch():
                kept = len(self.variables)
                self._branch(dot, node)
                del self.variables[kept:]
            case Call():
                given = None if node.pipeline is None else self.pipeline(dot, node.pipeline)
                self._template(node.name, given, node.position)
            case Jump():
                raise _Jumped(node.kind)

    def _branch(self, dot: Value, node: Branch) -> None:
        value = self.pipeline(dot, node.pipeline)
        if node.kind == "range":
            if not self._loop(value, node):
                self._nodes(dot, node.otherwise, node.position)
        elif is_true(value) != (self._inverted and node.kind == "if"):
            self._nodes(value if node.kind == "with" else dot, node.body, node.position)
        else:
            self._nodes(dot, node.otherwise, node.position)

    def _loop(self, value: Value, node: Branch) -> bool:
        """Carry out the body for each item; return whether there was one."""
        kept, depth = len(self.variables), self.depth
        ran = False
        for key, item in _items(value, node):
            ran = True
            self.spend(STEP, node.position)
            self._bind(node.pipeline, key, item)
            try:
                self._nodes(item, node.body, node.position)
            except _Jumped as jump:
                self.depth = depth
                if jump.kind == "break":
                    break
            finally:
                del self.variables[kept:]
        return ran

    def _bind(self, pipeline: Pipeline, key: Value, item: Value) -> None:
        names = pipeline.variables
        values = (item,) if len(names) == 1 else (key, item)
        for name, value in zip(names, values, strict=False):
            self.assign(name, value, pipeline.position)

    def _write(self, text: str, position: int, *, is_text: bool = False) -> None:
        self.pieces.append((self._size, position, is_text))
        self.out.append(text)
        self._size += len(text)
        if self._size > MAX_OUTPUT:
            raise Fault(f"the template gives more than {MAX_OUTPUT} characters", position)


def _items(value: Value, node: Branch) -> Iterator[tuple[Value, Value]]:
    if value is None:
        return
    if isinstance(value, dict):
        yield from sorted(value.items())
    elif isinstance(value, int) and not isinstance(value, bool):
        if len(node.pipeline.variables) > 1:
            raise Fault("a range over a number has one variable", node.position)
        yield from ((None, at) for at in range(value))
    else:
        raise Fault(f"{type_of(value)} has no items", node.pipeline.position)


def _shown(value: Value, position: int) -> str:
    try:
        return "<no value>" if value is None else plain(value)
    except CallFault as error:
        raise Fault(str(error), position) from None
