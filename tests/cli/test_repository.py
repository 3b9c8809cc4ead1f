"""Fixes of a repository that is no recipe, and fixes that belong together."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import schemas
from cli_tools import ROOT

from patchkit import RecipeTree, Verdict, loads_fix, render
from patchkit.edit.yaml import parse, to_data

META = 'HEALTH_PATH = "/"\n\n\ndef f():\n    return 1\n'
SPEC = """\
id: patience
title: Wait longer
repository: ci
why: w
expects: [{file: meta.py}]
ops:
  - {op: python.assign, file: meta.py, name: DEPLOY_TIMEOUT, value: 900}
ensures: [{files: "**/*.py", text: DEPLOY_TIMEOUT = 900}]
"""
# What a recipe would be refused for, or get closing rules for.
ODD = {
    "compose.yml": "services: [\n",
    "compose.x.yml": "a: &a\n",
    ".env.sample": "TYPE=another\nRECIPE=another\n",
    "abra.sh": "export A_VERSION=v1\n",
}


def test_recipes_rules_stay_out_of_the_way():
    tree = RecipeTree.from_files({"meta.py": META, **ODD})
    fix = loads_fix(SPEC)
    patch = render(fix, tree)
    assert patch.verdict is Verdict.APPLIES, patch.reasons
    assert patch.tree.changed_paths(tree) == ("meta.py",)
    assert [change.step for change in patch.changes] == ["python.assign"]
    assert patch.findings == ()
    assert render(fix, patch.tree).verdict is Verdict.FIXED


def test_drift_says_where():
    patch = render(loads_fix(SPEC), RecipeTree.from_files({"a.py": "x = 1\n", **ODD}))
    assert patch.verdict is Verdict.DRIFTED
    assert [str(reason.place) for reason in patch.reasons] == ["meta.py"]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "ci").mkdir()
    (tmp_path / "ci" / "meta.py").write_text(META)
    (tmp_path / "fix.yml").write_text(SPEC)
    return tmp_path / "ci"


def test_apply_writes_the_folder(patchkit, folder):
    result = patchkit("apply", "fix.yml", "--in", folder)
    assert result.code == 0, result.err
    expected = META.replace('"/"\n', '"/"\nDEPLOY_TIMEOUT = 900\n')
    assert (folder / "meta.py").read_text() == expected
    assert "patience: applies on" in result.err
    again = patchkit("apply", "fix.yml", "--in", folder, "--check")
    assert (again.code, again.out) == (0, "")


def test_json_names_the_repository_and_no_recipe(patchkit, folder):
    (result,) = json.loads(patchkit("diff", "fix.yml", "--in", folder, "--format", "json").out)
    assert (result["recipe"], result["repository"]) == (None, "ci")
    (other,) = json.loads(patchkit("diff", "gitea", "--format", "json").out)
    assert (other["recipe"], other["repository"]) == ("gitea", "gitea")


def test_repository_without_a_sample(patchkit, folder):
    result = patchkit("diff", "fix.yml")
    assert result.code == 2
    assert "no sample of the repository ci" in result.err
    assert "--in path/to/ci" in result.err


def test_bundled_sample(patchkit, tmp_path):
    result = patchkit("apply", "keycloak")
    assert result.code == 0, result.err
    assert (tmp_path / ".patchkit" / "work" / "cc-ci" / "runner").is_dir()
    assert "wrote the repository to" in result.err


# --- list ------------------------------------------------------------------------------------

ANY = """\
id: {id}
title: t
{target}
why: w
ops:
  - {{op: text.replace, file: a.txt, find: a, with: b}}
"""


def test_list_puts_together_what_belongs_together(patchkit, tmp_path):
    specs = {"a": "recipe: r\nwith: [c]", "b": "recipe: r", "c": "repository: ci"}
    for name, target in specs.items():
        (tmp_path / f"{name}.yml").write_text(ANY.format(id=name, target=target))
    result = patchkit("list", tmp_path)
    assert result.code == 0
    assert result.out.splitlines() == ["a  r   t (with c)", "c  ci  t (with a)", "b  r   t"]
    rows = json.loads(patchkit("list", tmp_path, "--format", "json").out)
    assert [(row["id"], row["recipe"], row["repository"], row["with"]) for row in rows] == [
        ("a", "r", "r", ["c"]),
        ("c", None, "ci", ["a"]),
        ("b", "r", "r", []),
    ]


def test_list_tells_of_partners_that_are_not_there(patchkit, tmp_path):
    text = ANY.format(id="a", target="recipe: r\nwith: [gitea, broken, blusky-pds]")
    (tmp_path / "a.yml").write_text(text)
    (tmp_path / "broken.yml").write_text("id: [\n")
    result = patchkit("list", tmp_path)
    assert result.code == 2
    assert "broken.yml:" in result.err
    assert f"{tmp_path}/a.yml:4:23: error:" in result.err
    assert 'there is no fix blusky-pds (did you mean "bluesky-pds"?)' in result.err
    assert result.err.count("there is no fix") == 1


def test_every_partner_of_a_shipped_fix_is_shipped(patchkit):
    assert patchkit("list", ROOT / "fixes").err == ""


# --- new -------------------------------------------------------------------------------------


def test_new_writes_a_skeleton_that_works(patchkit, tmp_path, folder):
    result = patchkit("new", "patience", "--repository", "ci")
    assert result.code == 0, result.err
    schema = schemas.schema((tmp_path / "fixes" / "schema.json").read_text())
    schema.validate(to_data(parse((tmp_path / "fixes" / "patience.yml").read_text())))
    (folder / "meta.py").write_text("ATTEMPTS = 4\n")
    shown = patchkit("diff", "fixes/patience.yml", "--in", folder)
    assert shown.code == 0, shown.err
    assert "-ATTEMPTS = 4\n+ATTEMPTS = 6\n" in shown.out


def test_new_applies_to_the_repository_that_is_bundled(patchkit):
    patchkit("new", "patience", "--repository", "cc-ci")
    shown = patchkit("diff", "fixes/patience.yml")
    assert shown.code == 0, shown.err
    assert "-ATTEMPTS = 3\n+ATTEMPTS = 6\n" in shown.out


def test_new_is_for_one_of_both(patchkit):
    result = patchkit("new", "x", "--repository", "a", "--recipe", "b")
    assert result.code == 2
    assert "keep --recipe or --repository" in result.err


# --- starting --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command", [["diff", "mattermost"], ["list"], ["schema"], ["explain"], ["--version"]]
)
def test_starting_does_without_libcst(command):
    script = (
        "import sys\n"
        "from patchkit.cli.boundary import run\n"
        f"run({command!r})\n"
        "sys.exit('libcst' in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
