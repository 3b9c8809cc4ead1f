"""Reads what stands inside an action: pipelines, commands and their words."""

from __future__ import annotations

from patchkit.verify.gotemplate.fault import Fault
from patchkit.verify.gotemplate.functions import FUNCTIONS
from patchkit.verify.gotemplate.lexer import Token, tokens
from patchkit.verify.gotemplate.literals import character, number, unquoted
from patchkit.verify.gotemplate.nodes import (
    Fields,
    Function,
    Literal,
    Nil,
    Operand,
    Pipeline,
    Variable,
)

MAX_DEPTH = 60  # blocks and parentheses within each other
_TERMS = frozenset(
    {"bool", "char", "dot", "field", "nil", "number", "open", "string", "variable", "word"}
)
_CLOSERS = {"}}": "}}", "shut": ")"}


class PipelineReader:
    """A reader of tokens that knows pipelines."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self._at = 0
        self._depth = 0
        self.variables = ["$"]

    # --- tokens

    def peek(self, *, spaces: bool = False) -> Token:
        """Return the next token, spaces passed over unless they count."""
        while not spaces and self._tokens[self._at].kind == "space":
            self._at += 1
        return self._tokens[self._at]

    def next(self, *, spaces: bool = False) -> Token:
        """Return the next token and go on."""
        token = self.peek(spaces=spaces)
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def expect(self, kind: str, where: str) -> Token:
        """Return the next token, which must be of a kind."""
        token = self.next()
        return token if token.kind == kind else self.unexpected(token, where)

    def unexpected(self, token: Token, where: str) -> Token:
        """Refuse a token."""
        if token.kind == "error":
            raise Fault(token.text, token.position)
        what = "the end of the file" if token.kind == "EOF" else repr(token.text)
        raise Fault(f"{what} cannot stand in {where}", token.position)

    def deeper(self, position: int) -> None:
        """Note that something lies in something else; `shallower` ends it."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Fault(f"more than {MAX_DEPTH} blocks or parentheses in each other", position)

    def shallower(self) -> None:
        """End what `deeper` began."""
        self._depth -= 1

    # --- pipelines

    def pipeline(self, where: str, end: str = "}}") -> Pipeline:
        """Read a pipeline and what ends it."""
        start = self.peek().position
        self.deeper(start)
        variables, assigns = self._declared(where)
        commands: list[tuple[Operand, ...]] = []
        while (token := self.peek()).kind in _TERMS:
            commands.append(self._command())
        self.next()
        if token.kind != end:
            self.unexpected(token, where)
        if not commands:
            raise Fault(f"a value is missing in {where}", token.position)
        _check_stages(commands)
        self.shallower()
        return Pipeline(start, tuple(commands), variables, assigns)

    def _declared(self, where: str) -> tuple[tuple[str, ...], bool]:
        """Read `$x :=`, `$x =` or, of a range, `$i, $x :=`, where it stands."""
        names: list[str] = []
        while (token := self.peek()).kind == "variable":
            before = self._at
            self.next()
            follows = self.peek()
            comma = follows.text == ","
            if not comma and follows.kind not in {"assign", "declare"}:
                self._at = before
                break
            self.next()
            names.append(token.text)
            self.variables.append(token.text)
            if not comma:
                return tuple(names), follows.kind == "assign"
            if where != "range" or len(names) > 1:
                raise Fault(f"too many variables are declared in {where}", token.position)
        if names and token.kind != "variable":
            self.unexpected(token, "the variables of a range")
        return tuple(names), False

    def _command(self) -> tuple[Operand, ...]:
        words: list[Operand] = []
        first = self.peek()
        while True:
            if self.peek().kind in _TERMS:
                words.append(self._operand())
            token = self.peek(spaces=True)
            if token.kind in {"space", "pipe"}:
                self.next(spaces=True)
            elif token.kind not in _CLOSERS:
                self.unexpected(token, "a command")
            if token.kind != "space":
                break
        if not words:
            raise Fault("an empty command", first.position)
        return tuple(words)

    def _operand(self) -> Operand:
        term = self._term(self.next())
        names: list[str] = []
        start = self.peek(spaces=True)
        while (token := self.peek(spaces=True)).kind == "field":
            names.append(self.next(spaces=True).text[1:])
        if token.kind == "dot":
            self.unexpected(token, "a command")
        if not names:
            return term
        if isinstance(term, Fields) and term.names:
            return Fields(term.position, term.of, (*term.names, *names))
        if isinstance(term, Literal | Nil | Fields):
            raise Fault("what stands before this has no fields", start.position)
        return Fields(term.position, term, tuple(names))

    def _term(self, token: Token) -> Operand:
        position, text = token.position, token.text
        match token.kind:
            case "word":
                return self._function(token)
            case "dot" | "field":
                return Fields(position, None, tuple(filter(None, [text[1:]])))
            case "variable" if text not in self.variables:
                raise Fault(f"the variable {text} is not declared here", position)
            case "variable":
                return Variable(position, text)
            case "nil":
                return Nil(position)
            case "open":
                return self.pipeline("parentheses", "shut")
            case _:
                return _literal(token)

    def _function(self, token: Token) -> Function:
        if token.text not in FUNCTIONS:
            known = ", ".join(sorted(FUNCTIONS))
            raise Fault(
                f"Swarm has no function {token.text!r}; it has {known}",
                token.position,
            )
        return Function(token.position, token.text)


def _literal(token: Token) -> Literal:
    try:
        match token.kind:
            case "bool":
                return Literal(token.position, token.text == "true")
            case "string":
                return Literal(token.position, unquoted(token.text))
            case "char":
                return Literal(token.position, character(token.text))
            case _:
                return Literal(token.position, number(token.text))
    except ValueError as error:
        raise Fault(str(error), token.position) from None


def _check_stages(commands: list[tuple[Operand, ...]]) -> None:
    for command in commands[1:]:
        first = command[0]
        is_dot = isinstance(first, Fields) and first.of is None and not first.names
        if is_dot or isinstance(first, Literal | Nil):
            raise Fault("only a function can follow |", first.position)
