"""Rules about the names of secrets: abra's R015, and Swarm's own limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.edit.yaml import Scalar
from patchkit.finding import Severity
from patchkit.lint.rule import Hit, rule
from patchkit.recipe.interpolate import interpolate, variables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.lint.subject import Subject

_MOST = 12
_LIMIT = 64  # of Swarm, for the name of a secret
_STACK = "x" * 45  # abra cuts the name of a stack to so many characters
_VERSION = "v10"


@rule("long-secret-name", Severity.WARN, ref="R015")
def long_secret_name(subject: Subject) -> Iterator[Hit]:
    """A secret's name has more than 12 characters.

    Why: the stack's name and a version are put around it, and Swarm takes no more than 64.

    Bad:
        secrets:
          smtp_password:

    Good:
        secrets:
          smtp_pw:

    Fix: choose a name of 12 characters or fewer for a new secret. A name that operators use
    already is better left: they would have to make the secret again.
    """
    for part in subject.definitions("secrets"):
        if len(part.name) > _MOST:
            yield Hit(part.place, f"{part.name} has {len(part.name)} characters of {_MOST}")


@rule("secret-name-too-long", Severity.WARN)
def secret_name_too_long(subject: Subject) -> Iterator[Hit]:
    """A secret's full name is too long for Swarm where the operator's domain is a long one.

    Why: `abra app secret generate` fails, and only for operators with long domains.

    Bad:
        name: ${STACK_NAME}_administrator_password_${SECRET_ADMINISTRATOR_PASSWORD_VERSION}

    Good:
        name: ${STACK_NAME}_admin_pw_${SECRET_ADMIN_PW_VERSION}

    Fix: shorten the name: with 45 characters for the stack and a version of three it may have
    64 in all.
    """
    for part in subject.definitions("secrets"):
        node = part.field("name")
        if isinstance(node, Scalar) and (length := _length(node.value)) > _LIMIT:
            yield Hit(part.at(node), f"the full name of {part.name} can have {length} characters")


def _length(name: str) -> int:
    """Return how long a name can get; versions count with three characters."""
    env = dict.fromkeys(variables(name), _VERSION) | {"STACK_NAME": _STACK}
    return len(interpolate(name, env))
