"""Closing rules: what every fix must not forget, done after its ops.

A config whose content changed gets a new version once; a new one is exported; what only a
removed service used goes with it; the operator is told what a deploy does not do by itself.
"""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any

from patchkit.draft import leftovers, sections
from patchkit.draft.field import KeyedField
from patchkit.draft.naming import cut_references
from patchkit.edit import dotenv, shell
from patchkit.errors import EditRefused
from patchkit.finding import Finding
from patchkit.recipe.configs import configs, exports, raised
from patchkit.recipe.forms import config_refs, mounts, networks, secret_refs
from patchkit.recipe.interpolate import variables
from patchkit.recipe.model import ABRA_SH, ENV_SAMPLE, RELEASE_NEXT, Recipe
from patchkit.rendering.loose_ends import loose_ends

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.draft import Draft
    from patchkit.draft.uses import Kind
    from patchkit.recipe.configs import Config

FIRST_VERSION = "v1"
_WIDTH = 80
# Settings that abra itself reads, whether a compose file names them or not.
_ABRAS = {"TYPE", "RECIPE", "DOMAIN", "STACK_NAME", "COMPOSE_FILE", "LETS_ENCRYPT_ENV", "TIMEOUT"}
_LABELS = (("deploy", "labels"), ("labels",))
_DEFINED: tuple[Kind, ...] = ("configs", "secrets", "volumes")
_VERSION_LABEL = "coop-cloud.${STACK_NAME}.version"
_SEMVER = re.compile(r"(\d+)\.(\d+)\.(\d+)")


def close(draft: Draft, version: str = "leave") -> list[str]:
    """Run every closing rule on a draft; return what was done, a sentence each.

    Args:
        draft: the recipe after the ops.
        version: which part of the recipe's own version goes up: `leave`, `patch`, `minor` or
            `major`.
    """
    before = draft.before
    gone = [name for name in before.services if name not in draft.recipe.services]
    removed = [name for name in gone if name not in {renamed.old for renamed in draft.renamed}]
    done: list[str] = []
    for name in removed:
        done += _leftovers(draft, before, name)
    overlays = [file for file in before.compose_paths if file not in draft.tree]
    for file in overlays:
        done += _traces(draft, before, file)
    done += sections.drop_unused_extensions(draft)
    if removed or overlays:
        done += _settings(draft, before)
    for name in gone:
        cut_references(draft, name)
    done += _config_versions(draft, before)
    done += _recipe_version(draft, version)
    done += _release_note(draft, gone)
    draft.findings += loose_ends(draft, before, gone)
    return done


# --- configs --------------------------------------------------------------------------------


def _config_versions(draft: Draft, before: Recipe) -> list[str]:
    """Export new configs, and raise the version of changed ones, once a variable."""
    old, old_exports = configs(before), exports(before)
    done: list[str] = []
    for key, config in configs(draft.recipe).items():
        if key not in old:
            done += _export_new(draft, config, exports(draft.recipe))
        elif _content(before, old[key]) != _content(draft.recipe, config):
            variable = config.variable or ""
            if old_exports.get(variable) == exports(draft.recipe).get(variable):
                done += _raise(draft, old[key], config)
    return done


def _content(recipe: Recipe, config: Config) -> tuple[bytes | None, Any]:
    """Return what makes a config what it is: Swarm refuses to change any of it in place."""
    data = _mapping(_mapping(recipe.merged.get("configs")).get(config.key))
    body = recipe.tree.read(config.file) if config.file and config.file in recipe.tree else None
    return body, data.get("template_driver")


def _export_new(draft: Draft, config: Config, present: dict[str, str]) -> list[str]:
    if config.variable is None or config.variable in present:
        return []
    return [_export(draft, config.variable, config.version or FIRST_VERSION)]


def _raise(draft: Draft, old: Config, config: Config) -> list[str]:
    version = raised(old.version) if old.version else FIRST_VERSION
    if config.variable is None or version is None:
        why = "has no version in its name" if config.variable is None else "has an odd version"
        draft.findings.append(
            Finding(
                rule="stale-config-version",
                message=f"the content of the config {config.key} changed, and it {why}",
                place=draft.recipe.place(config.defined_in, ("configs", config.key)),
                hint="Swarm cannot change a config in place: give its name a version variable",
            )
        )
        return []
    return [_export(draft, config.variable, version)]


def _export(draft: Draft, variable: str, version: str) -> str:
    text = draft.tree.text(ABRA_SH) if ABRA_SH in draft.tree else ""
    draft.save(ABRA_SH, shell.set_export(text, variable, version, path=ABRA_SH))
    return f"exported {variable}={version} in {ABRA_SH}"


# --- services that are gone -------------------------------------------------------------------


def _leftovers(draft: Draft, before: Recipe, service: str) -> list[str]:
    """Remove what only this service used."""
    body = before.services[service]
    done: list[str] = []
    for key in dict.fromkeys(ref.source for ref in config_refs(body)):
        done += leftovers.drop_config_if_unused(draft, key)
    for key in dict.fromkeys(ref.source for ref in secret_refs(body)):
        done += leftovers.drop_secret_if_unused(draft, key)
    for key in dict.fromkeys(m.source for m in mounts(body) if m.type == "volume" and m.source):
        done += leftovers.drop_volume_if_unused(draft, key)
    for key in networks(body):
        done += leftovers.drop_network_if_unused(draft, key)
    return done


