"""The order of imports that isort and ruff keep by default."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

FUTURE, STANDARD, THIRD, FIRST, LOCAL = range(5)


@dataclass(frozen=True, slots=True)
class Names:
    """One name that is imported.

    Attributes:
        module: with the dots of a relative import.
        name: what is taken from it; None when the module itself is imported.
        asname: the name it gets instead.
    """

    module: str
    name: str | None = None
    asname: str | None = None

    @property
    def bound(self) -> str:
        """The name that the file then has."""
        return self.asname or self.name or self.module.partition(".")[0]

    @property
    def statement(self) -> str:
        """The import statement of this name alone."""
        end = f" as {self.asname}" if self.asname else ""
        if self.name:
            return f"from {self.module} import {self.name}{end}"
        return f"import {self.module}{end}"


def section(names: Names, first_party: Collection[str]) -> int:
    """Return the number of the section that an import belongs to."""
    root = names.module.partition(".")[0]
    if not root:
        return LOCAL
    if root == "__future__":
        return FUTURE
    if root in first_party:
        return FIRST
    return STANDARD if root in sys.stdlib_module_names else THIRD


def statement_key(names: Names) -> tuple[object, ...]:
    """Return the key that import statements of a section are sorted by."""
    dots = len(names.module) - len(names.module.lstrip("."))
    is_from = names.name is not None
    first = member_key(names.name) if names.name else ()
    return (is_from, -dots, natural(names.module), first, natural(names.asname or ""))


def member_key(name: str) -> tuple[object, ...]:
    """Return the key that the names of one statement are sorted by: constants, classes, others."""
    constant, kind = len(name) > 1 and name.isupper(), 1 if name[:1].isupper() else 2
    return (0 if constant else kind, natural(name), name)


def natural(text: str) -> tuple[tuple[bool, int, str], ...]:
    """Return the key in which numbers count as such and case does not."""
    parts = re.findall(r"\d+|\D+", text.lower())
    return tuple((not p.isdigit(), int(p) if p.isdigit() else 0, p) for p in parts)
