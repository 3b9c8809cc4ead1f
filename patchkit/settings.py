"""Settings: where mirrors are and how patchkit works with them; never what a recipe holds.

They stand in `patchkit.toml` or under `[tool.patchkit]` of a `pyproject.toml`, in the folder of
the call or above it; a profile and a recipe's own table go before them, `PATCHKIT_*` before all.
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from patchkit.errors import Place, Problem, SettingsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMES = ("patchkit.toml", "pyproject.toml")
_PREFIX = "PATCHKIT_"
_PLAIN = ("mirror", "upstream", "forge", "api", "author", "status", "results")
VARIABLES = {name: f"{_PREFIX}{name.upper()}" for name in _PLAIN}
Model = TypeVar("Model", bound=BaseModel)


class Settings(BaseModel):
    """What holds for one recipe.

    URLs hold `{recipe}`, in whose place its name comes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    mirror: str | None = Field(default=None, description="The git URL of a recipe's mirror.")
    upstream: str | None = Field(
        default=None, description="The git URL of its home; nothing is ever pushed there."
    )
    forge: Literal["gitea", "forgejo", "github"] | None = Field(
        default=None, description="What the mirror's forge is; asked of the server by default."
    )
    api: str | None = Field(
        default=None, description="The base URL of the forge's API, where it is not the usual one."
    )
    author: str | None = Field(
        default=None, description="`Name <address>` of commits; git's identity by default."
    )
    token_command: list[str] | None = Field(
        default=None, description="A program, with its arguments, that prints the token."
    )
    status: str = Field(
        default="cc-ci/testme", description="The context of the commit status that CI sets."
    )
    results: str | None = Field(
        default=None, description="The URL of a run's results; `{run}` is the run's number."
    )
    rounds: int = Field(default=3, ge=0, description="How often a fix may ask CI.")
    labels: list[str] = Field(default=[], description="Labels of every pull request.")
    reviewers: list[str] = Field(default=[], description="Whom to ask for a review.")
    assignees: list[str] = Field(default=[], description="Whom to assign.")

    @field_validator("mirror", "upstream")
    @classmethod
    def _names_a_recipe(cls, value: str | None) -> str | None:
        if value is not None and set(re.findall(r"\{(.*?)\}", value)) - {"recipe"}:
            raise ValueError("only {recipe} may stand in braces")
        return value

    @field_validator("results")
    @classmethod
    def _names_a_run(cls, value: str | None) -> str | None:
        if value and not re.fullmatch(r"https?://[^{}\s]+\{run\}[^{}\s]*", value):
            raise ValueError("write a URL of HTTP with {run} in it")
        return value

    @field_validator("api")
    @classmethod
    def _is_a_url(cls, value: str | None) -> str | None:
        if value and not re.fullmatch(r"https?://[^{}\s?#@]+", value):
            raise ValueError("write a URL of HTTP")
        return value.rstrip("/") if value else value

    def mirror_of(self, recipe: str) -> str | None:
        """Return the URL of a recipe's mirror, None where no setting names one."""
        return self.mirror.replace("{recipe}", recipe) if self.mirror else None

    def upstream_of(self, recipe: str) -> str | None:
        """Return the URL of a recipe's home, None where no setting names one."""
        return self.upstream.replace("{recipe}", recipe) if self.upstream else None


def settings_for(
    recipe: str,
    *,
    profile: str | None = None,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Return the settings that hold for a recipe.

    Args:
        recipe: its name.
        profile: a table below `profiles`; `PATCHKIT_PROFILE` by default.
        folder: where the search for a file begins; the current folder by default.
        environment: the process's by default.

    Raises:
        SettingsError: a file or a variable is wrong; every problem of it, with its place.
        UsageError: there is no such profile.
    """
    env = os.environ if environment is None else environment
    path, table = _found(folder or Path.cwd())
    table.pop("testing", None)  # of those who write fixes: `table_for`
    profiles, recipes = table.pop("profiles", {}), table.pop("recipes", {})
    wanted = profile or env.get(f"{_PREFIX}PROFILE")
    if wanted and wanted not in profiles:
        known = ", ".join(profiles) or "none"
        raise UsageError(f"there is no profile {wanted}", hint=f"the settings have: {known}")
    layers = [table, profiles.get(wanted, {}), recipes.get(recipe, {})]
    merged = {key: value for layer in layers for key, value in layer.items()}
    for layer in (merged, *profiles.values(), *recipes.values()):
        _validated(layer, path, Settings)
    return _validated(merged | _variables(env), path, Settings)


def table_for(name: str, model: type[Model], folder: Path) -> tuple[Model, Path | None]:
    """Return one table of the settings, and the file that has it; the defaults where none has.

    Args:
        name: the table's.
        model: what stands in it.
        folder: where the search for a file begins.

    Raises:
        SettingsError: it is wrong; every problem of it, with its place.
    """
    path, table = _found(folder)
    return _validated(table.get(name, {}), path, model), path if name in table else None


def profiles(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of the profiles that the settings have."""
    return tuple(_found(folder or Path.cwd())[1].get("profiles", {}))


def _found(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Return the nearest file with settings and its table; an empty one where there is none."""
    for place in (folder, *folder.resolve().parents):
        for name in _NAMES:
            table = _table(place / name)
            if table is not None:
                return place / name, table
    return folder / _NAMES[0], {}


def _table(path: Path) -> dict[str, Any] | None:
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"the settings cannot be read: {error}", place=Place(str(path))
        ) from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+), column (\d+)", str(error))
        place = Place(str(path), int(at[1]), int(at[2])) if at else Place(str(path))
        raise SettingsError(f"this is no TOML: {error}", place=place) from None
    if path.name == "patchkit.toml":
        return data
    table = data.get("tool", {}).get("patchkit")
    return table if isinstance(table, dict) else None


def _variables(env: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings that variables give; those that hold a list are the files' alone."""
    return {name: env[variable] for name, variable in VARIABLES.items() if env.get(variable)}


def _validated(table: Any, path: Path, model: type[Model]) -> Model:
    try:
        return model.model_validate(table)
    except ValidationError as error:
        found = [_problem(dict(fault), path, model) for fault in error.errors()]
        raise SettingsError(tuple(found)) from None


def _problem(fault: dict[str, Any], path: Path, model: type[BaseModel]) -> Problem:
    name = next((step for step in reversed(fault["loc"]) if isinstance(step, str)), "")
    message = f"setting {name}: {str(fault['msg']).removeprefix('Value error, ')}"
    if fault["type"] == "extra_forbidden":
        message = f'unknown setting "{name}"'
    known = ", ".join(model.model_fields)
    hint = f"the settings are {known}" if fault["loc"][:1] == (name,) else ""
    return Problem(message, _place(path, name), hint)


def _place(path: Path, name: str) -> Place:
    """Return the line that sets a name, as far as it can be told."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return Place(str(path))
    line = re.search(rf"(?m)^[ \t]*(?=[\"']?{re.escape(name)}[\"']?[ \t]*=)", text)
    return Place.at(str(path), text, line.end()) if line else Place(str(path))
