"""The healthcheck of a service: how Docker tells that it is well, and how long it may take.

Compose spec, «healthcheck»: https://docs.docker.com/reference/compose-file/services/#healthcheck.
`start_interval` is left out: a stack of version 3.8 may not have it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from patchkit.draft import NoMatch
from patchkit.edit.yaml import FlowList, Sequence, StyledStr
from patchkit.errors import EditRefused
from patchkit.ops import Changed, Example, Op, Unchanged
from patchkit.recipe.forms import as_test
from patchkit.spec.fields import schema_keys, wrong_together
from patchkit.spec.model import OpModel

if TYPE_CHECKING:
    from patchkit.draft import Draft
    from patchkit.edit.yaml import Path, YamlEditor

_DURATION = r"0|([0-9]+(\.[0-9]+)?(h|ms|m|s|us|ns))+"
_KEYS = ("test", "interval", "timeout", "retries", "start_period")


def _duration(value: str) -> str:
    if not re.fullmatch(_DURATION, value):
        raise ValueError(
            "expected a duration such as 1m30s, without variables: abra checks the file before"
            " it fills them in"
        )
    return value


def _command(value: str | list[str]) -> str | list[str]:
    if isinstance(value, list) and (len(value) < 2 or value[0] not in {"CMD", "CMD-SHELL"}):  # noqa: PLR2004
        raise ValueError("a list starts with CMD or CMD-SHELL, and the command follows")
    return value


Duration = Annotated[str, AfterValidator(_duration), schema_keys(pattern=f"^({_DURATION})$")]


class HealthcheckSet(OpModel):
    """Set keys of a service's healthcheck; those that are not given stay as they are.

    It is changed in the file where it stands; a service without one gets one, which needs
    `test`, in the file that defines the service. Durations are literals (`1m30s`): abra checks
    them before it fills variables in. A healthcheck that is switched off is not switched on.
    """

    service: str = Field(description="The service's Compose key.", examples=["app"])
    test: Annotated[str | list[str], AfterValidator(_command)] | None = Field(
        default=None,
        description="The command: a text for the shell, or a list that starts with CMD.",
        examples=[["CMD", "curl", "-f", "http://localhost:3000/health"]],
    )
    interval: Duration | None = Field(
        default=None, description="How long to wait between two tests.", examples=["30s"]
    )
    timeout: Duration | None = Field(
        default=None, description="How long one test may take.", examples=["10s"]
    )
    retries: int | None = Field(
        default=None,
        description="How many failed tests in a row make it unhealthy.",
        ge=0,
        examples=[10],
    )
    start_period: Duration | None = Field(
        default=None,
        description="How long failed tests do not count after the start.",
        examples=["5m"],
    )
    file: str | None = Field(
        default=None, description="The compose file to edit.", examples=["compose.smtp.yml"]
    )

    @model_validator(mode="after")
    def _sets_something(self) -> HealthcheckSet:
        if not self.given:
            raise wrong_together(f"healthcheck.set needs one of {', '.join(_KEYS)}")
        return self

    @property
    def given(self) -> dict[str, Any]:
        """The keys to set, in the order that they are written in."""
        return {key: value for key in _KEYS if (value := getattr(self, key)) is not None}


def healthcheck_set(draft: Draft, step: HealthcheckSet) -> Changed | Unchanged:
    """Set the given keys in the one file that has the healthcheck, or shall have it."""
    path: Path = ("services", step.service, "healthcheck")
    file = draft.target(path, step.file, what=f"the healthcheck of {step.service}")
    _refuse_disabled(draft, step.service)
    if "test" not in step.given and not draft.recipe.files_with(path):
        raise NoMatch(
            f"{step.service} has no healthcheck",
            place=draft.recipe.place(file, path),
            hint="give `test:` as well, to make one",
        )
    before = draft.tree
    draft.edit_yaml(file, lambda editor: _set(editor, path, step.given))
    if draft.tree == before:
        return Unchanged(f"the healthcheck of {step.service} is so already")
    return Changed(f"set {', '.join(step.given)} of the healthcheck of {step.service}")


def _refuse_disabled(draft: Draft, service: str) -> None:
    path: Path = ("services", service, "healthcheck")
    for file in draft.recipe.files_with(path):
        check = draft.recipe.data[file]["services"][service]["healthcheck"]
        if not isinstance(check, dict):
            continue
        if check.get("disable") is True or as_test(check.get("test"))[:1] == ["NONE"]:
            raise EditRefused(
                f"the healthcheck of {service} is switched off, and somebody had a reason",
                place=draft.recipe.place(file, path),
                hint="if the reason is gone, remove the old one with yaml.unset first",
            )


def _set(editor: YamlEditor, path: Path, given: dict[str, Any]) -> None:
    if "test" in given:
        given = given | {"test": _test(editor, (*path, "test"), given["test"])}
    if editor.document.follow(path) is None:
        editor.set(path, given, before="deploy")
        return
    for key, value in given.items():
        present = [k for k in _KEYS if editor.document.follow((*path, k))]
        above = [k for k in present if _KEYS.index(k) < _KEYS.index(key)]
        after, before = above[-1:], present[len(above) : len(above) + 1]
        editor.set((*path, key), value, after=_one(after), before=_one(before))


def _one(names: list[str]) -> str | None:
    return names[0] if names else None


def _test(editor: YamlEditor, path: Path, wanted: str | list[str]) -> Any:
    """Return the command in the form to write: the present one's where it means the same."""
    present = editor.document.follow(path)
    if present is not None and as_test(_at(editor.data, path)) == as_test(wanted):
        return _at(editor.data, path)
    if isinstance(wanted, str) or isinstance(present, Sequence):
        return wanted
    return FlowList(StyledStr(word, editor.layout.style.quote) for word in wanted)


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


_APP = "services:\n  app:\n    image: nginx:1.27\n"
_TEST = '    healthcheck:\n      test: ["CMD", "curl", "-f", "http://localhost"]\n'

OPS = {
    "set": Op(
        "healthcheck.set",
        HealthcheckSet,
        healthcheck_set,
        Example(
            step="op: healthcheck.set\nservice: app\nstart_period: 5m\n",
            before={"compose.yml": _APP + _TEST + "      start_period: 30s\n"},
            after={"compose.yml": _APP + _TEST + "      start_period: 5m\n"},
        ),
    ),
}
