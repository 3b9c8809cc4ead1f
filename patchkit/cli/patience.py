"""Says in a sentence that a request is tried again, where stamina would log a line of its own.

https://stamina.hynek.me/en/stable/instrumentation.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from patchkit.errors import PatchkitError

if TYPE_CHECKING:
    from stamina.instrumentation import RetryDetails


def tell_retries() -> None:
    """Tell on standard error, from now on, what is tried again and when."""
    from stamina.instrumentation import set_on_retry_hooks  # noqa: PLC0415  few calls need it

    set_on_retry_hooks([_tell])


def _tell(details: RetryDetails) -> None:
    error = details.caused_by
    why = error.problems[0].message if isinstance(error, PatchkitError) else str(error)
    click.echo(f"{why.rstrip()}\n  trying again in {details.wait_for:.0f} s", err=True)
