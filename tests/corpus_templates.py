"""Prints how patchkit and Go agree on templates that nobody has written.

Run it with Go on the path: `python tests/corpus_templates.py [NUMBER [SEED]]`. Same text or both
an error is agreement; what patchkit refuses by name, for Go to take, is counted apart.
"""

from __future__ import annotations

import random
import sys

sys.path.insert(0, f"{__file__.rpartition('/')[0]}/verify")
from template_cases import TASK, ask_go

from patchkit.verify.gotemplate import TemplateError, trace

WORDS = (
    *("{{", "}}", "{{-", " -}}", "{{ ", " }}", "/*", "*/", "(", ")", "|", ",", ".", "$", "-"),
    *("if", "else", "end", "range", "with", "break", "continue", "define", "template", "block"),
    *("$x", "$y", ":=", "=", "env", '"N"', '"ON"', "print", "printf", '"%v-%d"', "eq", "and"),
    *("or", "not", "len", "index", "slice", "lt", "html", "js", "nil", "true", "false", "1.5"),
    *("1", "2", "0", '"a"', '"t"', ".Service", ".Name", ".Labels", "text", " ", " ", "\n"),
)
VALUES = (
    *("1", "0", "2", '"a"', '"abc"', '""', 'env "N"', '(env "ON")', "true", "false", "nil", "."),
    *("$", "$x", "$y", ".Service.Name", ".Service.Labels", "$.Task.Slot", "1.5", "'a'", "-3"),
    *('(index "abc" 1)', ".a", ".Name"),
)
CALLS = (
    *("eq", "ne", "lt", "le", "ge", "and", "or", "not", "len", "index", "slice", "join"),
    *("print", "println", 'printf "%d|%s"', 'printf "%v %q"', "js", "urlquery"),
)
PIPES = ("len", "not", "print", 'printf "%v"', "html", "env", "eq 1", "and 1", "or 0", "$x")
HERE = ("not known here", "all that Swarm knows", "cut a character", "cannot be compared")


class Writer:
    """Writes templates, most of which Go takes."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.calls = True  # a template that calls itself may never end

    def template(self) -> str:
        if self.random.random() < 1 / 3:
            return "".join(self.random.choices(WORDS, k=self.random.randint(1, 14)))
        self.calls = True
        text = self._of("", '{{ $x := 5 }}{{ $y := "s" }}') + self._body(0)
        self.calls = False
        return text + self._of("", '{{define "t"}}' + self._body(1) + "{{end}}")

    def _of(self, *texts: str) -> str:
        return self.random.choice(texts)

    def _value(self, depth: int) -> str:
        kind = self.random.random()
        if depth > 3 or kind < 0.35:
            return self._of(*VALUES)
        if kind < 0.5:
            return f"({self._value(depth + 1)})"
        if kind < 0.65:
            return f"{self._value(depth + 1)} | {self._of(*PIPES)}"
        arguments = [
            self._of(f"({self._value(depth + 2)})", self._of(*VALUES))
            for _ in range(self.random.randint(0, 3))
        ]
        return " ".join((self._of(*CALLS), *arguments))

    def _action(self, depth: int) -> str:
        left, right = self._of("{{", "{{ ", "{{- "), self._of("}}", " }}", " -}}")
        kind = self.random.random()
        if kind < 0.3 or depth > 3:
            return left + self._value(0) + right
        if kind < 0.4:
            return f"{left}$x {self._of(':=', '=')} {self._value(0)}{right}"
        if kind < 0.75:
            return self._block(left, right, depth + 1)
        if kind < 0.82:
            return left + self._of("break", "continue", "end", "else") + right
        if kind < 0.9 and self.calls:
            return f'{left}template "t" {self._of("", self._value(0))}{right}'
        return f"{left}/* c */{right}"

    def _block(self, left: str, right: str, depth: int) -> str:
        word = self._of("if", "with", "range")
        names = ("", "$y := ", "$x, $y := ", "$x = ") if word == "range" else ("", "$y := ")
        value = self._of("3", ".Service.Labels") if word == "range" else self._value(0)
        chained = f"{{{{else {word} {self._value(0)}}}}}" if word != "range" else "{{else}}"
        rest = self._of("", "{{else}}" + self._body(depth), chained + self._body(depth))
        return f"{left}{word} {self._of(*names)}{value}{right}{self._body(depth)}{rest}{{{{end}}}}"

    def _body(self, depth: int) -> str:
        parts = (" a ", "\n", "x  ", "", self._action(depth), self._action(depth))
        return "".join(self._of(*parts) for _ in range(self.random.randint(1, 3)))


def main(number: int, seed: int) -> None:
    writer = Writer(seed)
    asked = [(writer.template(), dict(TASK.env)) for _ in range(number)]
    same = errors = here = 0
    for (text, _), answer in zip(asked, ask_go(asked), strict=True):
        try:
            ours, said = trace(text, TASK).text, ""
        except TemplateError as error:
            ours, said = None, str(error)
        same += ours is not None and ours == answer
        errors += ours is None and answer is None
        refused = ours is None and answer is not None and any(word in said for word in HERE)
        here += refused
        if ours != answer and not refused:
            print(f"{text!r}\n  Go:       {answer!r}\n  patchkit: {ours!r} {said}")
    wrong = number - same - errors - here
    print(
        f"{number} templates: {same} with the same text, {errors} an error for both, "
        f"{here} refused here by name, {wrong} otherwise"
    )


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*given, *(20_000, 1)[len(given) :])
