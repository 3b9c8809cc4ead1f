"""Reads a template into its tree, and those that it defines.

https://pkg.go.dev/text/template#hdr-Actions
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.verify.gotemplate.fault import Fault
from patchkit.verify.gotemplate.lexer import Token
from patchkit.verify.gotemplate.literals import unquoted
from patchkit.verify.gotemplate.nodes import Branch, Call, Jump, Text
from patchkit.verify.gotemplate.pipelines import PipelineReader

if TYPE_CHECKING:
    from patchkit.verify.gotemplate.nodes import Node

MAIN = "expansion"  # Swarm's name for the template of a config
_ENDS = frozenset({"end", "else"})
_STRING = "string"


def parse(text: str) -> dict[str, tuple[Node, ...]]:
    """Return the templates of a text by name; `MAIN` is the text itself.

    Raises:
        Fault: Go would not read it.
    """
    parser = _Parser(text)
    parser.main()
    return parser.templates


class _Parser(PipelineReader):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.templates: dict[str, tuple[Node, ...]] = {}
        self._loops = 0

    def main(self) -> None:
        nodes: list[Node] = []
        while (token := self.next()).kind != "EOF":
            if token.kind == "{{" and self.peek().kind == "define":
                self.next()
                name = self._name("define")
                self.expect("}}", "define")
                self._define(name)
            elif isinstance(node := self._node(token), Token):
                self.unexpected(node, "the text, which no block encloses here")
            else:
                nodes.append(node)
        self._add(MAIN, tuple(nodes), 0)

    def _define(self, name: Token) -> None:
        """Read the body of a template, which shares no variable and no loop with what is around."""
        kept, self.variables, loops, self._loops = self.variables, ["$"], self._loops, 0
        body, end = self._list(name.position)
        if end.kind != "end":
            self.unexpected(end, "a template")
        self.variables, self._loops = kept, loops
        self._add(_unquoted(name), body, name.position)

    def _add(self, name: str, body: tuple[Node, ...], position: int) -> None:
        if all(map(_is_blank, self.templates.get(name, ()))):
            self.templates[name] = body
        elif not all(map(_is_blank, body)):
            raise Fault(f"the template {name!r} is defined twice", position)

    def _name(self, where: str) -> Token:
        return self.expect(_STRING, where)

    def _list(self, start: int) -> tuple[tuple[Node, ...], Token]:
        """Read nodes up to the `end` or `else` that ends them; `else if` leaves its `if`."""
        nodes: list[Node] = []
        self.deeper(start)
        while (token := self.next()).kind != "EOF":
            node = self._node(token)
            if isinstance(node, Token):
                self.shallower()
                return tuple(nodes), node
            nodes.append(node)
        raise Fault("this block has no {{ end }}", start)

    def _node(self, token: Token) -> Node | Token:
        if token.kind == "text":
            return Text(token.position, token.text)
        if token.kind != "{{":
            self.unexpected(token, "the text")
        word = self.peek()
        match word.kind:
            case "if" | "with" | "range":
                return self._branch(self.next())
            case "end" | "else":
                return self._ending(self.next())
            case "break" | "continue":
                return self._jump(self.next())
            case "template":
                return self._call(self.next())
            case "block":
                return self._block(self.next())
            case _:
                return self.pipeline("an action")

    def _ending(self, word: Token) -> Token:
        is_chained = word.kind == "else" and self.peek().kind in {"if", "with"}
        if not is_chained:
            self.expect("}}", word.kind)
        return word

    def _branch(self, word: Token) -> Branch:
        kept = len(self.variables)
        pipeline = self.pipeline(word.kind)
        self._loops += word.kind == "range"
        body, end = self._list(word.position)
        self._loops -= word.kind == "range"
        otherwise: tuple[Node, ...] = ()
        if end.kind == "else":
            otherwise = self._otherwise(word)
        del self.variables[kept:]
        return Branch(word.position, word.kind, pipeline, body, otherwise)

    def _otherwise(self, word: Token) -> tuple[Node, ...]:
        follows = self.peek()
        if follows.kind in {"if", "with"}:
            if follows.kind != word.kind:
                self.unexpected(follows, f"else of {word.kind}")
            self.deeper(follows.position)
            chained = self._branch(self.next())
            self.shallower()
            return (chained,)
        otherwise, end = self._list(word.position)
        if end.kind != "end":
            self.unexpected(end, "else, which another else ends")
        return otherwise

    def _jump(self, word: Token) -> Jump:
        self.expect("}}", word.kind)
        if not self._loops:
            raise Fault(f"{word.kind} outside of a range", word.position)
        return Jump(word.position, word.kind)

    def _call(self, word: Token) -> Call:
        name = self._name("template")
        if self.peek().kind == "}}":
            self.next()
            return Call(word.position, _unquoted(name), None)
        return Call(word.position, _unquoted(name), self.pipeline("template"))

    def _block(self, word: Token) -> Call:
        name = self._name("block")
        pipeline = self.pipeline("block")
        self._define(name)
        return Call(word.position, _unquoted(name), pipeline)


def _unquoted(name: Token) -> str:
    try:
        return unquoted(name.text)
    except ValueError as error:
        raise Fault(str(error), name.position) from None


def _is_blank(node: Node) -> bool:
    return isinstance(node, Text) and not node.text.strip()
