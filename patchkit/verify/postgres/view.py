"""A view of this machine in which some paths are other folders, as in a container.

Made by bubblewrap, for one command, without rights and without a network. All else is there to
read. https://github.com/containers/bubblewrap
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from patchkit.verify.judge import NotAvailableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from patchkit.verify.bench import Bench

_INSTALL = "install bubblewrap (Debian: bubblewrap), and let users have namespaces of their own"
_OWN = ("--die-with-parent", "--unshare-user", "--uid", "0", "--gid", "0", "--unshare-net")
_TMP = Path("/tmp")  # noqa: S108  a fresh one of the view
_DEVICES = Path("/dev")


def view(
    bench: Bench, places: Mapping[str, Path], scratch: Path, user: Mapping[str, Any]
) -> tuple[str, ...]:
    """Return what to put in front of a command that is to see `places`.

    Args:
        bench: where it will run.
        places: folders and files of this machine by the path at which they are seen.
        scratch: a folder that is seen where it is.
        user: as in `Bench.run`.

    Raises:
        NotAvailableError: bubblewrap is not installed, or the system does not let it.
    """
    program = bench.find("bwrap", install=_INSTALL)
    wanted = {Path(os.path.realpath(path)): source for path, source in places.items()}
    wanted[scratch] = scratch
    shown = [part for path in sorted(wanted) for part in ("--bind", wanted[path], path)]
    parts = (program, *_OWN, *_beside(Path("/"), set(wanted)), *shown)
    prefix = tuple(map(str, parts))
    tried = bench.run(*prefix, "true", user=user, shown=("bwrap", "true"))
    if not tried.ok:
        raise NotAvailableError(f"bubblewrap does not work here: {tried.output.strip()}", _INSTALL)
    return prefix


def _beside(folder: Path, wanted: set[Path]) -> Iterator[str | Path]:
    """Yield options that show what is in a folder, except for what is wanted."""
    for child in _children(folder):
        if any(child in path.parents for path in wanted):
            yield from ("--dir", child)
            yield from _beside(child, wanted) if child != _TMP else ()
        elif child.is_symlink():
            yield from ("--symlink", child.readlink(), child)
        elif child not in wanted:
            yield from ("--dev-bind-try" if child == _DEVICES else "--ro-bind-try", child, child)


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
