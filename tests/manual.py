"""The manual's pages, made from the commands' own help, in man(7).

click-man knows neither commands that are imported late nor examples, and writes the day's date.
https://man.openbsd.org/man.7
"""

from __future__ import annotations

import inspect
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

import click

from patchkit import __version__
from patchkit.cli.main import cli

ROOT = Path(__file__).parents[1]
_WIDTH = 60  # before signs are written as escapes
_PLAIN = re.compile(r"[^\x20-\x7e]")


@dataclass(frozen=True)
class Help:
    """A command's help, taken apart.

    Attributes:
        title: the first sentence.
        paragraphs: the others.
        examples: the lines that are to be typed.
    """

    title: str
    paragraphs: tuple[str, ...]
    examples: tuple[str, ...]


def commands() -> dict[str, click.Command]:
    """Return every command by name."""
    context = click.Context(cli, info_name="patchkit")
    found = {name: cli.get_command(context, name) for name in cli.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


def taken_apart(command: click.Command) -> Help:
    """Return the parts of a command's help."""
    blocks = inspect.cleandoc(command.help or "").split("\n\n")
    told = [" ".join(block.split()) for block in blocks if not block.startswith("\b")]
    typed = [line for block in blocks if block.startswith("\b") for line in block.split("\n")[1:]]
    return Help(told[0], tuple(told[1:]), tuple(line.strip() for line in typed))


def pages() -> dict[str, str]:
    """Return the text of each page by the name of its file."""
    found = {f"patchkit-{name}.1": page(f"patchkit {name}", c) for name, c in commands().items()}
    return {"patchkit.1": page("patchkit", cli), **found}


def page(name: str, command: click.Command) -> str:
    """Return one page."""
    told = taken_apart(command)
    called = name.replace(" ", "-")
    lines = [f'.TH {called.upper()} 1 "" "patchkit {__version__}" "patchkit"']
    lines += [".SH NAME", *_wrapped(f"{called} - {told.title.rstrip('.')}")]
    lines += [".SH SYNOPSIS", f".B {_text(name)}", _text(_usage(command))]
    lines += [".SH DESCRIPTION", *_wrapped(told.title)]
    for paragraph in told.paragraphs:
        lines += [".PP", *_wrapped(paragraph)]
    options = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    lines += [".SH OPTIONS", *(line for option in options for line in _option(option))]
    if isinstance(command, click.Group):
        lines += [".SH COMMANDS", *_command_lines(), ".SH EXIT STATUS", *_exit_lines()]
    lines += [".SH EXAMPLES", ".nf", *map(_text, told.examples), ".fi", *_see_also(name)]
    return "\n".join(lines) + "\n"


def _usage(command: click.Command) -> str:
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    words = ["[OPTIONS]", *(p.make_metavar(click.Context(command)) for p in arguments)]
    return " ".join([*words, *(["COMMAND [ARGS]..."] if isinstance(command, click.Group) else [])])


def _option(option: click.Option) -> list[str]:
    names = ", ".join([*option.opts, *option.secondary_opts])
    default = f" Default: {option.default}." if option.show_default else ""
    help_text = (option.help or "").rstrip(".")
    return [".TP", f".B {_text(names)}{_value(option)}", *_wrapped(f"{help_text}.{default}")]


def _value(option: click.Option) -> str:
    """Return what an option takes, behind its name, in italics."""
    if option.is_flag:
        return ""
    choices = option.type.choices if isinstance(option.type, click.Choice) else ()
    shown = option.metavar or "|".join(choices) or option.type.name.upper()
    return f" \\fI{_text(shown)}\\fP"


def _command_lines() -> list[str]:
    rows = [(f"patchkit-{name}", taken_apart(c).title) for name, c in commands().items()]
    parts = [(".TP", f".BR {_text(name)} (1)", *_wrapped(title)) for name, title in rows]
    return [line for part in parts for line in part]


def _exit_lines() -> list[str]:
    """Return the codes as the README's table has them."""
    table = (ROOT / "README.md").read_text("utf-8").partition("## Exit codes")[2]
    rows = re.findall(r"(?m)^\| (\d+) \| (.*) \|$", table)
    parts = [(".TP", f".B {code}", *_wrapped(f"{what}.")) for code, what in rows]
    return [line for part in parts for line in part]


def _see_also(name: str) -> list[str]:
    return [] if name == "patchkit" else [".SH SEE ALSO", ".BR patchkit (1)"]


def _wrapped(text: str) -> list[str]:
    """Return a text as lines that a person can read in the source."""
    return [_text(line) for line in textwrap.wrap(text, _WIDTH, break_on_hyphens=False)]


def _text(text: str) -> str:
    """Return a text as a line of man(7): nothing in it is taken for a request or an escape."""
    safe = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    safe = safe.replace("`", "\\(ga").replace("^", "\\(ha").replace("~", "\\(ti")
    safe = _PLAIN.sub(lambda found: f"\\[u{ord(found[0]):04X}]", safe)
    return f"\\&{safe}" if safe[:1] in {".", "'"} else safe
