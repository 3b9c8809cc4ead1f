"""A new function or class, put beside what a file or a class has, or at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from patchkit.edit.python.code import statements_of
from patchkit.edit.python.names import bindings, block_lines, find_class, single
from patchkit.edit.python.placing import Anchor, anchor_of, put_at
from patchkit.edit.python.splices import spliced
from patchkit.edit.python.structure import same
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchkit.edit.python.source import Source

_DEFINITIONS = (cst.FunctionDef, cst.ClassDef)


def add(source: Source, code: str, *, after: str | None = None, before: str | None = None) -> str:
    """Return the text with a function or class; as it is if it has just that one.

    Args:
        source: the file.
        code: one function or class, with its decorators and the comments above it.
        after: the name that it goes behind, such as `Class.method`; without both the end of the
            file, before its `if __name__ == "__main__":`.
        before: the name that it goes before.

    Raises:
        EditRefused: the code is something else, or its name is taken.
    """
    new = statements_of(code)
    definition = new.body[0] if len(new.body) == 1 else None
    if not isinstance(definition, _DEFINITIONS):
        raise EditRefused(
            "the code is not one function or class",
            hint="one python.add brings one; python.insert takes any statements",
        )
    outer, _, name = (after or before or "").rpartition(".")
    scope, taken = find_class(source, outer), definition.name.value
    if any(binding.name == taken for binding in bindings(scope)):
        present = single(source, scope, taken, f"{outer}.{taken}" if outer else taken).node
        if same(present, definition):
            return source.text
        raise EditRefused(
            f"{taken} is there already, and is another one",
            place=source.place(present),
            hint="python.replace edits it; or choose another name",
        )
    if name:
        anchor = anchor_of(source, scope, **({"after": name} if after else {"before": name}))
    else:
        anchor = _end(block_lines(scope))
    return spliced(source, [put_at(source, scope, anchor, new)])


def _end(lines: Sequence[cst.CSTNode]) -> Anchor:
    last = lines[-1] if lines else None
    is_main = isinstance(last, cst.If) and same(last.test, _MAIN)
    return Anchor(len(lines) - 1, before=is_main)


_MAIN = cst.parse_expression('__name__ == "__main__"')
