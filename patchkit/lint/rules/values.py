"""Rules about values: variables where literals must stand, and variables without a value."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from patchkit.edit.yaml import Scalar, Sequence
from patchkit.edit.yaml.nodes import target
from patchkit.finding import Severity
from patchkit.lint.nodes import keyed
from patchkit.lint.rule import Hit, rule
from patchkit.recipe.given import BY_ABRA, bare
from patchkit.recipe.interpolate import variables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.edit.yaml import Node
    from patchkit.lint.nodes import Part
    from patchkit.lint.subject import Subject
    from patchkit.recipe.model import Recipe

_ROLLOUT = ("delay", "monitor", "parallelism", "max_failure_ratio")
_LITERAL = (
    ("stop_grace_period",),
    *(("healthcheck", f) for f in ("interval", "timeout", "start_period", "start_interval")),
    ("healthcheck", "retries"),
    ("deploy", "replicas"),
    *(("deploy", "restart_policy", f) for f in ("delay", "window", "max_attempts")),
    *(("deploy", "update_config", f) for f in _ROLLOUT),
    *(("deploy", "rollback_config", f) for f in _ROLLOUT),
    ("deploy", "resources", "limits", "memory"),
    ("deploy", "resources", "reservations", "memory"),
)
_IN_LISTS = {"ports": ("target", "published"), "configs": ("mode",), "secrets": ("mode",)}


@rule("non-literal-duration", Severity.ERROR, cure="healthcheck.set")
def non_literal_duration(subject: Subject) -> Iterator[Hit]:
    """A duration, number, port or size is a variable.

    Why: abra and Docker check the text before variables are filled in: the recipe can be
    neither linted nor deployed, whatever the variable says.

    Bad:
        healthcheck:
          start_period: ${START_PERIOD:-5m}

    Good:
        healthcheck:
          start_period: 5m

    Fix: write the literal, or put another one into an overlay of its own.
    """
    for part in subject.services:
        for node in _literals(part):
            if isinstance(node, Scalar) and variables(node.value):
                yield Hit(part.at(node), f"{node.value} stands where a literal must")


@rule("env-without-default", Severity.WARN, cure="environment.default")
def env_without_default(subject: Subject) -> Iterator[Hit]:
    """A service's environment uses a variable that nothing gives a value.

    Why: an operator's `.env` was made from an older `.env.sample`: after the upgrade the
    variable is empty, and the program starts with a setting that nobody chose.

    Bad:
        environment:
          - UPLOAD_LIMIT=${UPLOAD_LIMIT}

    Good:
        environment:
          - UPLOAD_LIMIT=${UPLOAD_LIMIT:-100M}

    Fix: give the variable a default that means what was so before, and a line in `.env.sample`.
    """
    known = BY_ABRA | set(subject.settings) | set(subject.exports)
    known -= _new_variables(subject)
    for part in subject.services:
        for entry in part.entries("environment"):
            for name in dict.fromkeys(bare(entry.value or "")):
                if name not in known:
                    yield Hit(entry.place, _said(name, subject))


def _said(name: str, subject: Subject) -> str:
    since = ", and .env files made before do not have it" if name in subject.settings else ""
    return f"{name} has no default{since}" if since else f"{name} has neither default nor setting"


def _new_variables(subject: Subject) -> set[str]:
    """Return the settings of `.env.sample` that an older `.env` lacks."""
    if subject.base is None:
        return set()
    before = type(subject)(subject.base)
    return set(subject.settings) - set(before.settings) - BY_ABRA - _used(before.recipe)


def _used(recipe: Recipe) -> set[str]:
    texts = [recipe.tree.text(path) for path in recipe.compose_paths]
    return {name for text in texts for name in variables(text)}


@lru_cache(maxsize=256)
def _literals(part: Part) -> tuple[Node | None, ...]:
    return tuple(_found_literals(part))


def _found_literals(part: Part) -> Iterator[Node | None]:
    for path in _LITERAL:
        yield part.field(*path)
    for field, names in _IN_LISTS.items():
        node = part.field(field)
        for item in map(target, node.items) if isinstance(node, Sequence) else ():
            if field == "ports" and isinstance(item, Scalar):
                yield item
            yield from (keyed(item)[name][1] for name in names if name in keyed(item))
