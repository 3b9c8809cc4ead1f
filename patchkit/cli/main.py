"""The `patchkit` command and its list of subcommands."""

from __future__ import annotations

from importlib import import_module

import click

from patchkit import __version__

_COMMANDS = (
    "apply",
    "completion",
    "diff",
    "explain",
    "format",
    "lint",
    "list",
    "new",
    "pr",
    "record",
    "report",
    "scan",
    "schema",
    "status",
    "test",
    "verify",
    "withdraw",
)


class _Lazy(click.Group):
    """Imports a command's module when it is called: starting fast is part of the product."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"patchkit.cli.{cmd_name}").command
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="patchkit %(version)s")
def cli() -> None:
    """Render declarative fixes of Co-op Cloud recipes into the smallest correct diff.

    \b
    patchkit diff fixes/mattermost.yml        what the fix changes; writes nothing
    patchkit apply fixes/mattermost.yml       the same, and writes it
    patchkit lint --in path/to/recipe         what is wrong with a recipe
    patchkit verify fixes/mattermost.yml      real programs judge the result
    patchkit report --all                     a page for review, in one HTML file
    patchkit pr --recipe gitea                proposes it as a pull request
    patchkit status                           how every fix stands on the mirrors
    patchkit scan path/to/recipes             which recipes have which defect
    patchkit test fixes/mattermost.yml        tests a fix as its author would
    patchkit explain labels.set               what an op does, or a rule of lint

    Exit codes: 0 done or nothing to do; 1 --check found a change, or a verification failed;
    2 wrong command line or spec; 3 refused or drifted; 4 open findings, or lint failed or got
    worse; 5 git or forge failed; 70 a bug; 130 interrupted.
    """
