"""`patchkit report`: the page that it writes, and how it ends."""

from __future__ import annotations

import os
import re
import shutil
import stat
from pathlib import Path

import pytest
from cli_tools import SAMPLES

from patchkit.cli import fleet_report
from patchkit.verify import Check, Judgement, State

HEAD = "<!doctype html>"


def here() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


def page(path: str = "report.html") -> str:
    return Path(path).read_text(encoding="utf-8")


def test_a_page_of_one_fix(patchkit):
    result = patchkit("report", "mattermost")
    assert (result.code, result.out) == (0, "")
    assert result.err.endswith("\n1 done: 1 applies\nwrote report.html\n")
    assert page().startswith(HEAD)
    assert "Back the database up as a dump that a restore can load" in page()
    assert here() == ["report.html"]


def test_a_page_on_standard_output_is_the_same(patchkit):
    patchkit("report", "gitea", "keycloak", "--jobs", "1")
    result = patchkit("report", "gitea", "keycloak", "--jobs", "1", "-o", "-")
    assert result.out == page()
    assert "wrote" not in result.err


def test_every_fix_that_is_no_alternative(patchkit):
    assert patchkit("report", "--all", "--jobs", "1", "-o", "all.html").code == 0
    assert page("all.html").count("<article") == 8
    assert 'id="bluesky-pds-alias"' not in page("all.html")


def test_one_that_cannot_be_read_is_counted_as_such(patchkit, tmp_path):
    (tmp_path / "fixes").mkdir()
    shutil.copy(SAMPLES.parents[1] / "fixes" / "gitea.yml", "fixes")
    Path("fixes/broken.yml").write_text("id: broken\n")
    result = patchkit("report", "--all", "--jobs", "1")
    assert result.code == 2
    assert "\n2 done: 1 failed, 1 applies\n" in result.err
    assert "<title>1 of 2 fixes: patchkit review</title>" in page()


def test_a_recipe_and_params_of_the_callers(patchkit, recipe):
    result = patchkit("report", "mattermost", "--in", recipe, "--param", "dump=mine.sql")
    assert result.code == 0
    assert "mine.sql" in page()
    assert str(recipe) in page()


def test_a_drifted_fix_is_on_the_page_and_in_the_exit_code(patchkit, recipe):
    assert patchkit("report", "gitea", "mattermost", "--in", recipe, "--jobs", "1").code == 3
    assert "Why it drifted" in page()
    assert page().count("<article") == 2


def test_a_fix_that_cannot_be_rendered_is_on_the_page(patchkit, recipe):
    (recipe / "compose.yml").write_text("services:\n  app: [\n")
    result = patchkit("report", "mattermost", "--in", recipe)
    assert result.code == 3
    assert "could not be rendered" in page()
    assert "not valid YAML" in page()


def test_many_recipes_are_drawn_side_by_side_and_told(patchkit, tmp_path):
    for name in ("murmur", "owncast", "gitea"):
        shutil.copytree(SAMPLES / name, tmp_path / "all" / name)
    (tmp_path / "all" / "broken").mkdir()
    (tmp_path / "all" / "broken" / "compose.yml").write_text("services: [\n")
    result = patchkit("report", "classes/restart-any", "--recipes", "all", "--jobs", "2")
    assert result.code == 3
    assert "4/4 all/owncast: classes/restart-any: applies (1 file, +1 -1)\n" in result.err
    assert "1 fix on 4 recipes" in page()
    assert re.findall(r'<article class="entry (\w+)[^"]*" id="([^"]*)"', page()) == [
        ("failed", "failed-1"),
        ("other", "restart-any.gitea"),
        ("applies", "restart-any.murmur"),
        ("applies", "restart-any.owncast"),
    ]
    assert here() == ["all", "report.html"]  # there is nothing to resume
    patchkit("report", "classes/restart-any", "--recipes", "all", "--jobs", "1", "-o", "one.html")
    assert page("one.html") == page()


def test_a_fix_for_none_of_the_recipes_is_told(patchkit):
    result = patchkit("report", "gitea", "--recipes", str(SAMPLES), "--only", "mur*")
    assert result.code == 2
    assert "gitea: none of the recipes is gitea\n" in result.err


def test_a_run_that_is_stopped_writes_no_page(patchkit, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(fleet_report, "article", stop)
    result = patchkit("report", "gitea")
    assert result.code == 130
    assert result.err.endswith("no page was written\n")
    assert here() == []


def test_judges_are_asked_when_wanted(patchkit, monkeypatch):
    asked = []

    def verify(fix, patch):
        asked.append(fix.id)
        return [
            Judgement("compose", State.FAILED, (Check("it deploys", passed=False, output="no"),))
        ]

    monkeypatch.setattr(fleet_report, "verify", verify)
    assert patchkit("report", "gitea").code == 0
    assert asked == []
    result = patchkit("report", "gitea", "--verify")
    assert result.code == 1
    assert "gitea: did not pass: compose failed\n" in result.err
    assert asked == ["gitea"]
    assert "it deploys" in page()


def test_without_a_mirror_the_page_says_so(patchkit):
    result = patchkit("report", "gitea", "--status")
    assert result.code == 2
    assert "Not asked: no setting names a mirror of gitea." in page()
    assert '<span class="pill plain">PR not asked</span>' in page()
    assert "gitea: applies: no setting names a mirror of gitea\n" in result.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Missing argument 'FIX...'"),
        (["gitea", "--status", "--executor", "processes"], "--status asks the forge from this"),
        (["classes/restart-any"], "classes/restart-any is for every recipe of a kind"),
        (["--all", "--in", "x"], "--in and --mirror name one recipe, and --all fixes of several"),
        (["gitea", "-o", "."], "this is a folder"),
    ],
)
def test_refused(patchkit, arguments, message):
    result = patchkit("report", *arguments)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert here() == []


def test_a_page_that_cannot_be_written_leaves_the_old_one(patchkit, monkeypatch):
    Path("report.html").write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    result = patchkit("report", "gitea")
    assert result.code == 3
    assert "report.html: error: the page cannot be written: No space left on device" in result.err
    assert (page(), here()) == ("old", ["report.html"])


def test_there_is_no_such_folder(patchkit):
    result = patchkit("report", "gitea", "-o", "none/report.html")
    assert result.code == 3
    assert "none/report.html: error: the page cannot be written: No such file" in result.err


def test_a_link_stays_a_link_and_others_may_read(patchkit):
    Path("real.html").write_text("old")
    Path("report.html").symlink_to("real.html")
    umask = os.umask(0o022)
    try:
        patchkit("report", "gitea")
    finally:
        os.umask(umask)
    assert Path("report.html").is_symlink()
    assert page("real.html").startswith(HEAD)
    assert stat.S_IMODE(Path("real.html").stat().st_mode) == 0o644
