"""Properties of the YAML editor on random texts: right or refused, and nothing else touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from corpus_edit import BAD, check_text, compose_files
from corpus_judge import Judged, Pairs, UnreadableError, text_of
from corpus_places import edits
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from yaml_texts import write

from patchkit.edit.yaml import YamlEditor
from patchkit.errors import EditRefused, PatchkitError, RecipeError

SHAPES = Path(__file__).resolve().parent / "shapes"
SHAPE_TEXTS = [path.read_bytes().decode("utf-8") for path in compose_files(SHAPES)]
TEXTS = st.randoms(use_true_random=False).map(write)
BOUNDED = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.large_base_example,
        HealthCheck.data_too_large,
    ],
)


@BOUNDED
@given(TEXTS)
def test_every_edit_of_a_random_text_is_right_or_refused(text: str):
    report = check_text("random.yml", text, most=3)
    assert [note for note in report.notes if note[0] in BAD] == []


# --- values -------------------------------------------------------------------------------

STRINGS = st.one_of(
    st.text(st.sampled_from("ab:#-'\"{}[],&*!|>%@`?\\ \t\n=1~"), max_size=8),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    st.sampled_from(("yes", "null", "~", "0x1", "1e3", "1:30", "2024-01-01", "<<", "=", "---")),
)
SCALARS = st.one_of(
    STRINGS,
    st.integers(-(2**63), 2**63),
    st.booleans(),
    st.none(),
    st.floats(allow_nan=False, allow_subnormal=False),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(STRINGS, inner, max_size=3)
    ),
    max_leaves=6,
)


@BOUNDED
@given(st.sampled_from(SHAPE_TEXTS) | TEXTS, VALUES, st.data())
def test_any_value_can_be_set_anywhere(text: str, value: Any, data: st.DataObject):
    try:
        old = Judged.read(text)
    except UnreadableError:
        assume(False)
    path = data.draw(st.sampled_from([edit.path for edit in edits(old, 3)] or [("new",)]))
    key = data.draw(STRINGS)
    editor = YamlEditor(text, "random.yml")
    try:
        editor.set((*path, key), value)
        editor.set(path, value)
    except EditRefused as refusal:
        _check_placed(refusal)
        return
    assert editor.document.follow(path) is not None or editor.node(path) is not None
    assert _read(editor, path) == _meaning(value)


def _read(editor: YamlEditor, path: tuple[str | int, ...]) -> Any:
    """Return what PyYAML finds at a path, as plain data without the order of keys."""
    return _unordered(yaml.compose_all(editor.text.removeprefix("\ufeff"), yaml.CSafeLoader), path)


def _unordered(documents: Any, path: tuple[str | int, ...]) -> Any:
    node = next(iter(documents))
    for step in path:
        if isinstance(node, yaml.MappingNode):
            node = next(v for k, v in node.value if k.value == step)
        else:
            node = node.value[step]
    return _plain(node)


def _plain(node: Any) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {key.value: _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    return node.value if node.style or node.tag == "tag:yaml.org,2002:str" else None


def _meaning(value: Any) -> Any:
    """Return a value as `_plain` gives it: numbers, booleans and null are all None."""
    if isinstance(value, dict):
        return {key: _meaning(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_meaning(item) for item in value]
    return value if isinstance(value, str) else None


# --- damaged texts ------------------------------------------------------------------------

ODD = ("\t", " ", "\n", "\r\n", "#", ":", "-", "&x ", "*x", "<<: ", "? ", "|", "'", '"', "{", "]")


@BOUNDED
@given(
    st.sampled_from(SHAPE_TEXTS) | TEXTS,
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from((*ODD, "\u2028", "\x85", "\ufeff")))),
    st.lists(st.floats(0, 1), max_size=2),
)
def test_a_damaged_text_is_edited_rightly_or_refused(
    text: str, put: list[tuple[float, str]], cut: list[float]
):
    for share, odd in put[:3]:
        at = int(share * len(text))
        text = text[:at] + odd + text[at:]
    for share in cut:
        at = int(share * len(text))
        text = text[:at] + text[at + 1 :]
    assert _crashes(text) == []


@BOUNDED
@given(st.text(st.sampled_from("ab:-?#'\"{}[],&*!|>%@`\\ \t\n\r<1~\x85\u2028\ufeff"), max_size=40))
@example("? a\n")
@example("---\n...\n---\n")
def test_no_text_at_all_makes_it_crash(text: str):
    assert _crashes(text) == []


def _crashes(text: str) -> list[tuple[str, str]]:
    """Make every edit and some more; return what is neither right nor refused."""
    found = []
    try:
        report = check_text("odd.yml", text, most=2)
        found = [note for note in report.notes if note[0] in {"crash", "wrong data"}]
    except RecipeError:
        pass
    for on_alias in ("error", "expand", "edit-anchor"):
        try:
            editor = YamlEditor(text, "odd.yml", on_alias=on_alias)
            editor.set(("a", "b"), ["c"])
            editor.append(("a", "b"), {"d": "e\nf\n"})
            editor.unset(("a", "b", 0))
            editor.rename(("a",), "g")
        except (RecipeError, EditRefused) as refusal:
            _check_placed(refusal)
    return found


def _check_placed(refusal: PatchkitError) -> None:
    assert refusal.place
    assert refusal.place.line
    assert refusal.problems[0].hint


@pytest.mark.parametrize("text", SHAPE_TEXTS, ids=[p.name for p in compose_files(SHAPES)])
def test_adding_and_removing_again_gives_the_same_text(text: str):
    try:
        editor = YamlEditor(text, "shape.yml")
        editor.set(("services", "new-one"), {"image": "new:1"})
        added = editor.text
        editor.unset(("services", "new-one"))
    except (RecipeError, EditRefused):
        return
    assert added != text
    assert editor.text == text


def test_plain_data_of_the_judge():
    judged = Judged.read("a: 1\nb: [x, 'y']\n")
    expected = Pairs([[text_of("a"), ["int", "1"]], [text_of("b"), [text_of("x"), text_of("y")]]])
    assert judged.data() == [expected]
