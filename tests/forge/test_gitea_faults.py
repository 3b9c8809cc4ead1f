"""One fault at each request of each method: what is asked for is done, and done once.

A proxy breaks one request after another. The adapter must give the same answer, and leave the
same state behind, as without a fault; a wrong certificate ends it, and then a second call does.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from faults import Fault, FaultProxy
from gitea_tools import ALICE, BOB, BOT, ORG, WatchedGitea, World, furnish

from patchkit.errors import ForgeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from patchkit.forge.gitea import Gitea

HEAD = "patchkit/x"
PULL = {"title": "Fix it", "body": "Why", "base": "main", "head": HEAD, "head_owner": ORG}
B = {"base": "main", "head": "b", "head_owner": ORG}
SHA = "5" * 40
PASSING = [fault for fault in Fault if fault is not Fault.WRONG_CERTIFICATE]
SCENARIOS: dict[str, Callable[[Gitea], Any]] = {
    "user": lambda forge: forge.user(),
    "repository": lambda forge: forge.repository().can_push,
    "pulls": lambda forge: [pull.number for pull in forge.pulls(state="all")],
    "find": lambda forge: [
        pull.number for pull in forge.find(base="main", head="b", head_owner=ORG)
    ],
    "pull": lambda forge: forge.pull(1).title,
    "create": lambda forge: forge.create(**PULL).number,
    "create-draft": lambda forge: forge.create(**PULL, draft=True).draft,
    "create-there": lambda forge: forge.create(**{**PULL, "head": "a"}).number,
    "update": lambda forge: forge.update(1, title="Mend it", body="Because").title,
    "update-draft": lambda forge: forge.update(1, draft=True).draft,
    "close": lambda forge: forge.close(1),
    "reopen": lambda forge: forge.reopen(2),
    "closed_by": lambda forge: forge.closed_by(2),
    "comments": lambda forge: [comment.body for comment in forge.comments(1)],
    "comment": lambda forge: forge.comment(1, "!testme", since=newest(forge)).body,
    "edit_comment": lambda forge: forge.edit_comment(newest(forge), "again"),
    "label": lambda forge: forge.label(1, ["patchkit", "new", "org"]),
    "request_reviews": lambda forge: forge.request_reviews(1, [ALICE, BOB]),
    "assign": lambda forge: forge.assign(1, [ALICE, BOB]),
    "statuses": lambda forge: [status.state for status in forge.statuses(SHA)],
    "delete_branch": lambda forge: forge.delete_branch("c"),
}


def newest(forge: Gitea) -> int:
    return forge.comments(1)[-1].id


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(autouse=True)
def trusted(authority, impatient, monkeypatch):
    with authority.cert_pem.tempfile() as bundle:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
        yield


@contextmanager
def between(
    folder: Path, description: object, authority: trustme.CA
) -> Iterator[tuple[World, FaultProxy]]:
    """A furnished server, and the proxy before it."""
    with WatchedGitea(most=3) as server:
        world = furnish(server, folder)
        populate(world)
        server.description = description
        with FaultProxy(target=server.url, authority=authority) as proxy:
            yield world, proxy


def populate(world: World) -> None:
    forge, state = world.server.forge, world.state
    world.branch(HEAD)
    for head in ("a", "b", "c", "d", "e"):
        world.branch(head)
        form = {"title": head, "head": head, "base": "main"}
        world.api(BOT, "POST", f"{world.there}/pulls", form)
    forge.set_state(state, 2, "closed", by=ALICE)
    forge.comment(state, 1, "!testme", by=BOT)
    forge.add_label(state, "patchkit")
    forge.add_label(ORG, "org")
    for word in ("pending", "success", "warning", "error"):
        forge.set_status(state, SHA, word, "cc-ci/testme", by=ALICE)


def snapshot(world: World) -> Any:
    """Return all that a method of the adapter can change."""
    state = world.state
    pulls = [
        (
            (pull.number, pull.title, pull.body, pull.state, pull.head, pull.base),
            [label.name for label in pull.labels],
            [user.login for user in pull.assignees],
            [(review.user.login, review.state) for review in pull.reviews],
            [(comment.user.login, comment.body) for comment in pull.comments],
        )
        for pull in state.pulls.values()
    ]
    return pulls, [label.name for label in state.labels], sorted(state.git.branches.local)


@pytest.mark.parametrize("name", SCENARIOS)
def test_one_fault_at_each_request(name, tmp_path, gitea_description, authority):
    act = SCENARIOS[name]
    with between(tmp_path / "plain", gitea_description, authority) as (world, proxy):
        before = snapshot(world)
        expected = act(world.forge(url=proxy.url)), snapshot(world)
        requests = proxy.count
        assert 1 <= requests <= 8
        cases = [(fault, at) for fault in Fault for at in range(requests)]
        if expected[1] == before:  # it only reads: one server is enough
            for case in cases:
                proxy.reset()
                check(world, proxy, act, case, expected)
            return
    for fault, at in cases:
        folder = tmp_path / f"{fault.name}-{at}"
        with between(folder, gitea_description, authority) as (world, proxy):
            check(world, proxy, act, (fault, at), expected)


def check(
    world: World,
    proxy: FaultProxy,
    act: Callable[[Gitea], Any],
    case: tuple[Fault, int],
    expected: tuple[Any, Any],
) -> None:
    fault, at = case
    before = snapshot(world)
    proxy.fail(fault, at=at)
    found = outcome(fault, act, world.forge(url=proxy.url, timeout=patience(fault)))
    told = f"{fault} at request {at}"
    assert proxy.count > at, told
    if found is REFUSED:
        assert at or snapshot(world) == before, told
        found = act(world.forge(url=proxy.url))
    assert (found, snapshot(world)) == expected, told


REFUSED = object()


def outcome(fault: Fault, act: Callable[[Gitea], Any], forge: Gitea) -> Any:
    if fault is not Fault.WRONG_CERTIFICATE:
        return act(forge)
    with pytest.raises(ForgeError, match="certificate verify failed") as caught:
        act(forge)
    assert "REQUESTS_CA_BUNDLE" in str(caught.value)
    return REFUSED


def patience(fault: Fault) -> float:
    """Return how long an answer is waited for: not long where none comes."""
    return 0.4 if fault is Fault.SLOW else 10.0


@pytest.mark.parametrize(
    "fault", [fault for fault in Fault if fault is not Fault.WRONG_CERTIFICATE]
)
def test_a_fault_that_stays_is_told(fault, tmp_path, gitea_description, authority):
    with between(tmp_path, gitea_description, authority) as (world, proxy):
        proxy.fail(fault, times=100)
        before = snapshot(world)
        with pytest.raises(ForgeError) as caught:
            world.forge(url=proxy.url, timeout=patience(fault)).user()
        assert proxy.count == 5
        proxy.reset()
        proxy.fail(fault, times=100)
        with pytest.raises(ForgeError):
            world.forge(url=proxy.url, timeout=patience(fault)).comment(1, "!testme")
        commented = len(snapshot(world)[0][0][-1]) - len(before[0][0][-1])
        assert commented <= 1
    (problem,) = caught.value.problems
    assert "GET /api/v1/user" in problem.message
    assert problem.message.startswith("localhost:")
    assert problem.hint


def test_two_at_once_open_one(tmp_path, gitea_description, authority):
    """The other one is faster, between a lost answer and the next try."""
    with between(tmp_path, gitea_description, authority) as (world, proxy):
        proxy.fail(Fault.DROP_BEFORE)
        mine, others = world.forge(url=proxy.url), world.forge(ALICE)
        proxy.hook = lambda number: number == 1 and others.create(**PULL)
        made = mine.create(**PULL)
        heads = [pull.head for pull in world.state.pulls.values()]
        assert heads.count(HEAD) == 1
        assert made.author == ALICE
