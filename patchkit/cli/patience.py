"""Says in a sentence that a request is tried again, where stamina would log a line of its own.

https://stamina.hynek.me/en/stable/instrumentation.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.cli.telling import tell
from patchkit.errors import PatchkitError

if TYPE_CHECKING:
    from stamina.instrumentation import RetryDetails


def tell_retries() -> None:
    """Tell on standard error, from now on, what is tried again and when."""
    from stamina.instrumentation import set_on_retry_hooks  # noqa: PLC0415  few calls need it

    set_on_retry_hooks([_Teller()])


class _Teller:
    """Tells what is tried again, and why when that is another reason than the last time."""

    def __init__(self) -> None:
        self._told = ""

    def __call__(self, details: RetryDetails) -> None:
        error = details.caused_by
        why = error.problems[0].message if isinstance(error, PatchkitError) else str(error)
        again = f"  trying again in {details.wait_for:.0f} s"
        tell(again if why == self._told else f"{why.rstrip()}\n{again}")
        self._told = why
