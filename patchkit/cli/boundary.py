"""The one place where errors become messages and exit codes."""

from __future__ import annotations

import os
import sys
import traceback

import click

from patchkit import __version__
from patchkit.cli.main import cli
from patchkit.cli.telling import tell
from patchkit.errors import ExitCode, PatchkitError
from patchkit.report.errors import error_text


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit code; every error ends here."""
    try:
        result = cli.main(arguments, prog_name="patchkit", standalone_mode=False)
        return result if isinstance(result, int) else ExitCode.OK
    except click.exceptions.Exit as error:
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; nothing is half written", err=True)
        return ExitCode.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except PatchkitError as error:
        tell(error_text(error))
        return error.exit_code
    except BrokenPipeError:
        # The reader of the diff has gone; keep Python from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    except Exception:  # noqa: BLE001  whatever it is, it is a bug and is told as one
        click.echo(traceback.format_exc(), err=True)
        click.echo(
            f"This is a bug in patchkit {__version__}; nothing was written.\n"
            "Please report it with the lines above, the command and the fix spec.",
            err=True,
        )
        return ExitCode.BUG
