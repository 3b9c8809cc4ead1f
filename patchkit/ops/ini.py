"""Keys of an INI file, such as Gitea's `app.ini`, with or without Go template text in it.

Values are written as they are given: quotes and template actions are the author's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from patchkit.draft import NoMatch, missing
from patchkit.edit import ini
from patchkit.edit.ini_reader import read
from patchkit.ops import Changed, Example, Op, Unchanged
from patchkit.spec.fields import ScalarText
from patchkit.spec.model import OpModel

if TYPE_CHECKING:
    from patchkit.draft import Draft

_SECTION = "The section's name; without it, the keys before the first section."


class IniSet(OpModel):
    """Set a key of an INI file, where it stands if it is there.

    A new key goes behind the section's last one, a new section to the end of the file.
    """

    file: str = Field(description="The file to edit.", examples=["app.ini.tmpl"])
    section: str | None = Field(default=None, description=_SECTION, examples=["server"])
    key: str = Field(description="The key, as the file spells it.", examples=["LFS_START_SERVER"])
    value: ScalarText = Field(description="The raw value.", examples=["true"])


class IniUnset(OpModel):
    """Remove a key of an INI file; comments stay."""

    file: str = Field(description="The file to edit.", examples=["app.ini.tmpl"])
    section: str | None = Field(default=None, description=_SECTION, examples=["oauth2"])
    key: str = Field(description="The key, as the file spells it.", examples=["JWT_SECRET"])


def ini_set(draft: Draft, step: IniSet) -> Changed | Unchanged:
    """Set the key."""
    draft.require_file(step.file)
    text = draft.tree.text(step.file)
    text = ini.set_value(text, step.section, step.key, step.value, path=step.file)
    if not draft.save(step.file, text):
        return Unchanged(f"{_name(step)} of {step.file} is {step.value} already")
    return Changed(f"set {_name(step)} of {step.file}")


def ini_unset(draft: Draft, step: IniUnset) -> Changed:
    """Remove the key that is there."""
    draft.require_file(step.file)
    text = draft.tree.text(step.file)
    if ini.get(text, step.section, step.key) is None:
        raise _missing(text, step)
    draft.save(step.file, ini.unset(text, step.section, step.key, path=step.file))
    return Changed(f"removed {_name(step)} of {step.file}")


def _missing(text: str, step: IniUnset) -> NoMatch:
    lines = [line for line in read(text) if line.key is not None]
    names = dict.fromkeys(line.key for line in lines if line.key and line.section == step.section)
    others = [line.section or "" for line in lines if line.key == step.key]
    where = f"in section {step.section!r} of" if step.section else "before the sections of"
    return missing(
        f"key {where} {step.file}",
        step.key,
        names,
        hint=f"it stands in section {', '.join(others)}" if others else "",
    )


def _name(step: IniSet | IniUnset) -> str:
    return f"[{step.section}] {step.key}" if step.section else step.key


_HEAD = "[server]\nDOMAIN = example.com\n"
_LFS = "LFS_START_SERVER = true\n"

OPS = {
    "set": Op(
        "ini.set",
        IniSet,
        ini_set,
        Example(
            step="op: ini.set\nfile: app.ini\nsection: server\n"
            "key: LFS_START_SERVER\nvalue: true\n",
            before={"app.ini": _HEAD},
            after={"app.ini": _HEAD + _LFS},
        ),
    ),
    "unset": Op(
        "ini.unset",
        IniUnset,
        ini_unset,
        Example(
            step="op: ini.unset\nfile: app.ini\nsection: server\nkey: LFS_START_SERVER\n",
            before={"app.ini": _HEAD + _LFS},
            after={"app.ini": _HEAD},
        ),
    ),
}
