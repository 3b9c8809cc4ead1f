"""A folder that looks like the inside of the image: Alpine's tools and, if need be, bash.

Everything is copied, so that the folder can be the root of a process whatever the system allows.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from patchkit.verify.bench import unprivileged
from patchkit.verify.entrypoint.subject import USER
from patchkit.verify.judge import NotAvailableError
from patchkit.verify.shellfiles import interpreter

if TYPE_CHECKING:
    from patchkit.verify.bench import Bench

_BUSYBOX = "install busybox (Debian: busybox): its tools are those of the image"
_BASH = "install bash (Debian: bash); other programs of the image the judge does not know"
_LDD = "install ldd (Debian: libc-bin)"
_LIBRARY = re.compile(r"(?:=>[ \t]*|^[ \t]*)(/\S+)[ \t]+\(0x", re.MULTILINE)
_FOLDERS = ("bin", "dev", "etc", "proc", "root", "run", "tmp", "usr/bin", "usr/local/bin")
_ANYBODYS = 0o1777
_DEVICES = {"null": (1, 3), "zero": (1, 5), "urandom": (1, 9)}


class Image:
    """What every container starts with.

    Attributes:
        folder: the files that never change: programs and their libraries.
    """

    def __init__(self, bench: Bench, folder: Path) -> None:
        """Copy the programs into a folder.

        Raises:
            NotAvailableError: busybox is not on this machine.
        """
        self.folder = folder
        for name in _FOLDERS:
            (folder / name).mkdir(parents=True)
        busybox = bench.find("busybox", install=_BUSYBOX)
        self._copy(bench, busybox, "bin/busybox")
        if bash := shutil.which("bash"):
            self._copy(bench, bash, "bin/bash")
        for name in bench.run(busybox, "--list").output.split():
            self._link(f"bin/{name}")
        self._link("usr/bin/env")
        self._people()
        self._devices()

    def need(self, script: str) -> None:
        """Check that what runs a script is there.

        Raises:
            NotAvailableError: it is not.
        """
        name = interpreter(script.partition("\n")[0]) or "sh"
        if not os.path.lexists(self.folder / "bin" / name):
            raise NotAvailableError(f"docker-setup.sh is run by {name}, which is not here", _BASH)

    def container(self, folder: Path) -> Path:
        """Make a new container's root, and return that."""
        shutil.copytree(self.folder, folder, symlinks=True, copy_function=os.link)
        (folder / "tmp").chmod(_ANYBODYS)
        return folder

    def _people(self) -> None:
        """Give the users that a program may run as the names and the home of the image's."""
        users = {"root": 0, "git": int(USER), "nobody": unprivileged().get("user", os.getuid())}
        home = ":/var/lib/gitea/git:/bin/sh\n"
        (self.folder / "etc/passwd").write_text(
            "".join(f"{name}:x:{number}:{number}:{home}" for name, number in users.items())
        )
        (self.folder / "etc/group").write_text(f"root:x:0:\ngit:x:{USER}:\n")

    def _devices(self) -> None:
        """Make devices, which root may; bubblewrap brings its own."""
        for name, numbers in _DEVICES.items():
            with contextlib.suppress(OSError):
                path = self.folder / "dev" / name
                os.mknod(path, stat.S_IFCHR, os.makedev(*numbers))
                path.chmod(0o666)

    def _copy(self, bench: Bench, program: str, name: str) -> None:
        shutil.copy(program, self.folder / name)
        listed = bench.run(bench.find("ldd", install=_LDD), program).output
        for library in map(Path, _LIBRARY.findall(listed)):
            copy = self.folder / library.relative_to("/")
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, copy)

    def _link(self, name: str) -> None:
        with contextlib.suppress(FileExistsError):
            (self.folder / name).symlink_to("/bin/busybox")
