"""What a service of Gitea goes through: a start, a saved secret, restarts, an upgrade."""

from __future__ import annotations

import difflib
import re
from itertools import islice
from typing import TYPE_CHECKING

from patchkit.verify.entrypoint.settings import made, renewed, saved, values
from patchkit.verify.judge import NotAvailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.verify.entrypoint.container import Containers, Look
    from patchkit.verify.entrypoint.settings import Key

RUNS = "the image goes on to Gitea behind docker-setup.sh"
SAVES = "Gitea can read its app.ini, and save secrets into it"
PRIVATE = "nobody else can read app.ini"
KEPT = "secrets that Gitea saved outlive restarts and upgrades"
WINS = "every other setting is what the recipe's config says, then and now"
STEADY = "a start that has nothing new to do changes nothing"

# Programs of the image that a script may call, and that a machine need not have.
_IMAGES = frozenset(
    ("gitea", "forgejo", "environment-to-ini", "envsubst", "git", "curl", "gpg", "ssh-keygen")
)
_TRY = "try it in a container of the image"
_MISSING = re.compile(r"([\w-]+): (?:command )?not found\s*$")
# bash reads from programs by files that few containers made for it have.
_NO_FILES = re.compile(r"/(?:dev|proc/self)/fd/\d+'?: No such file")
_SHOWN = 12  # lines of a difference


class Scenario:
    """One run through all of it.

    Attributes:
        said: what was tried: what is wrong with it, the first time; empty where it holds.
    """

    def __init__(self, containers: Containers) -> None:
        self.said: dict[str, str] = {}
        self._containers = containers
        self._made: dict[Key, str] = {}
        self._more: set[Key] | None = None

    def play(self, config: str) -> None:
        """Run through it with what the config holds, as far as it goes."""
        self._containers.leave_mountpoint()
        first = self._start(config)
        if first is None or not self._save(first.text, made(config)):
            return
        if not self._steady(config) or self._start(renewed(config)) is None:
            return
        self._containers.empty_volumes()
        self._made = {}
        self._steady(config)

    def _start(self, config: str) -> Look | None:
        """Start a container and judge its app.ini; None where Gitea would not come up."""
        ran = self._containers.start(config)
        nth = f"start {self._containers.starts}"
        if not ran.ok:
            _refuse_what_is_not_here(ran.output)
        ended = "took too long" if ran.code is None else f"ended with code {ran.code}"
        self._tell(RUNS, "" if ran.ok else f"{nth} {ended}: {ran.output.strip()}")
        if not ran.ok:
            return None
        look = self._containers.look()
        if look is None:
            self._tell(SAVES, f"there is no app.ini that Gitea could read after {nth}")
            return None
        wrong = f"its mode is {look.rights} after {nth}"
        self._tell(PRIVATE, "" if look.rights.endswith("0") else wrong)
        self._compare(config, look.text, nth)
        return look

    def _save(self, text: str, secrets: dict[Key, str]) -> bool:
        """Let Gitea save its secrets."""
        ran = self._containers.save(saved(text, secrets))
        self._tell(SAVES, "" if ran.ok else ran.output.strip())
        self._made = secrets
        return ran.ok

    def _steady(self, config: str) -> bool:
        """Start twice with nothing new; whether Gitea comes up."""
        before, after = self._start(config), None
        if before is not None:
            after = self._start(config)
        if before is None or after is None:
            return False
        was, now = ((look.text + look.beside).splitlines() for look in (before, after))
        lines = difflib.unified_diff(was, now, n=0, lineterm="")
        self._tell(STEADY, "\n".join(islice(lines, 2, _SHOWN + 2)))
        return True

    def _compare(self, config: str, text: str, nth: str) -> None:
        """Compare an app.ini with the config, and with what Gitea saved."""
        found, given = values(text), values(config)
        lost = [_name(key) for key, value in self._made.items() if found.get(key) != value]
        if self._made:
            self._tell(KEPT, f"{nth} lost {', '.join(lost)}" if lost else "")
        if self._more is None:
            self._more = found.keys() - given.keys()
        self._tell(WINS, "\n".join(islice(self._differing(given, found, nth), _SHOWN)))

    def _differing(self, given: dict[Key, str], found: dict[Key, str], nth: str) -> Iterator[str]:
        for key, value in given.items():
            if key not in self._made and found.get(key) != value:
                yield f"{_name(key)} is {found.get(key)!r} after {nth}, and {value!r} in the config"
        for key in found.keys() - given.keys() - self._made.keys() - (self._more or set()):
            yield f"{_name(key)} is {found[key]!r} after {nth}, and gone from the config"

    def _tell(self, what: str, wrong: str) -> None:
        self.said[what] = self.said.get(what) or wrong


def _refuse_what_is_not_here(output: str) -> None:
    """Tell what only a container of the image has from what is wrong with a script."""
    missing = _MISSING.search(output)
    if missing and missing[1] in _IMAGES:
        raise NotAvailableError(f"docker-setup.sh calls {missing[1]}, which is not here", _TRY)
    if _NO_FILES.search(output):
        raise NotAvailableError("docker-setup.sh needs /dev/fd, which is not here", _TRY)


def _name(key: Key) -> str:
    return f"[{key[0]}] {key[1]}"
