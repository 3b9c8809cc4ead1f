"""The commands for authors: list, schema, explain, new, completion."""

from __future__ import annotations

import json

import jsonschema
import pytest
import schemas
from cli_tools import ROOT

from patchkit.edit.yaml import parse, to_data
from patchkit.lint import RULES
from patchkit.ops import OP_NAMES

FIXES = sorted((ROOT / "fixes").glob("*.yml"))
CLASSES = sorted((ROOT / "fixes" / "classes").glob("*.yml"))


def test_list_names_every_fix(patchkit):
    result = patchkit("list")
    assert result.code == 0
    ids = [line.split()[0] for line in result.out.splitlines()]
    classes = [f"classes/{p.stem}" for p in CLASSES]
    assert sorted(ids[: -len(classes)]) == sorted(p.stem for p in FIXES)
    assert ids[-len(classes) :] == classes
    assert "(instead of bluesky-pds)" in result.out
    # What belongs together stands together, and each says so.
    for one in ("bluesky-pds", "discourse"):
        assert ids[ids.index(one) + 1] == f"{one}-harness"
        assert f"(with {one})" in result.out
        assert f"(with {one}-harness)" in result.out


def test_list_of_a_folder_goes_on_after_a_broken_spec(patchkit, tmp_path):
    (tmp_path / "fixes").mkdir()
    (tmp_path / "fixes" / "broken.yml").write_text("id: [\n")
    (tmp_path / "fixes" / "good.yml").write_text((ROOT / "fixes" / "gitea.yml").read_text())
    result = patchkit("list", "--format", "json")
    assert result.code == 2
    assert [row["id"] for row in json.loads(result.out)] == ["gitea"]
    assert "broken.yml:" in result.err


def test_schema_beside_the_fixes_is_the_printed_one(patchkit):
    assert patchkit("schema").out == (ROOT / "fixes" / "schema.json").read_text()


@pytest.mark.parametrize("path", [*FIXES, *CLASSES], ids=lambda path: path.stem)
def test_fixes_are_valid_by_the_schema(path):
    schemas.of_fixes().validate(to_data(parse(path.read_text())))


def test_schema_refuses_what_the_loader_refuses():
    spec = to_data(parse((ROOT / "fixes" / "gitea.yml").read_text()))
    spec["ops"][0]["tto"] = "x"
    with pytest.raises(jsonschema.ValidationError):
        schemas.of_fixes().validate(spec)


@pytest.mark.parametrize("name", OP_NAMES)
def test_every_op_has_a_page_with_a_diff(patchkit, name):
    result = patchkit("explain", name)
    assert result.code == 0
    assert result.out.startswith(f"{name}\n{'=' * len(name)}\n")
    assert f"- op: {name}" in result.out
    assert "    diff --git a/" in result.out


def test_list_of_no_folder_says_so(patchkit, tmp_path):
    for folder, said in (("nowhere", "there is no folder"), (tmp_path, "there are no fixes in")):
        result = patchkit("list", folder)
        assert (result.code, result.out) == (2, "")
        assert said in result.err


def test_new_says_where_it_is_seen_at_work(patchkit, tmp_path):
    assert patchkit("new", "x", "--recipe", "gitea").err.endswith("patchkit diff fixes/x.yml\n")
    told = patchkit("new", "y", "--recipe", "shop").err
    assert told.endswith("patchkit diff fixes/y.yml --in path/to/shop\n")


def test_explain_lists_every_op_and_rule(patchkit):
    ops, rules, classes = patchkit("explain").out.split("\n\n")
    assert [line.split()[0] for line in ops.split("\n")] == list(OP_NAMES)
    assert len(rules.rstrip("\n").split("\n")) == len(RULES)
    assert [line.split()[0] for line in classes.splitlines()] == [
        f"classes/{path.stem}" for path in CLASSES
    ]


@pytest.mark.parametrize("path", CLASSES, ids=lambda path: path.stem)
def test_every_class_has_a_page(patchkit, path):
    result = patchkit("explain", f"classes/{path.stem}")
    assert result.code == 0
    spec = to_data(parse(path.read_text()))
    assert result.out.startswith(f"classes/{spec['id']}\n")
    assert spec["why"] in result.out
    flat = " ".join(result.out.split())
    for name, param in spec["params"].items():
        assert f"- {name}: {param['description'].rstrip('.')}" in flat
    for condition in [*spec["applies_to"], *spec.get("expects", [])]:
        assert condition["because"] in flat
    for op in spec["ops"]:
        assert f"- {op['op']}: " in flat


def test_explain_of_an_unknown_op_says_what_was_meant(patchkit):
    result = patchkit("explain", "label.set")
    assert result.code == 2
    assert "labels.set" in result.err


def test_new_writes_a_skeleton_that_works(patchkit, tmp_path, recipe):
    result = patchkit("new", "timeout", "--recipe", "mattermost-lts")
    assert result.code == 0, result.err
    schema = schemas.schema((tmp_path / "fixes" / "schema.json").read_text())
    schema.validate(to_data(parse((tmp_path / "fixes" / "timeout.yml").read_text())))
    shown = patchkit("diff", "fixes/timeout.yml", "--in", recipe)
    assert shown.code == 0, shown.err
    assert "coop-cloud.${STACK_NAME}.timeout" in shown.out


def test_new_does_not_overwrite(patchkit, tmp_path):
    (tmp_path / "fixes").mkdir()
    (tmp_path / "fixes" / "mine.yml").write_text("mine\n")
    assert patchkit("new", "mine").code == 2
    assert (tmp_path / "fixes" / "mine.yml").read_text() == "mine\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(patchkit, shell):
    result = patchkit("completion", shell)
    assert result.code == 0
    assert "_PATCHKIT_COMPLETE" in result.out
