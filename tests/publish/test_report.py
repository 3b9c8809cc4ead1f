"""`patchkit report --status`: the pull request and CI on the page; no write."""

from __future__ import annotations


def test_the_pull_request_is_on_the_page(world, pr, patchkit):
    pr()
    before = len(world.writes())
    result = patchkit("report", "gitea", "--status", "-o", "-")
    assert (result.code, len(world.writes())) == (0, before)
    [pull] = world.pulls("gitea")
    assert f'rel="noreferrer">#{pull.number}</a> open' in result.out
    assert "no answer" in result.out
    assert patchkit("report", "gitea", "--status", "-o", "-").out == result.out


def test_several_are_asked_side_by_side(world, pr, patchkit):
    world.add("mattermost-lts")
    pr()
    result = patchkit("report", "gitea", "mattermost", "--status", "--jobs", "2", "-o", "-")
    assert result.code == 0
    [pull] = world.pulls("gitea")
    assert f'<span class="pill plain">#{pull.number} open, CI ' in result.out
    assert result.out.count('<span class="pill plain">no PR</span>') == 1


def test_a_mirror_that_is_missing_is_told_on_the_page(world, patchkit):
    result = patchkit("report", "mumble", "--status", "-o", "-")
    assert result.code == 5
    assert "mirror missing" in result.out
