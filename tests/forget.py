"""Lets patchkit forget what it remembers of texts, so that a benchmark reads them anew."""

from __future__ import annotations

import sys


def forget() -> None:
    """Empty every cache of patchkit's functions."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "patchkit":
            for value in list(vars(module).values()):
                if hasattr(value, "cache_clear"):
                    value.cache_clear()
