"""The regression gate: what is new after a change, by which part of it, and what is gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_recipe import SMALL, changed

from patchkit.lint import find_rule
from patchkit.lint.gate import gate
from patchkit.tree import RecipeTree

TAGGED = ("compose.yml", "postgres:16.10-alpine", "postgres:latest")


def tree(*change: str) -> RecipeTree:
    return RecipeTree.from_files(changed(*change), "small")


def edited(base: RecipeTree, path: str, old: str, new: str) -> RecipeTree:
    text = base.text(path)
    assert text.count(old) == 1
    return base.with_file(path, text.replace(old, new))


def rows(regressions) -> list[tuple[str, str, int]]:
    return sorted((str(r.finding.place), r.finding.rule, r.stage) for r in regressions)


# --- what is no regression -------------------------------------------------------------------


def test_no_change():
    result = gate(SMALL, [])
    assert (result.worse, result.better, result.passed) == ((), (), True)


def test_defect_that_was_there_and_moved_to_another_line():
    base = tree(*TAGGED)
    head = edited(base, "compose.yml", "services:\n", "\n# all of them\nservices:\n")
    assert gate(base, [head]).passed


def test_defect_that_was_there_and_reads_otherwise():
    """The image changed, and its tag moves as before: no worse, and no better."""
    base = tree(*TAGGED)
    head = edited(base, "compose.yml", "postgres:latest", "pgvector:latest")
    result = gate(base, [head])
    assert (result.worse, result.better) == ((), ())


def test_defect_of_a_renamed_service():
    base = tree("compose.yml", "    healthcheck:\n      test: pg_isready\n", "")
    renamed = edited(base, "compose.yml", "  db:\n", "  store:\n")
    head = edited(renamed, "compose.yml", "      - db\n", "      - store\n")
    assert "no-healthcheck" in {f.rule for f in gate(base, [head]).after.findings}
    assert gate(base, [head]).passed


def test_defect_that_moved_to_another_file():
    base = tree("compose.extra.yml", "", 'version: "3.8"\nservices:\n  odd: {}\n')
    head = base.without("compose.extra.yml").with_file(
        "compose.odd.yml", base.read("compose.extra.yml")
    )
    assert gate(base, [head]).passed


# --- what is ---------------------------------------------------------------------------------


def test_rule_that_held():
    head = edited(SMALL, *TAGGED)
    result = gate(SMALL, [head])
    assert not result.passed
    assert rows(result.worse) == [
        ("compose.yml:32:12", "moving-image-tag", 0),
        ("compose.yml:32:12", "odd-image-tag", 0),
        ("compose.yml:32:12", "unstable-tag", 0),
    ]


def test_rule_that_failed_elsewhere_already():
    """One defect does not pay for another."""
    base = edited(SMALL, *TAGGED)
    head = edited(base, "compose.yml", "gitea/gitea:1.24.6-rootless", "gitea/gitea:latest")
    assert {r.finding.place.line for r in gate(base, [head]).worse} == {5}


def test_defect_that_went_from_one_place_to_another():
    base = edited(SMALL, *TAGGED)
    mended = edited(base, "compose.yml", "postgres:latest", "postgres:16.10-alpine")
    head = edited(mended, "compose.yml", "gitea/gitea:1.24.6-rootless", "gitea/gitea:latest")
    result = gate(base, [mended, head])
    assert {r.finding.place.line for r in result.worse} == {5}
    assert {f.place.line for f in result.better} == {32}


def test_config_that_changed_under_its_version():
    head = SMALL.with_file("app.ini.tmpl", "[server]\nA = b\n")
    assert [r.finding.rule for r in gate(SMALL, [head]).worse] == ["stale-config-version"]


def test_the_part_that_brought_it_about():
    """A defect that comes, goes and comes again is that of the part after which it stayed."""
    bad = edited(SMALL, *TAGGED)
    noted = SMALL.with_file("release/next", "News\n")
    stages = [bad, noted, noted, edited(noted, *TAGGED), edited(noted, *TAGGED)]
    assert {r.stage for r in gate(SMALL, stages).worse} == {3}


def test_a_passing_defect_counts_not():
    assert gate(SMALL, [edited(SMALL, *TAGGED), SMALL]).passed


def test_a_recipe_that_nobody_can_read_any_more():
    head = SMALL.with_file("compose.mail.yml", "services: [\n")
    assert {r.finding.rule for r in gate(SMALL, [head]).worse} == {"invalid-compose"}


# --- what is allowed, what got better ---------------------------------------------------------


@pytest.mark.parametrize("name", ["unstable-tag", "R004"])
def test_allowed_with_a_reason(name):
    result = gate(SMALL, [edited(SMALL, *TAGGED)], {name: "the app has no other"})
    assert {r.finding.rule for r in result.worse} == {"moving-image-tag", "odd-image-tag"}
    assert [(r.finding.rule, r.reason) for r in result.allowed] == [
        ("unstable-tag", "the app has no other")
    ]


def test_what_got_better_is_said_at_its_old_place():
    base = edited(SMALL, *TAGGED)
    result = gate(base, [SMALL])
    assert result.passed
    assert {(f.rule, f.place.text.strip()) for f in result.better} == {
        ("moving-image-tag", "image: postgres:latest"),
        ("odd-image-tag", "image: postgres:latest"),
        ("unstable-tag", "image: postgres:latest"),
    }


def test_the_rules_named_here_are_rules():
    assert find_rule("R004") is find_rule("unstable-tag")
    assert find_rule("no-healthcheck") is not None


def test_samples_are_no_worse_than_themselves():
    for folder in (Path(__file__).parents[1] / "recipes").iterdir():
        recipe = RecipeTree.from_dir(folder)
        noted = recipe.with_file("NOTES", "x\n")
        assert gate(recipe, [noted]).passed
