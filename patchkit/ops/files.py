"""Whole files of the recipe: added, removed, renamed, made executable.

A file that a compose file names (`configs`, `secrets`, `env_file`) is not removed under it.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from patchkit.draft import missing
from patchkit.edit import dotenv
from patchkit.errors import EditRefused, Place
from patchkit.ops import Changed, Example, Op, Unchanged
from patchkit.recipe.model import ENV_SAMPLE
from patchkit.spec.fields import wrong_together
from patchkit.spec.model import OpModel
from patchkit.tree import EXECUTABLE, REGULAR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.draft import Draft
    from patchkit.edit.yaml import Path

_MODES = {"0644": REGULAR, "0755": EXECUTABLE}


def _as_mode(value: Any) -> Any:
    """Return `0755`, which YAML reads as a number, as text."""
    return f"{value:04o}" if isinstance(value, int) else value


Mode = Annotated[
    Literal["0644", "0755"],
    BeforeValidator(_as_mode, json_schema_input_type=Literal["0644", "0755", 420, 493]),
]


class FileAdd(OpModel):
    """Add a file, from a text or from a template of the fix.

    A file that is there with another content is refused unless `replace` is true.
    """

    path: str = Field(description="Where it goes, from the recipe's folder.", examples=["a.sh"])
    text: str | None = Field(
        default=None, description="Its content.", examples=["User-agent: *\nDisallow: /\n"]
    )
    template: str | None = Field(
        default=None,
        description="The template that makes its content, below `templates/`.",
        examples=["pg_backup.sh.j2"],
    )
    mode: Mode | None = Field(
        default=None,
        description="`0755` for an executable; a file that is there keeps its mode, a new one"
        " gets `0644`.",
    )
    replace: bool = Field(
        default=False, description="Whether a file of another content is replaced."
    )

    @model_validator(mode="after")
    def _one_content(self) -> FileAdd:
        if (self.text is None) == (self.template is None):
            raise wrong_together('file.add needs either "text" or "template"')
        return self


class FileRemove(OpModel):
    """Remove a file.

    It is refused while a compose file names it (`configs`, `secrets`, `env_file`), and for an
    overlay while `.env.sample` offers it.
    """

    path: str = Field(description="The file, from the recipe's folder.", examples=["old.conf"])


class FileRename(OpModel):
    """Give a file another path, also in `configs`, `secrets` and `env_file` of compose files.

    Its content and mode stay. Other texts that name it are not changed; an overlay that
    `.env.sample` offers is refused.
    """

    path: str = Field(description="The file, from the recipe's folder.", examples=["app.conf"])
    to: str = Field(description="Its new path.", examples=["app.conf.tmpl"])


class FileChmod(OpModel):
    """Make a file executable, or not."""

    path: str = Field(description="The file, from the recipe's folder.", examples=["backup.sh"])
    mode: Mode = Field(description="`0755` for an executable, `0644` for any other file.")


def file_add(draft: Draft, step: FileAdd) -> Changed | Unchanged:
    """Add the file unless it is there."""
    text = draft.template(step.template) if step.template is not None else step.text or ""
    mode = _MODES[step.mode] if step.mode else None
    present = step.path in draft.tree
    before = draft.tree
    if not draft.save(step.path, text, mode):
        return Unchanged(f"{step.path} is so already")
    if present and not step.replace:
        differs = "content" if before.read(step.path) != draft.tree.read(step.path) else "mode"
        raise EditRefused(
            f"{step.path} is there already, with another {differs}",
            place=Place(step.path),
            hint="say `replace: true` if it may be overwritten",
        )
    return Changed(f"{'replaced' if present else 'added'} {step.path}")


def file_remove(draft: Draft, step: FileRemove) -> Changed:
    """Remove the file that nobody names."""
    if step.path not in draft.tree:
        raise missing("file", step.path, draft.tree.paths())
    _refuse_offered(draft, step.path)
    for file, path in _uses(draft, step.path):
        raise EditRefused(
            f"{'.'.join(map(str, path[:2]))} still uses {step.path}",
            place=draft.recipe.place(file, path),
            hint="remove or change that first",
        )
    draft.take(draft.tree.without(step.path))
    return Changed(f"removed {step.path}")


def file_rename(draft: Draft, step: FileRename) -> Changed | Unchanged:
    """Rename the file and what names it."""
    if step.to in draft.tree and step.path not in draft.tree:
        return Unchanged(f"{step.path} is called {step.to} already")
    draft.require_file(step.path)
    if step.to in draft.tree:
        raise EditRefused(
            f"{step.to} is there already",
            place=Place(step.to),
            hint="remove it first, or choose another name",
        )
    _refuse_offered(draft, step.path)
    if draft.tree.link(step.path) is not None:
        raise EditRefused(f"{step.path} is a link", place=Place(step.path), hint="name its target")
    for file, path in list(_uses(draft, step.path)):
        prefix = "./" if str(_value(draft, file, path)).startswith("./") else ""
        draft.edit_yaml(file, lambda editor: editor.set(path, prefix + step.to))  # noqa: B023
    tree = draft.tree
    moved = tree.with_file(step.to, tree.read(step.path), tree.mode(step.path))
    draft.take(moved.without(step.path))
    return Changed(f"renamed {step.path} to {step.to}")


def file_chmod(draft: Draft, step: FileChmod) -> Changed | Unchanged:
    """Give the file its mode."""
    draft.require_file(step.path)
    if not draft.take(draft.tree.with_mode(step.path, _MODES[step.mode])):
        return Unchanged(f"{step.path} has the mode {step.mode} already")
    return Changed(f"gave {step.path} the mode {step.mode}")


def _uses(draft: Draft, wanted: str) -> Iterator[tuple[str, Path]]:
    """Yield compose file and path of every value that names the file."""
    for file, data in draft.recipe.data.items():
        for path, value in _named(data):
            if isinstance(value, str) and posixpath.normpath(value) == wanted:
                yield file, path


def _named(data: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Yield path and value of everything in a compose file that names a file of the recipe."""
    for section in ("configs", "secrets"):
        for key, body in _mapping(data.get(section)).items():
            yield (section, key, "file"), _mapping(body).get("file")
    for name, body in _mapping(data.get("services")).items():
        field = _mapping(body).get("env_file")
        path: Path = ("services", name, "env_file")
        yield path, field
        for i, item in enumerate(field if isinstance(field, list) else []):
            yield (*path, i), item
            yield (*path, i, "path"), _mapping(item).get("path")


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _value(draft: Draft, file: str, path: Path) -> Any:
    value: Any = draft.recipe.data[file]
    for step in path:
        value = value[step]
    return value


