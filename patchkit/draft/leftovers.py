"""Entries of the top-level sections that no service uses any more, removed with their traces.

A config's file and its export in `abra.sh`, a secret's version in `.env.sample`, a volume's
backup labels: what a person forgets. What anything else still needs stays.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any

from patchkit.draft import sections
from patchkit.draft.field import KeyedField
from patchkit.draft.uses import uses
from patchkit.edit import dotenv, shell
from patchkit.edit.yaml import Scalar
from patchkit.edit.yaml.nodes import walk
from patchkit.recipe.configs import exports
from patchkit.recipe.interpolate import variables
from patchkit.recipe.model import ABRA_SH, ENV_SAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from patchkit.draft.draft import Draft
    from patchkit.draft.uses import Kind
    from patchkit.recipe.model import Recipe

_STACK = "STACK_NAME"
_LABELS = (("deploy", "labels"), ("labels",))


def drop_config_if_unused(draft: Draft, key: str) -> list[str]:
    """Remove a config that no service uses, its file and its export; say what was removed.

    The file and the export stay while another config, any compose file or `abra.sh` names them.
    """
    return _drop(draft, "configs", key)


def drop_secret_if_unused(draft: Draft, key: str) -> list[str]:
    """Remove a secret that no service uses, and its version in `.env.sample`; say so."""
    return _drop(draft, "secrets", key)


def drop_volume_if_unused(draft: Draft, key: str) -> list[str]:
    """Remove a volume that no service uses, and its backup labels; say so.

    A note tells the operator that the data stays on the server, and how to remove it.
    """
    return _drop(draft, "volumes", key)


def drop_network_if_unused(draft: Draft, key: str) -> list[str]:
    """Remove a network that no service joins; say so. `default` is joined by saying nothing."""
    return [] if key == "default" else _drop(draft, "networks", key)


def drop_traces(draft: Draft, kind: Kind, key: str, bodies: Iterable[dict[str, Any]]) -> list[str]:
    """Remove what speaks of an entry that is gone, unless something else needs it; say so.

    Args:
        draft: the recipe, which no longer defines the entry.
        kind: the section.
        key: the entry's key.
        bodies: what compose files said of it.
    """
    bodies = list(bodies)
    if kind == "configs":
        files = [posixpath.normpath(str(body["file"])) for body in bodies if "file" in body]
        return _drop_files(draft, dict.fromkeys(files)) + _drop_exports(draft, _versions(bodies))
    if kind == "secrets":
        return _drop_settings(draft, _versions(bodies))
    if kind == "volumes":
        _note_data(draft, key, bodies)
        return _drop_labels(draft, f"backupbot.backup.volumes.{key}")
    return []


def _drop(draft: Draft, kind: Kind, key: str) -> list[str]:
    """Remove an entry from every file, with its traces, unless some service uses it."""
    if any(use.source == key for use in uses(draft.recipe, kind)):
        return []
    bodies = sections.definitions(draft.recipe, kind, key).values()
    files = sections.undefine(draft, kind, key)
    what = f"removed the {kind.removesuffix('s')} {key} from {', '.join(files)}"
    if not files:
        return []
    return [f"{what}: nothing uses it any more", *drop_traces(draft, kind, key, bodies)]


def _note_data(draft: Draft, key: str, bodies: list[dict[str, Any]]) -> None:
    if any(body.get("external") for body in bodies):
        return
    names = [str(body["name"]) for body in bodies if body.get("name")]
    name = names[0] if names else f"${{STACK_NAME}}_{key}"
    draft.notes.append(
        f"The volume `{key}` is no longer used. Its data stays on the server; once you are"
        f" sure that nothing in it is needed, remove it:\n\n    docker volume rm {name}"
    )


def _versions(bodies: Iterable[dict[str, object]]) -> list[str]:
    """Return the variables in the full names of configs or secrets."""
    names = [variable for body in bodies for variable in variables(str(body.get("name", "")))]
    return [name for name in dict.fromkeys(names) if name != _STACK]


def _drop_files(draft: Draft, files: Iterable[str]) -> list[str]:
    done = []
    for file in files:
        if file in draft.tree and not _in_compose(draft.recipe, file) and not _in_abra(draft, file):
            draft.take(draft.tree.without(file))
            done.append(f"removed the file {file}")
    return done


def _drop_exports(draft: Draft, names: Iterable[str]) -> list[str]:
    done = []
    for name in names:
        if name in exports(draft.recipe) and not _in_compose(draft.recipe, name):
            text = draft.tree.text(ABRA_SH)
            draft.save(ABRA_SH, shell.unset_export(text, name, path=ABRA_SH))
            done.append(f"removed {name} from {ABRA_SH}")
    return done


def _drop_settings(draft: Draft, names: Iterable[str]) -> list[str]:
    done = []
    for name in names if ENV_SAMPLE in draft.tree else ():
        text = draft.tree.text(ENV_SAMPLE)
        if not _in_compose(draft.recipe, name) and draft.save(ENV_SAMPLE, dotenv.unset(text, name)):
            done.append(f"removed {name} from {ENV_SAMPLE}")
    return done


def _drop_labels(draft: Draft, label: str) -> list[str]:
    """Remove a label, and those below it, from every service."""
    done = []
    for service in draft.recipe.services:
        for pattern in (label, f"{label}.*"):
            field = KeyedField(draft, service, _LABELS, "label")
            if field.entries(pattern):
                done += [f"removed the label {key} of {service}" for key in field.unset(pattern)]
    return done


def _in_compose(recipe: Recipe, word: str) -> bool:
    """Whether a key or a value of any compose file names a file or a variable."""
    pattern = _word(word)
    roots = [recipe.document(path).root for path in recipe.compose_paths]
    nodes = (node for root in roots if root for node in walk(root))
    return any(isinstance(node, Scalar) and pattern.search(node.value) for node in nodes)


def _in_abra(draft: Draft, word: str) -> bool:
    return ABRA_SH in draft.tree and bool(_word(word).search(draft.tree.text(ABRA_SH)))


def _word(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w./-])(?:\./)?{re.escape(word)}(?![\w/-]|\.\w)")
