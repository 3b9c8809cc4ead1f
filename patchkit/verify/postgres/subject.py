"""What the judge looks at: a database service whose hooks call a script that a config mounts."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from patchkit.errors import RecipeError
from patchkit.recipe.find import image_matches, labels
from patchkit.recipe.forms import FileRef, config_refs, mounts, secret_refs
from patchkit.recipe.interpolate import interpolate
from patchkit.verify.deployment import environment, settings
from patchkit.verify.gotemplate import TemplateError, trace
from patchkit.verify.mounted import file_of, task
from patchkit.verify.postgres.hook import command_of, script_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from patchkit.recipe.model import Recipe

# Images that start the server as the official one does, and are told the same way what to create.
IMAGES = "postgres|pgautoupgrade|postgis|pgvector|pgvecto-rs|vchord-postgres|timescaledb*"
BACKUP = "backupbot.backup.pre-hook"
RESTORE = "backupbot.restore.post-hook"
_OLD_PATH = "backupbot.backup.path"
_VOLUMES = "backupbot.backup.volumes."
_PROGRAMS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_HOST = re.compile(
    r"\b(?:psql|pg_\w+|createdb|dropdb)\b[^\n|;&]*\s(?:-h|--host\b)|\bPGHOST=|postgres(?:ql)?://"
)
_OTHER_USER = re.compile(r"\b(?:su|su-exec|gosu|runuser|sudo)\b[ \t]+(?:-\S*[ \t]+)*\w")
# The release from which on the image keeps each release's data in a folder of its own.
_RELEASE_FOLDERS = 18


class UnjudgeableError(Exception):
    """A database is backed up in a way that cannot be tried here; says why."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One database service with its backup script; two are equal when they behave the same.

    Attributes:
        service: its Compose key.
        path: the script's file in the recipe.
        content: the script, as it lands in the container.
        mode: its permission bits in the container.
        target: where it is mounted.
        backup: the command of the hook that makes the dump.
        restore: the command of the hook that loads it.
        environment: the container's, as pairs.
        data: the server's data directory in the container.
        volumes: the Compose keys of the service's volumes and where they are mounted.
        backed_up: what the labels back up of these volumes: key and path within it ("": all).
        secrets: where secrets are mounted.
        render: makes the content, for another environment and other secrets by name.
    """

    service: str
    path: str
    content: bytes
    mode: int
    target: str
    backup: tuple[str, ...]
    restore: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    data: str
    volumes: tuple[tuple[str, str], ...]
    backed_up: tuple[tuple[str, str], ...]
    secrets: tuple[str, ...]
    render: Callable[[Mapping[str, str], Mapping[str, str]], bytes] = field(compare=False)

    @property
    def code(self) -> str:
        """The script without its comments."""
        return _COMMENT.sub("", self.content.decode("utf-8", "replace"))


def subjects(recipe: Recipe) -> tuple[list[Subject], list[str]]:
    """Return what can be judged of a recipe, and why the rest cannot."""
    found: list[Subject] = []
    reasons: list[str] = []
    for name, body in recipe.services.items():
        if image_matches(body.get("image"), IMAGES):
            try:
                found.append(_subject(recipe, name, body))
            except UnjudgeableError as error:
                reasons.append(f"{name}: {error}")
    return found, reasons


def _subject(recipe: Recipe, name: str, body: dict[str, Any]) -> Subject:
    known = settings(recipe)
    own = {key: interpolate(value or "", known) for key, value in labels(body).items()}
    backup, restore = _command(own, BACKUP), _command(own, RESTORE)
    ref = _config(body, backup)
    if _config(body, restore) != ref:
        raise UnjudgeableError(f"{BACKUP} and {RESTORE} call different scripts")
    path = _file(recipe, ref)
    env = environment(recipe, name, known)
    render = partial(_rendered, recipe, name, ref.source)
    subject = Subject(
        service=name,
        path=path,
        content=render(env, {}),
        mode=0o444 if ref.mode is None else ref.mode,
        target=ref.target,
        backup=backup,
        restore=restore,
        environment=tuple(env.items()),
        data=env.get("PGDATA") or _usual_data(interpolate(str(body.get("image")), known)),
        volumes=tuple((m.source, m.target) for m in mounts(body) if m.type == "volume"),
        backed_up=tuple((k, "" if p == "." else p) for k, p in _backed_up(recipe, name, body)),
        secrets=tuple(secret.target for secret in secret_refs(body)),
        render=render,
    )
    _refuse_strangers(subject)
    return subject


def _command(own: dict[str, str], label: str) -> tuple[str, ...]:
    if label not in own:
        raise UnjudgeableError(f"it has no {label}")
    command = command_of(own[label])
    if command is None:
        raise UnjudgeableError(f"{label} is no call of a script: {own[label]}")
    return command


def _config(body: dict[str, Any], command: tuple[str, ...]) -> FileRef:
    script = posixpath.normpath(script_of(command))
    paths = [script] if "/" in script else [f"{folder}/{script}" for folder in _PROGRAMS]
    for ref in config_refs(body):
        if ref.target in paths:
            return ref
    raise UnjudgeableError(f"no config is mounted at {script}, which a hook calls")


def _file(recipe: Recipe, ref: FileRef) -> str:
    try:
        return file_of(recipe, ref.source)
    except RecipeError as error:
        raise UnjudgeableError(str(error)) from error


def _rendered(
    recipe: Recipe, name: str, config: str, env: Mapping[str, str], secrets: Mapping[str, str]
) -> bytes:
    """Return the script, which may be a Go template that Swarm renders."""
    path = file_of(recipe, config)
    if recipe.section("configs")[config].get("template_driver") is None:
        return recipe.tree.read(path)
    known = task(recipe, name)
    told = replace(known, env=dict(env), secrets={**known.secrets, **secrets})
    try:
        return trace(recipe.tree.text(path), told, path=path).text.encode()
    except TemplateError as error:
        raise UnjudgeableError(str(error)) from error


def _usual_data(image: str) -> str:
    release = re.search(r":(?:pg)?(\d+)", image)
    if release and int(release[1]) >= _RELEASE_FOLDERS:
        return f"/var/lib/postgresql/{release[1]}/docker"
    return "/var/lib/postgresql/data"


def _backed_up(recipe: Recipe, name: str, body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield key and path of what labels say of the service's volumes, wherever they stand."""
    own = [(m.source, m.target) for m in mounts(body) if m.type == "volume"]
    every = {k: v or "" for service in recipe.services.values() for k, v in labels(service).items()}
    old = labels(recipe.services[name]).get(_OLD_PATH)
    for key, target in own:
        if old is not None:
            inside = [path for path in _paths(old) if f"{path}/".startswith(f"{target}/")]
            yield from ((key, posixpath.relpath(path, target)) for path in inside)
        elif f"{_VOLUMES}{key}.path" in every:
            inside = _paths(every[f"{_VOLUMES}{key}.path"])
            yield from ((key, path.lstrip("/")) for path in inside)
        elif every.get(f"{_VOLUMES}{key}", "").strip().lower() != "false":
            yield key, ""


def _paths(value: str) -> list[str]:
    paths = [posixpath.normpath(path.strip()) for path in interpolate(value).split(",")]
    return [path for path in paths if ".." not in path.split("/")]


def _refuse_strangers(subject: Subject) -> None:
    """Refuse a script that would reach a server of somebody else's, or become somebody else."""
    if _HOST.search(subject.code):
        raise UnjudgeableError(
            f"{subject.path} says which host to connect to; the judge's server has only a socket"
        )
    if _OTHER_USER.search(subject.code):
        raise UnjudgeableError(
            f"{subject.path} acts as another user of the container, whom this machine may not have"
        )
