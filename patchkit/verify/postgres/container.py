"""The places of a service's container, on this machine.

The environment alone maps them, as `PGDATA` says where the data lies. A script that names its
places itself is shown them where it looks, in a view of its own. Never is a script edited.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from patchkit.verify.bench import own
from patchkit.verify.mounted import secret
from patchkit.verify.postgres.hook import script_of
from patchkit.verify.postgres.view import view

if TYPE_CHECKING:
    from pathlib import Path

    from patchkit.verify.postgres.server import Server
    from patchkit.verify.postgres.subject import Subject

_SECRETS = "/run/secrets"
_USER = "POSTGRES_USER"
_DATABASE = "POSTGRES_DB"
_DEFAULT = re.compile(r"\$\{\w+:?-[^}]*\}")


class Container:
    """Where the volumes, the secrets and the script of a subject lie.

    Attributes:
        subject: what is judged.
        folder: holds them, and belongs to nobody but patchkit.
        prefix: what makes a command see them as in the container; empty where the environment
            maps them.
    """

    def __init__(self, subject: Subject, folder: Path) -> None:
        self.subject = subject
        self.folder = folder
        self.prefix: tuple[str, ...] = ()
        self.script = folder / "script" / posixpath.basename(subject.target)
        self.volumes = {
            key: own(folder / "volumes" / str(number))
            for number, (key, _) in enumerate(subject.volumes)
        }
        self.home = own(folder / "home")
        self._places = {_SECRETS: folder / "secrets", subject.target: self.script} | {
            target: self.volumes[key] for key, target in subject.volumes
        }
        self.data = self._local(subject.data) or self.home / "data"
        self._given: dict[str, str] = {}
        self._lay()

    def _lay(self) -> None:
        for folder in (self.script.parent, self.folder / "secrets"):
            folder.mkdir()
        self._write_script(self.subject.content)
        named = [value for _, value in self.subject.environment if value.startswith(_SECRETS)]
        for path in (*self.subject.secrets, *named):
            self._write_secret(path, secret(posixpath.basename(path)))

    def _write_script(self, content: bytes) -> None:
        self.script.unlink(missing_ok=True)
        self.script.write_bytes(content)
        self.script.chmod(self.subject.mode)

    def _write_secret(self, path: str, text: str) -> None:
        local = self._local(path)
        if local is not None and local.parent == self.folder / "secrets":
            local.write_text(text, "utf-8")

    def _local(self, path: str) -> Path | None:
        """Return where a path of the container lies here, None if it is in none of the places."""
        normal = posixpath.normpath(path)
        for place in sorted(self._places, key=len, reverse=True):
            if f"{normal}/".startswith(f"{posixpath.normpath(place)}/"):
                return self._places[place] / posixpath.relpath(normal, posixpath.normpath(place))
        return None

    @property
    def names_places(self) -> bool:
        """Whether the script itself says where something lies in the container.

        What stands behind `:-` counts only where a variable is not set.
        """
        code = _DEFAULT.sub("", self.subject.code)
        return any(place in code for place in (*self._places, self.subject.data))

    def show_places(self, server: Server) -> None:
        """Show the script its places where it looks for them, from now on.

        Raises:
            NotAvailableError: bubblewrap, which does that, cannot.
        """
        self.prefix = view(server.bench, self._places, self.folder, server.user)

    @property
    def user(self) -> str:
        """The database's user, as the image reads it."""
        return self._name(_USER) or "postgres"

    @property
    def database(self) -> str:
        """The database, as the image reads it."""
        return self._name(_DATABASE) or self.user

    def _name(self, variable: str) -> str:
        env = dict(self.subject.environment) | self._given
        file = self._local(env.get(f"{variable}_FILE") or "/")
        if not env.get(variable) and file and file.is_file():
            return file.read_text("utf-8")
        return env.get(variable, "")

    def rename(self, user: str, database: str) -> None:
        """Give user and database other names, in files where the environment has them there."""
        env = dict(self.subject.environment)
        secrets = {}
        for variable, name in ((_USER, user), (_DATABASE, database)):
            if file := env.get(f"{variable}_FILE"):
                secrets[posixpath.basename(file)] = name
                self._write_secret(file, name)
            else:
                self._given[variable] = name
        self._write_script(self.subject.render(env | self._given, secrets))

    def environment(self, server: Server) -> dict[str, str]:
        """Return the environment of the service's container, with this server in it."""
        env = dict(self.subject.environment) | self._given
        if self.prefix:
            env["PGDATA"] = self.subject.data
        else:
            env = {name: self._mapped(value) for name, value in env.items()}
            env["PGDATA"] = str(self.data)
        return env | server.environment()

    def command(self, hook: tuple[str, ...]) -> tuple[str, ...]:
        """Return the command of a hook, with the script where it lies."""
        if self.prefix:
            return (*self.prefix, *hook)
        script = script_of(hook)
        return tuple(str(self.script) if word == script else word for word in hook)

    def _mapped(self, value: str) -> str:
        local = self._local(value) if value.startswith("/") else None
        return value if local is None else str(local)
