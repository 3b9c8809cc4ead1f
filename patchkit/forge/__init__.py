"""Forges: pull requests, comments, labels and statuses behind one protocol; one file a forge."""

from patchkit.forge.address import Address
from patchkit.forge.detect import connect, detect, reach
from patchkit.forge.protocol import Comment, Forge, PullRequest, Repository, Status
from patchkit.forge.token import Token, find_token

__all__ = [
    "Address",
    "Comment",
    "Forge",
    "PullRequest",
    "Repository",
    "Status",
    "Token",
    "connect",
    "detect",
    "find_token",
    "reach",
]
