"""A known token stands in nothing that is raised, printed or logged, in no failure."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from faults import Fault, FaultProxy
from github_standin import ORG, TOKEN, Door, github
from loopback import Loopback, Reply, Request, json_reply
from scanning import logged, shown

from patchkit.errors import ForgeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchkit.forge.github import GitHub

JSON = (("Content-Type", "application/json"),)
ECHO = f"token {TOKEN} and Bearer {TOKEN}"


class Echo(Loopback):
    """Answers everything with one reply, and with the token wherever one can be put."""

    reply: Reply = Reply()

    def answer(self, request: Request) -> Reply:
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        return self.reply


ANSWERS = {
    "401": json_reply({"message": ECHO, "errors": [ECHO]}, 401),
    "403": json_reply({"message": ECHO}, 403, X_Accepted_OAuth_Scopes=ECHO, X_OAuth_Scopes=ECHO),
    "403 of fine-grained tokens": json_reply({}, 403, X_Accepted_GitHub_Permissions=ECHO),
    "403 of single sign-on": json_reply({}, 403, X_GitHub_SSO=f"required; url={TOKEN}"),
    "404": json_reply({"message": ECHO}, 404),
    "422": json_reply(
        {"message": "Validation Failed", "errors": [{"message": ECHO}, {"resource": ECHO}]}, 422
    ),
    "429": json_reply({"message": ECHO}, 429, Retry_After="0"),
    "500": Reply(500, f"<title>{ECHO}</title>".encode()),
    "no JSON": Reply(200, f"<title>{ECHO}</title>".encode()),
    "half of it": Reply(200, f'{{"login": "{TOKEN}'.encode()),
    "a redirect": Reply(302, b"", (("Location", f"https://elsewhere.example.org/?{TOKEN}"),)),
    "another page elsewhere": Reply(
        200,
        b'[{"number": 1}]',
        (*JSON, ("Link", f'<https://{TOKEN}.example.org/pulls?page=2>; rel="next"')),
    ),
    "GraphQL": json_reply({"errors": [{"message": ECHO}], "login": None, "node_id": "x"}),
}
ASKS: dict[str, Callable[[GitHub], object]] = {
    "user": lambda forge: forge.user(),
    "pulls": lambda forge: list(forge.pulls()),
    "create": lambda forge: forge.create(
        title="t", body="b", base="main", head="h", head_owner=ORG
    ),
    "comment": lambda forge: forge.comment(1, "!testme"),
    "label": lambda forge: forge.label(1, ["x"]),
    "draft": lambda forge: forge.update(1, draft=True),
    "delete": lambda forge: forge.delete_branch("x"),
}


@pytest.fixture
def verbose(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(1)
    for name in ("github", "urllib3", "requests", "stamina", "patchkit"):
        logging.getLogger(name).setLevel(1)


@pytest.fixture
def scan(
    verbose: None,
    impatient: None,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> Callable[[BaseException, object], None]:
    def scan(error: BaseException, *seen: object, names: bool = False) -> None:
        # Names hold what a server says, and these servers say the token.
        texts = [*shown(error, names=names), *map(repr, seen), *logged(caplog.records)]
        assert texts
        assert not [text for text in (*texts, *capfd.readouterr()) if TOKEN in text]

    return scan


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("kind", ANSWERS)
def test_no_answer_brings_the_token_out(scan: Callable[..., None], kind: str, ask: str) -> None:
    with Echo() as server:
        server.reply = ANSWERS[kind]
        forge = github(server.url, "a-recipe")
        try:
            ASKS[ask](forge)
        except ForgeError as error:
            scan(error, forge, vars(forge), vars(forge._requester))
            return
    assert ask in {"label", "delete"}, "an answer that means nothing to them is enough"


@pytest.fixture(params=list(Fault), ids=str)
def fault(request: pytest.FixtureRequest) -> Fault:
    return request.param


@pytest.mark.parametrize("ask", ["user", "create", "comment"])
def test_no_fault_brings_the_token_out(
    door: Door, repo: str, scan: Callable[..., None], fault: Fault, ask: str
) -> None:
    door.emulate.pull(repo)
    with FaultProxy(target=door.url) as proxy:
        proxy.fail(fault, times=100)
        forge = github(proxy.url, repo, timeout=0.1)
        with pytest.raises(ForgeError) as raised:
            ASKS[ask](forge)
        scan(raised.value, forge, names=True)


def test_nobody_there_does_not_bring_the_token_out(scan: Callable[..., None]) -> None:
    with Echo() as server:
        url = server.url
    with pytest.raises(ForgeError, match="can be reached") as raised:
        github(url, "a-recipe").user()
    scan(raised.value, names=True)
