"""What the adapter does on Gitea and Forgejo, on stand-ins and on a real one where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from gitea_tools import ALICE, BOB, BOT, ORG, World

from patchkit.errors import ForgeError

if TYPE_CHECKING:
    from patchkit.forge.protocol import PullRequest

HEAD = "patchkit/mattermost+1"


def opened(world: World, head: str = HEAD, **more: object) -> PullRequest:
    """Return a new pull request of the bot's from a branch that is pushed for it."""
    world.branch(head)
    given = {"title": "Fix it", "body": "Why", "base": "main", "head_owner": ORG} | more
    return world.forge().create(head=head, **given)


def test_tells_who_and_where(anywhere: World) -> None:
    assert anywhere.forge().user() == BOT
    found = anywhere.forge().repository()
    assert found is not None
    assert (found.owner, found.name, found.default_branch) == (ORG, anywhere.name, "main")
    assert found.url == f"{anywhere.url}/{ORG}/{anywhere.name}"
    assert found.can_push is True


def test_a_reader_cannot_push(anywhere: World) -> None:
    assert anywhere.forge(BOB).repository().can_push is False


def test_what_is_not_there_is_none(anywhere: World) -> None:
    assert anywhere.forge(name="no-such-recipe").repository() is None
    assert anywhere.forge().pull(404) is None


def test_opens_a_pull_request(anywhere: World) -> None:
    made = opened(anywhere)
    sha = anywhere.branch(HEAD)
    assert (made.title, made.body, made.state, made.draft) == ("Fix it", "Why", "open", False)
    assert (made.base, made.head, made.head_owner, made.head_sha) == ("main", HEAD, ORG, sha)
    assert made.author == BOT
    assert made.url == f"{anywhere.url}/{ORG}/{anywhere.name}/pulls/{made.number}"
    assert made.created is not None
    again = anywhere.forge().pull(made.number)
    assert (again.number, again.head_sha, again.created) == (made.number, sha, made.created)


def test_a_push_moves_its_head(anywhere: World) -> None:
    made = opened(anywhere)
    moved = anywhere.branch(HEAD, "y: 2\n")
    assert made.head_sha != moved
    assert anywhere.forge().pull(made.number).head_sha == moved


def test_opens_it_once(anywhere: World) -> None:
    first = opened(anywhere)
    second = opened(anywhere, title="Another title", head_owner=ORG.upper())
    assert (second.number, second.title) == (first.number, "Fix it")
    assert len(list(anywhere.forge().pulls(state="all"))) == 1


def test_opens_another_when_the_first_is_closed(anywhere: World) -> None:
    first = opened(anywhere)
    anywhere.forge().close(first.number)
    second = opened(anywhere)
    assert second.number > first.number


@pytest.mark.parametrize(("base", "head"), [("main", "nowhere"), ("nowhere", HEAD)])
def test_a_branch_that_is_not_there_is_told(anywhere: World, base: str, head: str) -> None:
    anywhere.branch(HEAD)
    with pytest.raises(ForgeError, match="404") as caught:
        anywhere.forge().create(title="x", body="", base=base, head=head, head_owner=ORG)
    assert f"see whether the branches {base} and {ORG}:{head} are there" in str(caught.value)


def test_finds_by_base_and_head_alone_over_all_pages(anywhere: World) -> None:
    anywhere.branch("other")
    wanted = opened(anywhere, "a")
    for head in ("a-b", "b", "A", "b-a", "c"):
        opened(anywhere, head)
    opened(anywhere, "a", base="other")
    anywhere.forge().close(wanted.number)
    (found,) = anywhere.forge().find(base="main", head="a", head_owner=ORG.title())
    assert (found.number, found.state) == (wanted.number, "closed")
    assert anywhere.forge().find(base="main", head="a", head_owner=BOB) == ()
    assert anywhere.forge().find(base="main", head="d", head_owner=ORG) == ()


def test_lists_them_newest_first(anywhere: World) -> None:
    numbers = [opened(anywhere, f"h{n}").number for n in range(7)]
    anywhere.forge().close(numbers[0])
    listed = [pull.number for pull in anywhere.forge().pulls()]
    assert listed == sorted(numbers[1:], reverse=True)
    everything = [pull.number for pull in anywhere.forge().pulls(state="all")]
    assert everything == sorted(numbers, reverse=True)


