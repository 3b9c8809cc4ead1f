"""What the judge looks at: a service of Gitea whose first script is a config of the recipe.

The rootless images run `/usr/local/bin/docker-setup.sh` if they may, and then Gitea with the file
that `GITEA_APP_INI` names (https://github.com/go-gitea/gitea, docker/rootless). Forgejo's do too.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from patchkit.errors import Place
from patchkit.recipe.configs import configs
from patchkit.recipe.forms import as_files, config_refs, mounts, secret_refs
from patchkit.recipe.interpolate import interpolate
from patchkit.recipe.model import BASE, Recipe
from patchkit.verify.deployment import environment, settings
from patchkit.verify.judge import NothingToJudgeError
from patchkit.verify.mounted import file_of, rendered_config, secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from patchkit.recipe.forms import FileRef

SCRIPT = "/usr/local/bin/docker-setup.sh"
_APP_INI = "GITEA_APP_INI"
# What the image says itself.
_IMAGE = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "GITEA_WORK_DIR": "/var/lib/gitea",
    "GITEA_CUSTOM": "/var/lib/gitea/custom",
    "GITEA_TEMP": "/tmp/gitea",  # noqa: S108  in the container
    "TMPDIR": "/tmp/gitea",  # noqa: S108
    _APP_INI: "/etc/gitea/app.ini",
    "HOME": "/var/lib/gitea/git",
}
USER = "1000"
_KEPT = frozenset(("volume", "bind"))
_MODE = 0o444  # of a config or secret that says none


@dataclass(frozen=True, slots=True)
class File:
    """A file that Swarm puts into the container, for nobody to change.

    Attributes:
        content: what it holds.
        rights: what the user of the image may do with it: read 4, run 1.
    """

    content: str
    rights: int


@dataclass(frozen=True, slots=True)
class Subject:
    """One service, as one set of compose files deploys it.

    Attributes:
        files: these compose files.
        service: its Compose key.
        script: the recipe's file of the script that runs first.
        app_ini: the path from which Gitea reads its settings, and into which it saves.
        source: the path of the config that they come from; `app_ini` itself when it is there.
        config: the config's Compose key.
        environment: of the container.
        volumes: where volumes are mounted.
        locked: where they are mounted for reading only.
        mounted: the files in the container, by path.
        place: where the recipe mounts the config.
    """

    files: tuple[str, ...]
    service: str
    script: str
    app_ini: str
    source: str
    config: str
    environment: Mapping[str, str]
    volumes: tuple[str, ...]
    locked: tuple[str, ...]
    mounted: Mapping[str, File]
    place: Place


def subjects(recipe: Recipe) -> list[Subject]:
    """Return the services of Gitea, as each set of compose files on offer deploys them.

    Raises:
        NothingToJudgeError: there is none.
    """
    found = [subject for files in recipe.combinations for subject in _deployed(recipe, files)]
    if found:
        return found
    raise NothingToJudgeError(
        f"no service mounts a config at {SCRIPT}, which the rootless images of Gitea and Forgejo "
        "run first"
    )


def _deployed(recipe: Recipe, files: tuple[str, ...]) -> Iterator[Subject]:
    tree = recipe.tree
    for path in set(recipe.compose_paths) - set(files):
        tree = tree.without(path)
    deployed = Recipe(tree)
    known = settings(deployed)
    for service, body in deployed.services.items():
        refs = {interpolate(ref.target, known): ref for ref in config_refs(body)}
        if SCRIPT in refs:
            yield _subject(deployed, files, service, refs, known)


def _subject(
    recipe: Recipe,
    files: tuple[str, ...],
    service: str,
    refs: Mapping[str, FileRef],
    known: Mapping[str, str],
) -> Subject:
    body = recipe.services[service]
    env = _IMAGE | environment(recipe, service, known)
    own = {path: ref for path, ref in refs.items() if ref.source in configs(recipe)}
    if SCRIPT not in own:
        raise NothingToJudgeError(f"the config at {SCRIPT} is none of the recipe's own")
    texts = dict.fromkeys(refs, "") | {
        path: rendered_config(recipe, service, ref.source) for path, ref in own.items()
    }
    source = _source(own, texts[SCRIPT], env[_APP_INI])
    user = str(body.get("user") or USER).partition(":")[0]
    secrets = secret_refs(body)
    return Subject(
        files=files,
        service=service,
        script=file_of(recipe, refs[SCRIPT].source),
        app_ini=env[_APP_INI],
        source=source,
        config=refs[source].source,
        environment=env,
        volumes=_volumes(body, known, read_only=False),
        locked=_volumes(body, known, read_only=True),
        mounted={path: File(texts[path], _rights(ref, user)) for path, ref in refs.items()}
        | {ref.target: File(secret(ref.source), _rights(ref, user)) for ref in secrets},
        place=_place(recipe, service, refs[source].source),
    )


def _source(refs: Mapping[str, FileRef], script: str, app_ini: str) -> str:
    """Return where the config is mounted from which app.ini comes.

    Raises:
        NothingToJudgeError: none is, or it is not certain which.
    """
    if app_ini in refs:
        return app_ini
    others = [path for path in refs if path != SCRIPT]
    name = posixpath.basename(app_ini)
    for found in (
        [path for path in others if posixpath.basename(path).startswith(name)],
        [path for path in others if path in script],
    ):
        if len(found) == 1:
            return found[0]
    raise NothingToJudgeError(f"no config beside {SCRIPT} is certain to become {app_ini}")


def _place(recipe: Recipe, service: str, config: str) -> Place:
    """Return where a service mounts a config."""
    at = ("services", service, "configs")
    for file in recipe.files_with(at):
        items = as_files(recipe.data[file]["services"][service]["configs"])
        for number, item in enumerate(items):
            if item.get("source") == config:
                return recipe.place(file, (*at, number, "target"))
    return Place(BASE)


def _volumes(
    body: Mapping[str, Any], known: Mapping[str, str], *, read_only: bool
) -> tuple[str, ...]:
    """Return where something is mounted that outlives a container."""
    kept = [m for m in mounts(body) if m.type in _KEPT and m.source and m.read_only is read_only]
    targets = {posixpath.normpath(interpolate(mount.target, known)) for mount in kept}
    return tuple(sorted(target for target in targets if target.startswith("/") and target != "/"))


def _rights(ref: FileRef, user: str) -> int:
    """Return what the user of the image may do with a file that Swarm mounts."""
    mode = _MODE if ref.mode is None else ref.mode
    if ref.uid == user:
        return mode >> 6 & 7
    return (mode >> 3 if ref.gid == user else mode) & 7
