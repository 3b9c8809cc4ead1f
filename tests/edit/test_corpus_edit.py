"""Runs `tests/corpus_edit.py`: always on the shapes beside this file, and on a real corpus."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from corpus_docker import check_with_docker, has_docker
from corpus_edit import MOST_REFUSED, check_folder, check_text, compose_files, table
from corpus_judge import Judged

HERE = Path(__file__).resolve().parent
SHAPES = HERE / "shapes"
CORPUS = HERE.parents[2] / "shared" / "corpus"
EVERY = 3  # all 905 files take half a minute: `python tests/corpus_edit.py ../shared/corpus`

UNREADABLE = {
    "duplicate-key.yml",
    "duplicate-merge.yml",
    "tab-behind-a-dash.yml",
    "tab-indented.yml",
    "undefined-alias.yml",
}


@pytest.mark.parametrize("path", compose_files(SHAPES), ids=lambda path: path.name)
def test_shape(path: Path):
    report = check_text(path.name, path.read_bytes().decode("utf-8"), most=100)
    assert [note for note in report.failures if "edits are refused" not in note] == []
    assert bool(report.files["not readable by Docker"]) == (path.name in UNREADABLE)


def test_few_edits_of_the_shapes_are_refused():
    report = check_folder(SHAPES)
    assert report.total("refused") <= MOST_REFUSED * sum(report.counts.values()), table(report)


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus of compose files at {CORPUS}")
def test_corpus():
    report = check_folder(CORPUS, jobs=os.cpu_count() or 1, every=EVERY)
    assert report.failures == [], table(report)
    assert report.files["readable"] > 800 / EVERY


@pytest.mark.skipif(not has_docker(), reason="no docker client on this machine")
def test_docker_tells_of_the_same_change():
    count, differing = check_with_docker(compose_files(SHAPES), every=1)
    assert differing == []
    assert count > 50


# The judge itself: what it must not let pass.

TEXT = "services:\n  a:\n    image: x # pinned\n\n  # about b\n  b:\n    image: 'y'\n"


def _verdict(kind: str, path: tuple[str, ...], made: str) -> str:
    from corpus_judge import endings
    from corpus_places import edits

    old, new = Judged.read(TEXT), Judged.read(made)
    edit = next(e for e in edits(old, 9) if e.kind == kind and e.path == path)
    expected = old.data()
    edit.expect(expected)
    if new.data() != expected:
        return "wrong data"
    return edit.check(old, new) or endings(old, new)


@pytest.mark.parametrize(
    ("made", "why"),
    [
        pytest.param(TEXT.replace("'y'", "'patchkit-probe'"), "", id="right"),
        pytest.param(TEXT.replace("'y'", "patchkit-probe"), "quote style", id="quotes lost"),
        pytest.param(
            TEXT.replace("'y'", "'patchkit-probe'").replace(" # pinned", ""),
            "before the value",
            id="comment lost",
        ),
        pytest.param(TEXT.replace("'y'", "'other'"), "wrong data", id="another value"),
        pytest.param(
            TEXT.replace("'y'\n", "'patchkit-probe'"), "behind the value", id="last newline lost"
        ),
    ],
)
def test_judge_of_a_replacement(made: str, why: str):
    verdict = _verdict("scalar single replace", ("services", "b", "image"), made)
    assert verdict.count(why) if why else not verdict


@pytest.mark.parametrize(
    ("made", "why"),
    [
        pytest.param("services:\n  # about b\n  b:\n    image: 'y'\n", "", id="right"),
        pytest.param("services:\n\n  # about b\n  b:\n    image: 'y'\n", "", id="blank line left"),
        pytest.param("services:\n  b:\n    image: 'y'\n", "may go", id="the next one's comment"),
        pytest.param(
            "services:\n  # about b\n  b:\n    image: y\n", "wrong data|new", id="quotes lost"
        ),
    ],
)
def test_judge_of_a_removal(made: str, why: str):
    verdict = _verdict("service remove", ("services", "a"), made)
    assert any(part in verdict for part in why.split("|")) if why else not verdict


@pytest.mark.parametrize(
    ("made", "why"),
    [
        pytest.param(
            TEXT.replace("pinned\n", "pinned\n    x-patchkit-probe: 1m30s\n"), "", id="right"
        ),
        pytest.param(
            TEXT.replace("pinned\n\n", "pinned\n\n    x-patchkit-probe: 1m30s\n"),
            "stood below",
            id="behind a blank line",
        ),
        pytest.param(
            TEXT.replace("about b\n", "about b\n    x-patchkit-probe: 1m30s\n"),
            "about the next entry",
            id="behind the next one's comment",
        ),
        pytest.param(
            TEXT.replace("pinned\n", "pinned\n\n\n    x-patchkit-probe: 1m30s\n"),
            "more than one blank line",
            id="two blank lines",
        ),
    ],
)
def test_judge_of_an_addition(made: str, why: str):
    verdict = _verdict("service add key", ("services", "a"), made)
    assert verdict.count(why) if why else not verdict
