"""Random YAML texts in many hands: nested block and flow, comments, blanks, quotes, line ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

KEYS = ("a", "b", "'c'", '"d"', "image", "labels", "environment", "x-e", "deploy")
WORDS = (
    "x",
    "app:1",
    "1",
    "0555",
    "yes",
    "~",
    "null",
    "a b",
    "k=v",
    "'q'",
    "'it''s'",
    '"d"',
    '"a\\tb"',
    '"k=v w"',
    "''",
    "${V:-x}",
    "ü",
    "-x",
    "!!str 5",
    "! 'z'",
)
FLOW_WORDS = ("x", "1", "'q'", '"d"', "a b", "k=v", "app:1")
HEADERS = ("|", "|-", "|+", ">", ">-", ">+", "| # c")


@dataclass
class Hand:
    """How one text is written, and which anchors it has so far."""

    random: Random
    step: int
    flush: bool
    gap: str
    anchors: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def one(self, choices: tuple[str, ...]) -> str:
        return self.random.choice(choices)

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def comment(self) -> str:
        return self.one(("", "", "", " # c", "   # long comment", " #"))

    def between(self, column: int) -> list[str]:
        """Return what may stand between two entries."""
        found = []
        while self.chance(25):
            deeper = self.random.randint(0, column + 3)
            found.append(self.one(("", "", " ", " " * column + "# own", " " * deeper + "# c")))
        return found

    def value(self, column: int, depth: int) -> list[str]:
        """Return what stands behind a colon or a dash, and the lines below."""
        kind = self.random.randrange(12)
        if self.anchors and kind == 0:
            return [" *" + self.random.choice(self.anchors) + self.comment()]
        name = f"n{next(self.numbers)}" if kind == 1 else ""
        made = self._unnamed(column, depth)
        if name:
            self.anchors.append(name)
            made[0] = f" &{name}" + made[0]
        return made

    def _unnamed(self, column: int, depth: int) -> list[str]:
        kind = self.random.randrange(10)
        if depth and kind > 5:
            inner = column + self.step
            lines = self.mapping(inner, depth - 1) if kind > 7 else self.sequence(column, depth - 1)
            return [self.comment(), *self.between(inner), *lines]
        if kind == 5:
            return self._flow(column)
        if kind == 4:
            return self._block_scalar(column)
        if kind == 3:
            return [self.comment()]
        return [" " + self.one(WORDS) + self.comment()]

    def mapping(self, column: int, depth: int) -> list[str]:
        """Return the lines of a block mapping."""
        keys = self.random.sample(KEYS, self.random.randint(1, 4))
        lines: list[str] = []
        for key in keys:
            head, *below = self.value(column, depth)
            lines += [" " * column + key + ":" + head, *below, *self.between(column)]
        return lines

    def sequence(self, column: int, depth: int) -> list[str]:
        """Return the lines of a block sequence below a key at `column`."""
        at = column if self.flush else column + self.step
        lines: list[str] = []
        for _ in range(self.random.randint(1, 3)):
            lines += [*self._item(at, depth), *self.between(at)]
        return lines

    def _item(self, column: int, depth: int) -> list[str]:
        if depth and self.chance(30):
            inner = column + 1 + len(self.gap)
            first, *rest = self.mapping(inner, 0)
            return [" " * column + "-" + self.gap + first[inner:], *rest]
        head, *below = self.value(column, 0)
        return [" " * column + "-" + head, *below]

    def _flow(self, column: int) -> list[str]:
        items = [self.one(FLOW_WORDS) for _ in range(self.random.randint(0, 3))]
        braces = self.chance(40)
        if braces:
            items = [f"f{i}: {item}" for i, item in enumerate(items)]
        left, right = "{}" if braces else "[]"
        comma = "," * (bool(items) and self.chance(30))
        if items and self.chance(40):
            inner = " " * (column + self.step)
            lines = [
                inner + item + ("," if i < len(items) - 1 else comma) + self.comment()
                for i, item in enumerate(items)
            ]
            return [f" {left}" + self.comment(), *lines, inner + right + self.comment()]
        blank = self.one(("", " "))
        return [f" {left}{blank}" + ", ".join(items) + f"{comma}{blank}{right}" + self.comment()]

    def _block_scalar(self, column: int) -> list[str]:
        inner = " " * (column + self.step)
        lines = [
            self.one((inner + "text", inner + "# text", inner + "  more", "", inner + " "))
            for _ in range(self.random.randint(0, 3))
        ]
        return [" " + self.one(HEADERS), inner + "first", *lines]


def write(random: Random) -> str:
    """Return a compose-like text."""
    hand = Hand(
        random,
        step=random.randint(1, 4),
        flush=random.random() < 0.5,
        gap=random.choice((" ", " ", "   ")),
    )
    lines = list(random.choice(([], ["# file"], ["---"], ["", "# file", ""])))
    for key in random.sample(("x-top", "services", "volumes"), random.randint(1, 3)):
        lines += [f"{key}:" + hand.comment(), *hand.between(hand.step)]
        lines += [*hand.mapping(hand.step, 3), *hand.between(0)]
    lines += random.choice(([], [], ["---", "a: 1"], ["..."]))
    newline = random.choice(("\n", "\n", "\r\n"))
    text = newline.join(lines) + random.choice((newline, newline, ""))
    return random.choice(("", "", "", "\ufeff")) + text
