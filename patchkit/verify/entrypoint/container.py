"""A service's containers, one after the other: volumes stay, all else is new at each start."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchkit.verify.bench import own
from patchkit.verify.entrypoint.enter import Root
from patchkit.verify.entrypoint.folders import clear, lay
from patchkit.verify.entrypoint.subject import SCRIPT

if TYPE_CHECKING:
    from pathlib import Path

    from patchkit.verify.bench import Ran
    from patchkit.verify.entrypoint.enter import Way
    from patchkit.verify.entrypoint.image import Image
    from patchkit.verify.entrypoint.subject import Subject

# What the image gives to its user.
_OWN = ("/etc/gitea", "/tmp", "/var/lib/gitea")  # noqa: S108  in the container
_HOME = "/var/lib/gitea"
_MARK = "\x1e\n"
_LOOK = r'stat -L -c %a "$0" && printf "\036\n" && cat "$0" && printf "\036\n" && ls -A "$1"'
# A program that looks at what a start left needs nothing of the service.
_PLAIN = {"PATH": "/bin"}


@dataclass(frozen=True, slots=True)
class Look:
    """What a start left.

    Attributes:
        text: the content of app.ini.
        rights: who may do what with it, as octal digits.
        beside: the names in its folder, a line each.
    """

    text: str
    rights: str
    beside: str


class Containers:
    """The containers of one service.

    Attributes:
        subject: the service.
        starts: how many there were.
    """

    def __init__(self, image: Image, way: Way, subject: Subject, folder: Path) -> None:
        self.subject = subject
        self.starts = 0
        self._way = way
        root = image.container(folder)
        writable = [path for path in (*_OWN, *subject.volumes) if path not in subject.locked]
        for path in writable:
            own(root / path.lstrip("/"))
        for path in subject.locked:
            (root / path.lstrip("/")).mkdir(parents=True, exist_ok=True)
        mounted = [p for p in subject.mounted if any(p.startswith(f"{w}/") for w in writable)]
        self._root = Root(root, tuple(writable), (*subject.locked, *mounted))

    def leave_mountpoint(self) -> None:
        """Put the empty file there that Docker leaves in a volume, where a config was mounted."""
        lay(self._root.folder, self.subject.app_ini, "", 0o555)

    def empty_volumes(self) -> None:
        """Let the next container have new volumes."""
        for path in self.subject.volumes:
            clear(self._root.folder, path, self.subject.volumes)

    def start(self, config: str) -> Ran:
        """Start a container with this content of the config, as far as the first script goes."""
        self.starts += 1
        volumes = self.subject.volumes
        for path in _OWN:
            if not any(f"{path}/".startswith(f"{volume}/") for volume in volumes):
                clear(self._root.folder, path, volumes)
        for path, file in self.subject.mounted.items():
            content = config if path == self.subject.source else file.content
            lay(self._root.folder, path, content, file.rights * 0o111)
        env = self.subject.environment
        return self._way.run(self._root, *self._command(), env=env, cwd=_HOME)

    def _command(self) -> tuple[str, ...]:
        """Return how the image's shell runs the script; one without `#!` it reads itself."""
        script = self.subject.mounted[SCRIPT]
        is_read = script.rights & 1 and not script.content.startswith("#!")
        return ("/bin/sh", SCRIPT) if is_read else (SCRIPT,)

    def look(self) -> Look | None:
        """Return what Gitea finds, None where there is no app.ini that it could read."""
        path = self.subject.app_ini
        ran = self._ask("/bin/sh", "-c", _LOOK, path, posixpath.dirname(path))
        rights, text, beside = ran.output.split(_MARK) if ran.ok else ("", "", "")
        return Look(text, rights.strip(), beside) if ran.ok else None

    def save(self, text: str) -> Ran:
        """Write that file as Gitea does."""
        command = ("/bin/sh", "-c", 'cat >"$0"', self.subject.app_ini)
        return self._ask(*command, stdin=text.encode())

    def _ask(self, *program: str, stdin: bytes = b"") -> Ran:
        return self._way.run(self._root, *program, env=_PLAIN, stdin=stdin)
