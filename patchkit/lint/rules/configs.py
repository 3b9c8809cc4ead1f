"""Rules about Swarm configs: immutable, so versioned, and read-only where they are mounted."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from patchkit.edit import shell
from patchkit.edit.yaml import Scalar, Sequence
from patchkit.edit.yaml.nodes import target
from patchkit.errors import Place
from patchkit.finding import Severity
from patchkit.lint.nodes import keyed
from patchkit.lint.rule import Hit, rule
from patchkit.recipe.configs import configs, raised
from patchkit.recipe.forms import mounts
from patchkit.recipe.interpolate import default_of, interpolate
from patchkit.recipe.model import ABRA_SH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.lint.nodes import Part
    from patchkit.lint.subject import Subject
    from patchkit.recipe.configs import Config
    from patchkit.recipe.model import Recipe


@rule("config-version-not-vendored", Severity.ERROR, ref="R012", cure="abra.export")
def config_version_not_vendored(subject: Subject) -> Iterator[Hit]:
    """`abra.sh` does not export a config's version, and the name has no default for it.

    Why: the config's name ends in nothing, and the first change of its content cannot be
    deployed.

    Bad:
        name: ${STACK_NAME}_app_ini_${APP_INI_VERSION}    # and no export in abra.sh

    Good:
        export APP_INI_VERSION=v1                         # in abra.sh

    Fix: export the version in `abra.sh`.
    """
    for part, config in _configs(subject):
        if config.variable and config.version is None:
            yield Hit(_name_place(part), f"abra.sh does not export {config.variable}")


@rule("unvendored-config", Severity.WARN, cure="abra.export")
def unvendored_config(subject: Subject) -> Iterator[Hit]:
    """A config's name carries no version that `abra.sh` exports.

    Why: Swarm configs are immutable. A change of the file needs a new name, and whoever makes
    one looks for the version in `abra.sh`.

    Bad:
        configs:
          robots_txt:
            file: robots.txt

    Good:
        configs:
          robots_txt:
            name: ${STACK_NAME}_robots_txt_${ROBOTS_TXT_VERSION}
            file: robots.txt

    Fix: give the config a name with a version, and export that in `abra.sh`.
    """
    for part, config in _configs(subject):
        if not config.variable:
            yield Hit(_name_place(part), f"the name of the config {part.name} has no version")
        elif config.variable not in subject.exports and default_of(
            config.name or "", config.variable
        ):
            message = f"{config.variable} has a default here, and no export in abra.sh"
            yield Hit(_name_place(part), message)


def _no_base(subject: Subject) -> str:
    return "" if subject.base else "there is no earlier recipe to compare with"


@rule("stale-config-version", Severity.ERROR, cure="abra.export", unless=_no_base)
def stale_config_version(subject: Subject) -> Iterator[Hit]:
    """A config's content changed, and its version did not.

    Why: the upgrade fails for everybody who runs the recipe: Swarm changes no config in place
    («only updates to Labels are allowed»).

    Bad:
        app.ini.tmpl is changed, abra.sh says export APP_INI_VERSION=v14 as before

    Good:
        export APP_INI_VERSION=v15

    Fix: raise the version in `abra.sh` once for the whole change.
    """
    base = subject.base
    before = configs(base) if base else {}
    for part, config in _configs(subject):
        old = before.get(part.name)
        if base and old and _same_name(old, config) and _differ(subject.recipe, base, config, old):
            variable = config.variable or ""
            hint = f"export {variable}={raised(config.version or '') or 'v1'} in abra.sh"
            place = _export_place(subject, variable) or _name_place(part)
            message = f"{config.file} changed, and the config {part.name} has its old name"
            yield Hit(place, message, hint if variable else "")


@rule("read-only-config-in-volume", Severity.WARN, cure="config.retarget")
def read_only_config_in_volume(subject: Subject) -> Iterator[Hit]:
    """A config is mounted at a path inside a writable volume of the same service.

    Why: the program may write there, its own configuration included, and cannot: Gitea crashed
    in an upgrade when it saved a secret into its `app.ini`.

    Bad:
        configs:
          - source: app_ini
            target: /etc/gitea/app.ini
        volumes:
          - config:/etc/gitea

    Good:
        configs:
          - source: app_ini
            target: /app.ini.tmpl        # the entrypoint copies it to /etc/gitea/app.ini
        volumes:
          - config:/etc/gitea

    Fix: mount the config elsewhere and let the entrypoint copy it into the volume.
    """
    for part in subject.services:
        every = mounts(subject.merged.get(part.name, {}))
        writable = [m for m in every if m.type == "volume" and not m.read_only]
        for source, path, place in _targets(part):
            volume = next((m for m in writable if _inside(path, m.target)), None)
            if volume:
                message = f"{source} is read-only inside the volume at {volume.target}"
                yield Hit(place, message)


def _configs(subject: Subject) -> Iterator[tuple[Part, Config]]:
    """Yield the definition of every config of the recipe's own, with what it amounts to."""
    known = subject.configs
    for part in subject.definitions("configs"):
        if part.name in known and known[part.name].defined_in == part.document.path:
            yield part, known[part.name]


def _name_place(part: Part) -> Place:
    node = part.field("name")
    return part.at(node) if isinstance(node, Scalar) else part.place


def _export_place(subject: Subject, variable: str) -> Place | None:
    text = subject.tree.text(ABRA_SH) if ABRA_SH in subject.tree else ""
    found = [e for e in shell.exports(text) if e.name == variable]
    return Place.at(ABRA_SH, text, found[-1].span[0]) if found else None


def _same_name(old: Config, new: Config) -> bool:
    return (old.name, old.version) == (new.name, new.version)


def _differ(recipe: Recipe, base: Recipe, new: Config, old: Config) -> bool:
    return _content(recipe, new) != _content(base, old)


def _content(recipe: Recipe, config: Config) -> bytes | None:
    known = config.file is not None and config.file in recipe.tree
    return recipe.tree.read(config.file or "") if known else None


def _targets(part: Part) -> Iterator[tuple[str, str, Place]]:
    """Yield source, path and place of every config that the service mounts."""
    node = part.field("configs")
    for item in node.items if isinstance(node, Sequence) else []:
        known = target(item)
        fields = {k: v for k, (_, v) in keyed(known).items() if isinstance(v, Scalar)}
        source = known if isinstance(known, Scalar) else fields.get("source")
        at = fields.get("target", source)
        if isinstance(source, Scalar) and isinstance(at, Scalar):
            yield source.value, posixpath.join("/", at.value), part.at(at)


def _inside(path: str, folder: str) -> bool:
    return interpolate(path).startswith(interpolate(folder).rstrip("/") + "/")
