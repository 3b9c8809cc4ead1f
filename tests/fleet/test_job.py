"""A job is a pure function of a recipe and a fix's text, in any process."""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import replace

import pytest
import unidiff
from cli_tools import git
from fleet_tools import COMPOSE, PIN, PINNED, pin, recipe

from patchkit.errors import ExitCode
from patchkit.fleet.fix_text import FixText
from patchkit.fleet.job import Job
from patchkit.fleet.outcome import Word
from patchkit.fleet.source import Source
from patchkit.git.author import Author
from patchkit.tree import RecipeTree

ANA = Author("Ana", "ana@example.com")


@pytest.fixture
def source(tmp_path):
    return Source.folder(recipe(tmp_path / "cache"))


def test_it_says_what_changes_and_writes_nothing(source, tmp_path):
    (outcome,) = Job(source, (pin(),))()
    assert (outcome.word, outcome.code) == (Word.APPLIES, ExitCode.OK)
    (file,) = unidiff.PatchSet(outcome.diff)
    assert (file.path, file.added, file.removed) == ("compose.yml", 1, 1)
    assert "+    image: redis:7.4.5-alpine\n" in outcome.diff
    assert (tmp_path / "cache" / "compose.yml").read_text() == COMPOSE


def test_it_is_the_same_in_another_process(source, tmp_path):
    job = Job(source, (pin(),), is_kept=True)
    script = (
        "import pickle,sys; sys.stdout.buffer.write(pickle.dumps(pickle.load(sys.stdin.buffer)()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], input=pickle.dumps(job), capture_output=True, check=True
    )
    (there,), (here,) = pickle.loads(done.stdout), job()
    assert there == here
    assert there.tree.read("compose.yml").decode() == PINNED


@pytest.mark.parametrize(
    ("compose", "word", "code"),
    [
        (PINNED, Word.FIXED, 0),
        (COMPOSE.replace("app", "web"), Word.DRIFTED, 3),
        ("services: {\n", Word.FAILED, 3),
        (None, Word.FAILED, 3),
    ],
    ids=["fixed", "drifted", "broken", "no recipe"],
)
def test_how_it_ends(tmp_path, compose, word, code):
    folder = recipe(tmp_path / "cache", compose or "")
    if compose is None:
        (folder / "compose.yml").unlink()
    (outcome,) = Job(Source.folder(folder), (pin(),))()
    assert (outcome.word, outcome.code) == (word, code)
    assert bool(outcome.problems) == bool(code)


def test_a_fix_that_fails_does_not_stop_the_others(source):
    broken = replace(pin(), text="id: [", id="broken")
    outcomes = Job(source, (broken, pin()))()
    assert [(o.fix, int(o.code)) for o in outcomes] == [("broken", 2), ("pin", 0)]


def test_a_bug_is_told_as_one(source, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("patchkit.fleet.job.render", broken)
    (outcome,) = Job(source, (pin(),))()
    assert outcome.code == ExitCode.BUG
    assert "a bug in patchkit: ZeroDivisionError: oh" in outcome.problems[0].message


def test_chained_fixes_build_on_each_other(source):
    second = pin(
        PIN.replace("id: pin", "id: more").replace("tag: 7.4.5-alpine", "tag: 8.0.0")
        + "expects:\n  - {service: app, image: 'redis:7.4.5-alpine'}\n"
    )
    alone = Job(source, (pin(), second))()
    chained = Job(source, (pin(), second), is_chained=True, is_kept=True)()
    assert [outcome.word for outcome in alone] == [Word.APPLIES, Word.DRIFTED]
    assert [outcome.word for outcome in chained] == [Word.APPLIES, Word.APPLIES]
    assert chained[1].base == chained[0].tree


def test_of_a_folder_only_the_files_that_change_come_back(source):
    (outcome,) = Job(source, (pin(),), is_kept=True)()
    assert (outcome.base.paths(), outcome.tree.paths()) == (("compose.yml",), ("compose.yml",))


def test_a_commit_in_a_mirror_is_what_git_reads(source, tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    git(folder, "init", "-qb", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "start")
    monkeypatch.setenv("PATCHKIT_CACHE", str(tmp_path / "clones"))
    job = Job(Source.mirror(folder.as_uri()), (pin(),), author=ANA)
    (outcome,) = job()
    (clone,) = (tmp_path / "clones" / "mirrors").glob("*.git")
    assert git(clone, "show", f"{outcome.commit}:compose.yml") == PINNED
    assert git(clone, "log", "-1", "--format=%an %P", outcome.commit).split() == [
        "Ana",
        git(folder, "rev-parse", "HEAD").strip(),
    ]
    assert job()[0].commit == outcome.commit


def test_the_key_names_fix_recipe_and_parameters(source, tmp_path):
    other = Source.folder(recipe(tmp_path / "x" / "cache"))
    jobs = [
        Job(source, (pin(),)),
        Job(other, (pin(),)),
        Job(source, (pin(PIN + "# changed\n"),)),
        Job(source, (pin(),), {"a": "b"}),
    ]
    assert len({job()[0].key for job in jobs}) == len(jobs)
    assert jobs[0].left(frozenset({jobs[0]()[0].key})) is None
    assert jobs[0].lost(ValueError())[0].key == jobs[0]()[0].key


def test_templates_beside_a_fix_travel_with_it(source, tmp_path):
    from patchkit.fixes import load_fix

    (tmp_path / "templates" / "sub").mkdir(parents=True)
    (tmp_path / "templates" / "sub" / "a.j2").write_text("made of {{ word }}\n")
    (tmp_path / "x.yml").write_text(
        "id: x\ntitle: X\nrecipe: cache\nwhy: To see.\nparams: {word: paper}\n"
        "ops:\n  - {op: file.add, path: a, template: sub/a.j2}\n"
    )
    text = FixText.of(load_fix(tmp_path / "x.yml"))
    sent = pickle.loads(pickle.dumps(Job(source, (text,), is_kept=True).portable()))
    (tmp_path / "templates" / "sub" / "a.j2").write_text("other\n")
    (outcome,) = sent()
    assert outcome.tree.read("a") == b"made of paper\n"


def test_a_fix_that_reads_otherwise_on_a_worker_is_refused(source):
    (outcome,) = Job(source, (replace(pin(), digest="0" * 64),))()
    assert outcome.code == ExitCode.USAGE
    assert "reads otherwise here" in outcome.problems[0].message


def test_a_recipe_of_5000_files(tmp_path):
    folder = recipe(tmp_path / "cache")
    for number in range(5000):
        (folder / f"f{number}").write_text("x")
    (outcome,) = Job(Source.folder(folder), (pin(),), is_kept=True)()
    assert outcome.word is Word.APPLIES
    assert outcome.tree.paths() == ("compose.yml",)
    assert isinstance(outcome.tree, RecipeTree)
