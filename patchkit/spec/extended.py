"""A fix spec that extends a class: both texts as one, each part with its place in its own file.

`params` and `pr` are merged key by key, the fix's `expects`, `ops`, `ensures` and `allow` follow
those of the class, and every other key of the fix replaces the class's. What makes a recipe of
the class's kind (`applies_to`) becomes what the fix expects. A class extends nothing itself: one
level says what differs, two would hide it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patchkit.errors import Problem, SpecError
from patchkit.spec.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.errors import Place
    from patchkit.spec.source import Loc

_APPENDED = ("expects", "ops", "ensures", "allow")
_MERGED = ("params", "pr")
# What a class says of itself alone.
_OWN = ("id", "applies_to", "extends", "alternative")
# What is left of a param that was looked for when the fix gives its value.
_KEPT = ("type", "choices", "description")


class Extended(Source):
    """A spec's source on top of its class's."""

    def __init__(self, own: Source, base: Source) -> None:
        """Put `own` on top of `base`.

        Raises:
            SpecError: `base` is no class, or extends something itself.
        """
        if problems := tuple(_no_class(own, base)):
            raise SpecError(problems)
        vars(self).update(vars(own))
        self.base: Source = base
        self._own = own
        self._origins: dict[Loc, tuple[Source, Loc]] = {(): (own, ())}
        self.data = self._merged(base.data, own.data)

    def place(self, loc: Loc, *, key: bool = False) -> Place:
        """Return where the value at `loc` stands, in the fix or in its class; see `Source`."""
        depth = next(n for n in range(len(loc), -1, -1) if loc[:n] in self._origins)
        source, start = self._origins[loc[:depth]]
        return source.place((*start, *loc[depth:]), key=key)

    def _merged(self, base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
        result = dict(own)
        for name in (name for name in base if name not in _OWN and name not in own):
            self._origins[name,] = self.base, (name,)
            result[name] = base[name]
        for name in _APPENDED:
            self._append(result, name, own, base)
        for name in _MERGED:
            ours, theirs = own.get(name), base.get(name)
            if isinstance(ours, dict) and isinstance(theirs, dict):
                result[name] = self._by_key(name, theirs, ours)
        return result

    def _append(
        self, result: dict[str, Any], name: str, own: dict[str, Any], base: dict[str, Any]
    ) -> None:
        """Put a list's entries behind the class's; what is no list is told where it stands."""
        parts = [(self.base, name, base.get(name, [])), (self._own, name, own.get(name, []))]
        if name == "expects":
            parts.insert(0, (self.base, "applies_to", base["applies_to"]))
        if not all(isinstance(values, list) for _, _, values in parts):
            return
        entries = [(at, (key, i), v) for at, key, vs in parts for i, v in enumerate(vs)]
        self._origins |= {(name, i): (at, loc) for i, (at, loc, _) in enumerate(entries)}
        if entries:
            result[name] = [value for _, _, value in entries]

    def _by_key(self, name: str, theirs: dict[str, Any], ours: dict[str, Any]) -> dict[str, Any]:
        result = ours | {key: value for key, value in theirs.items() if key not in ours}
        for key, value in theirs.items():
            if key not in ours:
                self._origins[name, key] = self.base, (name, key)
            elif name == "params":
                result[key] = self._param(key, value, ours[key])
        return result

    def _param(self, name: str, theirs: Any, ours: Any) -> Any:
        """Return a param of which the fix changes some keys, or says the value."""
        loc: Loc = ("params", name)
        if ours is None:
            return None
        theirs = theirs if isinstance(theirs, dict) else {"default": theirs}
        if not isinstance(ours, dict):
            ours = {"default": ours}
            self._origins[*loc, "default"] = self._own, loc
            kept = _KEPT
        else:
            kept = _KEPT if "find" in ours else tuple(theirs)
        inherited = {key: theirs[key] for key in kept if key in theirs and key not in ours}
        self._origins |= {(*loc, key): (self.base, (*loc, key)) for key in inherited}
        return inherited | ours


def _no_class(own: Source, base: Source) -> Iterator[Problem]:
    if "applies_to" not in base.data:
        hint = f'a class says "applies_to"; {base.path} does not'
        yield Problem("what it extends is no class", own.place(("extends",)), hint)
    for key in ("recipe", "repository", "extends"):
        if key in base.data:
            place = base.place((key,), key=True)
            hint = "one level is enough" if key == "extends" else "it is for every recipe"
            yield Problem(f'"{key}" is not for a class', place, hint)
