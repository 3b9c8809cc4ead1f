"""Carries out a template, within bounds of work and size.

https://pkg.go.dev/text/template, with Swarm's option `missingkey=error`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from patchkit.verify.gotemplate.fault import CallFault, Fault
from patchkit.verify.gotemplate.functions import FUNCTIONS
from patchkit.verify.gotemplate.nodes import (
    Branch,
    Call,
    Fields,
    Function,
    Jump,
    Literal,
    Nil,
    Pipeline,
    Text,
    Variable,
)
from patchkit.verify.gotemplate.parser import MAIN
from patchkit.verify.gotemplate.printing import plain
from patchkit.verify.gotemplate.values import Struct, is_true, type_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from patchkit.verify.gotemplate.functions import Signature
    from patchkit.verify.gotemplate.nodes import Node, Operand
    from patchkit.verify.gotemplate.task import Task
    from patchkit.verify.gotemplate.values import Value

MAX_OUTPUT = 1024 * 1024  # characters
MAX_WORK = 4_000_000  # a step costs ten, and so do ten characters that a function handles
MAX_DEPTH = 80  # blocks, parentheses and templates within each other
_STEP = 10


class _Missing:
    """Stands for «nothing came through the pipe», which is not nil."""


_MISSING = _Missing()
_Piped: TypeAlias = "Value | _Missing"


class _Jumped(Exception):  # noqa: N818  how a range is left
    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__()


class Run:
    """One execution.

    Attributes:
        out: what was written so far.
        pieces: for each write, where it begins in the output and in the template, and whether
            it is text of the template.
    """

    def __init__(self, templates: Mapping[str, tuple[Node, ...]], task: Task) -> None:
        self.out: list[str] = []
        self.pieces: list[tuple[int, int, bool]] = []
        self._templates = templates
        self._task = task
        self._size = self._work = self._depth = 0
        self._variables: list[tuple[str, Value]] = []

    def main(self) -> None:
        """Carry out the whole template.

        Raises:
            Fault: Go would fail, or a bound is reached.
        """
        self._template(MAIN, self._task.dot(), 0)

    # --- nodes

    def _template(self, name: str, dot: Value, position: int) -> None:
        if name not in self._templates:
            raise Fault(f"no template is called {name!r}", position)
        kept, self._variables = self._variables, [("$", dot)]
        self._nodes(dot, self._templates[name], position)
        self._variables = kept

    def _nodes(self, dot: Value, nodes: Iterable[Node], position: int) -> None:
        self._deeper(position)
        for node in nodes:
            self._node(dot, node)
        self._depth -= 1

    def _node(self, dot: Value, node: Node) -> None:
        self._spend(_STEP, node.position)
        match node:
            case Text():
                self._write(node.text, node.position, is_text=True)
            case Pipeline():
                value = self._pipeline(dot, node)
                if not node.variables:
                    self._write(_shown(value, node.position), node.position)
            case Branch():
                kept = len(self._variables)
                self._branch(dot, node)
                del self._variables[kept:]
            case Call():
                given = None if node.pipeline is None else self._pipeline(dot, node.pipeline)
                self._template(node.name, given, node.position)
            case Jump():
                raise _Jumped(node.kind)

    def _branch(self, dot: Value, node: Branch) -> None:
        value = self._pipeline(dot, node.pipeline)
        if node.kind == "range":
            if not self._loop(value, node):
                self._nodes(dot, node.otherwise, node.position)
        elif is_true(value):
            self._nodes(value if node.kind == "with" else dot, node.body, node.position)
        else:
            self._nodes(dot, node.otherwise, node.position)

    def _loop(self, value: Value, node: Branch) -> bool:
        """Carry out the body for each item; return whether there was one."""
        kept, depth = len(self._variables), self._depth
        ran = False
        for key, item in _items(value, node):
            ran = True
            self._spend(_STEP, node.position)
            self._bind(node.pipeline, key, item)
            try:
                self._nodes(item, node.body, node.position)
            except _Jumped as jump:
                self._depth = depth
                if jump.kind == "break":
                    break
            finally:
                del self._variables[kept:]
        return ran

    def _bind(self, pipeline: Pipeline, key: Value, item: Value) -> None:
        names = pipeline.variables
        values = (item,) if len(names) == 1 else (key, item)
        for name, value in zip(names, values, strict=False):
            self._assign(name, value, pipeline.position)

    # --- values

    def _pipeline(self, dot: Value, pipeline: Pipeline) -> Value:
        self._deeper(pipeline.position)
        value: _Piped = _MISSING
        for command in pipeline.commands:
            value = self._command(dot, command, value)
        assert not isinstance(value, _Missing)  # noqa: S101  a pipeline has a command
        for name in pipeline.variables:
            if pipeline.assigns:
                self._assign(name, value, pipeline.position)
            else:
                self._variables.append((name, value))
        self._depth -= 1
        return value

    def _command(self, dot: Value, words: tuple[Operand, ...], piped: _Piped) -> Value:
        first = words[0]
        self._spend(_STEP, first.position)
        if isinstance(first, Function):
            return self._call(dot, first, words[1:], piped)
        if isinstance(first, Nil):
            raise Fault("nil cannot stand alone", first.position)
        value = self._operand(dot, first)
        if len(words) > 1 or not isinstance(piped, _Missing):
            raise Fault("what is no function takes no arguments", first.position)
        return value

    def _operand(self, dot: Value, word: Operand) -> Value:
        match word:
            case Literal():
                return word.value
            case Nil():
                return None
            case Variable():
                return self._variables[self._found(word.name, word.position)][1]
            case Function():
                return self._call(dot, word, (), _MISSING)
            case Pipeline():
                return self._pipeline(dot, word)
            case Fields():
                value = dot if word.of is None else self._operand(dot, word.of)
                for name in word.names:
                    value = _field(value, name, word.position)
                return value

    def _call(
        self, dot: Value, function: Function, words: tuple[Operand, ...], piped: _Piped
    ) -> Value:
        name, position, signature = function.name, function.position, FUNCTIONS[function.name]
        count = len(words) + (not isinstance(piped, _Missing))
        if count < signature.fixed or (count > signature.fixed and not signature.is_variadic):
            raise Fault(f"{name} takes {_takes(signature)}, not {count}", position)
        if name in {"and", "or"}:
            return self._until(dot, words, piped, decides=name == "or")
        values = [self._operand(dot, word) for word in words]
        if not isinstance(piped, _Missing):
            values.append(piped)
        for value in values[: signature.texts]:
            if not isinstance(value, str):
                raise Fault(f"{name} takes texts, not {type_of(value)}", position)
        return self._result(name, signature, values, position)

    def _result(self, name: str, signature: Signature, values: list[Value], position: int) -> Value:
        separators = len(str(values[0])) * len(values) if name == "join" and values else 0
        self._spend(sum(len(v) for v in values if isinstance(v, str)) + separators, position)
        if signature.call is None:
            found = self._task.content(name, str(values[0]))
            if found is None:
                raise Fault(f"the service mounts no {name} {values[0]!r}", position)
            return found
        try:
            return signature.call(*values)
        except CallFault as error:
            raise Fault(f"{name}: {error}", position) from None

    def _until(
        self, dot: Value, words: tuple[Operand, ...], piped: _Piped, *, decides: bool
    ) -> Value:
        """Return the first argument that decides, else the last one."""
        value: Value = None
        for word in words:
            value = self._operand(dot, word)
            if is_true(value) == decides:
                return value
        return value if isinstance(piped, _Missing) else piped

    # --- variables and bounds

    def _found(self, name: str, position: int) -> int:
        for at in range(len(self._variables) - 1, -1, -1):
            if self._variables[at][0] == name:
                return at
        raise Fault(f"the variable {name} is not declared here", position)

    def _assign(self, name: str, value: Value, position: int) -> None:
        self._variables[self._found(name, position)] = (name, value)

    def _write(self, text: str, position: int, *, is_text: bool = False) -> None:
        self.pieces.append((self._size, position, is_text))
        self.out.append(text)
        self._size += len(text)
        if self._size > MAX_OUTPUT:
            raise Fault(f"the template gives more than {MAX_OUTPUT} characters", position)

    def _spend(self, cost: int, position: int) -> None:
        self._work += cost
        if self._work > MAX_WORK:
            raise Fault("the template takes too much work", position)

    def _deeper(self, position: int) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Fault(f"more than {MAX_DEPTH} levels within each other", position)


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


def _field(value: Value, name: str, position: int) -> Value:
    known = value if isinstance(value, dict) else getattr(value, "fields", {})
    if name in known:
        found: Value = known[name]
        return found
    what = value.name if isinstance(value, Struct) else type_of(value)
    names = f"; it has {', '.join(known)}" if known else ""
    raise Fault(f"{what} has no field {name!r}{names}", position)


def _shown(value: Value, position: int) -> str:
    try:
        return "<no value>" if value is None else plain(value)
    except CallFault as error:
        raise Fault(str(error), position) from None


def _takes(signature: Signature) -> str:
    least = "at least " if signature.is_variadic else ""
    return f"{least}{signature.fixed} argument{'s' * (signature.fixed != 1)}"
