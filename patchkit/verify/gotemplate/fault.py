"""What a template is refused for: inside the package with an offset, outside with a place."""

from __future__ import annotations

from patchkit.errors import RecipeError


class TemplateError(RecipeError):
    """Go would refuse the template or fail on it, or it uses what is not known here.

    Its `place` has line and column.
    """


class Fault(Exception):  # noqa: N818  never leaves the package
    """The same, with the offset where it stands."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


class CallFault(Exception):  # noqa: N818  never leaves the package
    """A function does not take these arguments; the caller knows where it stands."""
