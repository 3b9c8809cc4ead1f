"""Pull requests of fixes that belong together lead to each other."""

from __future__ import annotations

import socket

import pytest
from cli_tools import git

PAIR = ("discourse", "discourse-harness")


@pytest.fixture
def both(world, patchkit):
    """Propose two fixes that belong together, of two mirrors."""
    world.add("discourse")
    world.add("cc-ci")
    return lambda *names: patchkit("pr", "--no-verify", *(names or PAIR))


def lines(world, repository: str) -> list[str]:
    """Return what the first pull request of a mirror says of companions."""
    body = world.pulls(repository)[0].body
    section = body.partition("### Belongs together with")[2].partition("###")[0]
    return section.split("\n\n")[1].splitlines()


def page(world, repository: str) -> str:
    return f"{world.proxy.url}/recipes/{repository}/pulls/1"


def test_by_name_until_it_is_there(world, both):
    """A fix that names nobody is named by the other: that is enough."""
    result = both("discourse")
    assert result.code == 0, result.err
    assert lines(world, "discourse") == ["- `discourse-harness`"]


def test_both_have_the_links_after_two_runs_and_no_third_is_needed(world, both):
    both("discourse")
    both()
    assert lines(world, "cc-ci") == [f"- [`discourse`]({page(world, 'discourse')})"]
    assert lines(world, "discourse") == ["- `discourse-harness`"]
    assert "update text" in both().err
    assert lines(world, "discourse") == [f"- [`discourse-harness`]({page(world, 'cc-ci')})"]
    before = len(world.writes())
    assert (both().code, len(world.writes())) == (0, before)
    assert [len(world.comments(name)) for name in ("discourse", "cc-ci")] == [1, 0]


def test_mirror_that_is_away_takes_no_link_away(world, both, tmp_path):
    both("discourse")
    both("discourse-harness")
    both("discourse")
    settings = tmp_path / "here" / "patchkit.toml"
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    mirror = f"http://127.0.0.1:{port}/recipes/cc-ci.git"
    settings.write_text(f'{settings.read_text()}[recipes.cc-ci]\nmirror = "{mirror}"\n')
    before = len(world.writes())
    assert (both("discourse").code, len(world.writes())) == (0, before)
    assert lines(world, "discourse") == [f"- [`discourse-harness`]({page(world, 'cc-ci')})"]


def test_closed_one_is_a_name_again(world, both):
    both()
    both()
    world.gitea.forge.set_state(world.repo("cc-ci"), 1, "closed", by="ana")
    both("discourse")
    assert lines(world, "discourse") == ["- `discourse-harness`"]


def test_merged_one_stays_a_link(world, both):
    both()
    both()
    world.gitea.forge.merge(world.repo("cc-ci"), 1, by="ana")
    before = len(world.writes())
    assert (both("discourse").code, len(world.writes())) == (0, before)


def test_mirror_of_another_profile(world, both, tmp_path):
    """The harness is on one forge alone, whatever profile the recipe is proposed on."""
    both("discourse-harness")
    settings = tmp_path / "here" / "patchkit.toml"
    other = world.add("discourse", org="others")
    profile = f'[profiles.other]\nmirror = "{world.url(org="others")}"\n'
    settings.write_text(settings.read_text() + profile)
    assert both("discourse", "--profile", "other").code == 0
    assert git(other.bare, "branch", "--list", "patchkit/discourse")
    body = world.gitea.forge.repos["others/discourse"].pulls[1].body
    assert f"- [`discourse-harness`]({page(world, 'cc-ci')})" in body


def test_dry_run_writes_nothing(world, both):
    both("discourse")
    before = len(world.writes())
    assert both(*PAIR, "--dry-run").code == 0
    assert len(world.writes()) == before
