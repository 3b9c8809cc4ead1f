"""`pr` and `status` over many mirrors."""

from __future__ import annotations

import io
import json

import pytest
from world import ORG

NAMES = ("gitea", "mattermost-lts", "wikijs", "bluesky-pds")


@pytest.fixture
def many(world, tmp_path):
    """Four mirrors and one that is missing, and a list of them."""
    for name in NAMES[1:]:
        world.add(name)
    names = [*NAMES, "no-such-recipe"]
    urls = [world.url(name) for name in names]
    (tmp_path / "here" / "list").write_text("\n".join(urls))
    (tmp_path / "here" / "names").write_text("\n".join(names))
    return world


def opened(world) -> set[str]:
    repos = world.gitea.forge.repos.values()
    return {repo.name for repo in repos if any(p.state == "open" for p in repo.pulls.values())}


def test_a_class_is_proposed_where_it_applies(patchkit, many):
    how = ("--list", "list", "--no-verify", "--yes")
    result = patchkit("pr", "classes/pg-backup", *how)
    assert opened(many) == {"mattermost-lts", "wikijs"}
    assert result.err.splitlines()[-1] == (
        "5 done: 2 create, 1 refused: drifted, 1 nothing, 1 mirror missing"
    )
    assert result.code == 5
    before = len(many.writes())
    again = patchkit("pr", "classes/pg-backup", *how)
    assert len(many.writes()) == before
    assert "create" not in again.err.splitlines()[-1]


def test_dry_run_writes_nothing_and_shows_all(patchkit, many):
    before = len(many.writes())
    result = patchkit("pr", "classes/pg-backup", "--list", "list", "--no-verify", "--dry-run")
    assert len(many.writes()) == before
    assert result.out.count("+++ b/pg_backup.sh") == 2
    assert opened(many) == set()


class Terminal(io.StringIO):
    """Somebody who types an answer."""

    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("answer", "proposed"), [("n", set()), ("y", {"mattermost-lts", "wikijs"})]
)
def test_it_asks_once_when_all_plans_are_known(patchkit, many, monkeypatch, answer, proposed):
    before = len(many.writes())
    monkeypatch.setattr("sys.stdin", Terminal(f"{answer}\n"))
    result = patchkit("pr", "classes/pg-backup", "--list", "list", "--no-verify")
    assert opened(many) == proposed
    assert (len(many.writes()) > before) is bool(proposed)
    plans, asked, after = result.err.partition("Write 2 of these to the forge?")
    assert asked
    assert "5 planned: 2 create, 1 refused: drifted, 1 nothing, 1 mirror missing" in plans
    table = plans.partition("to be written:\n")[2].splitlines()
    assert [line.split()[0] for line in table if line] == ["create", "create"]
    assert after.count("5 done:") == bool(proposed)


def test_fail_fast_writes_nothing_when_one_is_refused(patchkit, many):
    before = len(many.writes())
    how = ("--list", "list", "--no-verify", "--yes", "--fail-fast")
    result = patchkit("pr", "classes/pg-backup", *how)
    assert (result.code, len(many.writes())) == (3, before)
    assert result.err.splitlines()[-1] == "nothing was written"


def test_what_was_planned_and_not_written_is_not_done(patchkit, many, monkeypatch):
    how = ("--list", "list", "--no-verify", "--skip", "no-such*")
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    patchkit("pr", "classes/pg-backup", *how)
    patchkit("pr", "classes/pg-backup", *how, "--yes", "--resume")
    assert opened(many) == {"mattermost-lts", "wikijs"}


def test_names_are_mirrors_by_the_settings(patchkit, many):
    result = patchkit("pr", "mattermost", "gitea", "--list", "names", "--no-verify", "--yes")
    assert result.code == 0, result.err
    assert opened(many) == {"mattermost-lts", "gitea"}


def test_no_more_are_opened_than_the_limit(patchkit, many):
    how = ("--list", "list", "--no-verify", "--yes", "--limit", "1", "--skip", "no-such*")
    first = patchkit("pr", "classes/pg-backup", *how)
    assert len(opened(many)) == 1
    assert "left for another run: --limit 1" in first.err
    patchkit("pr", "classes/pg-backup", *how, "--resume")
    assert opened(many) == {"mattermost-lts", "wikijs"}


def test_status_of_many(patchkit, many):
    patchkit("pr", "classes/pg-backup", "--list", "list", "--no-verify", "--yes")
    before = len(many.writes())
    result = patchkit("status", "classes/pg-backup", "--list", "list", "--format", "json")
    rows = {row["recipe"]: row for row in json.loads(result.out)}
    assert list(rows) == [*NAMES, "no-such-recipe"]
    assert {name for name, row in rows.items() if row["pull"]} == {"mattermost-lts", "wikijs"}
    assert rows["bluesky-pds"]["verdict"] == "not this kind"
    assert rows["no-such-recipe"]["next"]["action"] == "mirror missing"
    assert result.code == 5
    assert len(many.writes()) == before


def test_status_of_one_is_the_same_either_way(patchkit, many):
    alone = patchkit("status", "gitea", "--format", "json")
    together = patchkit("status", "gitea", "--list", "list", "--format", "json")
    assert json.loads(alone.out) == json.loads(together.out)
    assert alone.code == together.code


def test_one_that_cannot_be_read_does_not_stop_the_others(patchkit, many, tmp_path):
    (tmp_path / "here" / "list").write_text(
        f"{many.url('gitea')}\nhttp://user:secret@localhost:1/{ORG}/gitea.git\n"
    )
    result = patchkit("status", "gitea", "--list", "list", "--format", "json")
    first, second = json.loads(result.out)
    assert (first["verdict"], first["error"]) == ("applies", None)
    assert second["error"]["code"] == result.code == 5
    assert "secret" not in result.out + result.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("pr", "gitea", "--list", "list", "--mirror", "x"), "--mirror names one recipe"),
        (("pr", "--list", "list"), "no fix is named"),
        (("pr", "classes/pg-backup", "--jobs", "2"), "for every recipe of a kind"),
        (("status", "gitea", "--list", "none"), "the list cannot be read"),
        (("status", "--executor", "dask"), "status has no --executor: it works in this process"),
        (("pr", "gitea", "--scheduler", "tcp://x:1"), "token goes to no other one"),
    ],
)
def test_wrong_command_lines(patchkit, many, words, said):
    result = patchkit(*words)
    assert (result.code, result.out) == (2, "")
    assert said in result.err
