"""Tests of fix specs, for those who write them: `pytest fixes/`, or `patchkit test`.

Each spec is tried on the sample of its recipe: it is valid, it applies, the diff is the reviewed
one, a second run changes nothing, no rule of lint gets worse, and where what it looks for is
missing it says that the recipe has drifted. Both ways run the same checks.
"""
