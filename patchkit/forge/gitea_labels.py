"""Labels of Gitea by name: the repository's, its organisation's, and new ones.

Gitea takes them by number, and drops a number that it does not know without a word.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from patchkit.errors import ForgeError
from patchkit.forge.gitea_objects import label
from patchkit.forge.http import path
from patchkit.forge.once import once

if TYPE_CHECKING:
    from patchkit.forge.http import Http

_COLOUR = "#ededed"


class Labels:
    """The labels that pull requests of a repository may have.

    Args:
        http: the forge.
        repo: the repository's path.
        owner: its owner.
    """

    def __init__(self, http: Http, repo: str, owner: str) -> None:
        self._http, self._where = http, f"{repo}/labels"
        self._above = path("orgs", owner, "labels")
        self._numbers: dict[str, int] | None = None

    def number(self, name: str) -> int:
        """Return a label's number; a label that is nowhere is made in the repository.

        Raises:
            ForgeError: the user may not make it, or the forge could not be reached.
        """
        found = self._known(name)
        if found is not None:
            return found
        return once(lambda: self._looked(name), lambda: self._made(name))

    def _known(self, name: str) -> int | None:
        """Return the number of exactly this name, else of one that differs by case alone."""
        if self._numbers is None:
            self._numbers = self._read()
        return self._numbers.get(name, self._numbers.get(name.casefold()))

    def _looked(self, name: str) -> int | None:
        self._numbers = None
        return self._known(name)

    def _read(self) -> dict[str, int]:
        labels = [*self._of_organisation(), *self._listed(self._where)]
        return {name.casefold(): n for name, n in labels} | dict(labels)

    def _of_organisation(self) -> list[tuple[str, int]]:
        try:
            return self._listed(self._above)
        except ForgeError as error:
            # A user has none; and who is no member may not read those of some.
            if error.status in {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN}:
                return []
            raise

    def _listed(self, where: str) -> list[tuple[str, int]]:
        return list(map(label, self._http.pages(where)))

    def _made(self, name: str) -> int:
        form = {"name": name, "color": _COLOUR}
        _, number = label(self._http.send("POST", self._where, form, harmless=False))
        self._numbers = {**(self._numbers or {}), name: self._first(name, number)}
        return self._numbers[name]

    def _first(self, name: str, made: int) -> int:
        """Return the first label of a name; the one just made goes when another run was before.

        The forge takes a second label of the same name without a word.
        """
        first = min((n for known, n in self._listed(self._where) if known == name), default=made)
        if first < made:
            try:
                self._http.send("DELETE", f"{self._where}/{path(made)}", harmless=True)
            except ForgeError as error:
                if error.status != HTTPStatus.NOT_FOUND:
                    raise
        return first
