from __future__ import annotations

import yaml
from dummies import loaded

from patchkit.spec.model import FixSpec, Param
from patchkit.spec.params import given, resolve
from patchkit.spec.skeleton import skeleton

TEXT = skeleton("my-fix", "gitea")


def test_it_is_valid_and_says_what_was_asked() -> None:
    fix = loaded(TEXT)
    assert (fix.id, fix.repository) == ("my-fix", "gitea")


def test_it_can_be_rendered() -> None:
    fix = loaded(TEXT)

    def find(_: str, query: Param) -> str | None:
        return query.name

    values = resolve(fix, given(fix, {}), find)
    assert fix.step(0, values).model_dump(include={"service", "labels"}) == {
        "service": "app",
        "labels": {"coop-cloud.${STACK_NAME}.timeout": "300"},
    }
    assert fix.condition("ensures", 0, values).value == "300"


def test_it_names_every_key_of_a_spec() -> None:
    keys = {field.alias or name for name, field in FixSpec.model_fields.items()}
    shown = {key for key in keys if f"\n{key}:" in TEXT or f"\n# {key}:" in TEXT}
    assert keys - shown == {"verify", "repository", "extends", "applies_to", "cures"}


def test_it_has_the_line_that_editors_look_for_first() -> None:
    assert TEXT.startswith("# yaml-language-server: $schema=schema.json\n")
    assert yaml.safe_load(TEXT)["id"] == "my-fix"
