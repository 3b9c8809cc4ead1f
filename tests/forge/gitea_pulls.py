"""The stand-in of Gitea: repositories, branches, and pull requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitea_call import NO_PAGE, RefusedError, route
from gitea_state import Pull
from loopback import Reply, json_reply

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitea_call import Call
    from gitea_state import Repo, User


@route("GET", "/version")
def _version(call: Call) -> Reply:
    return json_reply({"version": call.server.version})


@route("GET", "/user")
def _user(call: Call) -> Reply:
    if call.user is None:
        raise RefusedError(401, "token is required")
    return json_reply(call.shapes.user(call.user))


@route("GET", "/repos/{owner}/{repo}")
def _repo(call: Call, repo: Repo) -> Reply:
    return json_reply(call.shapes.repo(repo, call.user))


@route("POST", "/repos/{owner}/{repo}/forks", for_readers=True)
def _fork(call: Call, repo: Repo) -> Reply:
    form = call.request.json
    owner = form.get("organization") or call.user.login
    if (user := call.forge.users.get(owner.lower())) is None or user.is_org != bool(
        form.get("organization")
    ):
        raise RefusedError(422, "organization does not exist")
    name = form.get("name") or repo.name
    if f"{owner}/{name}".lower() in call.forge.repos:
        raise RefusedError(409, "The repository with the same name already exists.")
    made = call.forge.fork(repo, owner, name)
    call.server.on_fork(made.full_name)
    return json_reply(call.shapes.repo(made, call.user), 202)


@route("GET", "/repos/{owner}/{repo}/branches/{branch}")
def _branch(call: Call, repo: Repo, branch: str) -> Reply:
    if repo.branch(branch) is None:
        raise RefusedError(404)
    return json_reply(call.shapes.branch(repo, branch))


@route("DELETE", "/repos/{owner}/{repo}/branches/{branch}")
def _delete_branch(call: Call, repo: Repo, branch: str) -> Reply:
    if repo.branch(branch) is None:  # up to Gitea 1.24 a bare 500
        raise RefusedError(404) if call.server.flavour == "forgejo" else RefusedError(500, "")
    if branch == repo.default_branch:
        raise RefusedError(403, "can not delete default or pull request target branch")
    for pull in repo.pulls.values():
        pull.head_sha()
    repo.git.references.delete(f"refs/heads/{branch}")
    return Reply(204)


@route("GET", "/repos/{owner}/{repo}/pulls")
def _pulls(call: Call, repo: Repo) -> Reply:
    state = call.request.query.get("state") or "open"
    newest_first = sorted(repo.pulls.values(), key=lambda pull: -pull.number)
    wanted = (pull for pull in newest_first if state in {"all", pull.state})
    return call.page(call.pull(pull) for pull in wanted)


@route("POST", "/repos/{owner}/{repo}/pulls", for_readers=True)
def _create(call: Call, repo: Repo) -> Reply:
    form = call.request.json
    if not form.get("title"):
        raise RefusedError(422, "[Title]: Required")
    head_repo, head = _head(call, repo, form["head"])
    if head_repo.branch(head) is None or repo.branch(form["base"]) is None:
        raise RefusedError(404)
    for other in repo.pulls.values():
        meant = (other.head_repo, other.head, other.base) == (head_repo, head, form["base"])
        if meant and other.state == "open":
            raise RefusedError(
                409, f"pull request already exists for these targets [id: {other.id}]"
            )
    number, now = len(repo.pulls) + 1, call.forge.now()
    words = form["title"], form.get("body") or ""
    ids = next(call.forge.ids), number
    pull = Pull(*ids, repo, call.user, *words, form["base"], head, head_repo, now, now)
    pull.labels = call.labels(repo, form.get("labels") or ())
    pull.assignees = _assignees(call, form.get("assignees") or ())
    repo.pulls[number] = pull
    return json_reply(call.pull(pull), 201)


def _head(call: Call, repo: Repo, text: str) -> tuple[Repo, str]:
    owner, colon, branch = text.rpartition(":")
    if not colon:
        return repo, text
    if owner.lower() == repo.owner.login.lower() and call.server.flavour == "forgejo":
        return repo, branch
    forks = (r for r in call.forge.repos.values() if r.parent is repo)
    for fork in forks:
        if fork.owner.login.lower() == owner.lower():
            return fork, branch
    raise RefusedError(404, "GetForkedRepo")


def _assignees(call: Call, logins: Iterable[str]) -> list[User]:
    if call.server.flavour == "forgejo":  # it has no words for it: recorded as a 500
        return [call.named(login, 500, "") for login in logins]
    message = "Assignee does not exist: [name: user does not exist [uid: 0, name: {}, keyid: 0]]"
    return [call.named(login, 422, message.format(login)) for login in logins]


@route("GET", "/repos/{owner}/{repo}/pulls/{number}")
def _pull(call: Call, pull: Pull) -> Reply:
    return json_reply(call.pull(pull))


@route("GET", "/repos/{owner}/{repo}/pulls/{base}/{head}")
def _pull_of(call: Call, repo: Repo, base: str, head: str) -> Reply:
    if call.server.flavour == "gitea":
        return NO_PAGE
    for pull in reversed(repo.pulls.values()):
        if (pull.base, pull.head) == (base, head):
            return json_reply(call.pull(pull))
    raise RefusedError(404)


@route("PATCH", "/repos/{owner}/{repo}/pulls/{number}")
def _edit(call: Call, pull: Pull) -> Reply:
    form, repo = call.request.json, pull.repo
    if form.get("title") and form["title"] != pull.title:
        pull.title = form["title"]
        call.forge.note(pull, "change_title", call.user)
    pull.body = form.get("body") or pull.body
    if form.get("assignees") is not None:
        pull.assignees = _assignees(call, form["assignees"])
    if form.get("labels") is not None:
        pull.labels = call.labels(repo, form["labels"])
    if form.get("state"):
        if pull.merged_by:
            message = "cannot change state of this pull request, it was already merged"
            raise RefusedError(412, message)
        call.forge.set_state(repo, pull.number, form["state"], by=call.user.login)
    pull.updated = call.forge.now()
    return json_reply(call.pull(pull), 201)
