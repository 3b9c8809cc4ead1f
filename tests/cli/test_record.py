"""`patchkit record`: from a checkout that was edited by hand to a fix spec, and what it says."""

from __future__ import annotations

import pytest
import schemas
from cli_tools import ROOT, git

from patchkit.edit.yaml import parse, to_data

SPEC = "fixes/recorded.yml"


@pytest.fixture
def edit(checkout):
    """Replace words in a file of the checkout."""

    def replace(path: str, old: str, new: str) -> None:
        text = (checkout / path).read_text()
        assert old in text
        (checkout / path).write_text(text.replace(old, new))

    return replace


def test_recorded_spec_gives_the_folder_again(patchkit, checkout, edit, tmp_path):
    edit("compose.yml", "postgres:15.14-alpine", "postgres:15.15-alpine")
    (checkout / "notes.md").write_text("New.\n")
    result = patchkit("record", "--in", checkout, "-o", SPEC)
    assert (result.code, result.out) == (0, "")
    assert f"wrote {SPEC}: 1 image.set, 1 file.add" in result.err
    assert "byte for byte" in result.err
    changed = {path: (checkout / path).read_bytes() for path in ("compose.yml", "notes.md")}
    git(checkout, "checkout", "-q", ".")
    git(checkout, "clean", "-qfd")
    applied = patchkit("apply", SPEC, "--in", checkout)
    assert applied.code == 0, applied.err
    assert {path: (checkout / path).read_bytes() for path in changed} == changed
    assert "already fixed" in patchkit("diff", SPEC, "--in", checkout).err


def test_spec_says_what_to_fill_in_and_which_recipe_it_is_for(patchkit, checkout, edit, tmp_path):
    edit("compose.yml", "postgres:15.14-alpine", "postgres:15.15-alpine")
    (tmp_path / "fixes").mkdir()
    schema = (ROOT / "fixes" / "schema.json").read_text()
    (tmp_path / "fixes" / "schema.json").write_text(schema)
    patchkit("record", "--in", checkout, "-o", SPEC)
    text = (tmp_path / SPEC).read_text()
    data = to_data(parse(text))
    schemas.schema(schema).validate(data)
    assert text.startswith("# yaml-language-server: $schema=schema.json\n")
    assert (data["id"], data["recipe"]) == ("recorded", "mattermost-lts")
    assert all(data[key].startswith("Say here") for key in ("title", "why"))
    assert data["expects"] == [{"service": "postgres", "image": "postgres:15.14-alpine"}]


@pytest.mark.parametrize("output", [(), ("-o", "-")])
def test_spec_goes_to_standard_output(patchkit, checkout, edit, tmp_path, output):
    edit("README.md", "#", "##")
    result = patchkit("record", "--in", checkout, *output)
    assert to_data(parse(result.out))["ops"][0]["file"] == "README.md"
    assert not (tmp_path / "fixes").exists()


def test_nothing_changed_is_said(patchkit, checkout):
    for options in ((), ("--check",), ("-o", SPEC)):
        result = patchkit("record", "--in", checkout, *options)
        assert (result.code, result.out) == (0, "")
        assert "nothing changed" in result.err


def test_check_writes_nothing_and_tells_by_its_code(patchkit, checkout, edit, tmp_path):
    edit("README.md", "#", "##")
    result = patchkit("record", "--in", checkout, "--check", "-o", SPEC)
    assert (result.code, result.out) == (1, "")
    assert "recorded: " in result.err
    assert not (tmp_path / SPEC).exists()


def test_file_that_is_there_is_overwritten_with_force_alone(patchkit, checkout, edit, tmp_path):
    edit("README.md", "#", "##")
    (tmp_path / "mine.yml").write_text("mine\n")
    result = patchkit("record", "--in", checkout, "-o", "mine.yml")
    assert result.code == 2
    assert "--force" in result.err
    assert (tmp_path / "mine.yml").read_text() == "mine\n"
    assert patchkit("record", "--in", checkout, "-o", "mine.yml", "--force").code == 0
    assert (tmp_path / "mine.yml").read_text() != "mine\n"


