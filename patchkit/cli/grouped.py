"""Help pages that show the options for many recipes apart: whoever has one recipe needs none."""

from __future__ import annotations

from dataclasses import fields

import click

from patchkit.cli.options import Many

_APART = {field.name for field in fields(Many)} - {"is_all", "is_quiet"}


class Grouped(click.Command):
    """A command whose options come in two lists."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write both lists; click calls it for `--help`."""
        options = [p for p in self.get_params(ctx) if not isinstance(p, click.Argument)]
        for title, is_apart in (("Options", False), ("Options for many recipes", True)):
            found = [option for option in options if (option.name in _APART) is is_apart]
            rows = [row for option in found if (row := option.get_help_record(ctx)) is not None]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)
