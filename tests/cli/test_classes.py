"""Classes on the command line: they need a recipe that is named, and keep still on other kinds."""

from __future__ import annotations

import json
import shutil

import pytest
from cli_tools import ROOT, SAMPLES, content

from patchkit.cli.chosen import chosen
from patchkit.errors import UsageError

CLASS = "classes/pg-backup"


def test_diff_and_apply_in_a_folder(patchkit, recipe):
    shown = patchkit("diff", CLASS, "--in", recipe)
    assert shown.code == 0
    expected = ROOT / "tests" / "snapshots" / "classes" / "pg-backup" / "mattermost-lts.diff"
    assert shown.out == expected.read_text()
    assert patchkit("apply", CLASS, "--in", recipe).code == 0
    assert "PG_BACKUP_VERSION=v1" in (recipe / "abra.sh").read_text()
    again = patchkit("diff", CLASS, "--in", recipe)
    assert (again.code, again.out) == (0, "")
    assert "pg-backup: already fixed" in again.err


def test_another_kind_is_nothing_to_do_and_is_explained(patchkit, tmp_path):
    shutil.copytree(SAMPLES / "ghost", tmp_path / "ghost")
    before = content(tmp_path)
    result = patchkit("apply", CLASS, "--in", "ghost", "--check")
    assert (result.code, result.out) == (0, "")
    assert "pg-backup: not this kind on ghost" in result.err
    assert "no service with image" in result.err
    assert content(tmp_path) == before


def test_a_drift_ends_as_with_every_fix(patchkit):
    result = patchkit("diff", CLASS, "--in", SAMPLES / "discourse")
    assert (result.code, result.out) == (3, "")


def test_a_class_without_a_recipe_is_told_what_to_type(patchkit):
    result = patchkit("apply", CLASS)
    assert result.code == 2
    assert "classes/pg-backup is for every recipe of a kind" in result.err
    assert "--in DIR" in result.err


def test_json_names_the_recipe_by_its_folder(patchkit, recipe):
    (row,) = json.loads(patchkit("diff", CLASS, "--in", recipe, "--format", "json").out)
    assert (row["fix"], row["recipe"], row["verdict"]) == ("pg-backup", "mattermost-lts", "applies")


def test_a_mirror_names_the_recipe_of_a_class():
    (fix,), _ = chosen([CLASS], (), is_all=False, mirror="https://git.example.com/org/wiki.git")
    assert (fix.id, fix.repository) == ("pg-backup", "wiki")
    with pytest.raises(UsageError, match="is for every recipe"):
        chosen([CLASS], (), is_all=False)


def test_new_writes_a_class_and_a_fix_that_extends_one(patchkit, tmp_path, recipe):
    assert patchkit("new", "classes/patience").code == 0
    assert patchkit("new", "mine", "--extends", CLASS, "--recipe", "mattermost-lts").code == 0
    assert (tmp_path / "fixes" / "schema.json").exists()
    shown = patchkit("diff", "classes/patience", "--in", recipe)
    assert "patience: not this kind" in shown.err
    shown = patchkit("diff", "fixes/mine.yml", "--in", recipe)
    assert "mine: applies" in shown.err
    listed = patchkit("list").out
    assert [line.split()[0] for line in listed.splitlines()] == ["mine", "classes/patience"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("classes/x", "--recipe", "wiki"),
        ("classes/x", "--extends", CLASS),
        ("x", "--extends", CLASS, "--repository", "cc-ci"),
        ("x", "--extends", "classes/nothing"),
        ("x", "--extends", "../x"),
    ],
)
def test_new_refuses_what_does_not_go_together(patchkit, tmp_path, arguments):
    result = patchkit("new", *arguments)
    assert result.code == 2, result.err
    assert not (tmp_path / "fixes").exists()


@pytest.mark.parametrize(
    ("rule", "classes"),
    [
        ("hot-data-backup", ["mariadb-backup", "pg-backup"]),
        ("R012", ["config-version"]),
        ("config-version-not-vendored", ["config-version"]),
        ("two-backup-switches", []),
    ],
)
def test_the_page_of_a_rule_names_the_classes_that_cure_it(patchkit, rule, classes):
    page = patchkit("explain", rule).out
    told = [line.split()[2] for line in page.splitlines() if "patchkit diff classes/" in line]
    assert told == [f"classes/{name}" for name in classes]
