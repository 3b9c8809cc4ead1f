"""Fixes and classes by path or id: the caller's own files first, else those that are shipped."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from patchkit.data import data_dir
from patchkit.errors import PatchkitError, Place, Problem, SpecError, UsageError
from patchkit.ops import GENERAL_OPS, OP_NAMES, op_model
from patchkit.spec.loader import load
from patchkit.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from patchkit.spec.fix import Fix

MAX_BYTES = 256 * 1024
# The folder of classes, beside fixes.
CLASSES = "classes"
# Names that stand in a class, or that are spelt with escapes.
_ELSEWHERE = re.compile(r"""\bextends["']?\s*:|\\[xuU]""")


def load_fix(path: str | Path) -> Fix:
    """Return the fix of a spec file, with its templates found beside it or in patchkit.

    Args:
        path: a YAML file; or the name of a fix or class, of ./fixes or else of those that
            patchkit ships: its id, `classes/<id>` of a class.

    Raises:
        SpecError: the spec is wrong; every problem of it, with its place.
        UsageError: there is no such file.
    """
    file = find_fix(path)
    text = _text(file, str(path))
    return loads_fix(text, str(path), template_dirs(file), file.parent)


def loads_fix(
    text: str,
    name: str = "<fix>",
    templates: tuple[Path, ...] | None = None,
    folder: Path | None = None,
) -> Fix:
    """Return the fix of a spec's text.

    Args:
        text: the YAML.
        name: what messages call it.
        templates: folders in which it looks for its templates; patchkit's own by default.
        folder: the one whose `classes/` is searched for what it extends, before patchkit's own.
    """
    dirs = (data_dir("templates"),) if templates is None else templates
    return load(
        text,
        name,
        op_type=op_model,
        op_names=OP_NAMES,
        general_ops=GENERAL_OPS,
        rules=_rule_names,
        template_dirs=dirs,
        find_class=partial(_class_text, folder=folder),
    )


def _class_text(name: str, folder: Path | None) -> tuple[str, str]:
    """Return the text of a class, and what messages call it."""
    homes = [folder] if folder else []
    for home in (*homes, data_dir("fixes")):
        file = home / f"{name}.yml"
        if name in _class_names(home) and _is_below(file, home / CLASSES):
            shown = str(file) if home in homes else f"fixes/{name}.yml"
            return _text(file, shown), shown
    known = [known for home in (*homes, data_dir("fixes")) for known in _class_names(home)]
    near = did_you_mean(name, known)
    raise SpecError(f"there is no class {name}{near}", hint=f"there is {', '.join(sorted(known))}")


def _is_below(file: Path, folder: Path) -> bool:
    return file.resolve().is_relative_to(folder.resolve())


def _class_names(home: Path) -> list[str]:
    return [f"{CLASSES}/{path.stem}" for path in classes_in(home)]


def _text(file: Path, shown: str) -> str:
    if file.stat().st_size > MAX_BYTES:
        raise SpecError(f"a fix spec has at most {MAX_BYTES:,} bytes", place=Place(shown))
    raw = file.read_bytes()
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise SpecError("a fix spec must be UTF-8", place=Place(shown, line)) from None


def _rule_names() -> set[str]:
    from patchkit.lint import RULES  # noqa: PLC0415  few specs allow a rule

    return {name for rule in RULES for name in (rule.name, rule.ref) if name}


def find_fix(path: str | Path) -> Path:
    """Return the file that a path or an id means: one of ./fixes before one that is shipped."""
    file = Path(path)
    if file.is_file():
        return file
    name = file.name.removesuffix(".yml")
    is_class = file.parent.name == CLASSES
    full = f"{CLASSES}/{name}" if is_class else name
    if str(path) in {full, f"{full}.yml", f"fixes/{full}.yml"}:
        for home in (Path("fixes"), data_dir("fixes")):
            if (found := home / f"{full}.yml").is_file():
                return found
    near = _near(name, full)
    hint = f"did you mean {', '.join(near)}? " if near else ""
    hint += "`patchkit list` shows what there is, `patchkit new` makes one"
    raise UsageError(f"there is no fix {path}", hint=hint)


def _near(name: str, full: str) -> list[str]:
    """Return the fixes and classes whose names come near one, a class also for its bare id."""
    known = known_names()
    classes = {other.removeprefix(f"{CLASSES}/"): other for other in known}
    found = [*get_close_matches(full, known, n=3), *get_close_matches(name, classes, n=3)]
    return list(dict.fromkeys(classes.get(other, other) for other in found))[:3]


def shipped_fixes() -> list[Path]:
    """Return the spec files that patchkit ships, by name."""
    return specs_in(data_dir("fixes"))


def shipped_names() -> list[str]:
    """Return what users type for the fixes and classes that patchkit ships."""
    return [*(path.stem for path in shipped_fixes()), *_class_names(data_dir("fixes"))]


def known_names() -> list[str]:
    """Return what users type for every fix and class: of ./fixes, then those that are shipped."""
    own = Path("fixes")
    mine = [*(path.stem for path in specs_in(own)), *_class_names(own)]
    return list(dict.fromkeys([*mine, *shipped_names()]))


