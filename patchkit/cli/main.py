"""The `patchkit` command and its list of subcommands."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module

import click

from patchkit import __version__

# Each with what `patchkit --help` says of it: none needs to be imported for that.
_COMMANDS = {
    "apply": "Render fixes, show the diff and write it.",
    "completion": "Print the completion script of a shell.",
    "diff": "Show what fixes change, and write nothing.",
    "explain": "Print the page of an op, a rule of lint or a class.",
    "format": "Give fix specs one form, with their comments.",
    "lint": "Judge recipes by abra's lint rules and patchkit's own.",
    "list": "List the fixes and classes there are.",
    "new": "Write the skeleton of a fix spec, or of a class.",
    "pr": "Propose fixes as pull requests on the recipes' mirrors.",
    "record": "Write the fix spec that makes the edits in a checkout.",
    "report": "Write a page for review: what fixes change, and why.",
    "scan": "Show which recipes have which defect.",
    "schema": "Print the JSON Schema of fix specs, for editors.",
    "status": "Show how fixes stand on the recipes' mirrors.",
    "test": "Test fix specs on samples of their recipes.",
    "verify": "Let real programs judge what fixes make of recipes.",
    "withdraw": "Close the pull requests of fixes, with the reason.",
}


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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in _COMMANDS and not name.startswith("-"):
            near = get_close_matches(name, _COMMANDS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            ctx.fail(f"No such command '{name}'.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


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

    FIX is the file of a fix spec, or a name that `patchkit list` shows.

    Exit codes: 0 done or nothing to do; 1 --check found a change, or a verification failed;
    2 wrong command line or spec; 3 refused or drifted; 4 open findings, or lint failed or got
    worse; 5 git or forge failed; 70 a bug; 130 interrupted.
    """
