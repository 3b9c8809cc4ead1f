"""Judges what a class made of a recipe: as data, by other means than those that made it.

The compose files are read by PyYAML and compared file by file; every difference must be named by
one of the class's `ensures`, and every one of these must hold.
"""

from __future__ import annotations

import re
import sys
from fnmatch import fnmatchcase
from pathlib import Path

sys.path.append(str(Path(__file__).parent / "fixes"))

from variants import view

from patchkit import Verdict, check, render
from patchkit.recipe.find import image_matches
from patchkit.recipe.model import Recipe
from patchkit.rendering.kind import found

# What the closing rules do besides: abra.sh, release notes, and what a removed service leaves.
SECTIONS = ("configs", "secrets", "volumes", "networks")


def wrong(fix, patch, params=None):
    """Return what is wrong with a patch that applies, a line each."""
    ensured, sets = _ensured(fix, patch, params)
    before, after = _views(patch.base), _views(patch.tree)
    if any(op.get("hosts") for op in fix.source.data["ops"]):
        after = _by_old_names(before, after, sets[0]["alias"], sets[0]["service"])
    merged = _merged(after)
    said = [f"not so: {_said(c)}" for c in ensured if not _holds(c, merged, patch.tree)]
    said += [f"not ensured: {'.'.join(map(str, path))}" for path in _unsaid(before, after, ensured)]
    said += held_back(fix, patch)
    again = render(fix, patch.tree, params)
    if again.diff() or again.verdict not in {Verdict.FIXED, Verdict.OTHER}:
        said.append(f"a second time it is {again.verdict}: {again.reasons or again.diff()}")
    return said + list(_noise(patch))


def held_back(fix, patch):
    """Return what keeps patchkit itself from proposing a patch: lint that is worse, findings."""
    gate = check(fix, patch)
    said = [f"lint: {r.finding.rule}: {r.finding.message}" for r in gate.worse]
    return said + [f"open: {finding.message}" for finding in patch.findings]


def _ensured(fix, patch, params):
    sets = found(fix, Recipe(patch.base), params or {})
    said = [fix.condition("ensures", i, v) for v in sets for i in range(len(fix.spec.ensures))]
    return said, sets


def _by_old_names(before, after, alias, service):
    """Return the data with the old name wherever that is all that a text says otherwise."""
    if isinstance(before, dict) and isinstance(after, dict):
        return {k: _by_old_names(before.get(k), v, alias, service) for k, v in after.items()}
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = zip(before, after, strict=True)
        return [_by_old_names(a, b, alias, service) for a, b in pairs]
    if isinstance(before, str) and isinstance(after, str):
        old = re.sub(rf"\b{re.escape(alias)}(?=[:/])", service, after)
        return before if old == before else after
    return after


def _named(ensured, service):
    """Return the conditions that speak of a service."""
    return [c for c in ensured if c.service and fnmatchcase(service, c.service)]


def _views(tree):
    texts = {p: tree.read(p).decode() for p in tree.paths() if fnmatchcase(p, "compose*.yml")}
    found = view(texts)
    # Docker passes over fields of people's own; what is used of them is where it is used.
    return {p: {k: v for k, v in data.items() if k[:2] != "x-"} for p, data in found.items()}


def _said(condition):
    return condition.model_dump(exclude_unset=True, exclude={"because"})


# --- does it hold? ------------------------------------------------------------------------


def _merged(views):
    result = {}
    for path in sorted(views, key=lambda path: (path != "compose.yml", path)):
        result = _joined(result, views[path])
    return result


def _joined(a, b):
    if isinstance(a, dict) and isinstance(b, dict):
        return a | {key: _joined(a[key], b[key]) if key in a else b[key] for key in b}
    return a + b if isinstance(a, list) and isinstance(b, list) else b


def _holds(condition, merged, tree):
    if condition.any:
        return any(_holds(part, merged, tree) for part in condition.any)
    return _is_so(condition, merged, tree) is not condition.absent


def _is_so(c, merged, tree):
    if c.file or c.files:
        wanted = (c.file or c.files, (c.file or c.files).removeprefix("**/"))
        paths = [p for p in tree.paths() if any(fnmatchcase(p, one) for one in wanted)]
        texts = [tree.read(path).decode() for path in paths]
        return any(_text_fits(c, text) for text in texts)
    if c.lint:
        return False  # the gate tells whether a rule got worse, and never of the rest
    if c.service is None:
        section, name = next((s, getattr(c, s[:-1])) for s in SECTIONS if getattr(c, s[:-1]))
        return name in (merged.get(section) or {})
    names = [name for name in merged["services"] if fnmatchcase(name, c.service)]
    return any(_service_is_so(c, merged["services"][name]) for name in names)


