"""Which recipes a run is about: the folders below one, the lines of a list, patterns."""

from __future__ import annotations

import pytest

from patchkit.errors import UsageError
from patchkit.fleet.listing import below, listed, picked
from patchkit.fleet.source import Source


def names(sources: list[Source]) -> list[tuple[str, str]]:
    return [(source.kind, source.recipe) for source in sources]


def test_folders_below_one_by_name(tmp_path):
    for name in ("b", "a", ".git", "c.git/objects", "c.git/refs"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "file").write_text("")
    assert names(below(tmp_path)) == [("folder", "a"), ("folder", "b"), ("repository", "c")]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda top: None, "cannot be read: No such file"),
        (lambda top: top.mkdir(), "there is no folder in it"),
        (lambda top: top.write_text(""), "cannot be read: Not a directory"),
        (lambda top: (top / "sub").mkdir(parents=True), "this is a recipe itself"),
    ],
    ids=["missing", "empty", "a file", "a recipe"],
)
def test_folders_that_hold_no_recipes(tmp_path, make, message):
    make(tmp_path / "top")
    if message.startswith("this"):
        (tmp_path / "top" / "compose.yml").write_text("")
    with pytest.raises(UsageError, match=message):
        below(tmp_path / "top")


def test_lines_of_a_list(tmp_path, monkeypatch):
    (tmp_path / "gitea").mkdir()
    (tmp_path / "list").write_text(
        "# all of them\n\n"
        "gitea  # the folder here\n"
        "./gitea\n"
        "https://git.example.com/org/x.git#not-a-comment\n"
        "  git@git.example.com:org/y.git\n"
        "not/there\n"
        "discourse\r\n"
    )
    monkeypatch.chdir(tmp_path)
    found = listed("list")
    assert [(s.kind, s.where) for s in found] == [
        ("folder", "gitea"),
        ("mirror", "https://git.example.com/org/x.git#not-a-comment"),
        ("mirror", "git@git.example.com:org/y.git"),
        ("folder", "not/there"),
        ("sample", "discourse"),
    ]


def test_name_of_a_recipe_is_its_mirror_by_the_settings(tmp_path, monkeypatch):
    (tmp_path / "patchkit.toml").write_text('mirror = "https://git.example.com/m/{recipe}.git"\n')
    (tmp_path / "list").write_text("discourse\n")
    monkeypatch.chdir(tmp_path)
    assert [s.where for s in listed("list")] == ["https://git.example.com/m/discourse.git"]


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "No such file"), (b"# none\n\n", "names no recipe"), (b"caf\xe9\n", "not UTF-8")],
)
def test_lists_that_cannot_be_used(tmp_path, content, message):
    file = tmp_path / "list"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError, match=message):
        listed(str(file))


@pytest.mark.parametrize(
    ("only", "skip", "left"),
    [
        ((), (), ["gitea", "mattermost", "mattermost-lts"]),
        (("mattermost",), (), ["mattermost"]),
        (("mattermost*",), ("*-lts",), ["mattermost"]),
        (("*/old/*",), (), ["gitea"]),
        ((), ("*",), []),
    ],
)
def test_patterns_fit_a_whole_name_or_place(only, skip, left):
    found = [Source.folder(f"/x/{name}") for name in ("mattermost", "mattermost-lts")]
    found.insert(0, Source.folder("/x/old/gitea"))
    assert [source.recipe for source in picked(found, only, skip)] == left
