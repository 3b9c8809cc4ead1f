"""Origins of recipes: what is read, what is refused, and what travels."""

from __future__ import annotations

import pickle
import shutil

import pytest
from cli_tools import git
from fleet_tools import COMPOSE, recipe

from patchkit.errors import GitError, RecipeError, UsageError
from patchkit.fleet.source import Source, check_is_recipe
from patchkit.tree import RecipeTree


@pytest.fixture
def bare(tmp_path):
    """A bare repository of a recipe with one commit, objects loose."""
    checkout = recipe(tmp_path / "cache")
    git(checkout, "init", "-qb", "main")
    git(checkout, "add", "-A")
    git(checkout, "commit", "-qm", "start")
    shutil.copytree(checkout / ".git", tmp_path / "cache.git")
    git(tmp_path / "cache.git", "config", "core.bare", "true")
    return tmp_path / "cache.git"


def test_folder(tmp_path):
    source = Source.folder(recipe(tmp_path / "cache"))
    assert (source.kind, source.recipe) == ("folder", "cache")
    assert source.read().tree.read("compose.yml").decode() == COMPOSE


@pytest.mark.parametrize("form", ["file://{}", "{}/"], ids=["url", "path"])
def test_mirror(bare, tmp_path, monkeypatch, form):
    monkeypatch.setenv("PATCHKIT_CACHE", str(tmp_path / "clones"))
    source = Source.mirror(form.format(bare))
    read = source.read()
    assert source.recipe == "cache"
    assert read.commit == git(bare, "rev-parse", "HEAD").strip()
    assert read.tree.read("compose.yml").decode() == COMPOSE


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://git.example.com/org/gitea.git", "gitea"),
        ("git@git.example.com:org/gitea", "gitea"),
        ("git@git.example.com:gitea.git", "gitea"),
        ("https://git.example.com/org/x.y/", "x.y"),
        ("https://git.example.com/org/ana+gitea.git", "ana-gitea"),
        ("https://git.example.com/org/...", "recipe"),
    ],
)
def test_name_of_a_mirror(url, name):
    assert Source.mirror(url).recipe == name


def test_bare_repository(bare):
    source = Source.folder(bare)
    assert (source.kind, source.recipe) == ("repository", "cache")
    assert source.read().commit == git(bare, "rev-parse", "HEAD").strip()


def test_repository_without_commits(tmp_path):
    git(tmp_path, "init", "-q", "--bare", "none.git")
    with pytest.raises(GitError, match="has no commits"):
        Source.folder(tmp_path / "none.git").read()


@pytest.mark.parametrize("left", [0, 10, -4], ids=["empty", "head", "tail"])
def test_repository_with_an_object_cut_short(bare, left):
    sha = git(bare, "rev-parse", "HEAD:compose.yml").strip()
    file = bare / "objects" / sha[:2] / sha[2:]
    data = file.read_bytes()
    file.chmod(0o644)
    file.write_bytes(data[:left])
    with pytest.raises(GitError, match="the repository is broken"):
        Source.folder(bare).read()


def test_repository_without_a_head(bare):
    (bare / "HEAD").unlink()
    with pytest.raises(GitError, match="the repository is broken"):
        Source.folder(bare).read()


def test_sample_that_does_not_exist():
    for name in ("no-such", "../fixes", ""):
        with pytest.raises(UsageError, match="has no sample"):
            Source.sample(name).read()


def test_what_lies_here_travels_and_keeps_its_name(tmp_path):
    source = Source.folder(recipe(tmp_path / "cache"))
    sent = pickle.loads(pickle.dumps(source.portable()))
    shutil.rmtree(tmp_path / "cache")
    assert sent.read().tree.read("compose.yml").decode() == COMPOSE
    assert (sent.key, sent.name, sent.recipe) == (source.key, source.name, source.recipe)
    assert sent.bare() == source


def test_a_mirror_travels_as_its_url():
    assert Source.mirror("https://git.example.com/a/b.git").portable().files is None


def test_a_folder_is_one_whatever_it_is_called_by(tmp_path, monkeypatch):
    recipe(tmp_path / "cache")
    monkeypatch.chdir(tmp_path)
    assert Source.folder("cache").key == Source.folder(tmp_path / "x" / ".." / "cache").key


@pytest.mark.parametrize(
    "names", [[], ["docker-compose.yml"], ["sub/compose.yml"], ["compose.txt"]]
)
def test_what_is_no_recipe(names):
    with pytest.raises(RecipeError, match="no recipe"):
        check_is_recipe(RecipeTree.from_files(dict.fromkeys(names, "")))


def test_an_overlay_makes_a_recipe():
    check_is_recipe(RecipeTree.from_files({"compose.mail.yml": ""}))
