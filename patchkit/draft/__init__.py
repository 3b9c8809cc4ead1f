"""A recipe under change, and what several families of ops need to change it."""

from patchkit.draft.draft import Draft, NoMatch, Renamed, missing

__all__ = ["Draft", "NoMatch", "Renamed", "missing"]
