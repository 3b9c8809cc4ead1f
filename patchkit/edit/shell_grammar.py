"""Reads a shell file as far as its simple commands and functions: the words, not their meaning.

It follows quotes, comments, here-documents, substitutions and blocks as the POSIX shell grammar
and bash have them, so that an `export` inside a text is never taken for a command.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from patchkit.edit.lines import Span, body_start, line_end
from patchkit.errors import EditRefused

_CLOSER = {"if": "fi", "do": "done", "{": "}", "case": "in"}
_BEFORE_COMMAND = {"then", "else", "elif", "while", "until", "!", "time"}
_BLANK = re.compile(r"(?:[ \t\r]|\\\r?\n)+")
_PLAIN = re.compile(r"""(?:[^ \t\r\n;&|<>()'"`$\\]|\\.)+""", re.DOTALL)
_SINGLE = re.compile(r"'[^']*'?")
_ANSI = re.compile(r"\$'(?:[^'\\]|\\.)*'?", re.DOTALL)
_BACKTICKS = re.compile(r"`(?:[^`\\]|\\.)*`?", re.DOTALL)
_OPERATOR = re.compile(r"<<<|<<-?|&>>?|[<>]&|>>|>\||<>|;;&?|;&|&&|\|\||\|&|[;&|()<>\n]")
_PARAMETERS = re.compile(r"\([ \t]*\)")
_ARRAY = re.compile(r"[A-Za-z_]\w*\+?=", re.ASCII)


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command.

    Attributes:
        words: the span of each word, quotes included; redirections are left out.
        nested: whether it stands in a function or a block, or behind `&&`, `||` or `|`.
    """

    words: tuple[Span, ...]
    nested: bool


@dataclass(slots=True)
class Script:
    """What a shell file holds: its simple commands and the names of its top-level functions."""

    commands: list[Command] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)


@lru_cache(maxsize=16)
def read(text: str) -> Script:
    """Return the commands and functions of a shell file; an open quote runs to its end.

    The newest texts are remembered: what is returned is for reading only.

    Raises:
        EditRefused: substitutions are nested hundreds of levels deep.
    """
    reader = _Reader(text, body_start(text))
    try:
        reader.run()
    except RecursionError as error:
        message = "the shell code is nested too deeply to be understood"
        raise EditRefused(message, hint="split it up") from error
    return reader.script


class _Reader:
    """A pass over the text; substitutions are read by a reader of their own."""

    def __init__(self, text: str, at: int) -> None:
        self.text = text
        self.at = at
        self.script = Script()
        self.words: list[Span] = []
        self.open: list[str] = []  # the closers of the blocks around
        self.heredocs: list[tuple[str, bool]] = []
        self.redirect = ""
        self.conditional = False
        self.in_pattern = False

    def run(self) -> int:
        """Read to the end, or to a `)` that closes nothing; return the offset behind it."""
        while self.at < len(self.text):
            if blank := _BLANK.match(self.text, self.at):
                self.at = blank.end()
            elif self.text[self.at] == "#":
                self.at = self._line_break()
            elif self._is_arithmetic():
                self.at = self._counted(self.at)
            elif not self._is_substitution() and (op := _OPERATOR.match(self.text, self.at)):
                if op[0] == ")" and not self.in_pattern and ")" not in self.open:
                    self._flush()
                    return op.end()
                self._operator(op[0], op.end())
            else:
                self._word()
        self._flush()
        return self.at

    def _line_break(self) -> int:
        return self.at + len(self.text[self.at : line_end(self.text, self.at)].rstrip("\n"))

    def _is_arithmetic(self) -> bool:
        return not self.words and not self.in_pattern and self.text.startswith("((", self.at)

    def _is_substitution(self) -> bool:
        return self.text.startswith(("<(", ">("), self.at)

    def _flush(self) -> None:
        """End a simple command."""
        if self.words:
            nested = bool(self.open) or self.conditional
            self.script.commands.append(Command(tuple(self.words), nested))
            self.conditional = False
        self.words = []

    def _operator(self, op: str, end: int) -> None:
        start, self.at = self.at, end
        if op in {"<", ">", ">>", ">|", "<>", "<&", ">&", "&>", "&>>", "<<", "<<-", "<<<"}:
            self.redirect = op
        elif self.in_pattern:
            self.in_pattern = op != ")"
        elif op == "(":
            self._parenthesis(start)
        else:
            self._flush()
            self.conditional = op in {"&&", "||", "|", "|&"} or (self.conditional and op == "\n")
            self.in_pattern = op.startswith((";;", ";&"))
            if op == ")" and self.open[-1] == op:
                self.open.pop()
        if op == "\n":
            self._skip_heredocs()

    def _parenthesis(self, start: int) -> None:
        parameters = _PARAMETERS.match(self.text, start)
        if parameters and len(self.words) <= 1:
            if self.words:
                self._function(self.words.pop())
            self.at = parameters.end()
        else:
            self._flush()
            self.open.append(")")

    def _function(self, name: Span) -> None:
        if not self.open:
            self.script.functions.append(self.text[slice(*name)])

    def _skip_heredocs(self) -> None:
        for word, tabs in self.heredocs:
            while self.at < len(self.text):
                start, self.at = self.at, line_end(self.text, self.at)
                line = self.text[start : self.at].rstrip("\r\n")
                if (line.lstrip("\t") if tabs else line) == word:
                    break
        self.heredocs = []

    def _word(self) -> None:
        span = (self.at, self._word_end())
        self.at = span[1]
        word = self.text[slice(*span)]
        if self.redirect:
            if self.redirect in {"<<", "<<-"}:
                self.heredocs.append((re.sub(r"['\"\\]", "", word), self.redirect == "<<-"))
            self.redirect = ""
        elif self.in_pattern:
            self._keyword("esac" if word == "esac" else "")
        elif self.words and self.text[slice(*self.words[0])] == "function":
            self._function(span)
            self.words = []
        elif self.open[-1:] == ["in"] and word == "in":
            self.open[-1], self.words, self.in_pattern = "esac", [], True
        elif self.words or not self._keyword(word):
            self.words.append(span)

    def _keyword(self, word: str) -> bool:
        """Take a word that opens or closes a block, or stands before a command."""
        if word in _CLOSER:
            self.open.append(_CLOSER[word])
            self.words = [(self.at, self.at)] if word == "case" else []
        elif self.open and word == self.open[-1] != ")":
            self.open.pop()
            self.in_pattern = False
        else:
            return word in _BEFORE_COMMAND
        return True

    def _word_end(self) -> int:
        start = at = self.at
        while at < len(self.text):
            if plain := _PLAIN.match(self.text, at):
                at = plain.end()
            elif self._is_array(start, at) or self.text.startswith(("<(", ">("), at):
                at = _Reader(self.text, self.text.index("(", at) + 1).run()
            elif self.text[at] == "(" and self.text[at - 1] in "?*+@!" and at > start:
                at = self._counted(at)  # a pattern such as @(a|b)
            elif (end := self._quoted(at)) > at:
                at = end
            else:
                break
        return at

    def _is_array(self, start: int, at: int) -> bool:
        return self.text[at] == "(" and bool(_ARRAY.fullmatch(self.text, start, at))

    def _quoted(self, at: int, *, in_double: bool = False) -> int:
        """Return the end of the quoted text or expansion at an offset; the offset if none is."""
        # a single quote is plain in double quotes, but not in "${x:-'}'}": so bash has it
        for pattern in (_BACKTICKS,) if in_double else (_BACKTICKS, _SINGLE, _ANSI):
            if match := pattern.match(self.text, at):
                return match.end()
        if self.text[at] == '"':
            return self._until('"', at + 1)
        if self.text.startswith("$((", at):
            return self._counted(at + 1)
        if self.text.startswith("$(", at):
            return _Reader(self.text, at + 2).run()
        if self.text.startswith("${", at):
            return self._until("}", at + 2)
        return at + (self.text[at] in "$\\")

    def _until(self, closer: str, at: int) -> int:
        """Return the offset behind a closer; quoted texts and expansions hide theirs."""
        while at < len(self.text) and self.text[at] != closer:
            if self.text[at] == "\\":
                at += 2
            else:
                at = max(self._quoted(at, in_double=closer == '"'), at + 1)
        return min(at + 1, len(self.text))

    def _counted(self, at: int) -> int:
        """Return the offset behind the parenthesis that closes the one at an offset."""
        depth = 0
        for match in re.compile(r"[()]").finditer(self.text, at):
            depth += 1 if match[0] == "(" else -1
            if not depth:
                return match.end()
        return len(self.text)
