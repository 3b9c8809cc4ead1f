"""abra's rules about what stands beside the stack: R006, R007, R008, R013, R014."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchkit.errors import Place
from patchkit.finding import Severity
from patchkit.lint.rule import Hit, rule
from patchkit.recipe.model import ENV_SAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.lint.subject import Subject

_README = "README.md"
_FIELDS = ("Category", "Image", "Healthcheck", "Backups", "Email", "SSO")
_OPENING = re.compile(r"<!--\s*metadata\s*-->")
_CLOSING = re.compile(r"<!--\s*endmetadata\s*-->")
_FIELD = re.compile(r"(?m)^[ \t]*[*-][ \t]+\*\*([^*\n]+)\*\*[ \t]*:?[ \t]*:?([^\r\n]*)")


def _no_catalogue(_: Subject) -> str:
    return "it needs the catalogue, and lint asks no network"


@rule("unpublished-version", Severity.WARN, ref="R006", unless=_no_catalogue)
def unpublished_version(_: Subject) -> Iterator[Hit]:
    """The catalogue has no published version of the recipe.

    Why: `abra app new` offers operators only what the catalogue knows.

    Bad:
        a recipe that was never released

    Good:
        abra recipe release gitea

    Fix: release a version of the recipe.
    """
    return iter(())


@rule("empty-metadata", Severity.WARN, ref="R007", cure="text.replace")
def empty_metadata(subject: Subject) -> Iterator[Hit]:
    """The README's metadata is missing or not filled in.

    Why: the catalogue shows operators what a recipe can do, and takes it from there.

    Bad:
        * **Backups**:

    Good:
        * **Backups**: Yes

    Fix: fill in Category, Image, Healthcheck, Backups, Email and SSO between
    `<!-- metadata -->` and `<!-- endmetadata -->`.
    """
    text = subject.tree.text(_README) if _README in subject.tree else ""
    opening = _OPENING.search(text)
    closing = _CLOSING.search(text, opening.end()) if opening else None
    if opening is None or closing is None:
        what = "the README has no metadata" if text else "the recipe has no README.md"
        yield Hit(subject.top(_README), what)
        return
    found = {m[1].strip().lower(): m for m in _FIELD.finditer(text, opening.end(), closing.start())}
    for name in _FIELDS:
        field = found.get(name.lower())
        if field is None:
            place = Place.at(_README, text, opening.start())
            yield Hit(place, f"the metadata lacks {name}")
        elif not field[2].strip():
            yield Hit(Place.at(_README, text, field.start(1)), f"{name} is not filled in")


@rule("no-env-sample", Severity.ERROR, ref="R008", cure="file.add")
def no_env_sample(subject: Subject) -> Iterator[Hit]:
    """The recipe provides no `.env.sample`.

    Why: operators have nothing to start their settings from.

    Bad:
        compose.yml

    Good:
        compose.yml
        .env.sample

    Fix: add a `.env.sample` with the settings that the compose files use.
    """
    if ENV_SAMPLE not in subject.tree:
        yield Hit(subject.top(ENV_SAMPLE), "the recipe has no .env.sample")


def _no_forge(_: Subject) -> str:
    return "it needs the forge, and lint asks no network"


@rule("no-repository", Severity.WARN, ref="R013", unless=_no_forge)
def no_repository(_: Subject) -> Iterator[Hit]:
    """The forge has no repository of the recipe.

    Why: abra clones recipes from there; operators cannot deploy what only one machine has.

    Bad:
        ~/.abra/recipes/gitea without an origin

    Good:
        a repository called gitea in the organisation's forge

    Fix: create the repository and push the recipe.
    """
    return iter(())


def _no_tags(subject: Subject) -> str:
    return "" if subject.tags is not None else "there is no git repository to read tags from"


@rule("lightweight-tag", Severity.ERROR, ref="R014", unless=_no_tags)
def lightweight_tag(subject: Subject) -> Iterator[Hit]:
    """A git tag of the recipe is not annotated.

    Why: abra takes versions from annotated tags and stops at others, so that nobody can
    upgrade to or from that version.

    Bad:
        git tag 1.0.0+2.3.4

    Good:
        git tag -a 1.0.0+2.3.4 -m "chore: publish 1.0.0+2.3.4"

    Fix: delete the tag and make it again with `git tag -a`, on the same commit.
    """
    for name, annotated in sorted((subject.tags or {}).items()):
        if not annotated:
            yield Hit(Place(f"refs/tags/{name}"), f"the tag {name} is not annotated")
