"""The stand-in of Gitea: organisations and users, and the repositories that they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gitea_call import RefusedError, route
from loopback import Reply, json_reply

if TYPE_CHECKING:
    from gitea_call import Call
    from gitea_state import User


@route("GET", "/orgs/{org}")
def _organisation(call: Call, org: str) -> Reply:
    user = _owner(call, org, is_org=True)
    told: dict[str, Any] = {"id": user.id, "username": user.login, "visibility": "public"}
    told |= {"avatar_url": "", "full_name": "", "description": "", "website": "", "location": ""}
    return json_reply(told | {"repo_admin_change_team_access": False})


@route("GET", "/orgs/{org}/repos")
def _of_organisation(call: Call, org: str) -> Reply:
    return _repositories(call, _owner(call, org, is_org=True))


@route("GET", "/users/{name}/repos")
def _of_user(call: Call, name: str) -> Reply:
    return _repositories(call, _owner(call, name, is_org=False))


def _repositories(call: Call, owner: User) -> Reply:
    mine = [repo for repo in call.forge.repos.values() if repo.owner is owner]
    return call.page(call.shapes.repo(repo, call.user) for repo in mine)


def _owner(call: Call, name: str, *, is_org: bool) -> User:
    user = call.forge.users.get(name.lower())
    if user is None or user.is_org != is_org:
        raise RefusedError(404)
    return user
