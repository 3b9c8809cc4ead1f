"""What a recorded fix expects of a recipe, and ensures: what was there, and what is there now.

A condition is taken only if it holds on its side, so that a fix applies where it was recorded
and is «already fixed» where it was applied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patchkit.edit.yaml import FlowDict
from patchkit.errors import PatchkitError
from patchkit.fixes import loads_fix
from patchkit.recipe.find import labels
from patchkit.recipe.forms import as_mapping, config_refs, mounts
from patchkit.record.candidate import HEALTHCHECK, Candidate
from patchkit.record.writing import Head, Parts, spec_text
from patchkit.rendering.guards import failing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from patchkit.recipe.model import Recipe
    from patchkit.record.candidate import Step

_LONGEST = 80  # characters of a text that a condition asks for
_MOST = 40  # conditions of one kind


def guards(
    steps: list[Step], old: Recipe, new: Recipe, made: Recipe, head: Head
) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """Return what to expect before the ops, and what to ensure after them.

    Args:
        steps: the ops.
        old: the recipe before them.
        new: the recipe as it is to become.
        made: the recipe as the ops and the closing rules make it, if they do more.
        head: what the spec says before its ops.
    """
    before = {s["to"]: s["service"] for s in steps if s["op"] == "service.rename"}
    first = [step | _was(step, before) for step in steps]
    after = _sides(steps, new, old, head)
    ensures = tuple(condition for condition in after if _holds(condition, made, head))
    return _sides(first, old, new, head), ensures


def _sides(steps: Iterable[Step], there: Recipe, other: Recipe, head: Head) -> tuple[Step, ...]:
    """Return the conditions of one side; where the ops' own tell nothing, lines of its files."""
    found = _holding([c for step in steps for c in _facts(step, there, other)], there, other, head)
    if any(not _holds(condition, other, head) for condition in found):
        return found
    files = there.tree.changed_paths(other.tree)
    lines = [c for file in files for c in _of_file(file, there, other)]
    return (*found, *_holding(lines[:_MOST], there, other, head)[:1])


def _was(step: Step, before: dict[str, str]) -> Step:
    """Return the service of a step as it was called at first."""
    name = step.get("service")
    return {"service": before[name]} if name in before else {}


def _facts(step: Step, there: Recipe, other: Recipe) -> Iterator[Step]:
    """Yield what is to be said of one side of what a step changed."""
    family, _, verb = step["op"].partition(".")
    service = step.get("service")
    if verb == "rename" and family == "service":
        for name in (step["service"], step["to"]):
            yield _service(name, there)
    elif family == "service" and verb in {"add", "remove"}:
        yield _service(step["service"], there)
    elif family in _OF_SERVICES and isinstance(service, str):
        for name in (service, step.get("to", service) if verb == "move" else service):
            if name in there.services:
                yield from _OF_SERVICES[family](step, name, there)
    elif family in {"file", "text", "ini", "env_sample", "abra", "release", "yaml", "python"}:
        yield from _of_files(step, there, other)


def _service(name: str, there: Recipe) -> Step:
    return {"service": name} | ({} if name in there.services else {"absent": True})


def _image(_: Step, name: str, there: Recipe) -> Iterator[Step]:
    yield {"service": name, "image": str(there.services[name].get("image"))}


def _label(step: Step, name: str, there: Recipe) -> Iterator[Step]:
    names = _old_and_new(step["labels"], step)
    yield from _values("label", names, labels(there.services[name]), name)


def _variable(step: Step, name: str, there: Recipe) -> Iterator[Step]:
    names = _old_and_new(step.get("variables") or step["names"], step)
    found = as_mapping(there.services[name].get("environment"))
    yield from _values("environment", names, found, name)


def _old_and_new(names: Any, step: Step) -> Iterable[str]:
    """Return the names of entries; those of a renaming are old and new ones."""
    return [*names, *names.values()] if step["op"].endswith(".rename") else names


def _values(fact: str, names: Iterable[str], found: dict[str, Any], service: str) -> Iterator[Step]:
    for key in names:
        if key not in found:
            yield {"service": service, fact: key, "absent": True}
        elif isinstance(found[key], str) and "*" not in found[key]:
            yield {"service": service, fact: key, "value": found[key]}
        else:
            yield {"service": service, fact: key}


def _config(step: Step, name: str, there: Recipe) -> Iterator[Step]:
    at = [ref.target for ref in config_refs(there.services[name])]
    yield from _at("config_at", [step.get("target"), step.get("at"), step.get("to")], at, name)