def _service_is_so(c, body):
    facts = _facts(body)
    for name in ("label", "environment"):
        if wanted := getattr(c, name):
            return any(_text_fits(c, v) for k, v in facts[name].items() if fnmatchcase(k, wanted))
    if c.field is not None:
        return _field_fits(c, body)
    if c.image is not None:
        return image_matches(body.get("image"), c.image)
    for name in ("config_at", "volume_at", "secret", "network", "config", "volume", "depends_on"):
        if wanted := getattr(c, name):
            return any(fnmatchcase(value.rstrip("/"), wanted) for value in facts[name])
    return True


def _facts(body):
    deploy = body.get("deploy") or {}
    mounts = [m for m in body.get("volumes", []) if m.get("type", "volume") == "volume"]
    configs = [c if isinstance(c, dict) else {"source": c} for c in body.get("configs", [])]
    return {
        "label": (body.get("labels") or {}) | (deploy.get("labels") or {}),
        "environment": body.get("environment") or {},
        "config_at": [c.get("target", f"/{c['source']}") for c in configs],
        "config": [c["source"] for c in configs],
        "volume_at": [m.get("target", "") for m in mounts],
        "volume": [m.get("source", "") for m in mounts],
        "secret": [s["source"] for s in body.get("secrets", [])],
        "network": list(body.get("networks") or {}),
        "depends_on": list(body.get("depends_on") or []),
    }


def _text_fits(c, value):
    if c.matches is not None:
        return re.search(c.matches, value, re.MULTILINE) is not None
    if c.text is not None:
        return c.text in value
    return c.value is None or c.value == value or fnmatchcase(value, c.value)


def _field_fits(c, body):
    found = [body]
    for step in c.field.split("."):
        items = [item for v in found for item in (v if isinstance(v, list) else [v])]
        found = [item[step] for item in items if isinstance(item, dict) and step in item]
    values = [item for v in found for item in (v if isinstance(v, list) else [v])]
    return any(v is not None and _text_fits(c, str(v)) for v in values)


# --- is every difference named? -------------------------------------------------------------


def _unsaid(before, after, ensured):
    for file in before.keys() | after.keys():
        for path in _differences(before.get(file, {}), after.get(file, {})):
            if not _is_said(path, ensured, _merged(before), _merged(after)):
                yield (file, *path)


def _differences(a, b, path=()):
    """Yield the paths of what differs: keys of mappings; a list as a whole."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in a.keys() | b.keys():
            if key in a and key in b:
                yield from _differences(a[key], b[key], (*path, key))
            else:
                whole = a.get(key, b.get(key))
                below = list(_differences(whole, {}, (*path, key))) if _opens(path, whole) else []
                yield from below or [(*path, key)]
    elif a != b:
        yield path


def _opens(path, value):
    """Whether a mapping that came or went counts entry by entry, such as a service's labels."""
    is_section = not path or path[0] == "services"
    return bool(value) and isinstance(value, dict) and is_section and len(path) != 1


def _is_said(path, ensured, before, after):
    section, *rest = path
    if section == "services" and rest:
        return any(_names(c, rest) for c in _named(ensured, rest[0]))
    if section in SECTIONS and rest:
        kind, name = section[:-1], rest[0]
        if any(getattr(c, kind) == name and c.service is None for c in ensured):
            return True
        return _goes_with_its_users(kind, name, ensured, before, after)
    # A section or service that is empty now, or was.
    return not before.get(section) or not after.get(section)


def _names(c, rest):
    if len(rest) == 1:
        return c.absent and not any(getattr(c, f) for f in ("label", "environment", "field"))
    field, *below = rest[1:]
    if field == "deploy" and below[:1] == ["labels"]:
        field, below = "labels", below[1:]
    if field == "labels":
        return bool(c.label and below and fnmatchcase(below[0], c.label))
    if field == "environment":
        return bool(c.environment and below and fnmatchcase(below[0], c.environment))
    facts = {
        "configs": c.config_at or c.config,
        "volumes": c.volume_at or c.volume,
        "secrets": c.secret,
        "networks": c.network,
        "depends_on": c.depends_on,
        "image": c.image,
    }
    return bool(facts.get(field)) or bool(
        c.field and f"{'.'.join(rest[1:])}.".startswith(f"{c.field}.")
    )


def _goes_with_its_users(kind, name, ensured, before, after):
    """Whether a definition came or went with the service that is said to use it or to be gone."""
    users = {
        s for data in (before, after) for s in data["services"] if name in _uses(data, s, kind)
    }
    return any(_named(ensured, user) for user in users)


def _uses(data, service, kind):
    return _facts(data["services"][service])[kind] if service in data["services"] else []


def _noise(patch):
    """Yield what changed in the form of a file: line endings, trailing blanks."""
    for path in patch.tree.changed_paths(patch.base):
        if path in patch.base and path in patch.tree:
            old, new = patch.base.read(path), patch.tree.read(path)
            is_windows = b"\r\n" in old and old.count(b"\r\n") == old.count(b"\n")
            if is_windows and new.count(b"\r\n") != new.count(b"\n"):
                yield f"line endings of {path}"
            if old.endswith(b"\n") != new.endswith(b"\n") and old.strip():
                yield f"last line of {path}"
