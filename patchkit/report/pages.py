"""Pages about ops, made of what the ops say of themselves: for `explain` and the README."""

from __future__ import annotations

import inspect
import textwrap
from typing import TYPE_CHECKING

from patchkit import diff
from patchkit.draft import Draft
from patchkit.edit.yaml import parse, styled
from patchkit.ops import FAMILIES, find_op, run
from patchkit.spec.model import OpModel
from patchkit.tree import RecipeTree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.ops import Op

_WIDTH = 80


def op_page(op: Op) -> str:
    """Return an op's page: what it does, its keys, and an example with its diff."""
    lines = [op.name, "=" * len(op.name), "", inspect.getdoc(op.model) or "", "", "Keys", "----"]
    for name, needed, text in keys(op):
        wrapped = textwrap.wrap(text, _WIDTH - 6)
        lines += [f"  {name} ({needed})", *(f"      {line}" for line in wrapped)]
    lines += ["", "Example", "-------", textwrap.indent(example_step(op), "    ")]
    lines.append(textwrap.indent(example_diff(op).rstrip("\n"), "    "))
    return "\n".join(lines) + "\n"


def keys(op: Op) -> Iterator[tuple[str, str, str]]:
    """Yield each key of an op, whether it is needed, and what it means.

    The op's own keys come first, then those that every op has.
    """
    fields = sorted(op.model.model_fields.items(), key=lambda item: item[0] in OpModel.model_fields)
    for name, info in fields:
        if name != "op":
            needed = "required" if info.is_required() else f"default {info.get_default()!r}"
            yield info.alias or name, needed, info.description or ""


def op_list() -> str:
    """Return every op with its first sentence, family by family."""
    rows = list(op_rows())
    width = max(len(name) for name, _ in rows)
    return "".join(f"{name:<{width}}  {sentence}\n" for name, sentence in rows)


def op_table() -> str:
    """Return the Markdown table of the README."""
    rows = "".join(f"| `{name}` | {sentence} |\n" for name, sentence in op_rows())
    return "| op | what it does |\n|---|---|\n" + rows


def op_rows() -> Iterator[tuple[str, str]]:
    """Yield the name and the first sentence of every op."""
    for family, verbs in FAMILIES.items():
        for verb in verbs:
            op = find_op(f"{family}.{verb}")
            if op is not None:
                head = (inspect.getdoc(op.model) or "").split("\n\n")[0]
                yield op.name, " ".join(head.split())


def example_diff(op: Op) -> str:
    """Return the diff of the example, made for real: a page cannot say what the op does not do."""
    draft = Draft(RecipeTree.from_files(op.example.before))
    node = parse(op.example.step).root
    step = op.model.model_validate(styled(node) if node else {})
    run(op, draft, step)
    return diff.unified(draft.base, draft.tree)


def example_step(op: Op) -> str:
    """Return the example as an item of `ops:`."""
    first, *rest = op.example.step.rstrip("\n").split("\n")
    return "\n".join([f"- {first}", *(f"  {line}" for line in rest)])