def specs_in(folder: Path) -> list[Path]:
    """Return the spec files of a folder, by id."""
    return sorted(folder.glob("*.yml"), key=lambda path: path.stem)


def load_classes() -> list[Fix]:
    """Return the classes of ./fixes, and those that patchkit ships and ./fixes has none for.

    Raises:
        SpecError: a spec is wrong.
    """
    homes = (data_dir("fixes"), Path("fixes"))
    found = {path.stem: path for home in homes for path in classes_in(home)}
    return [load_fix(found[name]) for name in sorted(found)]


def classes_in(folder: Path) -> list[Path]:
    """Return the spec files of the classes beside the fixes of a folder, by id."""
    return specs_in(folder / CLASSES)


class Specs(NamedTuple):
    """Specs that were read, and those that cannot be, by name."""

    fixes: list[Fix]
    broken: list[tuple[str, PatchkitError]]


def read_specs(names: Iterable[str | Path]) -> Specs:
    """Return the fixes of files or ids; one that is wrong does not stop the others."""
    specs = Specs([], [])
    for name in names:
        try:
            specs.fixes.append(load_fix(name))
        except PatchkitError as error:
            specs.broken.append((Path(name).stem, error))
    return specs


def fixes_for(recipes: Collection[str]) -> Specs:
    """Return the fixes of recipes, of all where none is named; alternatives are left out.

    They are those of ./fixes where that folder is there, else those that patchkit ships.

    Raises:
        UsageError: a recipe has no fix.
    """
    own = Path("fixes")
    every = read_specs(specs_in(own) if own.is_dir() else shipped_fixes())
    usual = [fix for fix in every.fixes if fix.spec.alternative is None]
    for recipe in recipes:
        # One that is broken may have been for it.
        if not every.broken and all(fix.repository != recipe for fix in usual):
            raise UsageError(
                f"there is no fix for the recipe {recipe}",
                hint="`patchkit list` shows what there is",
            )
    wanted = [fix for fix in usual if not recipes or fix.repository in recipes]
    return Specs(wanted, every.broken)


def siblings(fix: Fix) -> list[Fix]:
    """Return the fixes that may belong together with one: where it lies, and of the shipped.

    Specs that neither name it nor are named by it are not read; nor is what cannot be.
    """
    try:
        file: Path | None = find_fix(fix.path)
    except UsageError:
        file = None  # a text that was never a file
    own = [path for path in specs_in(file.parent) if path != file] if file else []
    names = {fix.id, *fix.spec.with_}
    shipped = _by_id(
        path for path in shipped_fixes() if path not in {file, *own} and _may_name(path, names)
    )
    # One of the folder takes the place of a shipped one.
    names |= shipped.keys()
    return list((shipped | _by_id(path for path in own if _may_name(path, names))).values())


def _by_id(files: Iterable[Path]) -> dict[str, Fix]:
    return {fix.id: fix for fix in read_specs(files).fixes}


def _may_name(file: Path, names: Collection[str]) -> bool:
    """Whether a spec may name one of these, or be it."""
    try:
        text = _text(file, str(file))
    except (PatchkitError, OSError):
        return False
    return any(name in text for name in names) or bool(_ELSEWHERE.search(text))


def partners(fixes: Sequence[Fix]) -> list[tuple[Fix, list[str]]]:
    """Return the fixes with the ids of those that belong together with each, side by side.

    It is enough that one of two names the other in `with:`.
    """
    named = {(fix.id, other) for fix in fixes for other in fix.spec.with_}
    rows: list[tuple[Fix, list[str]]] = []
    for first in fixes:
        for fix in (first, *_together(first, fixes, named)):
            if all(fix is not listed for listed, _ in rows):
                rows.append((fix, [other.id for other in _together(fix, fixes, named)]))
    return rows


def _together(fix: Fix, fixes: Sequence[Fix], named: set[tuple[str, str]]) -> list[Fix]:
    return [o for o in fixes if (fix.id, o.id) in named or (o.id, fix.id) in named]


def unknown_partners(fixes: Sequence[Fix], known: Collection[str]) -> Iterator[Problem]:
    """Yield what is wrong with the `with:` of fixes that lie in one folder.

    Args:
        fixes: those of the folder that can be read.
        known: the names of all its files, without `.yml`.
    """
    ids = {fix.id for fix in fixes} | set(known) | {path.stem for path in shipped_fixes()}
    for fix in fixes:
        for i, other in enumerate(fix.spec.with_):
            if other not in ids:
                place = fix.source.place(("with", i))
                message = f'"with": there is no fix {other}{did_you_mean(other, ids)}'
                yield Problem(message, place, "name a fix of this folder, or one that is shipped")


def template_dirs(file: Path) -> tuple[Path, ...]:
    """Return where a spec's templates may lie: beside it, beside its folder, in patchkit."""
    folder = file.resolve().parent
    folder = folder.parent if folder.name == CLASSES else folder
    own = (folder / "templates", folder.parent / "templates", data_dir("templates"))
    return tuple(path for path in dict.fromkeys(own) if path.is_dir())
