"""The stand-in of Gitea: labels, reviewers, comments, statuses, and the timeline."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gitea_call import RefusedError, route
from gitea_state import Review
from loopback import Reply, json_reply

if TYPE_CHECKING:
    from gitea_call import Call
    from gitea_state import Label, Pull, Repo


@route("POST", "/repos/{owner}/{repo}/issues/{number}/labels")
def _add_labels(call: Call, pull: Pull) -> Reply:
    return _label(call, pull, pull.labels)


@route("PUT", "/repos/{owner}/{repo}/issues/{number}/labels")
def _replace_labels(call: Call, pull: Pull) -> Reply:
    return _label(call, pull, [])


def _label(call: Call, pull: Pull, kept: list[Label]) -> Reply:
    added = call.labels(pull.repo, call.request.json["labels"])
    pull.labels = [*kept, *(label for label in added if label not in kept)]
    return json_reply([call.shapes.label(label, pull.repo) for label in pull.labels])


@route("POST", "/repos/{owner}/{repo}/pulls/{number}/requested_reviewers")
def _ask_reviewers(call: Call, pull: Pull) -> Reply:
    logins = call.request.json["reviewers"]
    users = [call.named(login, 404, f"User '{login}' not exist") for login in logins]
    new = []
    for user in users:
        if user in (call.user, pull.user):
            raise RefusedError(422, f"doer can't be reviewer [user_id: {user.id}, repo_id: 1]")
        asked = [r for r in pull.reviews if r.user is user and r.state == "REQUEST_REVIEW"]
        if not asked:
            event = call.forge.note(pull, "review_request", call.user)
            new.append(Review(event.id, user, "REQUEST_REVIEW", event.created))
    pull.reviews += new
    return json_reply([call.shapes.review(pull, review) for review in new], 201)


@route("GET", "/repos/{owner}/{repo}/pulls/{number}/reviews")
def _reviews(call: Call, pull: Pull) -> Reply:
    return call.page(call.shapes.review(pull, review) for review in pull.reviews)


@route("GET", "/repos/{owner}/{repo}/labels")
def _labels(call: Call, repo: Repo) -> Reply:
    by_name = sorted(repo.labels, key=lambda label: label.name)
    return call.page(call.shapes.label(label, repo) for label in by_name)


@route("GET", "/orgs/{org}/labels")
def _org_labels(call: Call, org: str) -> Reply:
    user = call.forge.users.get(org.lower())
    if user is None or not user.is_org:
        raise RefusedError(404)
    labels = call.forge.org_labels.get(user.login, ())
    return call.page(call.shapes.label(label) for label in labels)


@route("POST", "/repos/{owner}/{repo}/labels")
def _make_label(call: Call, repo: Repo) -> Reply:
    form = call.request.json
    label = call.forge.add_label(repo, form["name"], form["color"])
    label.description = form.get("description") or ""
    return json_reply(call.shapes.label(label, repo), 201)


@route("DELETE", "/repos/{owner}/{repo}/labels/{id}")
def _delete_label(call: Call, repo: Repo, id: str) -> Reply:  # noqa: A002  the path's word
    found = [label for label in repo.labels if label.id == int(id)]
    if not found:
        raise RefusedError(404)
    repo.labels = [label for label in repo.labels if label not in found]
    for pull in repo.pulls.values():
        pull.labels = [label for label in pull.labels if label not in found]
    return Reply(204)


@route("GET", "/repos/{owner}/{repo}/issues/{number}/comments")
def _comments(call: Call, pull: Pull) -> Reply:
    """Return all of them, whatever page is asked for, as Gitea does."""
    comments = [call.shapes.comment(pull, event) for event in pull.comments]
    return json_reply(comments, X_Total_Count=str(len(comments)))


@route("POST", "/repos/{owner}/{repo}/issues/{number}/comments", for_readers=True)
def _comment(call: Call, pull: Pull) -> Reply:
    event = call.forge.note(pull, "comment", call.user, call.request.json["body"])
    return json_reply(call.shapes.comment(pull, event), 201)


@route("PATCH", "/repos/{owner}/{repo}/issues/comments/{id}")
def _edit_comment(call: Call, repo: Repo, id: str) -> Reply:  # noqa: A002  the path's word
    for pull in repo.pulls.values():
        for event in pull.comments:
            if event.id == int(id):
                event.body, event.updated = call.request.json["body"], call.forge.now()
                return json_reply(call.shapes.comment(pull, event))
    raise RefusedError(404)


@route("GET", "/repos/{owner}/{repo}/issues/{number}/timeline")
def _timeline(call: Call, pull: Pull) -> Reply:
    """Return a page, with a count that is the page's alone, as Gitea does."""
    page = call.page(call.shapes.timeline(pull, event) for event in pull.events)
    events = json.loads(page.body)
    return json_reply(events or None, X_Total_Count=str(len(events)))


@route("POST", "/repos/{owner}/{repo}/statuses/{sha}")
def _set_status(call: Call, repo: Repo, sha: str) -> Reply:
    form = dict(call.request.json)
    state, context = form.pop("state"), form.pop("context", "default")
    status = call.forge.set_status(repo, sha, state, context, by=call.user.login, **form)
    return json_reply(call.shapes.status(repo, status), 201)


@route("GET", "/repos/{owner}/{repo}/commits/{sha}/statuses")
def _statuses(call: Call, repo: Repo, sha: str) -> Reply:
    found = [call.shapes.status(repo, one) for one in repo.statuses if one.sha == sha]
    return call.page(found) if found else json_reply(None, X_Total_Count="0")


@route("GET", "/repos/{owner}/{repo}/commits/{sha}/status")
def _combined(call: Call, repo: Repo, sha: str) -> Reply:
    newest = {one.context: one for one in repo.statuses if one.sha == sha}
    worst = min((one.state for one in newest.values()), key=_WORST_FIRST.index, default="")
    api = f"{call.shapes.url}/api/v1/repos/{repo.full_name}"
    answer = {
        "state": worst,
        "sha": sha if newest else "",
        "total_count": len(newest),
        "statuses": [call.shapes.status(repo, one) for one in newest.values()] or None,
        "repository": call.shapes.repo(repo, call.user) if newest else None,
        "commit_url": f"{api}/commits/{sha}" if newest else "",
        "url": f"{api}/commits/{sha}/status" if newest else "",
    }
    return json_reply(answer, X_Total_Count=str(len(newest)))


_WORST_FIRST = ("error", "failure", "warning", "pending", "success")
