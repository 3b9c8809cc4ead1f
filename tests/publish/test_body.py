"""patchkit's part of a body is replaced in place; what people wrote around it survives."""

from __future__ import annotations

import pytest

from patchkit.publish.body import same, with_part

NEW = with_part("", "The change.\n")
BEGIN, MIDDLE, END = NEW.rstrip("\n").split("\n")


def test_new():
    assert MIDDLE == "The change."
    assert BEGIN.startswith("<!-- ")
    assert END.startswith("<!-- ")


@pytest.mark.parametrize(
    ("before", "after"), [("Hello.\n\n", ""), ("", "\n\n- [x] done"), ("a", "b")]
)
def test_what_people_wrote_survives(before, after):
    assert with_part(before + NEW + after, "Other.") == before + with_part("", "Other.") + after


def test_again_is_the_same():
    assert with_part(NEW, "The change.") == NEW


def test_windows_line_ends_of_a_forge():
    assert same(with_part(NEW.replace("\n", "\r\n"), "The change."), NEW)


@pytest.mark.parametrize("gone", [BEGIN, END])
def test_a_mark_that_somebody_took_away(gone):
    """Whose text is whose cannot be told any more: all of it is kept, and the part comes first."""
    left = NEW.replace(gone, "") + "Mine.\n"
    body = with_part(left, "Other.")
    assert body.startswith(f"{BEGIN}\nOther.\n{END}\n")
    assert "The change." in body.partition(END)[2]
    assert "Mine." in body.partition(END)[2]
    assert body.count(BEGIN) == body.count(END) == 1


def test_marks_in_the_part_itself():
    body = with_part("", f"x {END} y {BEGIN} z")
    assert body.count(BEGIN) == body.count(END) == 1
