"""Guards: what a fix expects of a recipe, ensures afterwards, and finds in it.

Every condition speaks of the merged recipe, and one that fails points at file and line.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from patchkit.edit.pattern import compile_pattern
from patchkit.edit.yaml.values import scalar_text
from patchkit.errors import Place, Problem, RecipeError
from patchkit.recipe import find
from patchkit.recipe.forms import as_mapping, config_refs, depends_on, mounts, networks, secret_refs
from patchkit.recipe.interpolate import interpolate
from patchkit.recipe.model import BASE
from patchkit.spec.parameter import FINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from patchkit.recipe.model import Recipe
    from patchkit.spec.condition import Condition
    from patchkit.spec.parameter import Param

_SECTIONS = {"config": "configs", "volume": "volumes", "network": "networks", "secret": "secrets"}


def failing(condition: Condition, recipe: Recipe) -> Problem | None:
    """Return what is wrong when a condition does not hold, else None.

    The problem says what was expected, what there is, and where to look.
    """
    if condition.any is not None:
        problems = [failing(part, recipe) for part in condition.any]
        wrong = [problem for problem in problems if problem is not None]
        if len(wrong) < len(problems):
            return None
        what, places = " and ".join(p.message for p in wrong), [p.place for p in wrong]
        return Problem(f"none of these holds: {what}", places[0], condition.because or "")
    found, what, place = _Check(condition, recipe).result()
    if found is not condition.absent:
        return None
    words = f"expected no {what}, and there is one" if condition.absent else f"expected {what}"
    return Problem(words, place, condition.because or "")


def find_param(recipe: Recipe, query: Param) -> Any:
    """Return what a parameter's `find:` names in the recipe.

    Raises:
        NotFound: nothing fits and the parameter has no default, or several things do.
    """
    try:
        return _find(recipe, query)
    except find.Ambiguous:
        raise
    except find.NotFound:
        if not query.has_default and not query.optional:
            raise
        return None


def find_each(recipe: Recipe, query: Param) -> list[str]:
    """Return every service or config that fits a parameter with `each:`.

    Raises:
        NotFound: none fits.
    """
    if query.find == "config":
        return find.find_configs(recipe, query.name or "*")
    return find.find_services(recipe, **_criteria(query))


def _criteria(query: Param) -> dict[str, str | None]:
    return {name: getattr(query, name) for name in FINDS["service"][1]}


def _find(recipe: Recipe, query: Param) -> str:
    service, at = query.service or "", query.at or ""
    if query.find == "service":
        return find.find_service(recipe, **_criteria(query))
    if query.find in _MOUNTED and query.at is not None:
        return _MOUNTED[query.find](recipe, service, at)
    if query.find in _NAMED and query.service is not None:
        return _NAMED[query.find](recipe, service, query.name or "")
    if query.find == "variable":
        return find.find_variable(recipe, query.config or "")
    if query.find == "network":
        return find.find_network(recipe, query.service, query.name)
    if query.find == "config":
        return find.find_named_config(recipe, query.name or "")
    return _find_in_files(recipe, query)


_MOUNTED: dict[str, Callable[[Recipe, str, str], str]] = {
    "volume": find.find_volume,
    "mount": find.find_mount,
    "config": find.find_config,
    "secret": find.find_secret,
}
_NAMED: dict[str, Callable[[Recipe, str, str], str]] = {
    "environment": find.find_environment,
    "label": find.find_label,
}


def _find_in_files(recipe: Recipe, query: Param) -> str:
    if query.find == "match":
        return find.find_match(recipe, query.file or "", query.regex or "")
    if query.text is not None:
        return find.find_text(recipe, query.text, query.service)
    return find.find_file(recipe, query.config or "")


class _Check:
    """One condition on one recipe: whether it is so, what it says, and where to look."""

    def __init__(self, condition: Condition, recipe: Recipe) -> None:
        self.condition = condition
        self.recipe = recipe

    def result(self) -> tuple[bool, str, Place]:
        c = self.condition
        if c.service is not None and "*" in c.service:
            return self._any_service(c.service)
        if c.service is not None:
            return self._service(c.service)
        if c.file is not None:
            return self._file(c.file)
        if c.text is not None or c.matches is not None:
            return self._texts()
        for kind, section in _SECTIONS.items():
            name = getattr(c, kind)
            if name is not None:
                found = [key for key in self.recipe.section(section) if fnmatchcase(key, name)]
                path = (section, *found[:1])
                return bool(found), f"a {kind} {name} at the top level", self._place(path)
        return True, "nothing", Place(BASE)

    def _any_service(self, pattern: str) -> tuple[bool, str, Place]:
        fitting = [name for name in self.recipe.services if fnmatchcase(name, pattern)]
        results = [self._service(name) for name in fitting]
        none = (False, f"a service {pattern} that is so", self._place(("services",)))
        return next((result for result in results if result[0]), none)

    def _service(self, service: str) -> tuple[bool, str, Place]:
        c, path = self.condition, ("services", service)
        body = self.recipe.services.get(service)
        if body is None:
            near = ", ".join(self.recipe.services)
            return False, f"a service {service} (there is {near})", self._place(("services",))
        place = self._place(path)
        if c.image is not None:
            image = body.get("image")
            what = f"an image {c.image} for {service} (it is {image})"
            return find.image_matches(image, c.image), what, self._place((*path, "image"))
        if c.label is not None:
            found = _fitting(find.labels(body), c.label)
            return self._values(found, f"label {c.label} of {service}", place)
        if c.environment is not None:
            found = _fitting(as_mapping(body.get("environment")), c.environment)
            place = self._place((*path, "environment"))
            return self._values(found, f"variable {c.environment} of {service}", place)
        return self._uses(service, body, place)

    def _uses(self, service: str, body: dict[str, Any], place: Place) -> tuple[bool, str, Place]:
        """Conditions on what a service mounts, joins and waits for."""
        c = self.condition
        if c.field is not None:
            where = self._place(("services", service, *c.field.split(".")))
            return self._field(service, body, where)
        if c.config_at is not None:
            at = [ref.target for ref in config_refs(body)]
            return _at(at, c.config_at), f"a config of {service} at {c.config_at}", place
        if c.volume_at is not None:
            at = [m.target for m in mounts(body) if m.type == "volume"]
            return _at(at, c.volume_at), f"a volume of {service} at {c.volume_at}", place
        for kind, names in (
            ("config", [ref.source for ref in config_refs(body)]),
            ("secret", [ref.source for ref in secret_refs(body)]),
            ("volume", [m.source for m in mounts(body)]),
            ("network", list(networks(body))),
            ("depends_on", depends_on(body)),
        ):
            wanted = getattr(c, kind)
            if wanted is not None:
                found = any(fnmatchcase(name, wanted) for name in names)
                return found, f"{kind} {wanted} of {service}", place
        return True, f"service {service}", place

    def _field(self, service: str, body: dict[str, Any], place: Place) -> tuple[bool, str, Place]:
        c = self.condition
        found = _at_field(body, c.field or "")
        what = f"field {c.field} of {service}"
        if c.value is None and c.matches is None:
            return found is not None, what, place
        values = found if isinstance(found, list) else [] if found is None else [found]
        texts: dict[str, str | None] = {
            str(i): value if isinstance(value, str) else scalar_text(value)
            for i, value in enumerate(values)
            if not isinstance(value, (dict, list))
        }
        return self._values(texts, f"the {what}", place)

    def _values(
        self, found: dict[str, str | None], what: str, place: Place
    ) -> tuple[bool, str, Place]:
        c = self.condition
        if c.value is None and c.matches is None:
            return bool(found), what, place
        words = f"{what} to be {c.value}" if c.value is not None else f"{what} to match {c.matches}"
        has = ", ".join(str(value) for value in found.values())
        held = any(self._fits(value or "") for value in found.values())
        return held, f"{words} (it is {has})" if found else f"{words} (there is none)", place

    def _fits(self, value: str) -> bool:
        c = self.condition
        if c.matches is not None:
            return bool(compile_pattern(c.matches, value).search(value))
        wanted = c.value or ""
        return wanted in {value, interpolate(value)} or fnmatchcase(value, _glob(wanted))

    def _file(self, pattern: str) -> tuple[bool, str, Place]:
        paths = self.recipe.tree.matching(pattern)
        if self.condition.text is None and self.condition.matches is None:
            return bool(paths), f"a file {pattern}", Place(pattern)
        return self._search(paths, pattern)

    def _texts(self) -> tuple[bool, str, Place]:
        pattern = self.condition.files or "compose*.yml"
        return self._search(self.recipe.tree.matching(pattern), pattern)

    def _search(self, paths: Iterable[str], where: str) -> tuple[bool, str, Place]:
        c = self.condition
        what = f"the text {c.text or c.matches} in {where}"
        for path in paths:
            text = self._text(path)
            wanted = (
                re.compile(re.escape(c.text)) if c.text else compile_pattern(c.matches or "", text)
            )
            if found := wanted.search(text):
                return True, what, Place.at(path, text, found.start())
        return False, what, Place(where)

    def _text(self, path: str) -> str:
        try:
            return self.recipe.tree.text(path)
        except RecipeError:
            return ""  # a binary file holds no text

    def _place(self, path: tuple[str, ...]) -> Place:
        """Return the place in the file where the most of a path stands."""
        for depth in range(len(path), 0, -1):
            files = self.recipe.files_with(path[:depth])
            if files:
                return self.recipe.place(files[0], path[:depth])
        return Place(BASE)


def _fitting(entries: dict[str, str | None], pattern: str) -> dict[str, str | None]:
    return {k: v for k, v in entries.items() if k == pattern or fnmatchcase(k, _glob(pattern))}


def _at_field(body: Any, field: str) -> Any:
    for step in field.split("."):
        body = body.get(step) if isinstance(body, dict) else None
    return body


def _at(paths: list[str], wanted: str) -> bool:
    return any(find.same_path(path, wanted) for path in paths)


def _glob(pattern: str) -> str:
    """Return a pattern in which only `*` and `?` are special."""
    return pattern.replace("[", "[[]")