def test_a_draft_is_a_mark_in_the_title(anywhere: World) -> None:
    forge, made = anywhere.forge(), opened(anywhere, draft=True)
    assert (made.title, made.draft) == ("Fix it", True)
    assert anywhere.api(BOT, "GET", f"{anywhere.there}/pulls/{made.number}")["title"] == (
        "WIP: Fix it"
    )
    assert forge.update(made.number, title="Mend it").draft is True
    assert forge.update(made.number, body="New").title == "Mend it"
    ready = forge.update(made.number, draft=False)
    assert (ready.title, ready.draft, ready.body) == ("Mend it", False, "New")
    assert forge.update(made.number, draft=True).draft is True
    both = forge.update(made.number, title="Cure it", draft=False)
    assert (both.title, both.draft) == ("Cure it", False)


def test_a_draft_by_another_mark_is_one(anywhere: World) -> None:
    made = opened(anywhere)
    where = f"{anywhere.there}/pulls/{made.number}"
    anywhere.api(BOT, "PATCH", where, {"title": "[WIP] Fix it"})
    found = anywhere.forge().pull(made.number)
    assert (found.title, found.draft, found.mergeable) == ("Fix it", True, None)


def test_changes_nothing_when_nothing_is_given(anywhere: World) -> None:
    made = opened(anywhere)
    assert anywhere.forge().update(made.number).body == "Why"


def test_tells_who_closed_it(anywhere: World) -> None:
    made = opened(anywhere)
    assert anywhere.forge().closed_by(made.number) is None
    anywhere.forge().close(made.number)
    assert anywhere.forge().pull(made.number).state == "closed"
    assert anywhere.forge().closed_by(made.number) == BOT
    anywhere.forge().reopen(made.number)
    assert anywhere.forge().pull(made.number).state == "open"
    assert anywhere.forge().closed_by(made.number) is None
    for number in range(4):  # so that it lies on the second page
        anywhere.forge().comment(made.number, f"{number}")
    anywhere.forge(ALICE).close(made.number)
    assert anywhere.forge().closed_by(made.number) == ALICE


def test_closing_twice_and_opening_twice_is_no_error(anywhere: World) -> None:
    made = opened(anywhere)
    anywhere.forge().reopen(made.number)
    anywhere.forge().close(made.number)
    anywhere.forge().close(made.number)
    assert anywhere.forge().pull(made.number).state == "closed"


def test_comments_and_edits_its_comment(anywhere: World) -> None:
    forge, number = anywhere.forge(), opened(anywhere).number
    assert forge.comments(number) == ()
    said = [forge.comment(number, f"# {n}\n\n`ünï` +1\n") for n in range(5)]
    anywhere.forge(BOB).comment(number, "Hello")
    forge.edit_comment(said[1].id, "changed")
    found = forge.comments(number)
    assert [comment.id for comment in found[:5]] == [comment.id for comment in said]
    assert [comment.author for comment in found] == [BOT] * 5 + [BOB]
    assert found[1].body == "changed"
    assert found[2].body.strip() == "# 2\n\n`ünï` +1"
    assert found[0].url.endswith(f"/pulls/{number}#issuecomment-{said[0].id}")


def test_labels_by_name(anywhere: World) -> None:
    here = {"name": f"here-{anywhere.name}", "color": "#00aabb"}
    above = {"name": f"above-{anywhere.name}", "color": "#00aabb"}
    there = f"{anywhere.there}/labels"
    for number in range(4):  # so that the one in use lies on the second page
        anywhere.api(ALICE, "POST", there, {"name": f"a{number}", "color": "#00aabb"})
    anywhere.api(ALICE, "POST", there, here)
    if anywhere.server:
        anywhere.server.forge.add_label(ORG, above["name"])
    else:
        anywhere.api("root", "POST", f"orgs/{ORG}/labels", above)
    forge, number = anywhere.forge(), opened(anywhere).number
    forge.label(number, [here["name"].upper(), above["name"], "new", "new"])
    forge.label(number, ["NEW", here["name"]])
    forge.label(number, [])
    wanted = {here["name"], above["name"], "new"}
    assert set(forge.pull(number).labels) == wanted
    names = [label["name"] for page in (1, 2, 3) for label in listed(anywhere, there, page)]
    assert sorted(names) == ["a0", "a1", "a2", "a3", here["name"], "new"]


