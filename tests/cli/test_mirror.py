"""Commands that read a recipe from a mirror, which is a git repository somewhere."""

from __future__ import annotations

import json

import pytest
from cli_tools import content, git


@pytest.fixture
def url(checkout, tmp_path, monkeypatch):
    """A bare repository of the mattermost sample, with a tag that is not annotated."""
    monkeypatch.setenv("PATCHKIT_CACHE", str(tmp_path / "cache"))
    git(checkout, "tag", "2.1.9+10.11.6")
    git(tmp_path, "clone", "-q", "--bare", str(checkout), "mattermost-lts.git")
    return (tmp_path / "mattermost-lts.git").as_uri()


def test_lint(patchkit, url):
    result = patchkit("lint", "--mirror", url, "--format", "json")
    report = json.loads(result.out)[0]
    assert report["recipe"] == url
    states = {rule["ref"]: rule["state"] for rule in report["rules"] if rule["ref"]}
    assert (states["R011"], states["R014"]) == ("holds", "fails")


def test_lint_of_several(patchkit, url, tmp_path):
    missing = (tmp_path / "missing.git").as_uri()
    result = patchkit("lint", "--mirror", missing, "--mirror", url)
    assert result.code == 5
    assert f"{missing}: error: git clone failed" in result.err
    assert f"{url}: " in result.out


def test_diff(patchkit, url, recipe):
    result = patchkit("diff", "mattermost", "--mirror", url)
    assert result.code == 0
    assert f"mattermost: applies on {url}" in result.err
    assert result.out == patchkit("diff", "mattermost", "--in", recipe).out


def test_apply_writes_a_workspace_and_not_the_mirror(patchkit, url, tmp_path):
    before = content(tmp_path / "mattermost-lts.git")
    assert patchkit("apply", "mattermost", "--mirror", url).code == 0
    work = tmp_path / ".patchkit" / "work" / "mattermost-lts"
    assert "PG_BACKUP_VERSION=v1" in (work / "abra.sh").read_text()
    assert content(tmp_path / "mattermost-lts.git") == before


def test_folder_and_mirror_together(patchkit, url, recipe):
    result = patchkit("diff", "mattermost", "--mirror", url, "--in", recipe)
    assert result.code == 2
    assert "--in and --mirror name two recipes" in result.err
