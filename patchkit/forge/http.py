"""How the API of Gitea and Forgejo is asked: again where that is safe, and over all pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from patchkit.errors import ForgeError
from patchkit.forge.exchange import Line
from patchkit.forge.gitea_answers import is_passing, judged
from patchkit.forge.once import again
from patchkit.forge.words import json_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from patchkit.forge.exchange import Exchanged
    from patchkit.forge.token import Token

_PAGE = 50  # items that are asked for, the most that a Gitea gives as it comes
_MOST_PAGES = 1000


def path(*parts: object) -> str:
    """Return a path of the API, each part quoted: a branch's name may hold slashes and `+`."""
    return "/".join(quote(str(part), safe="") for part in parts)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a forge answers: the data of its JSON, and the headers that tell of other pages."""

    data: Any
    headers: Mapping[str, str]

    @property
    def total(self) -> int | None:
        """How many items there are on all pages, when the forge says so."""
        value = self.headers.get("x-total-count", "")
        return int(value) if value.isdecimal() else None

    @property
    def has_next(self) -> bool:
        """Whether the forge names a next page."""
        return 'rel="next"' in self.headers.get("link", "")


class Http:
    """Requests to the API of one forge.

    Args:
        base: where its pages are: `https://git.example.org`.
        token: the user's; None for what everybody may read.
        api: the path of the API.
        timeout: seconds that an answer may take, and that a connection may stand still.

    Raises:
        UsageError: the token would cross the network unencrypted.
    """

    def __init__(
        self, base: str, token: Token | None, *, api: str = "api/v1", timeout: float = 30.0
    ) -> None:
        secret = token.reveal() if token else ""
        self.base, self._token = base, token
        self._line = Line(base, secret and f"token {secret}", secret, timeout=timeout)
        self._url = f"{base}/{api}"

    def get(self, where: str, **query: object) -> Answer:
        """Return what a path answers, asked again while its faults may pass.

        Raises:
            ForgeError: the forge refuses, or could not be reached.
        """
        return again(lambda: self._ask("GET", where, query, None), harmless=True)

    def probe(self, where: str) -> Any:
        """Return the JSON of what a path answers, a refusal's too; None when it is none.

        Raises:
            ForgeError: the forge could not be reached.
        """
        return again(lambda: self._probe(where), harmless=True)

    def send(self, method: str, where: str, body: Any = None, *, harmless: bool) -> Any:
        """Return the data that a request which writes answers.

        Args:
            method: such as `PATCH`.
            where: the path.
            body: what becomes its JSON.
            harmless: whether doing it twice is the same as once.

        Raises:
            ForgeError: the forge refuses, or could not be reached; a PassingError that `acted`
                when it may have done what was asked.
        """
        return again(lambda: self._ask(method, where, {}, body), harmless=harmless).data

    def pages(self, where: str, *, counted: bool = True, **query: object) -> Iterator[Any]:
        """Yield the items of a list, each once, over all pages.

        Neither a limit nor a page needs to be honoured: a forge may give fewer items than asked
        for, and some lists come whole whatever page is asked for.

        Args:
            where: the path.
            counted: whether the forge's count is that of all pages; where it is not, pages may
                have gaps too, and two empty ones in a row are the end.
            query: what else is asked for.
        """
        seen: set[object] = set()
        empty = 0
        for number in range(1, _MOST_PAGES + 1):
            answer = self.get(where, **query, page=number, limit=_PAGE)
            fresh = [item for item in _items(answer, where) if _key(item) not in seen]
            seen |= {_key(item) for item in fresh}
            yield from fresh
            empty = 0 if fresh else empty + 1
            complete = counted and answer.total is not None and len(seen) >= answer.total
            if empty > (not counted) or (complete and not answer.has_next):
                return
        raise ForgeError(f"{self._host} gives more than {_MOST_PAGES} pages of {where}")

    def whole(self, where: str) -> list[Any]:
        """Return the items of a list that has no pages.

        Raises:
            ForgeError: the forge gives less than there is, or as `get` does.
        """
        answer = self.get(where)
        items = _items(answer, where)
        if answer.total is not None and answer.total > len(items):
            raise ForgeError(
                f"{self._host} gives {len(items)} of {answer.total} items of {where}",
                hint="its version has pages where others have none: please report it",
            )
        return items

    @property
    def _host(self) -> str:
        return urlsplit(self.base).netloc

    def _ask(self, method: str, where: str, query: Mapping[str, object], body: Any) -> Answer:
        asked, answer = self._answered(method, where, query, body)
        return Answer(judged(answer, asked=asked, base=self.base, token=self._token), answer[1])

    def _probe(self, where: str) -> Any:
        asked, answer = self._answered("GET", where, {}, None)
        if is_passing(answer[0]):
            judged(answer, asked=asked, base=self.base, token=self._token)
        return json_of(answer[2])

    def _answered(
        self, method: str, where: str, query: Mapping[str, object], body: Any
    ) -> tuple[str, Exchanged]:
        url = f"{self._url}/{where}"
        return f"{method} {urlsplit(url).path}", self._line.ask(method, url, query, body)


def _items(answer: Answer, where: str) -> list[Any]:
    """Return the items of a list; Go writes an empty one as null."""
    if answer.data is None:
        return []
    if not isinstance(answer.data, list):
        raise ForgeError(f"the forge answers {where} with no list", hint="is it a Gitea?")
    return answer.data


def _key(item: Any) -> object:
    """Return what an item is known by, as numbers of pages shift when something new comes."""
    return (item.get("id") if isinstance(item, dict) else None) or repr(item)
