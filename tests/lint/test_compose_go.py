"""What names nothing, and what has no image: patchkit's rules held against Docker Compose itself.

`docker stack config` looks at neither. Compose does, and stops at the first that it finds, so
that one must be among patchkit's; and where Compose finds none, patchkit must not either.
"""

from __future__ import annotations

import importlib.resources
import os
import re
import subprocess
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml
from small_recipe import MARK, changed
from test_rules import FAILS, HOLDS

from patchkit.errors import RecipeError
from patchkit.lint import lint
from patchkit.recipe.forms import as_volumes
from patchkit.recipe.interpolate import variables
from patchkit.recipe.model import Recipe
from patchkit.tree import RecipeTree

if TYPE_CHECKING:
    from collections.abc import Iterator

# The package's own command gives no exit code on.
COMPOSE = str(importlib.resources.files("compose") / "docker-compose")
SAMPLES = Path(__file__).parents[1] / "recipes"
RECIPES = sorted(path for path in SAMPLES.iterdir() if (path / "compose.yml").is_file())
CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
EVERY = 4  # all 905 files take a minute
RULES = ("orphaned-service", "dangling-reference")
SECTIONS = ("services", "configs", "secrets", "volumes", "networks")

SAID = (
    re.compile(r'service "(?P<service>.*?)" has neither an image nor a build context'),
    re.compile(r'service "(?P<service>.*?)" refers to undefined (?P<kind>\w+) (?P<name>[^:]+)'),
    re.compile(
        r'service "(?P<service>.*?)" depends on undefined (?P<kind>service) "(?P<name>.*?)"'
    ),
)
OURS = (
    re.compile(r"no compose file gives (?P<service>.+) an image"),
    re.compile(r"(?P<service>.+) names the (?P<kind>\w+) (?P<name>.+), which nothing defines"),
)
MISSING = re.compile(r"(?:stat|open) (\S+): no such file or directory")


class Fault(NamedTuple):
    """What is wrong: a service names something that is not there, or has no image."""

    service: str
    kind: str = "image"
    name: str = ""


def fault(patterns: tuple[re.Pattern[str], ...], text: str) -> Fault | None:
    found = next((m for pattern in patterns if (m := pattern.search(text))), None)
    return Fault(**found.groupdict()) if found else None


def ask(folder: Path, names: list[str], settings: dict[str, str]) -> str:
    """Return what Compose says against compose files; empty when it takes them."""
    files = [part for name in names for part in ("--file", name)]
    command = [COMPOSE, "--project-name", "x", "--profile", "*", *files, "config", "--quiet"]
    env = settings | {"PATH": os.environ["PATH"], "HOME": str(folder)}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=env)
    lines = [line for line in done.stderr.splitlines() if not line.startswith("time=")]
    return " ".join(lines) or "failed" if done.returncode else ""


def asked(tree: RecipeTree, folder: Path) -> str:
    """Lay a recipe down and ask Compose; env files that it misses are made, empty."""
    tree.write(folder)
    recipe = Recipe(tree)
    texts = [tree.text(path) for path in recipe.compose_paths]
    settings = {name: "11" for text in texts for name in variables(text)}
    settings |= dict.fromkeys(host_paths(recipe), "/11")
    for _ in range(20):
        said = ask(folder, list(recipe.compose_paths), settings)
        missing = MISSING.search(said)
        path = Path(missing[1]) if missing else folder
        if not path.is_relative_to(folder) or "env file" not in said:
            break
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return said


def host_paths(recipe: Recipe) -> set[str]:
    """Return the variables with which volumes begin: an operator gives paths of the host."""
    volumes = [v for body in recipe.services.values() for v in as_volumes(body.get("volumes"))]
    sources = [str(v["source"]) for v in volumes if str(v.get("source", "")).startswith("$")]
    return {name for source in sources for name in variables(source)[:1]}


def ours(tree: RecipeTree) -> set[Fault]:
    """Return what patchkit's rules find, files of configs left out: Compose reads none."""
    report = lint(tree)
    found = {fault(OURS, f.message) for rule in RULES for f in report.result(rule).findings}
    return {one for one in found if one} - built(tree)


def built(tree: RecipeTree) -> set[Fault]:
    """Return what Compose takes for an image and Swarm does not: it builds nothing."""
    services = Recipe(tree).services
    return {Fault(name) for name, body in services.items() if {"build", "provider"} & body.keys()}


def agree(tree: RecipeTree, folder: Path) -> str:
    """Check that both find the same; return what Compose says."""
    said, mine = asked(tree, folder), ours(tree)
    theirs = fault(SAID, said)
    assert theirs in mine if theirs else not mine, (said, mine)
    assert theirs or not said, said
    return said


