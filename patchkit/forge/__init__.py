"""Forges: pull requests, comments, labels and statuses behind one protocol; one file a forge."""

from patchkit.forge.protocol import Comment, Forge, PullRequest, Repository, Status

__all__ = ["Comment", "Forge", "PullRequest", "Repository", "Status"]
