from __future__ import annotations

import pytest

from patchkit.edit import lines


def test_lines_end_at_a_line_feed_only():
    text = "\ufeffa\x85\u2028\r\n\x0c\n\nb\r"
    assert [text[start:end] for start, end in lines.spans(text)] == [
        "a\x85\u2028\r\n",
        "\x0c\n",
        "\n",
        "b\r",
    ]


@pytest.mark.parametrize("text", ["", "\ufeff"])
def test_an_empty_text_has_no_lines(text):
    assert list(lines.spans(text)) == []
    assert lines.content_end(text) == len(text)


@pytest.mark.parametrize(
    ("text", "eol"), [("", "\n"), ("a\nb\r\n", "\n"), ("a\r\nb\r\nc\n", "\r\n"), ("a", "\n")]
)
def test_most_lines_decide_on_the_ending(text, eol):
    assert lines.main_eol(text) == eol


@pytest.mark.parametrize(
    ("text", "offset", "after"),
    [
        pytest.param("a\r\nb\n", 3, "a\r\nx\r\nb\n", id="as the line above"),
        pytest.param("a\r\nb\n", 0, "x\r\na\r\nb\n", id="as the line below"),
        pytest.param("a\nb\r\nc", 5, "a\nb\r\nx\r\nc", id="before a last line without one"),
        pytest.param("a\nb\r\nc", 6, "a\nb\r\nc\r\nx", id="behind a last line without one"),
        pytest.param("\ufeffa\r\n", 1, "\ufeffx\r\na\r\n", id="behind a byte order mark"),
        pytest.param("", 0, "x\n", id="nothing around"),
    ],
)
def test_a_new_line_ends_as_its_neighbour(text, offset, after):
    assert lines.insert_lines(text, offset, ["x"]) == after


def test_no_new_lines_change_nothing():
    assert lines.insert_lines("a", 1, []) == "a"
