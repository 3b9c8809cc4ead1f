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


def test_a_mirror_that_is_missing_is_told_on_the_page(world, patchkit):
    result = patchkit("report", "mumble", "--status", "-o", "-")
    assert result.code == 5
    assert "mirror missing" in result.out
