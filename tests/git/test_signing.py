"""How often git is asked whether commits are signed."""

from __future__ import annotations

import pygit2
import pytest

from patchkit.git import signing
from patchkit.git.signing import is_signing

ON = "[commit]\n\tgpgSign = true\n"


@pytest.fixture
def asked(monkeypatch):
    """The repositories that git was asked about."""
    found, git = [], signing.git
    monkeypatch.setattr(
        signing, "git", lambda at, *a, **k: found.append(at.name) or git(at, *a, **k)
    )
    monkeypatch.setattr(signing, "_ANSWERS", {})
    return found


@pytest.fixture
def mirrors(tmp_path):
    folders = [tmp_path / "mirrors" / f"{name}.git" for name in "abc"]
    for folder in folders:
        pygit2.init_repository(str(folder), bare=True)
    return folders


def test_once_for_many_repositories(asked, mirrors):
    assert [is_signing(folder) for folder in mirrors] == [False] * 3
    assert asked == ["a.git"]


def test_again_for_one_that_says_so_itself(asked, mirrors):
    with (mirrors[1] / "config").open("a") as file:
        file.write(ON)
    assert [is_signing(folder) for folder in mirrors] == [False, True, False]
    assert asked == ["a.git", "b.git"]


def test_again_when_the_users_settings_change(asked, mirrors, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "own"))
    assert not is_signing(mirrors[0])
    (tmp_path / "own").write_text(ON)
    assert [is_signing(folder) for folder in mirrors] == [True] * 3
    assert asked == ["a.git", "a.git"]
