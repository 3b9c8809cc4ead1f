"""Works out the values of pipelines, within bounds of work and depth.

https://pkg.go.dev/text/template#hdr-Pipelines, with Swarm's option `missingkey=error`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from patchkit.verify.gotemplate.fault import CallFault, Fault
from patchkit.verify.gotemplate.functions import FUNCTIONS
from patchkit.verify.gotemplate.nodes import Fields, Function, Literal, Nil, Pipeline, Variable
from patchkit.verify.gotemplate.values import Struct, is_true, type_of

if TYPE_CHECKING:
    from patchkit.verify.gotemplate.functions import Signature
    from patchkit.verify.gotemplate.nodes import Operand
    from patchkit.verify.gotemplate.task import Task
    from patchkit.verify.gotemplate.values import Value

MAX_WORK = 4_000_000  # a step costs ten, and so do ten characters that a function handles
MAX_DEPTH = 80  # blocks, parentheses and templates within each other
STEP = 10


class _Missing:
    """Stands for «nothing came through the pipe», which is not nil."""


_MISSING = _Missing()
_Piped: TypeAlias = "Value | _Missing"


class Evaluator:
    """Knows the task, the variables, and how much work was done.

    Attributes:
        depth: how deep in blocks, parentheses and templates it is.
        variables: those that are declared, the latest last.
    """

    def __init__(self, task: Task) -> None:
        self._task = task
        self._work = 0
        self.depth = 0
        self.variables: list[tuple[str, Value]] = []

    def pipeline(self, dot: Value, pipeline: Pipeline) -> Value:
        """Return the value of a pipeline; declare or set its variables."""
        self.deeper(pipeline.position)
        value: _Piped = _MISSING
        for command in pipeline.commands:
            value = self._command(dot, command, value)
        assert not isinstance(value, _Missing)  # noqa: S101  a pipeline has a command
        for name in pipeline.variables:
            if pipeline.assigns:
                self.assign(name, value, pipeline.position)
            else:
                self.variables.append((name, value))
        self.depth -= 1
        return value

    def _command(self, dot: Value, words: tuple[Operand, ...], piped: _Piped) -> Value:
        first = words[0]
        self.spend(STEP, first.position)
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
                return self.variables[self._found(word.name, word.position)][1]
            case Function():
                return self._call(dot, word, (), _MISSING)
            case Pipeline():
                return self.pipeline(dot, word)
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
        self.spend(sum(len(v) for v in values if isinstance(v, str)) + separators, position)
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

    def _found(self, name: str, position: int) -> int:
        for at in range(len(self.variables) - 1, -1, -1):
            if self.variables[at][0] == name:
                return at
        raise Fault(f"the variable {name} is not declared here", position)

    def assign(self, name: str, value: Value, position: int) -> None:
        """Give a variable that is declared another value."""
        self.variables[self._found(name, position)] = (name, value)

    def spend(self, cost: int, position: int) -> None:
        """Count work."""
        self._work += cost
        if self._work > MAX_WORK:
            raise Fault("the template takes too much work", position)

    def deeper(self, position: int) -> None:
        """Note that something lies in something else; the caller takes it back."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Fault(f"more than {MAX_DEPTH} levels within each other", position)


def _field(value: Value, name: str, position: int) -> Value:
    known = value if isinstance(value, dict) else getattr(value, "fields", {})
    if name in known:
        found: Value = known[name]
        return found
    what = value.name if isinstance(value, Struct) else type_of(value)
    names = f"; it has {', '.join(known)}" if known else ""
    raise Fault(f"{what} has no field {name!r}{names}", position)


def _takes(signature: Signature) -> str:
    least = "at least " if signature.is_variadic else ""
    return f"{least}{signature.fixed} argument{'s' * (signature.fixed != 1)}"