def listed(world: World, where: str, page: int) -> list[dict[str, object]]:
    return world.api(BOT, "GET", f"{where}?page={page}")


def test_a_label_of_exactly_this_name_goes_first(anywhere: World) -> None:
    for name in ("Bug", "bug", "BUG"):
        label = {"name": name, "color": "#00aabb"}
        anywhere.api(ALICE, "POST", f"{anywhere.there}/labels", label)
    number = opened(anywhere).number
    anywhere.forge().label(number, ["bug"])
    assert anywhere.forge().pull(number).labels == ("bug",)


def test_asks_for_reviews_once_and_never_the_author(anywhere: World) -> None:
    forge, number = anywhere.forge(), opened(anywhere).number
    forge.request_reviews(number, [BOT, ALICE.lower()])
    forge.request_reviews(number, [ALICE])
    reviews = anywhere.api(BOT, "GET", f"{anywhere.there}/pulls/{number}/reviews")
    assert [(r["user"]["login"], r["state"]) for r in reviews] == [(ALICE, "REQUEST_REVIEW")]


def test_who_cannot_review_does_not_hold_back_the_others(anywhere: World) -> None:
    number = opened(anywhere).number
    with pytest.raises(ForgeError, match="nobody-here") as caught:
        anywhere.forge().request_reviews(number, ["nobody-here", ALICE])
    assert f"#{number} cannot be reviewed by nobody-here" in str(caught.value)
    assert "have an account" in str(caught.value)
    reviews = anywhere.api(BOT, "GET", f"{anywhere.there}/pulls/{number}/reviews")
    assert [review["user"]["login"] for review in reviews] == [ALICE]


def test_who_asks_cannot_be_asked(world: World) -> None:
    world.branch(HEAD)
    given = {"title": "x", "body": "", "base": "main", "head": HEAD, "head_owner": ORG}
    number = world.forge(ALICE).create(**given).number
    with pytest.raises(ForgeError, match=r"422.*doer can't be reviewer"):
        world.forge().request_reviews(number, [BOT])


def test_assigns(anywhere: World) -> None:
    forge, number = anywhere.forge(), opened(anywhere).number
    forge.assign(number, [ALICE])
    forge.assign(number, [ALICE.upper(), BOT])
    assert sorted(forge.pull(number).assignees) == [ALICE, BOT]
    with pytest.raises(ForgeError, match=f"#{number} cannot be assigned to nobody-here"):
        forge.assign(number, ["nobody-here"])
    assert sorted(forge.pull(number).assignees) == [ALICE, BOT]


def test_statuses_newest_first_over_all_pages(anywhere: World) -> None:
    sha = anywhere.branch(HEAD)
    assert anywhere.forge().statuses(sha) == ()
    where = f"{anywhere.there}/statuses/{sha}"
    for state in ("pending", "error", "failure", "success"):
        word = {"state": state, "context": "cc-ci/testme", "target_url": f"http://x/{state}"}
        anywhere.api(ALICE, "POST", where, word | {"description": f"is {state}"})
    found = anywhere.forge().statuses(sha)
    assert [status.state for status in found] == ["success", "failure", "error", "pending"]
    assert found[0].id > found[1].id > found[2].id
    newest = found[0]
    assert (newest.context, newest.description) == ("cc-ci/testme", "is success")
    assert (newest.url, newest.kind) == ("http://x/success", "status")


def test_deletes_a_branch_once(anywhere: World) -> None:
    forge, made = anywhere.forge(), opened(anywhere)
    forge.close(made.number)
    forge.delete_branch(HEAD)
    forge.delete_branch(HEAD)
    gone = forge.pull(made.number)
    assert (gone.head, gone.head_owner, gone.head_sha) == (HEAD, ORG, made.head_sha)
    assert [p.number for p in forge.find(base="main", head=HEAD, head_owner=ORG)] == [made.number]


