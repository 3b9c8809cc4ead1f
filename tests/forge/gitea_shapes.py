"""The JSON of a stand-in of Gitea: the fields of Gitea 1.16, and those that Forgejo 14 adds.

Gitea's come from recorded calls; Forgejo's from its published description. What is no matter of
pull requests has a constant value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitea_state import Event, Label, Pull, Repo, Review, Status, User

Json = dict[str, Any]
_LONG_AGO = "0001-01-01T00:00:00Z"


@dataclass(frozen=True)
class Shapes:
    """Writes objects as JSON.

    Attributes:
        url: of the server.
        forgejo: whether the fields of Forgejo are there.
    """

    url: str
    forgejo: bool

    def user(self, user: User) -> Json:
        page = f"{self.url}/{user.login}"
        extra = {"html_url": page, "login_name": "", "pronouns": "", "source_id": 0}
        return {
            "id": user.id,
            "login": user.login,
            "full_name": "",
            "email": f"{user.login}@example.org",
            "avatar_url": f"{self.url}/avatars/{user.id}",
            "language": "",
            "is_admin": False,
            "last_login": _LONG_AGO,
            "created": "2026-01-01T00:00:00Z",
            "restricted": False,
            "active": False,
            "prohibit_login": False,
            "location": "",
            "website": "",
            "description": "",
            "visibility": "public",
            "followers_count": 0,
            "following_count": 0,
            "starred_repos_count": 0,
            "username": user.login,
            **(extra if self.forgejo else {}),
        }

    def repo(self, repo: Repo, viewer: User | None) -> Json:
        may_push = viewer is not None and viewer.login.lower() in repo.writers
        page = f"{self.url}/{repo.full_name}"
        switches = dict.fromkeys(_REPO_SWITCHES, True)
        return {
            "id": repo.id,
            "owner": self.user(repo.owner),
            "name": repo.name,
            "full_name": repo.full_name,
            "description": "",
            "empty": repo.git.head_is_unborn,
            "private": False,
            "fork": repo.parent is not None,
            "template": False,
            "parent": repo.parent and self.repo(repo.parent, viewer),
            "mirror": False,
            "size": 100,
            "html_url": page,
            "ssh_url": f"git@localhost:{repo.full_name}.git",
            "clone_url": f"{page}.git",
            "original_url": "",
            "website": "",
            "stars_count": 0,
            "forks_count": 0,
            "watchers_count": 1,
            "open_issues_count": 0,
            "open_pr_counter": sum(pull.state == "open" for pull in repo.pulls.values()),
            "release_counter": 0,
            "default_branch": repo.default_branch,
            "archived": repo.archived,
            "created_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:00Z",
            "permissions": {"admin": False, "push": may_push, "pull": True},
            "internal_tracker": {
                "enable_time_tracker": True,
                "allow_only_contributors_to_track_time": True,
                "enable_issue_dependencies": True,
            },
            **switches,
            "ignore_whitespace_conflicts": False,
            "default_merge_style": "merge",
            "avatar_url": "",
            "internal": False,
            "mirror_interval": "",
            "repo_transfer": None,
            **({"object_format_name": "sha1", "topics": []} if self.forgejo else {}),
        }

    def branch(self, repo: Repo, name: str) -> Json:
        sha = repo.branch(name)
        who = {"name": "A", "email": "a@example.org", "username": ""}
        return {
            "name": name,
            "commit": {
                "id": sha,
                "message": repo.git[sha].message,
                "url": f"{self.url}/{repo.full_name}/commit/{sha}",
                "author": who,
                "committer": who,
                "verification": {
                    "verified": False,
                    "reason": "gpg.error.not_signed_commit",
                    "signature": "",
                    "signer": None,
                    "payload": "",
                },
                "timestamp": "2026-01-01T00:00:00Z",
                "added": None,
                "removed": None,
                "modified": None,
            },
            "protected": False,
            "required_approvals": 0,
            "enable_status_check": False,
            "status_check_contexts": [],
            "user_can_push": True,
            "user_can_merge": True,
            "effective_branch_protection_name": "",
        }

    def label(self, label: Label, repo: Repo | None = None) -> Json:
        where = f"repos/{repo.full_name}" if repo else "orgs/x"
        return {
            "id": label.id,
            "name": label.name,
            "color": label.color,
            "description": label.description,
            "url": f"{self.url}/api/v1/{where}/labels/{label.id}",
            **({"exclusive": False, "is_archived": False} if self.forgejo else {}),
        }

    def pull(self, pull: Pull, viewer: User | None) -> Json:
        page = f"{self.url}/{pull.repo.full_name}/pulls/{pull.number}"
        merged = pull.merged_by is not None
        assignees = self._users(pull.assignees)
        return {
            "id": pull.id,
            "url": page,
            "number": pull.number,
            "user": self.user(pull.user),
            "title": pull.title,
            "body": pull.body,
            "labels": [self.label(label, pull.repo) for label in pull.labels],
            "milestone": None,
            "assignee": assignees[0] if assignees else None,
            "assignees": assignees,
            "state": pull.state,
            "is_locked": False,
            "comments": len(pull.comments),
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "mergeable": pull.mergeable(),
            "merged": merged,
            "merged_at": pull.closed if merged else None,
            "merge_commit_sha": pull.head_sha() if merged else None,
            "merged_by": self.user(pull.merged_by) if pull.merged_by else None,
            "base": self._base(pull, viewer),
            "head": self._head(pull, viewer),
            "merge_base": self._merge_base(pull),
            "due_date": None,
            "created_at": pull.created,
            "updated_at": pull.updated,
            "closed_at": pull.closed,
            **(self._forgejo_pull(pull) if self.forgejo else {}),
        }

    def _forgejo_pull(self, pull: Pull) -> Json:
        asked = [review.user for review in pull.reviews if review.state == "REQUEST_REVIEW"]
        return {
            "draft": pull.is_wip,
            "requested_reviewers": self._users(asked),
            "requested_reviewers_teams": None,
            "allow_maintainer_edit": False,
            "additions": 1,
            "deletions": 0,
            "changed_files": 1,
            "review_comments": 0,
            "pin_order": 0,
            "flow": 0,
        }

    def _users(self, users: Iterable[User]) -> list[Json] | None:
        """Return users, null for none, as Go writes an empty list."""
        return [self.user(user) for user in users] or None

    def _base(self, pull: Pull, viewer: User | None) -> Json:
        sha = pull.repo.branch(pull.base) or ""
        return self._side(pull.base, pull.base, sha, pull.repo, viewer)

    def _head(self, pull: Pull, viewer: User | None) -> Json:
        ref = pull.head if pull.head_is_there() else f"refs/pull/{pull.number}/head"
        return self._side(pull.head, ref, pull.head_sha(), pull.head_repo, viewer)

    def _side(self, label: str, ref: str, sha: str, repo: Repo | None, viewer: User | None):
        return {
            "label": label,
            "ref": ref,
            "sha": sha,
            "repo_id": repo.id if repo else -1,
            "repo": self.repo(repo, viewer) if repo else None,
        }

    @staticmethod
    def _merge_base(pull: Pull) -> str:
        base, git = pull.repo.branch(pull.base), pull.repo.git
        both = base is not None and pull.head_sha() in git
        return str(git.merge_base(base, pull.head_sha())) if both else ""

    def _event(self, pull: Pull, event: Event) -> Json:
        page = f"{self.url}/{pull.repo.full_name}/pulls/{pull.number}"
        return {
            "id": event.id,
            "html_url": f"{page}#issuecomment-{event.id}",
            "pull_request_url": page,
            "issue_url": "",
            "user": self.user(event.user),
            "body": event.body,
            "created_at": event.created,
            "updated_at": event.updated,
        }

    def comment(self, pull: Pull, event: Event) -> Json:
        more = {"original_author": "", "original_author_id": 0}
        return self._event(pull, event) | more | ({"assets": []} if self.forgejo else {})

    def timeline(self, pull: Pull, event: Event) -> Json:
        return self._event(pull, event) | {"type": event.kind}

    def review(self, pull: Pull, review: Review) -> Json:
        return {
            "id": review.id,
            "user": self.user(review.user),
            "team": None,
            "state": review.state,
            "body": "",
            "commit_id": "",
            "stale": False,
            "official": False,
            "dismissed": False,
            "comments_count": 0,
            "submitted_at": review.created,
            "html_url": "",
            "pull_request_url": f"{self.url}/{pull.repo.full_name}/pulls/{pull.number}",
            **({"updated_at": review.created} if self.forgejo else {}),
        }

    def status(self, repo: Repo, status: Status) -> Json:
        return {
            "id": status.id,
            "status": status.state,
            "target_url": status.target_url,
            "description": status.description,
            "url": f"{self.url}/api/v1/repos/{repo.full_name}/statuses/{status.sha}",
            "context": status.context,
            "creator": self.user(status.creator),
            "created_at": status.created,
            "updated_at": status.created,
        }


_REPO_SWITCHES = (
    "has_issues",
    "has_wiki",
    "has_pull_requests",
    "has_projects",
    "allow_merge_commits",
    "allow_rebase",
    "allow_rebase_explicit",
    "allow_squash_merge",
)
