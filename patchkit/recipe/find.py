"""Finds parts of a recipe by what they are, since names differ from recipe to recipe.

The service whose image is postgres, the volume mounted at its data, the config at
`/etc/gitea/app.ini`.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from patchkit.edit.pattern import compile_pattern
from patchkit.errors import Place, RecipeError
from patchkit.recipe.configs import configs
from patchkit.recipe.forms import as_mapping, config_refs, mounts, networks, ports, secret_refs
from patchkit.recipe.interpolate import interpolate, variables
from patchkit.recipe.model import BASE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from patchkit.recipe.forms import FileRef
    from patchkit.recipe.model import Recipe


class NotFound(RecipeError):  # noqa: N818  an answer, not a failure of the recipe
    """Nothing in the recipe is what was looked for."""


class Ambiguous(NotFound):
    """More than one thing in the recipe is what was looked for: nobody guesses which."""


def image_matches(image: object, pattern: str) -> bool:
    """Whether an image reference is what a pattern means.

    Args:
        image: as written; variables count with their defaults.
        pattern: alternatives separated by `|`, each with `*`. Without a slash it is the last
            part of the name (`postgres` is `docker.example/library/postgres:16` too); with a
            colon the tag is compared as well.
    """
    name = interpolate(image) if isinstance(image, str) else ""
    return any(_image_is(name, part.strip()) for part in pattern.split("|"))


def _image_is(image: str, pattern: str) -> bool:
    bare, _, _ = image.partition("@")
    repository, colon, tag = bare.rpartition(":")
    if not colon or "/" in tag:
        repository, tag = bare, ""
    wanted, colon, wanted_tag = pattern.partition(":")
    parts = repository.split("/")[-(wanted.count("/") + 1) :]
    if colon and not fnmatchcase(tag, wanted_tag):
        return False
    return fnmatchcase("/".join(parts), wanted)


def find_service(recipe: Recipe, **criteria: str | None) -> str:
    """Return the one service that fits every given criterion of `find_services`.

    Raises:
        NotFound: none fits, or several do.
    """
    what = _service_words(criteria)
    return _the_one(recipe, _fitting(recipe, criteria), what, _images(recipe))


def find_services(recipe: Recipe, **criteria: str | None) -> list[str]:
    """Return every service that fits every given criterion, in the order of the files.

    Args:
        recipe: where to look, all overlays merged.
        criteria: `name`, a pattern of its key; `image`, as `image_matches`; `mounts` and
            `config_at`, a path in the container where a volume or folder, or a config, is
            mounted; `label`, a pattern of a deploy label's name; `publishes`, a port of the
            container.

    Raises:
        NotFound: none fits.
    """
    found = _fitting(recipe, criteria)
    if not found:
        raise _not_found(recipe, _service_words(criteria), _images(recipe))
    return found


_SERVICE_TESTS: dict[str, Callable[[str, dict[str, Any], str], bool]] = {
    "name": lambda key, _, name: any(fnmatchcase(key, part) for part in name.split("|")),
    "image": lambda _, body, image: image_matches(body.get("image"), image),
    "mounts": lambda _, body, path: any(same_path(m.target, path) for m in mounts(body)),
    "config_at": lambda _, body, path: any(same_path(c.target, path) for c in config_refs(body)),
    "label": lambda _, body, label: any(fnmatchcase(key, label) for key in labels(body)),
    "publishes": lambda _, body, port: any(str(p.target) == port for p in ports(body)),
}


def _check_image(recipe: Recipe, service: str, image: str) -> None:
    """Refuse a service that is something else where another overlay is used instead.

    Raises:
        Ambiguous: only some of the files that give it an image give it one that is meant.
    """
    for file in recipe.files_with(("services", service, "image")):
        own = recipe.data[file]["services"][service]["image"]
        if not image_matches(own, image):
            raise Ambiguous(
                f"{service} is not always an image {image!r}: here it is {own}",
                place=_place(recipe, file, ("services", service, "image")),
            )


def _fitting(recipe: Recipe, criteria: Mapping[str, str | None]) -> list[str]:
    wanted = [(_SERVICE_TESTS[key], value) for key, value in criteria.items() if value is not None]
    services = recipe.services.items()
    found = [key for key, body in services if all(fits(key, body, v) for fits, v in wanted)]
    for key in found:
        _check_image(recipe, key, criteria.get("image") or "*")
    return found


def _service_words(criteria: Mapping[str, str | None]) -> str:
    wanted = [f"{key} {value!r}" for key, value in criteria.items() if value is not None]
    return f"service with {', '.join(wanted)}"


def _images(recipe: Recipe) -> list[str]:
    return [f"{key} ({body.get('image', 'no image')})" for key, body in recipe.services.items()]


def find_volume(recipe: Recipe, service: str, at: str) -> str:
    """Return the key of the volume that a service mounts at a path of the container."""
    every = mounts(_service(recipe, service))
    found = [m.source for m in every if same_path(m.target, at) and m.type == "volume" and m.source]
    known = [f"{m.source or 'unnamed'} at {m.target}" for m in every]
    return _the_one(recipe, found, f"volume of {service} at {at}", known, service)


def find_mount(recipe: Recipe, service: str, at: str) -> str:
    """Return the path at which a service mounts what holds a path of the container."""
    every = mounts(_service(recipe, service))
    targets = [interpolate(mount.target).rstrip("/") for mount in every]
    path = f"{interpolate(at).rstrip('/')}/"
    above = [target for target in targets if target and path.startswith(f"{target}/")]
    if not above:
        known = [f"{m.source or 'unnamed'} at {m.target}" for m in every]
        raise _not_found(recipe, f"mount of {service} that holds {at}", known, service)
    return max(above, key=len)


def find_config(recipe: Recipe, service: str, at: str) -> str:
    """Return the key of the config that a service mounts at a path of the container."""
    return _find_file(recipe, service, at, "config", config_refs(_service(recipe, service)))


def find_configs(recipe: Recipe, name: str) -> list[str]:
    """Return every config of the recipe's own whose name fits a pattern."""
    every = configs(recipe)
    found = [key for key in every if fnmatchcase(key, name)]
    if not found:
        raise _not_found(recipe, f"config {name}", every)
    return found


