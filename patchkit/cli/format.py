"""`patchkit format`: fix specs in one form, with their comments."""

from __future__ import annotations

import difflib
import tempfile
from pathlib import Path

import click

from patchkit.cli.specs import named
from patchkit.cli.telling import tell
from patchkit.errors import ExitCode, PatchkitError, UsageError, WriteRefused
from patchkit.report.errors import error_text, visible
from patchkit.spec.format import formatted


@click.command("format")
@click.argument("files", metavar="[FILE...]", nargs=-1, type=click.Path())
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a file would change.")
def command(files: tuple[str, ...], check: bool) -> int:
    """Give fix specs one form: all of ./fixes and its classes, or those named.

    A FILE may be a folder of specs, too.

    Two columns a level, lists two columns below their key, no spaces at ends of lines, which
    are those of Unix. Comments, quotes, brackets and line breaks stay the author's. A spec that
    cannot be kept exactly is refused and left as it is.

    \b
    patchkit format
    patchkit format --check fixes/mattermost.yml
    """
    codes = [_done(Path(path), check=check) for path in named(files)]
    if check and ExitCode.CHANGE in codes:
        tell(f"{codes.count(ExitCode.CHANGE)} to format: the same without --check writes them")
    return max(codes)


def _done(path: Path, *, check: bool) -> ExitCode:
    try:
        old = _text(path)
        new = formatted(old, str(path))
        if new == old:
            return ExitCode.OK
        if check:
            click.echo(_difference(path, old, new), nl=False)
            return ExitCode.CHANGE
        _write(path, new)
        click.echo(f"formatted {path}", err=True)
    except PatchkitError as error:
        tell(error_text(error))
        return error.exit_code
    return ExitCode.OK


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise UsageError(f"cannot read {path}: {why}", hint="name the file of a spec") from None


def _difference(path: Path, old: str, new: str) -> str:
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), f"a/{path}", f"b/{path}"
    )
    return visible("".join(lines))


def _write(path: Path, text: str) -> None:
    """Put the new content in the place of the old one, whole or not at all."""
    try:
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, delete=False) as file:
            file.write(text.encode("utf-8"))
        Path(file.name).chmod(path.stat().st_mode)
        Path(file.name).replace(path.resolve())
    except OSError as error:
        raise WriteRefused(f"cannot write {path}: {error.strerror}") from None
