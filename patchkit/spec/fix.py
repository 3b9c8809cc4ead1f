"""A loaded fix: its model, its text with places, and its parts rendered with values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from pydantic import BaseModel

from patchkit.errors import SpecError
from patchkit.spec.mistakes import checked
from patchkit.spec.model import Condition, FixSpec, OpModel, PullRequestText
from patchkit.spec.parameter import SELECTORS, Param
from patchkit.spec.problems import of_mistakes
from patchkit.spec.templates import has_template, render_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from patchkit.spec.source import Loc, Source

ConditionKind: TypeAlias = Literal["applies_to", "expects", "ensures"]
_Model = TypeVar("_Model", bound=BaseModel)
_MAX_FILLED = 1000  # parts that are kept: fleets ask the same of many recipes


@dataclass(frozen=True)
class Fix:
    """A fix spec that was read without a mistake.

    Attributes:
        spec: the model, its templates not yet filled in.
        source: the text, and where everything stands in it.
        digest: SHA-256 in hex of the text, of the class's that it extends, and of the template
            files that they name.
        models: the model of each op, in order.
        template_dirs: where its template files lie.
    """

    spec: FixSpec
    source: Source = field(repr=False)
    digest: str
    models: tuple[type[OpModel], ...] = field(repr=False)
    template_dirs: tuple[Path, ...] = field(default=(), repr=False)
    _filled: dict[object, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def id(self) -> str:
        """The fix's id."""
        return self.spec.id

    @property
    def title(self) -> str:
        """What the fix does, in one line."""
        return self.spec.title

    @property
    def repository(self) -> str:
        """The name of the repository it is for: a recipe's, or any other; empty for a class."""
        return self.spec.recipe or self.spec.repository or ""

    @property
    def for_recipe(self) -> bool:
        """Whether that repository is a recipe."""
        return self.spec.repository is None

    @property
    def is_class(self) -> bool:
        """Whether it is for every recipe of a kind."""
        return bool(self.spec.applies_to)

    @property
    def name(self) -> str:
        """What users type for it: its id, `classes/<id>` for a class."""
        return f"classes/{self.id}" if self.is_class else self.id

    def on(self, recipe: str) -> Fix:
        """Return a class as the fix of one recipe; any other fix as it is."""
        if not self.is_class:
            return self
        return replace(self, spec=self.spec.model_copy(update={"recipe": recipe}))

    @property
    def kind(self) -> str:
        """What messages call that repository: `recipe` or `repository`."""
        return "recipe" if self.for_recipe else "repository"

    @property
    def path(self) -> str:
        """The file as the user knows it."""
        return self.source.path

    @property
    def text(self) -> str:
        """The whole text of the file."""
        return self.source.text

    def step(self, index: int, values: Mapping[str, Any]) -> OpModel:
        """Return op `index` with its templates filled in.

        Raises:
            SpecError: a template fails, or what it gives is not what the op takes; with place.
        """
        return self._model(self.models[index], ("ops", index), values)

    def condition(self, kind: ConditionKind, index: int, values: Mapping[str, Any]) -> Condition:
        """Return condition `index` of `kind` with its templates filled in.

        Raises:
            SpecError: as for `step`.
        """
        return self._model(Condition, (kind, index), values)

    def pull_request(self, values: Mapping[str, Any]) -> PullRequestText:
        """Return the pull request's texts with their templates filled in.

        Raises:
            SpecError: as for `step`.
        """
        if "pr" not in self.source.data:
            return self.spec.pr
        return self._model(PullRequestText, ("pr",), values)

    def param_query(self, name: str, values: Mapping[str, Any]) -> Param:
        """Return the param `name`, one with `find`, with its selectors filled in.

        Raises:
            SpecError: as for `step`.
        """
        loc = ("params", name)
        raw = self.source.data["params"][name]
        selectors = {key: raw[key] for key in SELECTORS if key in raw}
        return self._validated(Param, loc, raw | self._rendered(selectors, loc, values))

    def param_default(self, name: str, values: Mapping[str, Any]) -> Any:
        """Return the default of the param `name`, which has one, with its templates filled in.

        Raises:
            SpecError: a template fails, or what it gives is not what the param takes.
        """
        raw = self.source.data["params"][name]
        loc: Loc = ("params", name)
        if isinstance(raw, dict):
            raw, loc = raw["default"], (*loc, "default")
        value = self._rendered(raw, loc, values)
        try:
            self.spec.params[name].check(value)
        except ValueError as error:
            raise SpecError(f'param "{name}": {error}', place=self.source.place(loc)) from None
        return value

    def _model(self, model: type[_Model], loc: Loc, values: Mapping[str, Any]) -> _Model:
        """Return a part with its templates filled in; nobody changes one."""
        raw: Any = self.source.data
        for step in loc:
            raw = raw[step]
        key = _key(values)
        if key is None:
            return self._validated(model, loc, self._rendered(raw, loc, values))
        if len(self._filled) > _MAX_FILLED:
            self._filled.clear()
        known: _Model | None = self._filled.get((loc, key))
        if known is None:
            known = self._validated(model, loc, self._rendered(raw, loc, values))
            self._filled[loc, key] = known
        return known

    def _validated(self, model: type[_Model], loc: Loc, data: Any) -> _Model:
        result, wrong = checked(model, data)
        if wrong or result is None:
            raise SpecError(tuple(of_mistakes(wrong, self.source, loc)))
        return result

    def _rendered(self, value: Any, loc: Loc, values: Mapping[str, Any]) -> Any:
        if isinstance(value, str):
            return self._text(value, loc, values)
        if isinstance(value, list):
            return type(value)(self._rendered(v, (*loc, i), values) for i, v in enumerate(value))
        if not isinstance(value, dict):
            return value
        result = type(value)()
        for key, item in value.items():
            name = self._text(key, (*loc, key), values, key=True)
            if not isinstance(name, str) or name in result:
                message = f"the key {key} becomes {name}, which is no text or stands there already"
                raise SpecError(message, place=self.source.place((*loc, key), key=True))
            result[name] = self._rendered(item, (*loc, key), values)
        return result

    def _text(self, text: str, loc: Loc, values: Mapping[str, Any], *, key: bool = False) -> Any:
        if not has_template(text):
            return text
        return render_text(text, values, self.source.place(loc, key=key))


def _key(values: Mapping[str, Any]) -> object:
    """Return what tells values apart, with types and quotes; None where there are lists."""
    if any(isinstance(value, (list, dict)) for value in values.values()):
        return None
    return tuple(
        (n, type(v), getattr(v, "style", getattr(v, "text", "")), v) for n, v in values.items()
    )
