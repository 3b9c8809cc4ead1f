"""`patchkit apply` and `patchkit diff`: what they write, what they print, how they end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cli_tools import ROOT, SAMPLES, content, git

FIX = ROOT / "fixes" / "mattermost.yml"
SPEC = """\
id: greet
title: Greet
recipe: mattermost-lts
why: To be polite.
params:
  word: hello
  times: 1
ops:
  - op: file.add
    path: greeting
    text: "{{ word * times }}\\n"
"""


def test_diff_writes_nothing(patchkit, recipe, tmp_path):
    before = content(tmp_path)
    result = patchkit("diff", FIX, "--in", recipe)
    assert result.code == 0
    assert content(tmp_path) == before
    assert "+export PG_BACKUP_VERSION=v1\n" in result.out


def test_diff_goes_to_standard_output_and_applies(patchkit, checkout):
    result = patchkit("diff", FIX, "--in", checkout)
    subprocess.run(
        ["git", "-C", str(checkout), "apply", "--check", "-"], input=result.out.encode(), check=True
    )
    assert "mattermost: applies" in result.err


def test_apply_without_folder_makes_a_workspace(patchkit, tmp_path):
    result = patchkit("apply", "fixes/mattermost.yml")
    assert result.code == 0
    workspace = tmp_path / ".patchkit" / "work" / "mattermost-lts"
    assert "PG_BACKUP_VERSION=v1" in (workspace / "abra.sh").read_text()
    assert (workspace / "README.md").read_bytes() == (
        SAMPLES / "mattermost-lts" / "README.md"
    ).read_bytes()


@pytest.mark.parametrize("command", [("apply", "mattermost"), ("lint", "--recipes", SAMPLES)])
def test_git_sees_nothing_of_it(patchkit, tmp_path, command):
    git(tmp_path, "init", "-q")
    patchkit(*command)
    assert (tmp_path / ".patchkit").is_dir()
    assert git(tmp_path, "status", "--porcelain", "--untracked-files=all") == ""


def test_what_git_is_told_of_it_already_stays(patchkit, tmp_path):
    (tmp_path / ".patchkit").mkdir()
    (tmp_path / ".patchkit" / ".gitignore").write_text("fleet\n")
    patchkit("apply", "mattermost")
    assert (tmp_path / ".patchkit" / ".gitignore").read_text() == "fleet\n"


def test_workspace_is_made_afresh(patchkit, tmp_path):
    patchkit("apply", "mattermost")
    workspace = tmp_path / ".patchkit" / "work" / "mattermost-lts"
    expected = content(workspace)
    (workspace / "abra.sh").write_text("mine\n")
    (workspace / "stray").write_text("mine\n")
    assert patchkit("apply", "mattermost").code == 0
    assert content(workspace) == expected


def test_apply_in_folder_writes_what_diff_shows(patchkit, checkout):
    shown = patchkit("diff", FIX, "--in", checkout).out
    result = patchkit("apply", FIX, "--in", checkout)
    assert result.code == 0
    assert result.out == shown
    git(checkout, "add", "-AN")
    assert set(git(checkout, "diff", "--name-only").split()) == {
        "abra.sh",
        "compose.postgres-tuning.yml",
        "compose.yml",
        "pg_backup.sh",
    }


def test_apply_twice_changes_nothing(patchkit, recipe):
    patchkit("apply", FIX, "--in", recipe)
    once = content(recipe)
    result = patchkit("apply", FIX, "--in", recipe)
    assert (result.code, result.out) == (0, "")
    assert "already fixed" in result.err
    assert content(recipe) == once


def test_recipe_inside_a_larger_checkout(patchkit, tmp_path, recipe):
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "start")
    with (recipe / "abra.sh").open("a") as file:
        file.write("# mine\n")
    assert "abra.sh" in patchkit("apply", FIX, "--in", recipe).err
    git(tmp_path, "commit", "-qam", "mine")
    assert patchkit("apply", FIX, "--in", recipe).code == 0


def test_check_says_that_there_would_be_a_change(patchkit, recipe):
    before = content(recipe)
    assert patchkit("apply", FIX, "--in", recipe, "--check").code == 1
    assert patchkit("diff", FIX, "--in", recipe, "--check").code == 1
    assert content(recipe) == before
    patchkit("apply", FIX, "--in", recipe)
    assert patchkit("apply", FIX, "--in", recipe, "--check").code == 0


@pytest.mark.parametrize("name", ["abra.sh", "compose.yml"])
def test_uncommitted_changes_of_touched_files_are_not_met(patchkit, checkout, name):
    (checkout / name).write_text((checkout / name).read_text() + "# mine\n")
    before = content(checkout)
    result = patchkit("apply", FIX, "--in", checkout)
    assert result.code == 3
    assert name in result.err
    assert "--force" in result.err
    assert content(checkout) == before


def test_uncommitted_changes_elsewhere_do_not_matter(patchkit, checkout):
    (checkout / "README.md").write_text("mine\n")
    assert patchkit("apply", FIX, "--in", checkout).code == 0
    assert (checkout / "README.md").read_text() == "mine\n"


def test_untracked_compose_files_are_not_met(patchkit, checkout):
    (checkout / "compose.mine.yml").write_text('version: "3.8"\n')
    result = patchkit("apply", FIX, "--in", checkout)
    assert result.code == 3
    assert "compose.mine.yml" in result.err


def test_force_writes_all_the_same(patchkit, checkout):
    (checkout / "compose.mine.yml").write_text('version: "3.8"\n')
    with (checkout / "abra.sh").open("a") as file:
        file.write("# mine\n")
    assert patchkit("apply", FIX, "--in", checkout, "--force").code == 0
    assert "# mine\n" in (checkout / "abra.sh").read_text()
    assert "PG_BACKUP_VERSION" in (checkout / "abra.sh").read_text()


def test_drift_is_refused_with_the_reason(patchkit):
    result = patchkit("apply", FIX, "--in", SAMPLES / "gitea")
    assert (result.code, result.out) == (3, "")
    assert "drifted" in result.err
    assert "no service with image 'mattermost*'" in result.err


def test_open_findings_stop_the_write(patchkit, tmp_path, recipe):
    (tmp_path / "rename.yml").write_text(
        "id: rename\ntitle: Rename\nrecipe: mattermost-lts\nwhy: To show.\n"
        "ops:\n  - {op: service.rename, service: postgres, to: database}\n"
    )
    before = content(recipe)
    result = patchkit("apply", "rename.yml", "--in", recipe)
    assert result.code == 4
    assert "compose.yml:14:" in result.err
    assert "MM_SQLSETTINGS_DRIVERNAME=postgres" in result.err
    assert "keep:" in result.err
    assert content(recipe) == before


def test_answered_findings_do_not(patchkit, tmp_path, recipe):
    (tmp_path / "rename.yml").write_text(
        "id: rename\ntitle: Rename\nrecipe: mattermost-lts\nwhy: To show.\n"
        "ops:\n  - op: service.rename\n    service: postgres\n    to: database\n"
        "    keep:\n"
        '      - "compose.yml: DRIVERNAME"\n'
        '      - "compose.postgres-tuning.yml: - postgres"\n'
    )
    result = patchkit("apply", "rename.yml", "--in", recipe)
    assert result.code == 0, result.err
    assert "MM_SQLSETTINGS_DRIVERNAME=postgres" in (recipe / "compose.yml").read_text()
    assert "_database:5432" in (recipe / "entrypoint.sh.tmpl").read_text()
    assert "docker service rm ${STACK_NAME}_postgres" in (recipe / "release/next").read_text()


def test_several_fixes_go_on_after_one_that_fails(patchkit, recipe):
    result = patchkit("diff", "gitea", FIX, "no-such-fix", "--in", recipe)
    assert result.code == 3
    assert "gitea: drifted" in result.err
    assert "mattermost: applies" in result.err
    assert "there is no fix no-such-fix" in result.err


def test_json_is_stable(patchkit, recipe):
    (found,) = json.loads(patchkit("diff", FIX, "--in", recipe, "--format", "json").out)
    assert found["fix"] == "mattermost"
    assert found["verdict"] == "applies"
    assert {file["path"]: file["kind"] for file in found["files"]} == {
        "abra.sh": "changed",
        "compose.postgres-tuning.yml": "changed",
        "compose.yml": "changed",
        "pg_backup.sh": "added",
    }
    assert found["diff"].startswith("diff --git a/abra.sh b/abra.sh\n")
    assert found["findings"] == []
    assert len(found["digest"]) == 64


def test_stat_has_a_line_a_file(patchkit, recipe):
    lines = patchkit("diff", FIX, "--in", recipe, "--format", "stat").out.splitlines()
    assert [line.split()[0] for line in lines] == [
        "abra.sh",
        "compose.postgres-tuning.yml",
        "compose.yml",
        "pg_backup.sh",
    ]


def test_params_come_from_the_command_line(patchkit, tmp_path, recipe):
    (tmp_path / "greet.yml").write_text(SPEC)
    result = patchkit(
        "apply", "greet.yml", "--in", recipe, "--param", "word=ho", "--param", "times=3"
    )
    assert result.code == 0, result.err
    assert (recipe / "greeting").read_text() == "hohoho\n"


@pytest.mark.parametrize(
    ("params", "said"),
    [
        (["--param", "wort=x"], "word"),
        (["--param", "times=many"], "whole number"),
        (["--param", "word"], "--param NAME=VALUE"),
    ],
    ids=["unknown", "wrong type", "no value"],
)
def test_wrong_params_are_a_wrong_command_line(patchkit, tmp_path, recipe, params, said):
    (tmp_path / "greet.yml").write_text(SPEC)
    before = content(recipe)
    result = patchkit("apply", "greet.yml", "--in", recipe, *params)
    assert result.code == 2
    assert said in result.err
    assert content(recipe) == before


def test_colour_only_when_asked_or_on_a_terminal(patchkit, recipe):
    assert "\x1b[" not in patchkit("diff", FIX, "--in", recipe).out
    assert "\x1b[32m+export" in patchkit("diff", FIX, "--in", recipe, "--color").out


def test_unknown_command_is_a_wrong_command_line(patchkit):
    assert patchkit("aply").code == 2


def test_version_is_the_packages(tmp_path):
    for command in (["--version"], ["-h"]):
        done = subprocess.run(
            [sys.executable, "-m", "patchkit", *command], capture_output=True, text=True, check=True
        )
        assert "patchkit" in done.stdout


def test_closed_pipe_is_no_error(recipe):
    done = subprocess.run(
        f"{sys.executable} -m patchkit diff {FIX} --in {recipe} | head -n 1",
        shell=True,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout == "diff --git a/abra.sh b/abra.sh\n"
    assert "Traceback" not in done.stderr


def test_an_id_means_the_fix_of_the_folder_before_the_one_that_is_shipped(patchkit):
    assert patchkit("new", "mine", "--recipe", "gitea").code == 0
    assert patchkit("diff", "mine").out.startswith("diff --git a/compose.yml")
    own = (Path("fixes") / "mine.yml").read_text().replace("id: mine", "id: gitea")
    (Path("fixes") / "gitea.yml").write_text(own)
    assert patchkit("diff", "gitea").out == patchkit("diff", "mine").out
    assert "did you mean mine" in patchkit("diff", "mind").err
