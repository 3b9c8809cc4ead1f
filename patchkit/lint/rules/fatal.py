"""What makes abra stop before it judges a rule: its FATA lines."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from patchkit.edit.yaml import Scalar, Sequence
from patchkit.edit.yaml.nodes import target
from patchkit.finding import Severity
from patchkit.lint.compose_shape import COMPOSE, VERSIONS
from patchkit.lint.rule import Hit, rule
from patchkit.lint.shapes import faults
from patchkit.recipe.forms import as_text
from patchkit.recipe.model import BASE, ENV_SAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.edit.yaml import Document
    from patchkit.lint.subject import Subject

FATA = "FATA"
# What Docker takes a file without a version for.
_UNSAID = "3.13"


@rule("missing-env-sample", Severity.FATAL, ref=FATA, cure="file.add")
def missing_env_sample(subject: Subject) -> Iterator[Hit]:
    """There is no `.env.sample`.

    Why: abra makes an operator's `.env` from it; without it neither lint nor `abra app new` run.

    Bad:
        compose.yml

    Good:
        compose.yml
        .env.sample    TYPE=gitea
                       DOMAIN=gitea.example.com

    Fix: add a `.env.sample` with the settings that the compose files use.
    """
    if ENV_SAMPLE not in subject.tree:
        yield Hit(subject.top(ENV_SAMPLE), "the recipe has no .env.sample")


@rule("invalid-compose", Severity.FATAL, ref=FATA)
def invalid_compose(subject: Subject) -> Iterator[Hit]:
    """A compose file is not valid before variables are filled in.

    Why: abra and Docker check types and formats on the text as it is written; one wrong field
    in any `compose*.yml` stops every deploy and every lint of the recipe.

    Bad:
        healthcheck:
          start_period: ${START_PERIOD:-5m}

    Good:
        healthcheck:
          start_period: 5m

    Fix: write a literal of the type that is expected there.
    """
    if BASE not in subject.recipe.compose_paths:
        yield Hit(subject.top(), "the recipe has no compose.yml")
    for document in subject.documents:
        yield from _file_faults(document)
    yield from _versions(subject)
    yield from _env_files(subject)


@lru_cache(maxsize=128)
def _file_faults(document: Document) -> tuple[Hit, ...]:
    return tuple(_found_faults(document))


def _found_faults(document: Document) -> Iterator[Hit]:
    if double := document.duplicate():
        yield Hit(document.place(double.start), f"the key {double.value} stands twice")
    if document.root is None:
        yield Hit(document.place(0), "the file is empty; a mapping was expected")
    for node, what in faults(document.root, COMPOSE):
        at = max(node.start, 0)
        yield Hit(document.place(at), f"{_said(document, node.start, node.end)} {what}")


def _said(document: Document, start: int, end: int) -> str:
    """Return a value in short, for a message."""
    text = " ".join(document.text[start:end].split())
    return text if 0 < len(text) <= 40 else "this"  # noqa: PLR2004  what fits into a line


def _env_files(subject: Subject) -> Iterator[Hit]:
    """Docker reads them when it loads the compose file."""
    for part in subject.services:
        node = part.field("env_file")
        for item in node.items if isinstance(node, Sequence) else [node]:
            known = target(item) if item else None
            if isinstance(known, Scalar) and subject.lacks(known.value):
                yield Hit(part.at(known), f"the recipe has no file {known.value}")


def _versions(subject: Subject) -> Iterator[Hit]:
    """Docker merges files of one version only, and knows only some."""
    first = _UNSAID
    filled = {path: data for path, data in subject.recipe.data.items() if data}
    for number, (path, data) in enumerate(filled.items()):
        version = as_text(data.get("version")) or _UNSAID
        version = _UNSAID if version == "3" else version
        first = first if number else version
        place = subject.recipe.place(path, ("version",)) if "version" in data else None
        if version not in VERSIONS:
            yield Hit(
                place or subject.top(path),
                f"Docker knows no Compose file version {version}",
                'write version: "3.8"',
            )
        elif version != first:
            yield Hit(
                place or subject.top(path),
                f"this file has version {version}, and {next(iter(filled))} {first}",
                "give all compose files one version: Docker merges no others",
            )