def _traces(draft: Draft, before: Recipe, file: str) -> list[str]:
    """Remove what speaks of the entries that only a compose file which is gone defined."""
    return [
        sentence
        for kind in _DEFINED
        for key, body in _mapping(before.data[file].get(kind)).items()
        if key not in draft.recipe.section(kind)
        for sentence in leftovers.drop_traces(draft, kind, key, [_mapping(body)])
    ]


def _settings(draft: Draft, before: Recipe) -> list[str]:
    """Remove settings of `.env.sample` that services used, and that nothing uses any more."""
    if ENV_SAMPLE not in draft.tree:
        return []
    used = {name for text in _texts(before.services) for name in _names(text)}
    text = draft.tree.text(ENV_SAMPLE)
    offered = {entry.name for entry in dotenv.entries(text)} - _ABRAS
    dead = sorted(name for name in used & offered if not _is_used(draft, name))
    for name in dead:
        text = dotenv.unset(text, name)
    draft.save(ENV_SAMPLE, text)
    return [f"removed {name} from {ENV_SAMPLE}: nothing uses it any more" for name in dead]


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: Any) -> Iterator[str]:
    """Yield every text below a value, keys included."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value


def _names(text: str) -> tuple[str, ...]:
    """Return the variables of a text; an entry that is just a name passes that variable on."""
    return (text,) if re.fullmatch(r"[A-Za-z_]\w*", text) else variables(text)


def _is_used(draft: Draft, name: str) -> bool:
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)".encode())
    return any(
        word.search(draft.tree.read(path))
        for path in draft.tree.paths()
        if path != ENV_SAMPLE and draft.tree.link(path) is None
    )


def _recipe_version(draft: Draft, part: str) -> list[str]:
    """Raise the recipe's version in the label that abra reads, `<semver>+<app version>`."""
    if part == "leave":
        return []
    for service in draft.recipe.services:
        field = KeyedField(draft, service, _LABELS, "label")
        for entry in field.entries(_VERSION_LABEL):
            found = _SEMVER.match(entry.value or "")
            if found:
                new = _bumped(found, part) + (entry.value or "")[found.end() :]
                field.set(entry.key, new, entry.file)
                return [f"raised the recipe's version to {new}"]
    raise EditRefused(
        f"no service has a label {_VERSION_LABEL} with a version to raise",
        hint="give `app` the label, or say `version: leave`",
    )


def _bumped(version: re.Match[str], part: str) -> str:
    numbers = [int(number) for number in version.groups()]
    at = ("major", "minor", "patch").index(part)
    numbers[at:] = [numbers[at] + 1] + [0] * (len(numbers) - at - 1)
    return ".".join(map(str, numbers))


# --- the operator -----------------------------------------------------------------------------


def _release_note(draft: Draft, gone: list[str]) -> list[str]:
    """Tell the operator, in `release/next`, what a deploy does not do by itself."""
    text = draft.tree.text(RELEASE_NEXT) if RELEASE_NEXT in draft.tree else ""
    paragraphs = [_wrapped(note) for note in draft.notes]
    if untold := [name for name in gone if not _is_told(text, name)]:
        paragraphs.insert(0, _removal(draft, untold))
    new = [paragraph for paragraph in dict.fromkeys(paragraphs) if paragraph not in text]
    if not new:
        return []
    newline = "\r\n" if "\r\n" in text else "\n"
    head = text.rstrip("\r\n") + newline * 2 if text.strip() else ""
    body = (newline * 2).join(paragraph.replace("\n", newline) for paragraph in new)
    draft.save(RELEASE_NEXT, head + body + newline)
    return [f"told the operator in {RELEASE_NEXT}"]


def _is_told(text: str, service: str) -> bool:
    """Whether the note has the command that removes the service already."""
    return re.search(rf"docker service rm .*_{re.escape(service)}(?![\w.-])", text) is not None


def _removal(draft: Draft, gone: list[str]) -> str:
    renames = [f"`{r.old}` is now called `{r.new}`" for r in draft.renamed]
    removed = [name for name in gone if name not in {r.old for r in draft.renamed}]
    what = [f"the service {sentence}" for sentence in renames]
    what += [f"the service `{name}` is gone" for name in removed]
    text = ", ".join(what[:-1]) + (" and " if len(what) > 1 else "") + what[-1]
    commands = "\n".join(f"    docker service rm ${{STACK_NAME}}_{name}" for name in gone)
    old = " and ".join(f"`{name}`" for name in gone)
    left = "goes" if len(gone) == 1 else "go"
    sentence = (
        f"{text[0].upper()}{text[1:]}. A deploy does not remove a service: the old {old} {left} on"
        " running beside the new ones until you remove what is left. Right after this upgrade,"
        " run with your app's stack name:"
    )
    return _wrapped(f"{sentence}\n\n{commands}")


def _wrapped(note: str) -> str:
    """Return a note with its paragraphs wrapped; commands, which are indented, stay lines."""
    parts = note.split("\n\n")
    return "\n\n".join(
        part
        if part.startswith(" ")
        else textwrap.fill(part, _WIDTH, break_long_words=False, break_on_hyphens=False)
        for part in parts
    )
