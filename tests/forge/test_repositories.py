"""The repositories of an organisation: on stand-ins of every forge, over all pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pygit2
import pytest
from gitea_tools import BOT, ORG, World, bare
from github_standin import ORG as GITHUB_ORG
from github_standin import Door, Emulate, github
from loopback import Reply, Request, json_reply

from patchkit.errors import ForgeError, UsageError
from patchkit.forge.address import Address
from patchkit.forge.gitea import Gitea
from patchkit.forge.http import Http
from patchkit.forge.token import Token

if TYPE_CHECKING:
    from patchkit.forge.protocol import Repository


def seen(repositories: list[Repository]) -> dict[str, tuple[bool, bool | None]]:
    return {one.name: (one.archived, one.empty) for one in repositories}


def owned(world: World, owner: str) -> Gitea:
    return Gitea(Http(world.url, Token(world.tokens[BOT]), timeout=5), owner, "")


def test_of_an_organisation_on_gitea(world: World) -> None:
    forge = world.server.forge
    for number in range(7):
        forge.add_repo(ORG, bare(world.repo.parent / f"r{number}.git"))
    forge.repos[f"{ORG}/r3"].archived = True
    pygit2.init_repository(str(world.repo.parent / "none.git"), bare=True, initial_head="main")
    forge.add_repo(ORG, world.repo.parent / "none.git")
    forge.add_repo("another", bare(world.repo.parent / "x.git"))
    found = list(owned(world, ORG).repositories())
    expected = {f"r{number}": (number == 3, False) for number in range(7)}
    assert seen(found) == expected | {world.name: (False, False), "none": (False, True)}
    assert found[0].owner == ORG


def test_of_a_user_on_gitea(world: World) -> None:
    world.fork(BOT)
    assert seen(list(owned(world, BOT).repositories())) == {world.name: (False, False)}


def test_of_nobody_on_gitea(world: World) -> None:
    with pytest.raises(ForgeError, match="404"):
        list(owned(world, "nobody").repositories())


def test_of_an_organisation_on_github(
    door: Door, emulate: Emulate, repo: str, impatient: None
) -> None:
    one = emulate.call("GET", f"/repos/{GITHUB_ORG}/{repo}")
    names = [f"r{number:03}" for number in range(205)]
    every = [one | {"name": name, "archived": name == "r007", "size": 12} for name in names]
    every[9]["size"] = 0

    def page(request: Request) -> Reply:
        number, size = int(request.query.get("page", 1)), int(request.query["per_page"])
        there = every[(number - 1) * size : number * size]
        last = number * size >= len(every)
        where = f"http://{request.headers['Host']}{request.path}?per_page={size}&page={number + 1}"
        return json_reply(there, **({} if last else {"Link": f'<{where}>; rel="next"'}))

    door.put_beside(f"GET /orgs/{GITHUB_ORG}", lambda request: json_reply({"login": GITHUB_ORG}))
    door.put_beside(f"GET /orgs/{GITHUB_ORG}/repos", page)
    found = list(github(door.url, "").repositories())
    assert [repository.name for repository in found] == names
    assert {one.name for one in found if one.archived} == {"r007"}
    assert [one.name for one in found if one.empty is not False] == ["r009"]
    assert door.asked.count(f"GET /orgs/{GITHUB_ORG}/repos") == 3


def test_of_a_user_on_github(door: Door, emulate: Emulate, repo: str, impatient: None) -> None:
    one = emulate.call("GET", f"/repos/{GITHUB_ORG}/{repo}")
    missing = json_reply({"message": "Not Found", "documentation_url": "x", "status": "404"}, 404)
    door.put_beside(f"GET /orgs/{GITHUB_ORG}", lambda request: missing)
    door.put_beside(f"GET /users/{GITHUB_ORG}/repos", lambda request: json_reply([one]))
    assert [one.name for one in github(door.url, "").repositories()] == [repo]


@pytest.mark.parametrize(
    ("url", "base", "owner"),
    [
        ("https://git.example.com/recipes", "https://git.example.com", "recipes"),
        ("https://git.example.com/forge/recipes/", "https://git.example.com/forge", "recipes"),
        ("git@git.example.com:recipes", "https://git.example.com", "recipes"),
    ],
)
def test_address_of_an_organisation(url: str, base: str, owner: str) -> None:
    assert Address.of_owner(url) == Address(base, owner, "")


@pytest.mark.parametrize("url", ["https://git.example.com", "recipes", "https://x/..", ""])
def test_what_names_no_organisation(url: str) -> None:
    with pytest.raises(UsageError, match="names no organisation on a forge"):
        Address.of_owner(url)
