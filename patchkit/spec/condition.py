"""A condition on a recipe: what `expects` and `ensures` of a fix are made of."""

from __future__ import annotations

from pydantic import Field, model_validator

from patchkit.spec.fields import Regex, ScalarText, SpecModel, wrong_together
from patchkit.spec.words import one_of

# What a condition about a service can say of it.
SERVICE_FACTS = (
    "image",
    "label",
    "environment",
    "config_at",
    "volume_at",
    "secret",
    "depends_on",
    "network",
    "field",
)
_VALUED = ("label", "environment", "field")
# What a condition can be about, and what else it may say then.
_SUBJECTS: dict[str, tuple[str, ...]] = {
    "any": (),
    "service": (*SERVICE_FACTS, "value", "matches"),
    "file": ("text", "matches"),
    "files": ("text", "matches"),
    "config": (),
    "volume": (),
    "secret": (),
    "network": (),
    "lint": (),
}


class Condition(SpecModel):
    """Something that must hold of the recipe, before the ops (expects) or after (ensures)."""

    service: str | None = Field(
        default=None,
        description="A service of the merged recipe, or with `*` any that fits. Alone: that it "
        "exists.",
        examples=["app", "{{ database }}"],
    )
    image: str | None = Field(
        default=None,
        description="With service: a pattern of its image.",
        examples=["postgres", "gitea/gitea:1.2*"],
    )
    label: str | None = Field(
        default=None,
        description="With service: the name of one of its labels.",
        examples=["backupbot.backup.path"],
    )
    environment: str | None = Field(
        default=None,
        description="With service: a variable that is set for it.",
        examples=["POSTGRES_DB"],
    )
    config_at: str | None = Field(
        default=None,
        description="With service: the container path of one of its configs.",
        examples=["/etc/gitea/app.ini"],
    )
    volume_at: str | None = Field(
        default=None,
        description="With service: the container path of one of its volumes.",
        examples=["/var/lib/postgresql/data"],
    )
    depends_on: str | None = Field(
        default=None,
        description="With service: a service that it depends on.",
        examples=["sidekiq"],
    )
    field: str | None = Field(
        default=None,
        description="With service: one of its fields, dots reaching into mappings; with value or "
        "matches into those of a list as well.",
        examples=["entrypoint", "deploy.resources"],
    )
    file: str | None = Field(
        default=None,
        description="A file of the recipe. Alone: that it exists.",
        examples=["abra.sh"],
    )
    files: str | None = Field(
        default=None,
        description="A pattern of files, for text or matches.",
        examples=["compose*.yml"],
    )
    config: str | None = Field(
        default=None, description="A config that is defined at the top level.", examples=["app_ini"]
    )
    volume: str | None = Field(
        default=None,
        description="A volume that is defined at the top level.",
        examples=["postgres"],
    )
    secret: str | None = Field(
        default=None,
        description="A secret that is defined at the top level; with service: that it has it.",
        examples=["db_password"],
    )
    network: str | None = Field(
        default=None,
        description="A network that is defined at the top level; with service: that it joins it.",
        examples=["proxy"],
    )
    value: ScalarText | None = Field(
        default=None,
        description="With label, environment or field: its value, with * for any text; of a list "
        "any entry.",
        examples=["true", "/var/lib/*"],
    )
    matches: Regex | None = Field(
        default=None,
        description="With label, environment, field, file or files: a regular expression that "
        "matches somewhere in the value or text.",
        examples=[r"image: gitea/gitea:1\.\d+"],
    )
    text: str | None = Field(
        default=None,
        description="With file or files: a literal text they hold.",
        examples=["sidekiq"],
    )
    lint: str | None = Field(
        default=None,
        description="A rule of lint that has something to say of the recipe, by its name.",
        examples=["shared-network-collision"],
    )
    any: list[Condition] | None = Field(
        default=None,
        description="Conditions of which at least one must hold.",
        min_length=1,
        examples=[[{"volume": "postgres"}, {"volume": "db"}]],
    )
    absent: bool = Field(default=False, description="Whether it must not hold instead.")
    because: str = Field(
        default="",
        description="A sentence shown when the condition fails.",
        examples=["The dump is made for postgres."],
    )

    @property
    def subject(self) -> str:
        """What it is about: `any`, `service`, `file`, `files` or a top-level definition."""
        return next((name for name in _SUBJECTS if getattr(self, name) is not None), "")

    @model_validator(mode="after")
    def _goes_together(self) -> Condition:
        said = [name for name in _SAYABLE if getattr(self, name) is not None]
        if not self.subject:
            raise wrong_together(f"a condition needs {one_of(_SUBJECTS)}")
        for name in said:
            if name not in (self.subject, *_SUBJECTS[self.subject]):
                raise wrong_together(f'"{name}" does not go with "{self.subject}"')
        for name in ("value", "text"):
            if name in said and "matches" in said:
                raise wrong_together(f'"matches" does not go with "{name}"')
        if self.subject == "files" and "text" not in said and "matches" not in said:
            raise wrong_together('"files" needs "text" or "matches"')
        if self.subject == "service":
            _check_facts(said)
        return self


_SAYABLE = tuple(name for name in Condition.model_fields if name not in {"absent", "because"})


def _check_facts(said: list[str]) -> None:
    facts = [name for name in SERVICE_FACTS if name in said]
    if len(facts) > 1:
        pair = f'"{facts[0]}" and "{facts[1]}"'
        raise wrong_together(f"{pair} are two conditions; write one entry for each")
    for name in ("value", "matches"):
        if name in said and not set(facts) & set(_VALUED):
            raise wrong_together(f'"{name}" needs {one_of(_VALUED)}')
