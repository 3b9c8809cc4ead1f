"""release.note: a paragraph more for the operator, once."""

from __future__ import annotations

import pytest

from patchkit.ops.release import with_note

NOTE = "op: release.note\ntext: Set `A` first.\n"


@pytest.mark.parametrize(
    "text",
    [
        "Set `A` first.",
        "Old.\n\nSet `A` first.\n",
        "Set `A` first.\n\nOld.\n",
        "Old.\r\n \r\nSet `A`\r\n  first.\r\n",
        "\ufeffSet `A` first.\n",
    ],
)
def test_leaves_what_says_so(text, check_noop):
    check_noop({"release/next": text}, NOTE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("Old.\n", "Old.\n\nSet `A` first.\n", id="newline at the end"),
        pytest.param("Old.", "Old.\n\nSet `A` first.", id="no newline at the end"),
        pytest.param("Old.\n\n", "Old.\n\nSet `A` first.\n", id="blank line at the end"),
        pytest.param("Old.\r\n", "Old.\r\n\r\nSet `A` first.\r\n", id="CRLF"),
        pytest.param("", "Set `A` first.\n", id="empty"),
        pytest.param("\n", "\nSet `A` first.\n", id="blank"),
        pytest.param("Set `A` first!\n", "Set `A` first!\n\nSet `A` first.\n", id="other words"),
    ],
)
def test_adds_a_paragraph(before, after, check_changed):
    check_changed({"release/next": before}, NOTE, {"release/next": after})


def test_makes_the_file(check_changed):
    check_changed({"release/1.0.0+1": "Old.\n"}, NOTE, {"release/next": "Set `A` first.\n"})


def test_takes_several_paragraphs_and_adds_what_is_new():
    assert with_note("", "\na\n  b \n\nc\n\n") == "a\n  b\n\nc\n"
    assert with_note("a b\n", "a\nb\n\nc") == "a b\n\nc\n"
