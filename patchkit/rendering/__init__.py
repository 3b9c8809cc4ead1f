"""Renders a fix on a recipe: guards, ops in order, closing rules; then the gate of lint."""

from patchkit.rendering.gate import cause, check
from patchkit.rendering.patch import ASKS, Change, Patch, Verdict, judge, render

__all__ = ["ASKS", "Change", "Patch", "Verdict", "cause", "check", "judge", "render"]
