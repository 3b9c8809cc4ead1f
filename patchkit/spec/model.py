"""The model of a fix spec: what each key means, and which go together.

The descriptions and examples here become the JSON Schema that editors show. Values are taken
strictly, as YAML has them: `yes` is text and no truth value, `1.22` is a number and no text.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from patchkit.spec.condition import Condition
from patchkit.spec.fields import (
    ClassName,
    Id,
    OneLine,
    Recipe,
    Repository,
    Said,
    SpecModel,
    Texts,
    choices,
)
from patchkit.spec.parameter import Param, ParamName

__all__ = ["Allow", "Condition", "FixSpec", "JudgeName", "OpModel", "Param", "PullRequestText"]

JudgeName = Literal["compose", "abra", "shellcheck", "caddy", "python", "postgres", "entrypoint"]
_JUDGES = choices(
    {
        "compose": "Docker takes every set of compose files that operators deploy.",
        "abra": "abra's own lint finds nothing that it did not find before.",
        "shellcheck": "ShellCheck finds nothing wrong in the shell files and hooks.",
        "caddy": "Caddy takes the Caddyfile, and routes as it says.",
        "python": "The Python files can be compiled, and ruff finds nothing worse.",
        "postgres": "A backup of a real PostgreSQL server can be restored, whatever goes wrong.",
        "entrypoint": "The entrypoint starts what it is to start, and writes its configuration.",
    }
)
_ON_ALIAS = choices(
    {
        "error": "Refuse.",
        "expand": "Write the alias out, and change what stands there then.",
        "edit-anchor": "Change the anchor, and with it all that use it.",
    }
)
_VERSION = choices(
    {
        "leave": "The version stays.",
        "patch": "1.2.3 becomes 1.2.4: a repair.",
        "minor": "1.2.3 becomes 1.3.0: something new.",
        "major": "1.2.3 becomes 2.0.0: operators have to do something.",
    }
)


class Allow(SpecModel):
    """A lint rule that the fix may break, and why."""

    rule: OneLine = Field(
        description="The rule's name, or abra's number of it.",
        examples=["R005", "moving-image-tag"],
    )
    reason: Said = Field(
        description="Why breaking it is right.", examples=["The app has no semver tags."]
    )


class PullRequestText(SpecModel):
    """What a pull request with this fix says."""

    title: OneLine | None = Field(
        default=None,
        description="Its title; the fix's title if there is none.",
        examples=["Back up a dump of the database"],
    )
    body: Texts = Field(
        default=[],
        description="Paragraphs of Markdown that are added to the fix's why.",
        examples=[["Operators need to do nothing."]],
    )
    labels: list[OneLine] = Field(
        default=[], description="Labels of the pull request.", examples=[["backup"]]
    )
    comment: Said | None = Field(
        default=None, description="A comment posted once on each new head.", examples=["!testme"]
    )


class OpModel(SpecModel):
    """The keys that every op has; each op's model adds its own.

    Fields take values strictly: a YAML list is a `list`, never a tuple. A field of type `str`
    loses the quotes its author wrote; `ScalarValue` and `Any` keep them.
    """

    op: str = Field(description="The op's name.", examples=["labels.set"])
    optional: bool = Field(
        default=False,
        description="Whether the op does nothing, instead of refusing, if nothing matches.",
    )
    on_alias: Annotated[Literal["error", "expand", "edit-anchor"], _ON_ALIAS] = Field(
        default="error",
        description="What to do when the value comes through a YAML alias: refuse (error); write "
        "the alias out and change that (expand); or change the anchor, and with it all that use "
        "it (edit-anchor).",
    )
    when: list[Condition] = Field(
        default=[],
        description="Conditions that must hold for the op to be made at all, when its turn comes.",
        examples=[[{"service": "sidekiq"}]],
    )


class FixSpec(SpecModel):
    """A fix: what is wrong with a recipe or repository, how to tell, and the ops that cure it."""

    id: Id = Field(
        description="The fix's name: its branch, its snapshot, what users type.",
        examples=["mattermost"],
    )
    title: OneLine = Field(
        description="What the fix does, as a commit message's first line.",
        examples=["Back the database up as a dump that can be restored"],
    )
    recipe: Recipe | None = Field(
        default=None,
        description="The recipe it is for, as its repository is called.",
        examples=["mattermost-lts"],
    )
    repository: Repository | None = Field(
        default=None,
        description="Instead of recipe: any other repository that it is for, such as the harness "
        "of the CI. Files are all there is in it: no compose rules, no services.",
        examples=["cc-ci"],
    )
    extends: ClassName | None = Field(
        default=None,
        description="The class that it is made of: beside it in a folder classes/, else shipped. "
        "params and pr are merged by key (a plain value of a param is its value, a find replaces "
        "the class's); expects, ops, ensures and allow follow the class's; other keys replace it.",
        examples=["classes/pg-backup"],
    )
    applies_to: list[Condition] = Field(
        default=[],
        description="Makes it a class, for every recipe: what makes a recipe of its kind. Where a "
        "condition fails, or a param that one uses is not found, the class has nothing to say; "
        "anything else that is missing means that the recipe has drifted.",
        min_length=1,
        examples=[[{"service": "{{ database }}"}]],
    )
    cures: list[OneLine] = Field(
        default=[],
        description="The rules of lint whose findings it removes, by name or abra's number: "
        "`patchkit explain` lists them.",
        examples=[["hot-data-backup", "R012"]],
    )
    alternative: Id | None = Field(
        default=None,
        description="The fix that cures the same in another way; this one is used only when named.",
        examples=["bluesky-pds"],
    )
    why: Said = Field(
        description="What goes wrong without the fix, for the pull request's reader.",
        examples=["A restore does not bring the state back."],
    )
    evidence: Texts = Field(
        default=[],
        description="Where it was seen: versions, logs, links.",
        examples=[["restore of 2.1.8 leaves the old rows in place"]],
    )
    params: dict[ParamName, Param] = Field(
        default={},
        description="Values that templates use, by name: a default, or a mapping.",
        examples=[{"dump": "backup.sql", "database": {"find": "service", "image": "postgres"}}],
    )
    expects: list[Condition] = Field(
        default=[],
        description="What must hold before the ops; otherwise the recipe has drifted.",
        examples=[[{"service": "app", "config_at": "/etc/gitea/app.ini"}]],
    )
    ops: list[dict[str, Any]] = Field(
        description="The edits, in order.",
        min_length=1,
        examples=[[{"op": "labels.set", "service": "app", "labels": {"a": "b"}}]],
    )
    ensures: list[Condition] = Field(
        default=[],
        description="What must hold after the ops, of the whole merged recipe.",
        examples=[[{"text": "sidekiq", "files": "compose*.yml", "absent": True}]],
    )
    allow: list[Allow] = Field(
        default=[],
        description="Lint rules that the fix may break, each with its reason.",
        examples=[[{"rule": "R005", "reason": "The app has no semver tags."}]],
    )
    verify: list[Annotated[JudgeName, _JUDGES]] = Field(
        default=[],
        description="The judges of the result, real programs; all of them if none is named.",
        examples=[["compose", "shellcheck"]],
    )
    with_: list[Id] = Field(
        default=[],
        alias="with",
        description="Fixes that belong together with it, of other repositories perhaps.",
        examples=[["bluesky-pds"]],
    )
    pr: PullRequestText = Field(
        default_factory=PullRequestText,
        description="What the pull request says.",
        examples=[{"labels": ["backup"], "comment": "!testme"}],
    )
    version: Annotated[Literal["leave", "patch", "minor", "major"], _VERSION] = Field(
        default="leave", description="Which part of the recipe's version the fix raises."
    )

    @field_validator("alternative", "with_")
    @classmethod
    def _names_others(cls, value: Any, info: ValidationInfo) -> Any:
        names = value if isinstance(value, list) else [value]
        if info.data.get("id") in names:
            raise ValueError("names this fix itself")
        if len(set(names)) < len(names):
            raise ValueError("names a fix twice")
        return value
