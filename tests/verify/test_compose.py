"""The judge `compose`: Docker's own client on every set of files that the sample offers."""

from __future__ import annotations

import pytest
from cases import judged, judged_as_is, sample
from corpus_docker import has_docker

from patchkit.tree import RecipeTree
from patchkit.verify import State

pytestmark = pytest.mark.skipif(
    not has_docker(), reason="the docker client is not installed: apt-get install docker-cli"
)
COMPOSE = 'version: "3.8"\nservices:\n  app:\n    image: a:1\n    environment: ["A=${A}"]\n'
SAMPLE = 'COMPOSE_FILE=compose.yml\n#COMPOSE_FILE="$COMPOSE_FILE:compose.x.yml"\nA=\n'


def recipe(**files: str) -> RecipeTree:
    names = {"env": ".env.sample", "base": "compose.yml", "overlay": "compose.x.yml"}
    given = {"env": SAMPLE, "base": COMPOSE} | files
    return RecipeTree.from_files({names[name]: text for name, text in given.items()})


@pytest.mark.parametrize(
    ("fix", "name"),
    [
        ("mattermost", "mattermost-lts"),
        ("bluesky-pds", "bluesky-pds"),
        ("bluesky-pds-alias", "bluesky-pds"),
        ("gitea", "gitea"),
        ("discourse", "discourse"),
        ("discourse", "discourse-migrated"),
    ],
)
def test_shipped_fixes(fix, name):
    judgement = judged("compose", fix, sample(name))
    assert judgement.state is State.PASSED
    overlays = (path for path in sample(name).paths() if path.startswith("compose."))
    words = " ".join(check.what for check in judgement.checks)
    assert [path for path in overlays if path not in words] == []
    assert judgement.ran[0] == "docker stack config --compose-file compose.yml" or fix == "gitea"


def test_every_set_of_files_is_asked_about():
    judgement = judged_as_is("compose", recipe(overlay="services: {app: {}}\nversion: '3.8'\n"))
    assert [(c.what, c.passed) for c in judgement.checks] == [
        ("Docker takes compose.yml", True),
        ("Docker takes compose.yml with compose.x.yml", True),
    ]


def test_an_overlay_of_another_version():
    judgement = judged_as_is("compose", recipe(overlay="services: {app: {}}\n"), recipe())
    assert judgement.state is State.FAILED
    assert [c.what for c in judgement.failures] == ["Docker takes compose.yml with compose.x.yml"]
    assert "version mismatched" in judgement.failures[0].output


def test_a_file_that_is_offered_and_missing():
    judgement = judged_as_is("compose", recipe())
    assert judgement.state is State.FAILED
    assert "compose.x.yml" in judgement.failures[0].output


def test_what_failed_before_is_not_the_fixs_fault():
    base = recipe(overlay="services: {app: {imag: x}}\nversion: '3.8'\n")
    head = base.with_file("README.md", "x\n")
    judgement = judged_as_is("compose", head, base)
    assert judgement.state is State.PASSED
    assert [(c.passed, c.before) for c in judgement.checks] == [(True, False), (False, True)]


def test_what_the_operator_must_fill_in():
    tree = recipe(base=COMPOSE.replace("${A}", "${A:?needed}"), env="A=\n")
    judgement = judged_as_is("compose", tree)
    assert judgement.state is State.PASSED


def test_no_compose_file():
    judgement = judged_as_is("compose", RecipeTree.from_files({"README.md": "x\n"}))
    assert judgement.state is State.NOTHING


def test_without_docker(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    judgement = judged_as_is("compose", recipe())
    assert judgement.state is State.NOT_AVAILABLE
    assert judgement.reason == "docker is not installed"
    assert "no daemon is needed" in judgement.hint
    assert judgement.checks == ()
