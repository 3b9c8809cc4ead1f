"""What lands in a container for a config that a service mounts.

Swarm renders a config with `template_driver: golang` for each task, with the environment and the
secrets of its service. https://docs.docker.com/engine/swarm/configs/#use-a-templated-config
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from patchkit.errors import RecipeError
from patchkit.recipe.configs import configs
from patchkit.recipe.forms import as_files, as_mapping, as_text
from patchkit.recipe.interpolate import interpolate
from patchkit.verify.deployment import environment, settings
from patchkit.verify.gotemplate import Rendered, Task, trace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from patchkit.errors import Place
    from patchkit.recipe.model import Recipe

_DRIVER = "golang"


def rendered_config(recipe: Recipe, service: str, config: str) -> str:
    """Return the text that lands in a service's containers for a config; see `mounted`."""
    return mounted(recipe, service, config).text


def mounted(recipe: Recipe, service: str, config: str, *, inverted: bool = False) -> Rendered:
    """Return the text that lands in a service's containers, and where each line comes from.

    Args:
        recipe: the recipe.
        service: the Compose key of a service.
        config: the Compose key of a config, which the service need not mount.
        inverted: take every `if` of a template the other way.

    Raises:
        TemplateError: Swarm would not render it.
        RecipeError: the recipe has no file for it.
    """
    path = file_of(recipe, config)
    text = recipe.tree.text(path)
    driver = recipe.section("configs")[config].get("template_driver")
    if driver is None:
        return Rendered(text, text, path)
    if driver != _DRIVER:
        raise RecipeError(
            f"Swarm has no template driver {driver!r}",
            place=_place(recipe, config, "template_driver"),
            hint=f"write `template_driver: {_DRIVER}`, or leave it out for a file as it is",
        )
    return trace(text, task(recipe, service), path=path, inverted=inverted)


def file_of(recipe: Recipe, config: str) -> str:
    """Return the recipe's file that a config is made from.

    Raises:
        RecipeError: it is made from none.
    """
    known = configs(recipe).get(config)
    if known is None or known.file is None or known.file not in recipe.tree:
        raise RecipeError(
            f"the config {config} has no file in the recipe",
            place=_place(recipe, config, "file"),
            hint="give it `file:` with a path in the recipe",
        )
    return known.file


def _place(recipe: Recipe, *path: str) -> Place | None:
    """Return where a part of a config stands, in the file that has most of it."""
    for end in range(len(path), 0, -1):
        if files := recipe.files_with(("configs", *path[:end])):
            return recipe.place(files[0], ("configs", *path[:end]))
    return None


def task(recipe: Recipe, service: str) -> Task:
    """Return what a template of a service knows; secrets are 32 letters made from their names."""
    known = settings(recipe)
    body = recipe.services.get(service, {})
    return Task(
        env=environment(recipe, service, known),
        secrets={name: secret(name) for name in _names(body.get("secrets"))},
        configs=_raw_configs(recipe, body),
        service=f"{known['STACK_NAME']}_{service}",
        labels=_labels(body, known),
    )


def secret(name: str) -> str:
    """Return the letters that stand for a secret: 32, always the same for a name."""
    return "".join(chr(ord("a") + byte % 26) for byte in hashlib.sha256(name.encode()).digest())


def _names(entries: object) -> dict[str, str]:
    """Return keys at the top level by the names under which a service mounts them."""
    return {
        as_text(entry.get("target")) or source: source
        for entry in as_files(entries)
        if (source := as_text(entry.get("source")))
    }


def _raw_configs(recipe: Recipe, body: Mapping[str, Any]) -> dict[str, str]:
    known = configs(recipe)
    files = {
        name: known[key].file for name, key in _names(body.get("configs")).items() if key in known
    }
    return {
        name: recipe.tree.text(file) for name, file in files.items() if file and file in recipe.tree
    }


def _labels(body: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, str]:
    deploy = body.get("deploy")
    labels = as_mapping(deploy.get("labels") if isinstance(deploy, dict) else None, bare="")
    filled = {name: interpolate(value or "", known) for name, value in labels.items()}
    return {"com.docker.stack.namespace": known["STACK_NAME"], **filled}
