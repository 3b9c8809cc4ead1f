"""Any YAML file of the recipe by path, for what has no op of its own.

These ops know one file and no meaning: an op of the right family knows the overlays and what
else must follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field

from patchkit.draft import NoMatch, missing
from patchkit.edit.paths import dotted, parse_path
from patchkit.edit.yaml import Alias, Mapping, Sequence, styled
from patchkit.edit.yaml.carry import carry, has_lines
from patchkit.edit.yaml.nodes import walk
from patchkit.errors import EditRefused
from patchkit.ops import Changed, Example, Op, Unchanged
from patchkit.recipe.forms import as_text
from patchkit.recipe.model import BASE
from patchkit.spec.model import OpModel

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchkit.draft import Draft
    from patchkit.edit.yaml import Path, YamlEditor


def _as_path(value: Any) -> Any:
    if isinstance(value, str):
        return parse_path(value)
    if not isinstance(value, list) or not value:
        raise ValueError("expected a path such as services.app.ports[0], or a list of its steps")
    if any(isinstance(step, int) and step < 0 for step in value):
        raise ValueError("items are counted from 0; there are no negative ones")
    return tuple(value)


YamlPath = Annotated[
    tuple[str | int, ...],
    BeforeValidator(_as_path, json_schema_input_type=str | list[str | int]),
]
_PATH = r"Steps joined by dots (`\.` is a dot within a key, `[0]` an item), or a list of steps."
_FILE = "The YAML file to edit."


class YamlSet(OpModel):
    """Set the value at a path, making the mappings above it where they are missing.

    A mapping over a mapping, or a list over a list, is changed entry by entry, so that what
    stays the same keeps its comments. A new service is refused: that is service.add. A new `x-`
    section goes before `services`, which may use its anchors.
    """

    file: str = Field(default=BASE, description=_FILE, examples=["compose.smtp.yml"])
    path: YamlPath = Field(description=_PATH, examples=["services.app.deploy.replicas"])
    value: Any = Field(description="The value; quotes and `[…]` stay as given.", examples=[2])


class YamlUnset(OpModel):
    """Remove the key or item at a path, with its comments.

    A mapping or list that holds nothing else goes too.
    """

    file: str = Field(default=BASE, description=_FILE, examples=["compose.smtp.yml"])
    path: YamlPath = Field(description=_PATH, examples=["services.app.links"])


class YamlAppend(OpModel):
    """Add an item at the end of a list, unless an equal one is in it; make a missing list."""

    file: str = Field(default=BASE, description=_FILE, examples=["compose.smtp.yml"])
    path: YamlPath = Field(description=_PATH, examples=["services.app.volumes"])
    value: Any = Field(description="The item.", examples=["data:/data"])


class YamlRemove(OpModel):
    """Remove the one item of a list that is equal to a value, with its comments.

    A text matches a text, quoted or not; a mapping matches an item that has at least these
    keys and values.
    """

    file: str = Field(default=BASE, description=_FILE, examples=["compose.smtp.yml"])
    path: YamlPath = Field(description=_PATH, examples=["services.app.configs"])
    value: Any = Field(
        description="The item, or a part of it when it is a mapping.",
        examples=[{"source": "app_ini"}],
    )


class YamlMove(OpModel):
    """Move a key and its value to another path of the same file, with its comments.

    Out of or into brackets (`{a: b}`) the value alone is moved; its comments refuse that. A new
    `x-` section goes before `services`, which may use its anchors.
    """

    file: str = Field(default=BASE, description=_FILE, examples=["compose.smtp.yml"])
    from_: YamlPath = Field(alias="from", description=_PATH, examples=["services.app.labels"])
    to: YamlPath = Field(description=_PATH, examples=["services.app.deploy.labels"])


def yaml_set(draft: Draft, step: YamlSet) -> Changed | Unchanged:
    """Set the value in the one file."""
    _require(draft, step.file, step.path, is_service=2)
    return _done(
        draft,
        step.file,
        lambda editor: editor.set(step.path, step.value, before=_before(step.path)),
        f"set {dotted(step.path)}",
        f"{dotted(step.path)} is so already",
    )


def yaml_unset(draft: Draft, step: YamlUnset) -> Changed | Unchanged:
    """Cut the entry out of the one file."""
    draft.require_file(step.file)

    def edit(editor: YamlEditor) -> None:
        if editor.document.follow(step.path) is None:
            raise _missing(draft, editor, step.file, step.path)
        editor.unset(step.path)

    return _done(draft, step.file, edit, f"removed {dotted(step.path)}")


def yaml_append(draft: Draft, step: YamlAppend) -> Changed | Unchanged:
    """Add the item unless it is there."""
    _require(draft, step.file, step.path, is_service=1)

    def edit(editor: YamlEditor) -> None:
        items = _items(editor, step.path)
        if not any(_holds(item, step.value) and _holds(step.value, item) for item in items):
            editor.append(step.path, step.value)

    return _done(
        draft,
        step.file,
        edit,
        f"added an item to {dotted(step.path)}",
        f"{dotted(step.path)} has this item already",
    )


def yaml_remove(draft: Draft, step: YamlRemove) -> Changed | Unchanged:
    """Cut the one item that matches."""
    draft.require_file(step.file)

    def edit(editor: YamlEditor) -> None:
        if editor.document.follow(step.path) is None:
            raise _missing(draft, editor, step.file, step.path)
        editor.unset((*step.path, _index(editor, step.path, step.value)))

    return _done(draft, step.file, edit, f"removed an item from {dotted(step.path)}")


def yaml_move(draft: Draft, step: YamlMove) -> Changed | Unchanged:
    """Move the entry, lines and all where it can be."""
    _require(draft, step.file, step.to, is_service=2)

    def edit(editor: YamlEditor) -> None:
        there = editor.document.follow(step.to)
        if editor.document.follow(step.from_) is None:
            if there is None:
                raise _missing(draft, editor, step.file, step.from_)
            return
        if there is not None:
            raise EditRefused(
                f"{dotted(step.to)} is there already",
                place=editor.document.place(there.start),
                hint=f"remove it first, or else remove {dotted(step.from_)}",
            )
        _move(editor, step.from_, step.to)

    return _done(
        draft,
        step.file,
        edit,
        f"moved {dotted(step.from_)} to {dotted(step.to)}",
        f"{dotted(step.to)} is there already, and {dotted(step.from_)} is not",
    )


def _done(
    draft: Draft, file: str, edit: Callable[[YamlEditor], None], changed: str, unchanged: str = ""
) -> Changed | Unchanged:
    before = draft.tree
    draft.edit_yaml(file, edit)
    if draft.tree == before:
        return Unchanged(f"{file}: {unchanged}")
    return Changed(f"{changed} in {file}")


def _require(draft: Draft, file: str, path: Path, *, is_service: int) -> None:
    """Refuse what would make a file, or, by a wrong name, a service without an image."""
    draft.require_file(file)
    if path[0] == "services" and len(path) > is_service and file in draft.recipe.compose_paths:
        draft.require_service(str(path[1]))


def _missing(draft: Draft, editor: YamlEditor, file: str, path: Path) -> NoMatch:
    """Return the refusal for a path that is not there, with what is there instead."""
    depth = next(d for d in range(len(path)) if editor.document.follow(path[: d + 1]) is None)
    here = _value_at(editor.data, path[:depth])
    names = list(here) if isinstance(here, dict) else range(len(_list(here)))
    others = [name for name in draft.recipe.files_with(path) if name != file]
    return missing(
        f"key of {dotted(path[:depth])}" if depth else "key",
        str(path[depth]),
        map(str, names),
        draft.recipe.place(file, path) if file in draft.recipe.compose_paths else None,
        f"{draft.spots(others, path)} has it: say which with `file:`" if others else "",
    )


def _index(editor: YamlEditor, path: Path, value: Any) -> int:
    """Return the number of the one item that matches."""
    items = _items(editor, path)
    found = [i for i, item in enumerate(items) if _holds(item, value)]
    if not found:
        raise missing(f"item of {dotted(path)}", _shown(value), map(_shown, items))
    if len(found) > 1:
        nodes = [editor.document.follow((*path, i)) for i in found]
        places = [editor.document.place(node.start) for node in nodes if node]
        raise EditRefused(
            f"{len(found)} items of {dotted(path)} match {_shown(value)}, at lines"
            f" {', '.join(str(place.line) for place in places)}",
            place=places[0],
            hint="give more of the item",
        )
    return found[0]


def _move(editor: YamlEditor, source: Path, to: Path) -> None:
    if to[: len(source)] == source:
        raise EditRefused(
            f"{dotted(to)} lies within {dotted(source)}",
            hint="move the parts one by one",
        )
    if source[:-1] == to[:-1] and isinstance(source[-1], str):
        editor.rename(source, str(to[-1]))
        return
    node = editor.node(source)
    place = editor.document.place(node.start) if node else None
    try:
        _transplant(editor, source, to)
    except EditRefused as error:
        # Lines may have moved by now: say where it stood.
        problem = error.problems[0]
        raise EditRefused(
            problem.message, place=place or problem.place, hint=problem.hint
        ) from error


def _transplant(editor: YamlEditor, source: Path, to: Path) -> None:
    node = editor.node(source)
    above = [editor.node(to[:depth]) for depth in range(len(to))]
    in_brackets = any(isinstance(part, Mapping | Sequence) and part.flow for part in above)
    aliased = node is None or any(isinstance(part, Alias) for part in walk(node))
    if aliased and (in_brackets or not has_lines(editor, source)):
        raise EditRefused(
            f"{dotted(source)} is or holds an alias, and cannot be moved as a value",
            hint="write the aliased value out first",
        )
    editor.set(to, None if node is None or aliased else styled(node), before=_before(to))
    carry(editor, source, to)


def _before(path: Path) -> str | None:
    """Return the key that a new one goes before: services use what stands in an `x-` section."""
    return "services" if str(path[0]).startswith("x-") else None


def _items(editor: YamlEditor, path: Path) -> list[Any]:
    return _list(_value_at(editor.data, path))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _value_at(data: Any, path: Path) -> Any:
    for step in path:
        if isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            data = data.get(str(step)) if isinstance(data, dict) else None
    return data


def _holds(item: Any, value: Any) -> bool:
    """Whether an item is `value`, or as a mapping holds it."""
    if isinstance(item, dict) and isinstance(value, dict):
        return all(key in item and _holds(item[key], value[key]) for key in value)
    if isinstance(item, list) and isinstance(value, list):
        return len(item) == len(value) and all(map(_holds, item, value))
    nulls = item is None and value is None
    return nulls or (as_text(item) is not None and as_text(item) == as_text(value))


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_shown(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_shown, value)) + "]"
    return as_text(value) or "null"


_HEAD = "services:\n  app:\n    image: nginx:1.27\n"
_CONFIGS = "    configs:\n      - source: first\n        target: /first\n"
_SECOND = "      - source: second\n        target: /second\n"
_LABELS = """\
    labels:
      # who reads it
      - "backupbot.backup=true"
