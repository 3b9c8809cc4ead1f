"""Renders a fix on a recipe: guards, ops in order, closing rules."""

from patchkit.rendering.patch import Change, Patch, Verdict, render

__all__ = ["Change", "Patch", "Verdict", "render"]
