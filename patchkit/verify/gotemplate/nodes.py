"""What a template is made of, as a tree; every node knows its offset in the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, number or boolean; `position` is its offset, as everywhere."""

    position: int
    value: str | int | float | bool


@dataclass(frozen=True, slots=True)
class Nil:
    """The word `nil`."""

    position: int


@dataclass(frozen=True, slots=True)
class Fields:
    """`.A.B`, `$x.A` or `(pipeline).A`.

    Attributes:
        of: what has the fields: dot for None, else a variable, a function or a pipeline.
        names: the fields in order; none is dot, or the variable, itself.
    """

    position: int
    of: Variable | Function | Pipeline | None
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """`$x`, with its dollar."""

    position: int
    name: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function by name."""

    position: int
    name: str


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands, each the last argument of the next.

    Attributes:
        commands: each with its words: a function, field or value, and arguments.
        variables: what it declares, with dollars.
        assigns: whether they exist already (`=`, not `:=`).
    """

    position: int
    commands: tuple[tuple[Operand, ...], ...]
    variables: tuple[str, ...] = ()
    assigns: bool = False


Operand: TypeAlias = Literal | Nil | Fields | Variable | Function | Pipeline


@dataclass(frozen=True, slots=True)
class Text:
    """What stands between actions."""

    position: int
    text: str


@dataclass(frozen=True, slots=True)
class Branch:
    """`if`, `with` or `range`, which `kind` says."""

    position: int
    kind: str
    pipeline: Pipeline
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """`{{template "name" pipeline}}`."""

    position: int
    name: str
    pipeline: Pipeline | None


@dataclass(frozen=True, slots=True)
class Jump:
    """`break` or `continue`, which `kind` says."""

    position: int
    kind: str


Node: TypeAlias = Text | Pipeline | Branch | Call | Jump