def test_spec_inside_the_checkout_is_no_part_of_the_change(patchkit, checkout, edit):
    edit("README.md", "#", "##")
    target = checkout / "fixes" / "x.yml"
    assert patchkit("record", "--in", checkout, "-o", target).code == 0
    first = target.read_text()
    assert patchkit("record", "--in", checkout, "-o", target, "--force").code == 0
    assert target.read_text() == first


def test_version_that_was_left_out_is_told(patchkit, checkout, edit, tmp_path):
    text = (checkout / "entrypoint.sh.tmpl").read_text()
    (checkout / "entrypoint.sh.tmpl").write_text(text + "# more\n")
    result = patchkit("record", "--in", checkout, "-o", SPEC)
    assert result.code == 4
    assert "not byte for byte" in result.err
    assert "a closing rule has the last word: exported" in result.err
    assert "# unsure: a closing rule" in (tmp_path / SPEC).read_text()


def test_what_the_edit_means_is_offered_and_recorded(patchkit, checkout, edit):
    label = '- "traefik.enable=true"\n'
    edit("compose.yml", label, f'{label}      - "a.b=c"\n')
    result = patchkit("record", "--in", checkout)
    assert result.code == 0
    assert "or: 1 labels.set, where order and comments do not count: --by-meaning" in result.err
    result = patchkit("record", "--in", checkout, "--by-meaning")
    assert result.code == 0
    assert to_data(parse(result.out))["ops"] == [
        {"op": "labels.set", "service": "app", "labels": {"a.b": "c"}}
    ]
    assert "proved by meaning" in result.err
    assert '\n-      - "a.b=c"\n' in result.err


def test_edit_that_breaks_lint_is_told(patchkit, checkout, edit):
    edit("compose.yml", "image: postgres:15.14-alpine", "image: postgres:latest")
    result = patchkit("record", "--in", checkout)
    assert result.code == 4
    assert "lint got worse [R004" in result.err


def test_commits_since_a_revision_count(patchkit, checkout, edit):
    edit("README.md", "#", "##")
    git(checkout, "commit", "-qam", "second")
    assert "nothing changed" in patchkit("record", "--in", checkout).err
    result = patchkit("record", "--in", checkout, "--since", "HEAD~1")
    assert to_data(parse(result.out))["ops"][0]["file"] == "README.md"


@pytest.mark.parametrize("revision", ["nowhere", "--output=x", "HEAD^{tree}"])
def test_revision_that_is_none_is_refused(patchkit, checkout, tmp_path, revision):
    result = patchkit("record", "--in", checkout, f"--since={revision}")
    assert result.code == 5
    assert "git log --oneline" in result.err
    assert not (tmp_path / "x").exists()


def test_folder_without_git_is_refused(patchkit, recipe):
    result = patchkit("record", "--in", recipe)
    assert result.code == 2
    assert "no git work tree" in result.err


def test_binary_file_is_refused_by_name(patchkit, checkout):
    (checkout / "logo.png").write_bytes(b"\x89PNG\0")
    result = patchkit("record", "--in", checkout, "-o", SPEC)
    assert result.code == 3
    assert "logo.png: error: a fix adds and changes text only" in result.err


def test_recipe_or_repository_can_be_named(patchkit, checkout, edit):
    edit("README.md", "#", "##")
    for kind in ("recipe", "repository"):
        data = to_data(parse(patchkit("record", "--in", checkout, f"--{kind}", "other").out))
        assert data[kind] == "other"
    both = patchkit("record", "--in", checkout, "--recipe", "a", "--repository", "b")
    assert both.code == 2


def test_help_has_an_example(patchkit):
    assert (
        "patchkit record --in ~/recipes/gitea -o fixes/gitea-lfs.yml"
        in patchkit("record", "--help").out
    )
