"""`python.argument`: an argument of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from patchkit.draft import NoMatch, missing
from patchkit.edit.python.errors import NotFound
from patchkit.errors import EditRefused
from patchkit.ops import Changed, Example, Op, Unchanged
from patchkit.ops.python.common import (
    DOTTED,
    FILE,
    NAME,
    VALUE,
    Count,
    Expression,
    changed,
    guarded,
    source_of,
)
from patchkit.spec.fields import wrong_together
from patchkit.spec.model import OpModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchkit.draft import Draft
    from patchkit.edit.python.argument import Calls
    from patchkit.errors import Place

_SHOWN = 5


class PythonArgument(OpModel):
    """Set, add or remove an argument of calls of a function.

    A call is found by the name that it calls, wherever it stands. With `was`, only calls whose
    argument has that value now are edited; else all of them are. An argument that `*args` or
    `**kwargs` may give already is not added. A statement that gets too long for its line is broken
    as ruff breaks it where there is but one way; else the op tells the line.
    """

    file: str | None = Field(default=None, description=FILE, examples=["tests/gitea/ops.py"])
    files: str | None = Field(
        default=None,
        description="Instead: a pattern of files; those without such a call stay as they are.",
        examples=["tests/bluesky-pds/**/*.py"],
    )
    function: str | None = Field(
        default=None,
        description="The function or class in which the calls stand.",
        examples=["test_handshake"],
    )
    call: str = Field(
        description="What is called, dotted or its last name; `*` for anything.",
        pattern=rf"{DOTTED}|^\*$",
        examples=["exec", "lifecycle.exec_in_app"],
    )
    name: str = Field(description="The argument's name.", pattern=NAME, examples=["service"])
    value: Expression | None = Field(default=None, description=VALUE, examples=['"pds"'])
    was: Expression | None = Field(
        default=None, description="The value it has now, as an expression.", examples=['"app"']
    )
    remove: bool = Field(default=False, description="Whether the argument goes instead.")
    count: Count = Field(
        default=1,
        description="How many such calls there must be in all files together; `any` for one or"
        " more.",
        examples=[1, "any"],
    )

    @model_validator(mode="after")
    def _one_way(self) -> PythonArgument:
        if (self.file is None) == (self.files is None):
            raise wrong_together('python.argument needs either "file" or "files"')
        if self.remove == (self.value is not None):
            raise wrong_together('python.argument needs either "value" or "remove: true"')
        return self


def python_argument(draft: Draft, step: PythonArgument) -> Changed | Unchanged:
    """Edit the calls that are not so yet, in the one file or in all that fit."""
    found = {file: guarded(file, lambda: _calls(draft, step, file)) for file in _files(draft, step)}  # noqa: B023
    meant = [place for calls in found.values() for place in calls.meant_at]
    done = [place for calls in found.values() for place in calls.done_at]
    if not meant and not done:
        raise _nothing(step, found)
    counted = meant + (done if step.was is None else [])
    if meant and step.count is not None and len(counted) != step.count:
        raise EditRefused(
            f"{len(counted)} such calls of {step.call}, not {step.count}: at {_listed(counted)}",
            place=counted[0],
            hint="narrow it with `function:` or `was:`, or say the right `count:`",
        )
    before = draft.tree
    for file, calls in found.items():
        draft.save(file, guarded(file, lambda: _edited(calls, step)))  # noqa: B023
    if not meant:
        return Unchanged(f"{step.call} has {step.name} so already")
    verb = "removed" if step.remove else "set"
    return changed(draft, before, f"{verb} {step.name} of {step.call} at {_listed(meant)}")


def _listed(places: Sequence[Place]) -> str:
    shown = ", ".join(map(str, places[:_SHOWN]))
    return shown if len(places) <= _SHOWN else f"{shown} and {len(places) - _SHOWN} more"


def _files(draft: Draft, step: PythonArgument) -> tuple[str, ...]:
    if step.file is not None:
        draft.require_file(step.file)
        return (step.file,)
    found = draft.tree.matching(step.files or "")
    if not found:
        raise NoMatch(f"no file fits {step.files}", hint="`**/` stands for folders", needed=True)
    return found


def _calls(draft: Draft, step: PythonArgument, file: str) -> Calls:
    from patchkit.edit.python.argument import find_calls, no_calls  # noqa: PLC0415

    source = source_of(draft, file)
    try:
        return find_calls(
            source,
            step.call,
            step.name,
            value=step.value,
            was=step.was,
            function=step.function,
        )
    except NotFound:
        if step.files is None:
            raise
        return no_calls(source)  # other files have the function


def _edited(calls: Calls, step: PythonArgument) -> str:
    from patchkit.edit.python.argument import argument  # noqa: PLC0415

    return argument(calls, step.name, step.value)


def _nothing(step: PythonArgument, found: dict[str, Calls]) -> NoMatch:
    """Return the refusal when no call is meant, with the calls that come nearest."""
    where = step.file or step.files
    present = [text for calls in found.values() for text in calls.present]
    if present:
        message = f"no call of {step.call} in {where} has {step.name}={step.was}"
        return NoMatch(message, hint=f"there is {', '.join(present[:_SHOWN])}", needed=True)
    names = [name for calls in found.values() for name in calls.names]
    return missing("call", step.call, dict.fromkeys(names), hint=f"in {where}", needed=True)


_CALL = 'exec("ls", service="app")\n'

ARGUMENT = Op(
    "python.argument",
    PythonArgument,
    python_argument,
    Example(
        step="op: python.argument\nfiles: tests/pds/**/*.py\ncall: exec\nname: service\n"
        "was: '\"app\"'\nvalue: '\"pds\"'\ncount: any\n",
        before={"tests/pds/ops.py": _CALL},
        after={"tests/pds/ops.py": _CALL.replace("app", "pds")},
    ),
)
