"""patchkit: declarative fixes for Co-op Cloud recipes, rendered into the smallest correct diff."""

__version__ = "0.1.0"
