"""The samples below `recipes/` are no tests of patchkit, though one has tests of its own."""

collect_ignore = ["recipes"]