"""

OPS = {
    "set": Op(
        "yaml.set",
        YamlSet,
        yaml_set,
        Example(
            step="op: yaml.set\npath: services.app.deploy.replicas\nvalue: 2\n",
            before={"compose.yml": _HEAD},
            after={"compose.yml": _HEAD + "    deploy:\n      replicas: 2\n"},
        ),
    ),
    "unset": Op(
        "yaml.unset",
        YamlUnset,
        yaml_unset,
        Example(
            step="op: yaml.unset\npath: services.app.configs[1]\n",
            before={"compose.yml": _HEAD + _CONFIGS + _SECOND},
            after={"compose.yml": _HEAD + _CONFIGS},
        ),
    ),
    "append": Op(
        "yaml.append",
        YamlAppend,
        yaml_append,
        Example(
            step="op: yaml.append\npath: services.app.configs\n"
            "value:\n  source: second\n  target: /second\n",
            before={"compose.yml": _HEAD + _CONFIGS},
            after={"compose.yml": _HEAD + _CONFIGS + _SECOND},
        ),
    ),
    "remove": Op(
        "yaml.remove",
        YamlRemove,
        yaml_remove,
        Example(
            step="op: yaml.remove\npath: services.app.configs\nvalue: {source: second}\n",
            before={"compose.yml": _HEAD + _CONFIGS + _SECOND},
            after={"compose.yml": _HEAD + _CONFIGS},
        ),
    ),
    "move": Op(
        "yaml.move",
        YamlMove,
        yaml_move,
        Example(
            step="op: yaml.move\nfrom: services.app.labels\nto: services.app.deploy.labels\n",
            before={"compose.yml": _HEAD + _LABELS},
            after={
                "compose.yml": _HEAD
                + "    deploy:\n"
                + "".join(f"  {line}\n" for line in _LABELS.splitlines())
            },
        ),
    ),
}
