"""Holds edits against `docker stack config`: its output before and after must differ by the edit.

Docker needs no daemon for it. Its output is a normal form, so what differs is what changed in
meaning. Files that it refuses before the edit tell nothing and are left out.
"""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import yaml
from corpus_judge import LOADER, PROBE

from patchkit.edit.keyed import set_entry
from patchkit.edit.yaml import YamlEditor
from patchkit.errors import EditRefused, RecipeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

EVERY = 5
KEY, VALUE = "patchkit.probe", "a: b #c"
Change = tuple["Callable[[YamlEditor], object]", "Callable[[Any], object]"]


class _Strings(LOADER):  # type: ignore[misc, valid-type]
    """Reads every scalar as its text."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  PyYAML's way


def has_docker() -> bool:
    """Whether the docker client is on this machine."""
    return shutil.which("docker") is not None


def check_with_docker(paths: list[Path], *, every: int = EVERY) -> tuple[int, list[str]]:
    """Return how many edits were compared, and a line for each that differs."""
    count, differing = 0, []
    for path in paths[::every]:
        text = path.read_bytes().decode("utf-8")
        before = stack_config(path, text)
        for i, (act, change) in enumerate(_changes(before) if before else []):
            editor = YamlEditor(text, str(path))
            try:
                act(editor)
            except (EditRefused, RecipeError):
                continue
            expected = stack_config(path, text)
            change(expected)
            count += 1
            if stack_config(path, editor.text) != expected:
                differing.append(f"{path}: docker stack config tells of another change ({i})")
    return count, differing


def stack_config(path: Path, text: str) -> Any:
    """Return what Docker makes of a text that stands at `path`; None if it refuses."""
    done = subprocess.run(
        ["docker", "stack", "config", "--skip-interpolation", "-c", "-"],
        input=text.encode(),
        cwd=path.parent,
        capture_output=True,
        check=False,
    )
    return yaml.load(done.stdout, Loader=_Strings) if done.returncode == 0 else None


def _changes(before: Any) -> Iterator[Change]:
    if not before["services"]:
        return
    name = next(iter(before["services"]))
    at = ("services", name)

    def service(data: Any) -> Any:
        return data["services"][name]

    yield (
        lambda editor: editor.set((*at, "stop_signal"), "SIGUSR1"),
        lambda data: service(data).update(stop_signal="SIGUSR1"),
    )
    yield (
        lambda editor: editor.set((*at, "image"), PROBE),
        lambda data: service(data).update(image=PROBE),
    )
    yield (
        lambda editor: set_entry(editor, (*at, "deploy", "labels"), KEY, VALUE),
        lambda data: (
            service(data).setdefault("deploy", {}).setdefault("labels", {}).update({KEY: VALUE})
        ),
    )
    yield (
        lambda editor: set_entry(editor, (*at, "environment"), "PROBE", VALUE),
        lambda data: service(data).setdefault("environment", {}).update(PROBE=VALUE),
    )
    yield (
        lambda editor: editor.rename(at, PROBE),
        lambda data: data["services"].update({PROBE: data["services"].pop(name)}),
    )
    if len(before["services"]) > 1:
        yield (
            lambda editor: editor.unset(at, move_anchors=True),
            lambda data: data["services"].pop(name),
        )