def test_the_default_branch_stays(anywhere: World) -> None:
    with pytest.raises(ForgeError, match=r"403.*default"):
        anywhere.forge().delete_branch("main")
    assert anywhere.forge().repository().default_branch == "main"


def test_a_head_may_lie_in_a_fork(anywhere: World) -> None:
    anywhere.fork(BOB).branch(HEAD)
    bob = anywhere.forge(BOB)
    given = {"title": "x", "body": "", "base": "main", "head": HEAD, "head_owner": BOB}
    made = bob.create(**given)
    assert (made.head, made.head_owner, made.author) == (HEAD, BOB, BOB)
    assert bob.create(**given).number == made.number
    assert anywhere.forge().find(base="main", head=HEAD, head_owner=ORG) == ()
    assert len(anywhere.forge().find(base="main", head=HEAD, head_owner=BOB)) == 1


def test_a_fork_that_is_gone_has_no_owner(anywhere: World) -> None:
    anywhere.fork(BOB).branch(HEAD)
    given = {"title": "x", "body": "", "base": "main", "head": HEAD, "head_owner": BOB}
    made = anywhere.forge(BOB).create(**given)
    if anywhere.server:
        anywhere.state.pulls[made.number].head_repo = None
    else:
        anywhere.api(BOB, "DELETE", f"repos/{BOB}/{anywhere.name}")
    found = anywhere.forge().pull(made.number)
    assert (found.head, found.head_owner, found.head_sha) == (HEAD, "", made.head_sha)


def test_who_may_not_write_is_told_what_is_missing(anywhere: World) -> None:
    number = opened(anywhere).number
    with pytest.raises(ForgeError, match="403") as caught:
        anywhere.forge(BOB).label(number, ["new"])
    assert "needs write access to the repository" in str(caught.value)
    assert anywhere.forge().pull(number).labels == ()


def test_nobody_may_read_and_is_told_how_to_become_somebody(anywhere: World) -> None:
    number = opened(anywhere).number
    nobody = anywhere.forge("")
    assert nobody.pull(number).title == "Fix it"
    host = anywhere.url.removeprefix("http://").upper().replace(":", "_")
    with pytest.raises(ForgeError, match="401") as caught:
        nobody.close(number)
    assert f"{anywhere.url}/user/settings/applications" in str(caught.value)
    assert f"put it into PATCHKIT_TOKEN_{host}" in str(caught.value)


def test_a_wrong_token_is_told_by_where_it_comes_from(anywhere: World) -> None:
    anywhere.tokens = anywhere.tokens | {"wrong": "wr0ng-t0ken"}
    with pytest.raises(ForgeError, match="401") as caught:
        anywhere.forge("wrong").user()
    assert "the token comes from the caller: make another one" in str(caught.value)
    assert "wr0ng-t0ken" not in str(caught.value)


def test_makes_a_fork_once(anywhere: World) -> None:
    first = anywhere.forge(BOB).fork(BOB)
    assert (first.owner, first.name, first.can_push) == (BOB, anywhere.name, True)
    assert first.parents == (f"{ORG}/{anywhere.name}",)
    assert anywhere.forge(BOB).fork(BOB.upper()) == first


def test_makes_a_fork_in_an_organisation(world: World) -> None:
    world.server.forge.add_user("copies", is_org=True)
    made = world.forge().fork("copies")
    assert (made.owner, made.parents) == ("copies", (f"{ORG}/{world.name}",))


def test_makes_no_fork_for_somebody_else(anywhere: World) -> None:
    with pytest.raises(ForgeError, match="/forks with 4"):
        anywhere.forge().fork(BOB)


def test_tells_when_it_was_opened_again(anywhere: World) -> None:
    made = opened(anywhere)
    forge = anywhere.forge()
    assert forge.reopened(made.number) is None
    forge.close(made.number)
    assert forge.reopened(made.number) is None
    forge.reopen(made.number)
    assert forge.reopened(made.number) >= made.created
