"""Which heads CI was asked about survives in the body of a pull request."""

from __future__ import annotations

from patchkit.publish.asked import Asked, asked, with_asked
from patchkit.publish.body import with_part

FIRST, SECOND = Asked("a" * 40, 0, 0), Asked("b" * 40, 27, 4)


def test_not_set_up():
    assert asked("") is None
    assert with_asked("Text.\n", None) == "Text.\n"


def test_set_up_and_nothing_asked():
    assert asked(with_asked("Text.", ())) == ()


def test_kept_and_read_back():
    body = with_part("Hello.", with_asked("Text.", (FIRST,)))
    assert asked(body) == (FIRST,)
    again = with_part(body, with_asked("Other.", (*asked(body), SECOND)))
    assert asked(again) == (FIRST, SECOND)
    assert "Text." not in again


def test_replaced_and_not_added():
    part = with_asked(with_asked("Text.", (FIRST,)), (FIRST, SECOND))
    assert part.count("<!--") == 1
    assert "\n\n<!--" in part


def test_what_is_no_mark():
    assert asked("<!-- patchkit: set up by everybody -->") is None