FIELDS = {
    "links": ("links: [nowhere]", True),
    "a link by another name": ("links: ['nowhere:db']", True),
    "volumes of a service": ("volumes_from: ['nowhere:ro']", True),
    "volumes of a container": ("volumes_from: ['container:nowhere']", False),
    "the network of a service": ("network_mode: service:nowhere", True),
    "the processes of a service": ("pid: service:nowhere", True),
    "the memory of a service": ("ipc: service:nowhere", True),
    "the network of the host": ("network_mode: host", False),
    "a link to another stack": ("external_links: [nowhere]", False),
    "depends on, as a mapping": ("depends_on: {nowhere: {condition: service_started}}", True),
    "a network, as a mapping": ("networks: {nowhere: {}}", True),
    "the default network": ("networks: [default]", False),
    "a volume, long": ("volumes: [{type: volume, source: nowhere, target: /x}]", True),
    "a folder of the host, long": ("volumes: [{type: bind, source: nowhere, target: /x}]", False),
    "a folder of the host": ("volumes: ['./nowhere:/x', '~/nowhere:/x', '/nowhere:/x']", False),
    "a volume that is called like a path": ("volumes: ['no/where:/x']", True),
    "a volume without a name": ("volumes: [/x]", False),
    "a config, long": ("configs: [{source: nowhere, target: /x}]", True),
    "a secret": ("secrets: [nowhere]", True),
    "an image that is empty": ("image: ''", True),
}


@pytest.mark.parametrize(("field", "is_wrong"), FIELDS.values(), ids=FIELDS)
def test_field(field, is_wrong, tmp_path):
    image = "" if field.startswith("image") else "    image: a:1.0.0\n"
    tree = RecipeTree.from_files({"compose.yml": f"services:\n  app:\n{image}    {field}\n"})
    assert bool(agree(tree, tmp_path / "recipe")) is is_wrong


@pytest.mark.parametrize("name", [n for n, case in (HOLDS | FAILS).items() if case[0] in RULES])
def test_cases_of_the_rules(name, tmp_path):
    """A config's file that is missing Compose does not miss: it reads it when it deploys."""
    files = changed(*(HOLDS | FAILS)[name][1:])
    tree = RecipeTree.from_files({path: text.replace(MARK, "") for path, text in files.items()})
    said = agree(tree, tmp_path / "recipe")
    assert bool(said) is (name in FAILS and name != "a file that is not there")


def compose_files(sample: Path) -> dict[str, Any]:
    """Return the compose files of a sample as data, cured of what is wrong with it."""
    files = {path.name: yaml.safe_load(path.read_text()) for path in sample.glob("compose*.yml")}
    if sample.name == "discourse":
        files["compose.yml"]["services"]["sidekiq"]["depends_on"].remove("discourse")
    if sample.name == "discourse-migrated":
        del files["compose.smtpauth.yml"]["services"]["sidekiq"]
    if sample.name == "ghost":
        del files["compose.smtp.yml"]["services"]["relay"]
    return files


def mutations(files: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a recipe for each definition, service or image that is taken out of one file."""
    for path, data in files.items():
        for section in SECTIONS:
            for name, body in (data.get(section) or {}).items():
                kept = {key: value for key, value in data[section].items() if key != name}
                yield f"{path} {section}.{name}", files | {path: data | {section: kept}}
                if section == "services" and "image" in body:
                    bare = {key: value for key, value in body.items() if key != "image"}
                    images = {section: data[section] | {name: bare}}
                    yield f"{path} {name}.image", files | {path: data | images}


@pytest.mark.parametrize("sample", RECIPES, ids=lambda path: path.name)
def test_samples_and_each_of_their_parts_taken_out(sample, tmp_path):
    files = compose_files(sample)
    assert agree(tree_of(files), tmp_path / "whole") == ""
    wrong, right = [], []
    for number, (what, mutation) in enumerate(mutations(files)):
        said = agree(tree_of(mutation), tmp_path / str(number))
        (wrong if said else right).append(what)
    assert len(wrong) >= 5
    # Where another file defines it too, or a whole overlay's only service goes.
    assert all(not what.endswith(".image") or "compose.yml" not in what for what in right), right


def tree_of(files: dict[str, Any]) -> RecipeTree:
    texts = {path: yaml.safe_dump(data, sort_keys=False) for path, data in files.items()}
    return RecipeTree.from_files(texts)


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus of compose files at {CORPUS}")
def test_corpus(tmp_path):
    """What Compose refuses for another reason tells nothing: mostly files that are missing."""
    ends: Counter[str] = Counter()
    for number, path in enumerate(sorted(CORPUS.rglob("*.y*ml"))[::EVERY]):
        tree = RecipeTree.from_files({"compose.yml": path.read_bytes()})
        try:
            said, mine = asked(tree, tmp_path / str(number)), ours(tree)
        except RecipeError:
            ends["no YAML"] += 1
            continue
        theirs = fault(SAID, said)
        if said and not theirs:
            ends["another reason"] += 1
            continue
        assert theirs in mine if theirs else not mine, (path.name, said, mine)
        ends["wrong" if theirs else "right"] += 1
    assert ends["wrong"] > 100 / EVERY
    assert ends["right"] > 600 / EVERY
