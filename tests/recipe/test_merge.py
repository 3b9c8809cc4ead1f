from __future__ import annotations

import copy
import re
import shutil
from pathlib import Path

import pytest
from canonical import canonical, unordered
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import read, value_of_text
from record_overlays import (
    CASES,
    EXPECTED,
    FOLDER,
    HOME,
    compose_files,
    dummy_variables,
    printed,
    stack_config,
)

from patchkit.recipe.merge import merge

ROOT = Path(__file__).parents[2]
RECIPES = [
    path.parent
    for folder in (ROOT / "tests" / "recipes", ROOT.parent / "shared" / "recipes")
    for path in sorted(folder.glob("*/compose.yml"))
]
FIELDS = ("environment", "labels", "ports", "volumes", "networks", "deploy", "logging", "ulimits")
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
FILES = st.dictionaries(
    st.sampled_from(("services", "volumes", "version", "x-any")),
    ANYTHING | st.fixed_dictionaries({"app": st.dictionaries(st.sampled_from(FIELDS), ANYTHING)}),
)

needs_docker = pytest.mark.skipif(
    shutil.which("docker") is None, reason="docker is not on this machine"
)


def combinations(recipe):
    """The sets of compose files that an operator could deploy, as far as they can be guessed."""
    base, *overlays = sorted(
        recipe.glob("compose*.yml"), key=lambda path: path.name != "compose.yml"
    )
    text = (recipe / ".env.sample").read_text()
    named = re.findall(r'^#? *COMPOSE_FILE="?([^"\s]+)', text, re.MULTILINE)
    sets = [names.replace("$COMPOSE_FILE", base.name).split(":") for names in named]
    files = [[recipe / name for name in names] for names in sets]
    return [[base], [base, *overlays], *([base, overlay] for overlay in overlays), *files]


STACKS = {
    "+".join(str(path.relative_to(recipe.parent)) for path in files): files
    for recipe in RECIPES
    for files in combinations(recipe)
}


@pytest.mark.parametrize("files", [[], [{}], [{}, {}], [{"services": None}], [{"services": []}]])
def test_nothing_makes_nothing(files):
    assert merge(files) == {"services": {}}


def test_overlays_leave_what_they_do_not_name():
    base = {
        "version": "3.8",
        "services": {"app": {"image": "nginx:1.25", "command": "serve --fast", "x-a": [1]}},
        "volumes": {"data": None, "config": {"name": "${STACK_NAME}_config"}},
    }
    assert merge([base, {"services": {}}]) == base


def test_a_service_without_content_is_empty():
    assert merge([{"services": {"app": None}}, {"services": {"app": {"user": "git"}}}]) == {
        "services": {"app": {"user": "git"}}
    }
    assert merge([{"services": {"app": {"user": "git"}}}, {"services": {"app": None}}]) == {
        "services": {"app": {"user": "git"}}
    }


def test_each_field_has_one_form_and_keeps_its_variables():
    file = {
        "services": {
            "app": {
                "command": "serve ${FLAGS}",
                "configs": ["conf", {"source": "conf2", "target": "/x", "mode": 0o555}],
                "depends_on": {"db": {"condition": "service_healthy"}},
                "deploy": {"labels": ["coop-cloud.${STACK_NAME}.version=1.0.0+1.22", "bare"]},
                "environment": ["URL=https://${DOMAIN}", "PASSED_ON"],
                "healthcheck": {"test": "curl localhost", "interval": "${X:-5m}"},
                "labels": {"n": 1},
                "networks": ["proxy"],
                "ports": ["${PORT:-22:22}:22"],
                "tmpfs": "/run",
                "volumes": ["${DATA:-./data}:/data:ro", "/anonymous"],
            }
        }
    }
    assert merge([file])["services"]["app"] == {
        "command": "serve ${FLAGS}",
        "configs": [{"source": "conf"}, {"source": "conf2", "target": "/x", "mode": 0o555}],
        "depends_on": ["db"],
        "deploy": {"labels": {"coop-cloud.${STACK_NAME}.version": "1.0.0+1.22", "bare": ""}},
        "environment": {"URL": "https://${DOMAIN}", "PASSED_ON": None},
        "healthcheck": {"test": ["CMD-SHELL", "curl localhost"], "interval": "${X:-5m}"},
        "labels": {"n": "1"},
        "networks": {"proxy": None},
        "ports": [
            {"mode": "ingress", "target": 22, "protocol": "tcp", "published": "${PORT:-22:22}"}
        ],
        "tmpfs": ["/run"],
        "volumes": [
            {"type": "bind", "source": "${DATA:-./data}", "target": "/data", "read_only": True},
            {"type": "volume", "target": "/anonymous"},
        ],
    }


@settings(deadline=None, max_examples=300)
@given(st.lists(FILES, max_size=3))
def test_any_data_can_be_merged_and_stays_as_it_was(files):
    before = copy.deepcopy(files)
    assert isinstance(merge(files)["services"], dict)
    assert repr(files) == repr(before)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_merged_view_is_a_compose_file_that_means_the_same(case):
    merged = merge([read(path) for path in compose_files(case)])
    assert merge([merged]) == merged


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_merge_gives_what_docker_printed(case):
    files = compose_files(case)
    merged = merge([read(path) for path in files])
    expected = unordered(read(case / EXPECTED))
    assert canonical(merged, dummy_variables(files), FOLDER, HOME) == expected


@needs_docker
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_docker_still_prints_the_record(case):
    assert printed(case) == (case / EXPECTED).read_text()


@needs_docker
@pytest.mark.parametrize("name", STACKS)
def test_merge_gives_what_docker_prints_for_recipes(name):
    files = STACKS[name]
    env = dummy_variables(files)
    result = stack_config(files, env)
    assert result.returncode == 0, result.stderr
    merged = merge([read(path) for path in files])
    folder = str(files[0].parent)
    assert canonical(merged, env, folder, HOME) == unordered(value_of_text(result.stdout))