def find_named_config(recipe: Recipe, name: str) -> str:
    """Return the one config of the recipe's own whose name fits a pattern."""
    return _the_one(recipe, find_configs(recipe, name), f"config {name}", ())


def find_variable(recipe: Recipe, config: str) -> str:
    """Return the variable that carries the version of a config, in its name."""
    every = configs(recipe)
    variable = every[config].variable if config in every else None
    if variable is None:
        known = [f"{key} ({own.name or 'no name'})" for key, own in every.items()]
        raise _not_found(recipe, f"version in the name of a config {config!r}", known)
    return variable


def find_secret(recipe: Recipe, service: str, at: str) -> str:
    """Return the key of the secret that a service mounts at a path of the container."""
    return _find_file(recipe, service, at, "secret", secret_refs(_service(recipe, service)))


def find_file(recipe: Recipe, config: str) -> str:
    """Return the recipe's file that a config is made from."""
    every = configs(recipe)
    made = every[config].file if config in every else None
    if made is None:
        raise _not_found(recipe, f"file of a config {config!r}", every)
    return made


def find_text(recipe: Recipe, text: str, service: str | None = None) -> str:
    """Return the one file, docs and compose files aside, that holds a text.

    Args:
        recipe: where to look.
        text: the literal text.
        service: among the files of this service's configs; None for any file.
    """
    paths = [p for p in recipe.tree.paths() if p not in recipe.compose_paths]
    code = [p for p in paths if not p.endswith(".md") and not p.startswith("release/")]
    if service:
        made = {key: config.file for key, config in configs(recipe).items()}
        own = {made.get(ref.source) for ref in config_refs(_service(recipe, service))}
        code = [path for path in code if path in own]
    found = [path for path in code if text.encode() in recipe.tree.read(path)]
    return _the_one(recipe, found, f"file that holds {text!r}", code)


