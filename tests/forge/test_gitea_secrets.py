"""A known token stands in nothing that is raised, printed or logged, in no failure."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from faults import Fault, FaultProxy
from gitea_tools import ALICE, ORG, RECIPE, SECRET, World
from loopback import Loopback, Reply, Request, json_reply
from scanning import logged, shown

from patchkit.errors import ForgeError
from patchkit.forge.gitea import Gitea
from patchkit.forge.http import Http
from patchkit.forge.token import Token

if TYPE_CHECKING:
    from collections.abc import Callable

ECHO = f"token {SECRET} and Basic {SECRET}"


class Echo(Loopback):
    """Answers everything with one reply, and with the token wherever one can be put."""

    reply: Reply = Reply()

    def answer(self, request: Request) -> Reply:
        assert request.headers["Authorization"] == f"token {SECRET}"
        return self.reply


ANSWERS = {
    "401": json_reply({"message": ECHO, "errors": [ECHO]}, 401),
    "403": json_reply({"message": ECHO}, 403),
    "404": json_reply({"message": ECHO}, 404),
    "409": json_reply({"message": ECHO}, 409),
    "422": json_reply({"message": ECHO}, 422),
    "429": json_reply({"message": ECHO}, 429, Retry_After="0"),
    "500": Reply(500, f"<title>{ECHO}</title>".encode()),
    "no JSON": Reply(200, f"<title>{ECHO}</title>".encode()),
    "half of it": Reply(200, f'{{"login": "{SECRET}'.encode()),
    "a redirect": Reply(302, b"", (("Location", f"https://elsewhere.example.org/?{SECRET}"),)),
    "another form": json_reply({"number": ECHO, "title": ECHO, "id": ECHO}),
}
ASKS: dict[str, Callable[[Gitea], object]] = {
    "user": lambda forge: forge.user(),
    "repository": lambda forge: forge.repository(),
    "pulls": lambda forge: list(forge.pulls()),
    "create": lambda forge: forge.create(
        title="t", body="b", base="main", head="h", head_owner=ORG
    ),
    "update": lambda forge: forge.update(1, title="t", draft=False),
    "closed_by": lambda forge: forge.closed_by(1),
    "comment": lambda forge: forge.comment(1, "!testme"),
    "label": lambda forge: forge.label(1, ["x"]),
    "review": lambda forge: forge.request_reviews(1, [ALICE]),
    "assign": lambda forge: forge.assign(1, [ALICE]),
    "statuses": lambda forge: forge.statuses("5" * 40),
}


@pytest.fixture
def scan(impatient, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]):
    """Return what finds the token after a failure."""
    caplog.set_level(1)
    for name in ("urllib3", "requests", "stamina", "patchkit"):
        logging.getLogger(name).setLevel(1)

    def look(error: BaseException, *seen: object, names: bool = False) -> None:
        texts = [*shown(error, names=names), *map(repr, seen), *logged(caplog.records)]
        assert caplog.records
        assert not [text for text in (*texts, *capfd.readouterr()) if SECRET in text]

    return look


def forge_at(url: str, timeout: float = 5.0) -> Gitea:
    return Gitea(Http(url, Token(SECRET), timeout=timeout), ORG, RECIPE)


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("kind", ANSWERS)
def test_no_answer_brings_the_token_out(scan, kind: str, ask: str) -> None:
    with Echo() as server:
        server.reply = ANSWERS[kind]
        forge = forge_at(server.url)
        try:
            ASKS[ask](forge)
        except ForgeError as error:
            scan(error, forge, vars(forge), vars(forge._http), forge._http._token)
        else:
            assert (kind, ask) == ("404", "repository")


@pytest.mark.parametrize("world", ["gitea"], indirect=True)
@pytest.mark.parametrize("fault", Fault, ids=str)
@pytest.mark.parametrize("ask", ["user", "create", "comment", "label"])
def test_no_fault_brings_the_token_out(world: World, scan, fault: Fault, ask: str) -> None:
    world.branch("h")
    with FaultProxy(target=world.url) as proxy:
        proxy.fail(fault, times=100)
        forge = forge_at(proxy.url, 0.1)
        with pytest.raises(ForgeError) as raised:
            ASKS[ask](forge)
        scan(raised.value, forge, names=True)


def test_nobody_there_does_not_bring_the_token_out(scan) -> None:
    with Echo() as server:
        url = server.url
    with pytest.raises(ForgeError, match="can be reached") as raised:
        forge_at(url).user()
    scan(raised.value, names=True)