def _volume(step: Step, name: str, there: Recipe) -> Iterator[Step]:
    at = [mount.target for mount in mounts(there.services[name]) if mount.type == "volume"]
    yield from _at("volume_at", [step.get("target"), step.get("at")], at, name)


def _at(fact: str, paths: list[Any], found: list[str], service: str) -> Iterator[Step]:
    for path in paths:
        if path is not None:
            yield {"service": service, fact: path} | ({} if path in found else {"absent": True})


def _secret(step: Step, name: str, _: Recipe) -> Iterator[Step]:
    for key in step.get("names") or [step["name"]]:
        yield {"service": name, "secret": key}
        yield {"service": name, "secret": key, "absent": True}


def _network(step: Step, name: str, _: Recipe) -> Iterator[Step]:
    yield {"service": name, "network": step["network"]}


def _field(step: Step, name: str, there: Recipe) -> Iterator[Step]:
    for field in step.get("fields") or _checks(step):
        if '"' not in field and "[" not in field:
            value = _at_field(there.services[name], field)
            if isinstance(value, (str, int)) and "*" not in str(value):
                yield {"service": name, "field": field, "value": _written(value)}
            yield {"service": name, "field": field}
            yield {"service": name, "field": field, "absent": True}


def _checks(step: Step) -> list[str]:
    return [f"healthcheck.{key}" for key in step if key in HEALTHCHECK]


def _at_field(service: dict[str, Any], field: str) -> Any:
    value: Any = service
    for key in field.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _written(value: str | int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_OF_SERVICES: dict[str, Callable[[Step, str, Recipe], Iterator[Step]]] = {
    "image": _image,
    "labels": _label,
    "environment": _variable,
    "config": _config,
    "volume": _volume,
    "secret": _secret,
    "network": _network,
    "service": _field,
    "healthcheck": _field,
}


def _of_files(step: Step, there: Recipe, other: Recipe) -> Iterator[Step]:
    """Yield whether a file is there, or a line of it that the other side has not."""
    names = [
        step[key] for key in ("path", "to", "file") if key in step and "*" not in str(step[key])
    ]
    default = {"env_sample": ".env.sample", "abra": "abra.sh", "release": "release/next"}
    names = names or [default.get(step["op"].partition(".")[0], "compose.yml")]
    for name in names if step["op"] != "yaml.move" else [step.get("file", "compose.yml")]:
        yield from _of_file(name, there, other)


def _of_file(name: str, there: Recipe, other: Recipe) -> Iterator[Step]:
    if name not in there.tree:
        yield {"file": name, "absent": True}
    elif name not in other.tree:
        yield {"file": name}
    else:
        yield from _lines(name, there, other)


def _lines(file: str, there: Recipe, other: Recipe) -> Iterator[Step]:
    """Yield a line of a file that the other side has not, else one that it misses."""
    try:
        mine, theirs = there.tree.text(file), other.tree.text(file)
    except PatchkitError:
        return
    for text, rest, absent in ((mine, theirs, {}), (theirs, mine, {"absent": True})):
        known = {line.strip() for line in rest.splitlines()}
        lines = dict.fromkeys(line.strip() for line in text.splitlines())
        some = [line for line in lines if 0 < len(line) <= _LONGEST and line not in known]
        # The longest says most; one that stands within a line of the other side says nothing.
        for line in sorted(some, key=len, reverse=True)[:_MOST]:
            if line not in rest:
                yield {"file": file, "text": line} | absent
                return


def _holding(conditions: list[Step], there: Recipe, other: Recipe, head: Head) -> tuple[Step, ...]:
    """Return the conditions that hold, those that tell the sides apart first."""
    unique = list({repr(condition): condition for condition in conditions}.values())
    held = [c for c in unique if _holds(c, there, head)]
    telling = [c for c in held if not _holds(c, other, head)]
    return tuple(FlowDict(c) for c in _without_bare(telling or held)[:_MOST])


def _without_bare(conditions: list[Step]) -> list[Step]:
    """Return conditions without those that a service is there, where another says more of it."""
    named = {
        c["service"] for c in conditions if len(c) > 1 and "service" in c and "absent" not in c
    }
    return [c for c in conditions if {*c} != {"service"} or c["service"] not in named]


def _holds(condition: Step, recipe: Recipe, head: Head) -> bool:
    op = Candidate({"op": "file.remove", "path": "a"})
    try:
        fix = loads_fix(spec_text(head, Parts((op,), expects=(FlowDict(condition),))))
        return failing(fix.condition("expects", 0, {}), recipe) is None
    except PatchkitError:
        return False