def find_match(recipe: Recipe, file: str, regex: str) -> str:
    """Return what the group of a regular expression matches, or all that matches without one.

    Args:
        recipe: where to look.
        file: a path, or a pattern of paths.
        regex: `^` and `$` are the ends of a line; it may match more than once, the same each time.
    """
    paths = [path for path in recipe.tree.paths() if fnmatchcase(path, file)]
    if not paths:
        raise NotFound(f"no file {file}", place=Place(file))
    found: dict[str, Place] = {}
    for path in paths:
        text = recipe.tree.read(path).decode(errors="replace")
        for match in compile_pattern(regex, text).finditer(text):
            group = 1 if match.re.groups else 0
            found.setdefault(match[group], Place.at(path, text, match.start(group)))
    if not found:
        raise NotFound(f'no match of "{regex}" in {file}', place=Place(file))
    if len(found) > 1:
        message = f'{len(found)} candidates for the one match of "{regex}": {", ".join(found)}'
        raise Ambiguous(message, place=next(iter(found.values())))
    return next(iter(found))


def find_network(recipe: Recipe, service: str | None, name: str | None) -> str:
    """Return the network that a service joins, or that the recipe defines, by its name.

    Args:
        recipe: where to look, all overlays merged.
        service: the service that joins it; None for any that is defined.
        name: a pattern; with `!` in front, of the names that are not meant.
    """
    every = list(networks(_service(recipe, service)) if service else recipe.section("networks"))
    unwanted, pattern = (name or "*").startswith("!"), (name or "*").removeprefix("!")
    found = [key for key in every if fnmatchcase(key, pattern) is not unwanted]
    owner = f" of {service}" if service else ""
    return _the_one(recipe, found, f"network {name or '*'}{owner}", every)


def find_environment(recipe: Recipe, service: str, name: str) -> str:
    """Return the value that a service's variable has, variables in it with their defaults.

    One that only the operator's settings know counts as not found.
    """
    known = as_mapping(_service(recipe, service).get("environment"))
    value = known.get(name)
    if value is None or variables(interpolate(value.replace("$$", ""))):
        raise _not_found(recipe, f"value of {name} in the environment of {service}", known, service)
    return interpolate(value)


def find_label(recipe: Recipe, service: str, name: str) -> str:
    """Return the value of a service's label, variables in it with their defaults."""
    known = labels(_service(recipe, service))
    value = known.get(name)
    if value is None:
        raise _not_found(recipe, f"label {name} of {service}", known, service)
    return interpolate(value)


def labels(service: object) -> dict[str, str | None]:
    """Return the labels of a service: those of `deploy`, and those of its containers."""
    body = service if isinstance(service, dict) else {}
    deploy = body.get("deploy")
    own = as_mapping(body.get("labels"), bare="")
    return own | as_mapping(deploy.get("labels") if isinstance(deploy, dict) else None, bare="")


def same_path(a: str, b: str) -> bool:
    """Whether a path in a container is a wanted one, or one of several separated by `|`.

    Variables count with their defaults; a slash at the end does not.
    """
    path = interpolate(a).rstrip("/")
    return any(path == interpolate(part.strip()).rstrip("/") for part in b.split("|"))


def _find_file(recipe: Recipe, service: str, at: str, kind: str, refs: Iterable[FileRef]) -> str:
    every = list(refs)
    found = [ref.source for ref in every if same_path(ref.target, at)]
    known = [f"{ref.source} at {ref.target}" for ref in every]
    return _the_one(recipe, found, f"{kind} of {service} at {at}", known, service)


def _service(recipe: Recipe, service: str) -> dict[str, Any]:
    if service not in recipe.services:
        raise _not_found(recipe, f"service {service!r}", recipe.services)
    return recipe.services[service]


def _the_one(
    recipe: Recipe, found: Iterable[str], what: str, known: Iterable[str], service: str = ""
) -> str:
    unique = list(dict.fromkeys(found))
    if not unique:
        raise _not_found(recipe, what, known, service)
    if len(unique) > 1:
        raise Ambiguous(
            f"{len(unique)} candidates for the one {what}: {', '.join(unique)}",
            place=_place(recipe, BASE, ("services", service or unique[0])),
        )
    return unique[0]


def _not_found(recipe: Recipe, what: str, known: Iterable[str], service: str = "") -> NotFound:
    names = list(known)
    home = recipe.home(service) if service else BASE
    return NotFound(
        f"no {what}; there is {', '.join(names[:12])}" if names else f"no {what}; there is none",
        place=_place(recipe, home, ("services", service) if service else ("services",)),
    )


def _place(recipe: Recipe, file: str, path: tuple[str, ...]) -> Place | None:
    """Return where something stands; nowhere in a repository that is no recipe."""
    return recipe.place(file, path) if file in recipe.tree else None
