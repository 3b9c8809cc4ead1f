"""Settings of `.env.sample`, which operators copy to `.env`; active ones and those on offer.

The syntax is godotenv's, which abra reads the file with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from patchkit.draft import NoMatch, missing
from patchkit.edit import dotenv
from patchkit.errors import EditRefused, Place
from patchkit.ops import Changed, Example, Op, Unchanged
from patchkit.recipe.model import ENV_SAMPLE
from patchkit.spec.fields import ScalarText
from patchkit.spec.model import OpModel

if TYPE_CHECKING:
    from patchkit.draft import Draft


_LISTS = "COMPOSE_FILE"


class EnvSampleSet(OpModel):
    """Give a setting of `.env.sample` its value, where it stands if it is there.

    An option on offer (`#NAME=value`) is switched on in place, or a setting off with
    `commented`. A new setting goes behind the ones that share its prefix, or behind `after`.
    A value that adds to the setting (`$COMPOSE_FILE:compose.x.yml`) is a line of its own.
    """

    name: str = Field(description="The variable.", examples=["SECRET_DB_PASSWORD_VERSION"])
    value: ScalarText = Field(description="Its value, without quotes.", examples=["v1"])
    comment: str | None = Field(
        default=None,
        description="The words behind the value; an empty text takes them away.",
        examples=["length=32"],
    )
    commented: bool = Field(default=False, description="Whether it is only on offer.")
    after: str | None = Field(
        default=None, description="The setting that a new line goes behind.", examples=["DOMAIN"]
    )


class EnvSampleUnset(OpModel):
    """Remove a setting of `.env.sample`, on offer too, and the comments that speak of it alone.

    Of several `COMPOSE_FILE` lines one is meant: say which with `value`.
    """

    name: str = Field(description="The variable.", examples=["SIDEKIQ_CONCURRENCY"])
    value: ScalarText | None = Field(
        default=None,
        description="Only lines with this value, without quotes.",
        examples=["$COMPOSE_FILE:compose.x.yml"],
    )


def env_sample_set(draft: Draft, step: EnvSampleSet) -> Changed | Unchanged:
    """Set the setting."""
    text = dotenv.set_value(
        _text(draft),
        step.name,
        step.value,
        comment=step.comment,
        commented=step.commented,
        after=step.after,
        path=ENV_SAMPLE,
    )
    if not draft.save(ENV_SAMPLE, text):
        return Unchanged(f"{ENV_SAMPLE} has this {step.name} already")
    return Changed(f"set {step.name} in {ENV_SAMPLE}")


def env_sample_unset(draft: Draft, step: EnvSampleUnset) -> Changed:
    """Remove the setting that is there."""
    text = _text(draft)
    found = dotenv.entries(text)
    mine = [entry for entry in found if entry.name == step.name]
    values = [entry.value for entry in mine]
    if not mine:
        names = dict.fromkeys(entry.name for entry in found)
        raise missing(f"setting in {ENV_SAMPLE}", step.name, names)
    if step.value is None:
        _require_one(text, mine)
    elif step.value not in values:
        # What all of them start with would make any two look alike.
        wanted, *known = (value.rpartition(":")[2] for value in (step.value, *values))
        raise missing(f"{step.name} with", wanted, known)
    draft.save(ENV_SAMPLE, dotenv.unset(text, step.name, value=step.value))
    what = step.name if step.value is None else f"{step.name}={step.value}"
    return Changed(f"removed {what} from {ENV_SAMPLE}")


def _require_one(text: str, mine: list[dotenv.Entry]) -> None:
    """Refuse to take all lines of a setting where each of them adds something."""
    name = mine[0].name
    lists = name == _LISTS or any(dotenv.adds(name, entry.value) for entry in mine)
    if lists and len({entry.value for entry in mine}) > 1:
        lines = ", ".join(str(entry.line) for entry in mine)
        raise EditRefused(
            f"{name} stands on several lines, which name different files: {lines}",
            place=Place.at(ENV_SAMPLE, text, mine[0].span[0]),
            hint=f"say which one with `value:`, such as {mine[-1].value}",
        )


def _text(draft: Draft) -> str:
    if ENV_SAMPLE not in draft.tree:
        raise NoMatch(
            f"the recipe has no {ENV_SAMPLE}", hint="add one with file.add; abra wants it (R008)"
        )
    return draft.tree.text(ENV_SAMPLE)


_HEAD = "TYPE=gitea\n\nDOMAIN=gitea.example.com\n"
_LFS = "SECRET_LFS_VERSION=v1 # length=32\n"

OPS = {
    "set": Op(
        "env_sample.set",
        EnvSampleSet,
        env_sample_set,
        Example(
            step="op: env_sample.set\nname: SECRET_LFS_VERSION\nvalue: v1\ncomment: length=32\n"
            "after: DOMAIN\n",
            before={".env.sample": _HEAD},
            after={".env.sample": _HEAD + _LFS},
        ),
    ),
    "unset": Op(
        "env_sample.unset",
        EnvSampleUnset,
        env_sample_unset,
        Example(
            step="op: env_sample.unset\nname: SECRET_LFS_VERSION\n",
            before={".env.sample": _HEAD + _LFS},
            after={".env.sample": _HEAD},
        ),
    ),
}
