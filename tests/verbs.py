"""The verbs of the YAML editor's tests; each checks more than the one text that a case names.

A text that changes must stay readable by PyYAML, keep its line endings, byte order mark and the
state of its last line, and change no more when the same edit is made again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml

from patchkit.edit.yaml import YamlEditor
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchkit.edit.yaml import OnAlias

    Act = Callable[[YamlEditor], object]

NAME = "compose.yml"


def check_noop(text: str, act: Act, *, on_alias: OnAlias = "error") -> None:
    """Check that an edit leaves a text as it is."""
    assert _edited(text, act, on_alias) == text


def check_changed(
    before: str,
    act: Act,
    after: str,
    *,
    on_alias: OnAlias = "error",
    repeats: bool = False,
) -> None:
    """Check that an edit makes one text of another.

    Args:
        before: the text.
        act: the edit.
        after: the text that it must give.
        on_alias: see `YamlEditor`.
        repeats: the edit adds again when made again, as an append does.
    """
    assert _edited(before, act, on_alias) == after
    list(yaml.parse(after, Loader=yaml.CLoader))
    _check_kept(before, after)
    if not repeats:
        _check_stable(after, act, on_alias)


def check_refused(
    text: str, act: Act, message: str, *, line: int, on_alias: OnAlias = "error"
) -> None:
    """Check that an edit is refused at a line, with a reason and a next step, and changes nothing.

    Args:
        text: the text.
        act: the edit.
        message: what the refusal says, in part.
        line: where, from 1.
        on_alias: see `YamlEditor`.
    """
    editor = YamlEditor(text, NAME, on_alias=on_alias)
    with pytest.raises(EditRefused, match=re.escape(message)) as caught:
        act(editor)
    assert editor.text == text
    problem = caught.value.problems[0]
    assert problem.place is not None
    assert (problem.place.path, problem.place.line) == (NAME, line)
    assert problem.hint


def _edited(text: str, act: Act, on_alias: OnAlias) -> str:
    editor = YamlEditor(text, NAME, on_alias=on_alias)
    act(editor)
    return editor.text


def _check_kept(before: str, after: str) -> None:
    assert before.startswith("\ufeff") == after.startswith("\ufeff")
    if before.strip("\ufeff"):
        assert before.endswith("\n") == after.endswith("\n")
    if "\r" not in before:
        assert "\r" not in after
    elif before.count("\r\n") == before.count("\n"):
        assert after.count("\r\n") == after.count("\n")


def _check_stable(after: str, act: Act, on_alias: OnAlias) -> None:
    try:
        again = _edited(after, act, on_alias)
    except EditRefused:
        return
    assert again == after
