"""`patchkit format`: what it writes, what it only tells, how it ends."""

from __future__ import annotations

import pytest

UNTIDY = "id: x\nops:\n- op: file.add   \n  path: a # why\n"
TIDY = "id: x\nops:\n  - op: file.add\n    path: a # why\n"


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "fixes" / "x.yml"
    path.parent.mkdir()
    path.write_text(UNTIDY)
    return path


def test_files_are_written_in_place(patchkit, spec):
    spec.chmod(0o640)
    result = patchkit("format", "fixes/x.yml")
    assert (result.code, result.err) == (0, "formatted fixes/x.yml\n")
    assert spec.read_text() == TIDY
    assert spec.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in spec.parent.iterdir()] == ["x.yml"]


def test_all_of_the_folder_where_none_is_named(patchkit, spec):
    (spec.parent / "classes").mkdir()
    for name in ("y.yml", "classes/z.yml"):
        (spec.parent / name).write_text(UNTIDY)
    assert patchkit("format").code == 0
    assert [path.read_text() for path in spec.parent.rglob("*.yml")] == [TIDY] * 3
    result = patchkit("format")
    assert (result.code, result.out, result.err) == (0, "", "")


def test_check_tells_and_writes_nothing(patchkit, spec):
    result = patchkit("format", "--check")
    assert result.code == 1
    assert "\n-- op: file.add   \n" in result.out
    assert "\n+  - op: file.add\n" in result.out
    assert spec.read_text() == UNTIDY
    spec.write_text(TIDY)
    assert patchkit("format", "--check").code == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"id: [\n", "fixes/bad.yml:"), (b"id: \xff\n", "it is not UTF-8"), (None, "cannot read")],
    ids=["no YAML", "no UTF-8", "no file"],
)
def test_what_cannot_be_read_does_not_stop_the_others(patchkit, spec, content, said):
    bad = spec.parent / "bad.yml"
    if content is not None:
        bad.write_bytes(content)
    result = patchkit("format", "fixes/bad.yml", "fixes/x.yml")
    assert result.code == 2
    assert said in result.err
    assert spec.read_text() == TIDY
    assert content is None or bad.read_bytes() == content


def test_what_cannot_be_kept_is_refused(patchkit, spec):
    spec.write_text("why: |+\n  text\n\n")
    result = patchkit("format")
    assert result.code == 3
    assert "fixes/x.yml:1:6: error: the spec would mean something else" in result.err
    assert spec.read_text() == "why: |+\n  text\n\n"


def test_folders_and_names_of_fixes(patchkit, spec):
    for named in ("fixes", "."):
        spec.write_text(UNTIDY)
        assert patchkit("format", named).err == "formatted fixes/x.yml\n"
    result = patchkit("format", "--check", "fixes")
    assert (result.code, result.err) == (0, "")
    spec.write_text(UNTIDY)
    assert patchkit("format", "--check").err.startswith("1 to format: ")


def test_a_tab_in_front_is_told(patchkit, spec):
    spec.write_text("id: x\nops:\n\t- a\n")
    result = patchkit("format")
    assert result.code == 2
    assert "fixes/x.yml:3:1: error: " in result.err
    assert "help: indent with spaces: YAML takes no tabs" in result.err


def test_comments_behind_the_mark_of_a_text_stay(patchkit, spec):
    spec.write_text("why: | # here\n    text # no comment\nevidence:\n- |-   # there\n   more\n")
    assert patchkit("format").code == 0
    expected = "why: | # here\n  text # no comment\nevidence:\n  - |-   # there\n    more\n"
    assert spec.read_text() == expected