def _refuse_offered(draft: Draft, path: str) -> None:
    """Refuse to take away an overlay that operators are told to use."""
    if ENV_SAMPLE not in draft.tree:
        return
    text = draft.tree.text(ENV_SAMPLE)
    for entry in dotenv.entries(text):
        if entry.name == "COMPOSE_FILE" and path in entry.value.split(":"):
            raise EditRefused(
                f"COMPOSE_FILE names {path}",
                place=Place.at(ENV_SAMPLE, text, entry.span[0]),
                hint="remove that line first, with env_sample.unset and its `value:`",
            )


_COMPOSE = "configs:\n  app_conf:\n    file: app.conf\n"

OPS = {
    "add": Op(
        "file.add",
        FileAdd,
        file_add,
        Example(
            step='op: file.add\npath: hello.sh\nmode: "0755"\ntext: |\n  #!/bin/sh\n  echo hello\n',
            before={},
            after={"hello.sh": "#!/bin/sh\necho hello\n"},
        ),
    ),
    "remove": Op(
        "file.remove",
        FileRemove,
        file_remove,
        Example(
            step="op: file.remove\npath: old.conf\n",
            before={"old.conf": "a = 1\n"},
            after={"old.conf": None},
        ),
    ),
    "rename": Op(
        "file.rename",
        FileRename,
        file_rename,
        Example(
            step="op: file.rename\npath: app.conf\nto: app.conf.tmpl\n",
            before={"compose.yml": _COMPOSE, "app.conf": "a = 1\n"},
            after={
                "compose.yml": _COMPOSE.replace("app.conf", "app.conf.tmpl"),
                "app.conf": None,
                "app.conf.tmpl": "a = 1\n",
            },
        ),
    ),
    "chmod": Op(
        "file.chmod",
        FileChmod,
        file_chmod,
        Example(
            step='op: file.chmod\npath: backup.sh\nmode: "0755"\n',
            before={"backup.sh": "#!/bin/sh\n"},
            after={"backup.sh": "#!/bin/sh\n"},
        ),
    ),
}
