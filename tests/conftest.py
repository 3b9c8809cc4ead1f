"""The samples below `recipes/` are no tests of patchkit, though one of them has tests of its own."""

collect_ignore = ["recipes"]
