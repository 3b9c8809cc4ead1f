"""Ways to run a program in a folder as in a container, as a user without rights.

bubblewrap does it wherever users may have namespaces of their own, and leaves the program no
network and no process but its own (https://github.com/containers/bubblewrap). Where they may not,
as in most containers, root can still change the root and become nobody: `man 1 chroot`.
"""

from __future__ import annotations

import contextlib
import os
import signal
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patchkit.verify.bench import unprivileged
from patchkit.verify.entrypoint.subject import USER
from patchkit.verify.judge import NotAvailableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from patchkit.verify.bench import Bench, Ran
    from patchkit.verify.entrypoint.image import Image

_INSTALL = (
    "install bubblewrap (Debian: bubblewrap) and let users have namespaces of their own, "
    "or run as root"
)
_SECONDS = 30.0
_SYSTEM = ("/usr/sbin", "/sbin")
_OWN = ("--die-with-parent", "--unshare-all", "--uid", USER, "--gid", USER)
_TRY = ("/bin/sh", "-c", ": >/dev/null && ! read -r line </dev/null")
# The image starts its first script in a folder of its own.
_THERE = ("/bin/sh", "-c", 'cd "$0" && exec "$@"')


@dataclass(frozen=True, slots=True)
class Root:
    """The files of a container.

    Attributes:
        folder: where they lie.
        writable: paths in it where the program may write.
        fixed: files below these that it may not change.
    """

    folder: Path
    writable: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()


class Way(ABC):
    """A way into containers."""

    def __init__(self, bench: Bench) -> None:
        """Find the program.

        Raises:
            NotAvailableError: it is not there, or this user may not use it.
        """
        self._bench = bench

    def run(
        self,
        root: Root,
        *program: str,
        env: Mapping[str, str],
        cwd: str = "/",
        stdin: bytes = b"",
    ) -> Ran:
        """Run a program of a container in it, and return how it ended."""
        name, *before = self._before(root)
        return self._bench.run(
            *(name, *before, *_THERE, cwd, *program),
            env=env,
            stdin=stdin,
            seconds=_SECONDS,
            user=self._starter(),
            shown=(name, "…", *program),
        )

    @abstractmethod
    def _before(self, root: Root) -> Iterable[str]:
        """Return the command line that the program's own stands behind."""

    def _starter(self) -> dict[str, Any]:
        return {}


class Bubblewrap(Way):
    """Namespaces of the user's own; root becomes nobody before."""

    _more: tuple[str, ...] = ("--proc", "/proc")

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self._program = bench.find("bwrap", install=_INSTALL)

    def _before(self, root: Root) -> Iterable[str]:
        yield from (self._program, *_OWN, "--bind", str(root.folder), "/", "--dev", "/dev")
        yield from self._more
        for option, paths in (("--bind", root.writable), ("--ro-bind", root.fixed)):
            for path in paths:
                yield from (option, f"{root.folder}{path}", path)
        yield from ("--remount-ro", "/", "--")

    def _starter(self) -> dict[str, Any]:
        return unprivileged()


class BareBubblewrap(Bubblewrap):
    """The same without processes to look at, which a container around may forbid."""

    _more = ()


class Chroot(Way):
    """A changed root; what belongs to root there is safe from nobody."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        if os.getuid() != 0:
            raise NotAvailableError("only root may change the root", _INSTALL)
        self._program = bench.find("chroot", install=_INSTALL, folders=map(Path, _SYSTEM))

    def run(
        self,
        root: Root,
        *program: str,
        env: Mapping[str, str],
        cwd: str = "/",
        stdin: bytes = b"",
    ) -> Ran:
        """Run a program in it; what that left running ends too."""
        try:
            return super().run(root, *program, env=env, cwd=cwd, stdin=stdin)
        finally:
            _end_all(root.folder)

    def _before(self, root: Root) -> Iterable[str]:
        nobody = unprivileged()
        userspec = f"--userspec=+{nobody['user']}:+{nobody['group']}"
        return (self._program, userspec, "--groups=", str(root.folder))


def _end_all(root: Path) -> None:
    """End every process whose root a folder is."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "root").readlink() == root:
                os.kill(int(process.name), signal.SIGKILL)


WAYS: tuple[type[Way], ...] = (Bubblewrap, BareBubblewrap, Chroot)


def way_in(bench: Bench, image: Image) -> Way:
    """Return the first way that works on this machine.

    Args:
        bench: where programs run.
        image: what containers are made of.

    Raises:
        NotAvailableError: none works; says why.
    """
    reasons = []
    for kind in WAYS:
        name = kind.__name__.lower()
        try:
            way = kind(bench)
        except NotAvailableError as error:
            reasons.append(str(error))
            continue
        ran = way.run(Root(image.folder), *_TRY, env={"PATH": "/bin"})
        if ran.ok:
            return way
        reasons.append(f"{name} does not work: {ran.output.strip() or 'there is no /dev/null'}")
    raise NotAvailableError(f"no container can be made here: {'; '.join(reasons)}", _INSTALL)
