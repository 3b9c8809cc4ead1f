"""Small recipes, a fix for them, and works that do what a test says, in any process."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from patchkit.fixes import loads_fix
from patchkit.fleet.fix_text import FixText
from patchkit.fleet.outcome import Outcome, Word, failed
from patchkit.fleet.source import Source

if TYPE_CHECKING:
    from pathlib import Path

COMPOSE = 'version: "3.8"\nservices:\n  app:\n    image: redis:7.0\n    environment:\n      - A=1\n'
PIN = """\
id: pin
title: Pin redis
recipe: cache
why: A moving tag brought a release that refuses the old data.
ops:
  - {op: image.set, service: app, tag: 7.4.5-alpine}
"""
PINNED = COMPOSE.replace("redis:7.0", "redis:7.4.5-alpine")


def pin(text: str = PIN) -> FixText:
    """The fix as text."""
    return FixText.of(loads_fix(text, "pin.yml"))


def recipe(folder: Path, compose: str = COMPOSE) -> Path:
    """Write a recipe; its name is the last part of the folder."""
    folder.mkdir(parents=True)
    (folder / "compose.yml").write_text(compose)
    (folder / ".env.sample").write_text("TYPE=cache\nDOMAIN=cache.example.com\n")
    (folder / "abra.sh").write_text("")
    return folder


@dataclass(frozen=True)
class Act:
    """A work that leaves a mark and then does as it is told.

    Attributes:
        name: what it is called.
        marks: a folder; a file is added to each time that it is begun.
        deed: `return`, `raise`, `exit`, `die`, `die once` or `wait` (for a file `go` there).
    """

    name: str
    marks: Path
    deed: str = "return"
    source: Source = field(default=Source.sample(""), compare=False)

    def __call__(self) -> list[Outcome]:
        with (self.marks / self.name).open("a") as file:
            file.write(f"{os.getpid()}\n")
        if self.deed == "raise":
            raise ZeroDivisionError(self.name)
        times = len((self.marks / self.name).read_text().split())
        if self.deed == "die" or (self.deed == "die once" and times == 1):
            os.kill(os.getpid(), signal.SIGKILL)
        while self.deed == "wait" and not (self.marks / "go").exists():
            time.sleep(0.01)
        return [Outcome(Source.sample(self.name), "", Word.FIXED, key=self.name)]

    def __len__(self) -> int:
        return 1

    def lost(self, error: Exception) -> list[Outcome]:
        return [failed(Source.sample(self.name), "", error, self.name)]

    def left(self, done: frozenset[str]) -> Act | None:
        return None if self.name in done else self

    def portable(self) -> Act:
        return replace(self)


def begun(marks: Path) -> dict[str, int]:
    """How often each work was begun."""
    return {path.name: len(path.read_text().split()) for path in marks.iterdir()}
