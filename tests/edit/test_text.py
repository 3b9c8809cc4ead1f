from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchkit.edit import text as plain
from patchkit.edit.pattern import MAX_TEXT, compile_pattern
from patchkit.errors import EditRefused

CADDY = """\
{
\ton_demand_tls {
\t\task http://app:3000/tls-check
\t}
}
reverse_proxy http://app:3000
"""


# --- replacing


def test_replacing_words_by_themselves_changes_nothing():
    mixed = "a\r\nb\nc"
    assert plain.replace(mixed, "a\nb", "a\nb") == mixed
    assert plain.replace(mixed, r"a\s+(b)", "a\n\\1", regex=True) == mixed


@pytest.mark.parametrize(
    ("before", "find", "with_", "count", "after"),
    [
        pytest.param("a b c", "b", "x", 1, "a x c", id="one word"),
        pytest.param("a b b", "b", "", 2, "a  ", id="two, by nothing"),
        pytest.param("b b b", "b", "x", None, "x x x", id="any number"),
        pytest.param("a.c abc", "a.c", "x", 1, "x abc", id="a dot is a dot"),
        pytest.param("a", "a", r"\1 \n", 1, r"\1 \n", id="a backslash is a backslash"),
        pytest.param("a\nb\nc\n", "a\nb\n", "x\n", 1, "x\nc\n", id="several lines"),
        pytest.param("a\r\nb\r\nc", "a\nb", "x\ny", 1, "x\r\ny\r\nc", id="several CRLF lines"),
        pytest.param("a\r\nb\r\n", "a\r\nb", "x\r\ny", 1, "x\r\ny\r\n", id="CRLF in the spec"),
        pytest.param("a\nb\n", "a\r\nb", "x\r\ny", 1, "x\ny\n", id="CRLF only in the spec"),
        pytest.param("a\nb\nc\r\n", "c", "x\ny", 1, "a\nb\nx\ny\r\n", id="most lines decide"),
        pytest.param("\ufeffa\r\nb", "a", "x", 1, "\ufeffx\r\nb", id="byte order mark"),
        pytest.param("a\x85b\u2028\x0c\r", "b", "x", 1, "a\x85x\u2028\x0c\r", id="odd breaks"),
    ],
)
def test_replace(before, find, with_, count, after):
    assert plain.replace(before, find, with_, count=count) == after


@pytest.mark.parametrize(
    ("before", "find", "with_", "count", "after"),
    [
        pytest.param("a=1\nb=2\n", r"^b=(\d)$", r"b=\1\1", 1, "a=1\nb=22\n", id="group, line"),
        pytest.param("a=1\r\nb=2\r\n", r"^a=(.*)$", r"c=\1", 1, "c=1\r\nb=2\r\n", id="CRLF line"),
        pytest.param("a\r\n\r\nb\r\n", r"a\n\nb", r"a\nb", 1, "a\r\nb\r\n", id="CRLF breaks"),
        pytest.param("ab ab", "(?P<x>a)b", r"\g<x>", 2, "a a", id="a named group"),
        pytest.param("\ufeffa\n", "^a", "b", 1, "\ufeffb\n", id="byte order mark"),
        pytest.param("a\nb\n", "^", "# ", 3, "# a\n# b\n# ", id="empty matches"),
        pytest.param("a\nb\n", r"(?:[^\n]++\n)*+", "", None, "", id="a possessive loop"),
    ],
)
def test_replace_regex(before, find, with_, count, after):
    assert plain.replace(before, find, with_, regex=True, count=count) == after


# --- inserting


@pytest.mark.parametrize(
    ("before", "options", "after"),
    [
        pytest.param("a\nb\n", {"after": "a"}, "a\nx\nb\n", id="after"),
        pytest.param("a\nb\n", {"before": "b"}, "a\nx\nb\n", id="before"),
        pytest.param("a b c\nd\n", {"after": "b"}, "a b c\nx\nd\n", id="whole lines"),
        pytest.param("a\nb\n", {"after": "b"}, "a\nb\nx\n", id="after the last line"),
        pytest.param("a\nb", {"after": "b"}, "a\nb\nx", id="no last newline"),
        pytest.param("a\r\nb", {"after": "b"}, "a\r\nb\r\nx", id="CRLF, no last newline"),
        pytest.param("\ufeffa\r\n", {"before": "a"}, "\ufeffx\r\na\r\n", id="byte order mark"),
        pytest.param("a\nb\nc\n", {"before": "a\nb"}, "x\na\nb\nc\n", id="before two lines"),
        pytest.param("a\nb\nc\n", {"after": "a\nb"}, "a\nb\nx\nc\n", id="after two lines"),
        pytest.param("a\nb\nc\n", {"after": "a\nb\n"}, "a\nb\nx\nc\n", id="and their break"),
        pytest.param("b b\nb\n", {"after": "b", "count": 2}, "b b\nx\nb\nx\n", id="lines count"),
        pytest.param("b\nb", {"after": "b", "count": None}, "b\nx\nb\nx", id="any number"),
        pytest.param("ab\nb\n", {"after": "^b", "regex": True}, "ab\nb\nx\n", id="regex"),
        pytest.param("a\r\nb\r\n", {"after": "a$", "regex": True}, "a\r\nx\r\nb\r\n", id="CRLF"),
        pytest.param("a\n", {"at": "start"}, "x\na\n", id="start"),
        pytest.param("\ufeffa\r\n", {"at": "start"}, "\ufeffx\r\na\r\n", id="start, CRLF"),
        pytest.param("a\n", {"at": "end"}, "a\nx\n", id="end"),
        pytest.param("a\r\nb", {"at": "end"}, "a\r\nb\r\nx", id="end, no last newline"),
        pytest.param("", {"at": "end"}, "x\n", id="an empty file"),
        pytest.param("", {"at": "start"}, "x\n", id="an empty file's start"),
    ],
)
def test_insert(before, options, after):
    assert plain.insert(before, "x", **options) == after
    assert plain.insert(before, "x\n", **options) == after


def test_insert_several_lines():
    assert plain.insert("a\r\nb\r\n", "x\n\n\ty\r\n", after="a") == "a\r\nx\r\n\r\n\ty\r\nb\r\n"


# --- refusals


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        pytest.param(
            CADDY, {"find": "app:3000"},
            'Caddyfile:3:14: 2 matches of "app:3000", not 1: at lines 3, 6\n'
            "  say more of the text around it, or the right count",
            id="too many",
        ),
        pytest.param(
            "b\n" * 9, {"find": "b", "count": 2},
            'Caddyfile:1:1: 9 matches of "b", not 2: at lines 1, 2, 3, 4, 5, …\n'
            "  say more of the text around it, or the right count",
            id="many too many",
        ),
        pytest.param(
            CADDY, {"find": "{", "count": 3},
            'Caddyfile:1:1: 2 matches of "{", not 3: at lines 1, 2\n'
            "  say more of the text around it, or the right count",
            id="too few",
        ),
        pytest.param(
            CADDY, {"find": "reverse_proxy http://pds:3000"},
            'Caddyfile: no match of "reverse_proxy http://pds:3000"\n'
            '  nearest: line 6 "reverse_proxy http://app:3000"; '
            'line 3 "ask http://app:3000/tls-check"',
            id="none, with misses",
        ),
        pytest.param(
            CADDY, {"find": "{\n\ton_demand_tls{", "count": None},
            'Caddyfile: no match of "{…"\n  nearest: line 2 "on_demand_tls {"',
            id="the line that differs",
        ),
        pytest.param(
            "a\n", {"find": "nothing like it"},
            'Caddyfile: no match of "nothing like it"\n  no line is like it',
            id="none at all",
        ),
        pytest.param(
            "a\n", {"find": ""}, "there is nothing to find\n  say the words to look for",
            id="nothing to find",
        ),
        pytest.param(
            "a\n", {"find": "a(", "regex": True},
            '"a(" is no regex: missing ), unterminated subpattern at position 1\n'
            "  see Python's re",
            id="no regex",
        ),
        pytest.param(
            "a\n", {"find": "a", "with_": r"\1", "regex": True},
            '"\\1" does not fit the regex: invalid group reference 1 at position 1\n'
            r"  \1 is the first group; a backslash is written \\",
            id="no such group",
        ),
        pytest.param(
            "a\n", {"find": "a", "with_": r"\g<b>", "regex": True},
            "\"\\g<b>\" does not fit the regex: unknown group name 'b'\n"
            r"  \1 is the first group; a backslash is written \\",
            id="no such name",
        ),
        pytest.param(
            "a" * (MAX_TEXT + 1), {"find": "b", "regex": True},
            "a regex may have 500 characters, and its file 65536\n  use a literal find",
            id="too long a text",
        ),
        pytest.param(
            "a\n", {"find": "b" * 501, "regex": True},
            "a regex may have 500 characters, and its file 65536\n  use a literal find",
            id="too long a regex",
        ),
    ],
)  # fmt: skip
def test_replace_refuses(text, options, message):
    with pytest.raises(EditRefused) as caught:
        plain.replace(text, **{"with_": "x", "path": "Caddyfile", **options})
    assert str(caught.value) == message


def test_the_place_of_a_match_in_a_crlf_file():
    with pytest.raises(EditRefused) as caught:
        plain.replace("\ufeffa\r\nbb\r\ncb\r\n", "b\n", "", path="f")
    assert str(caught.value.place) == "f:2:2"


@pytest.mark.parametrize("options", [{}, {"after": "a", "at": "end"}, {"before": "", "after": ""}])
def test_insert_needs_one_place(options):
    with pytest.raises(EditRefused, match="say one of before, after and at"):
        plain.insert("a\n", "x", **options)


def test_insert_refuses_what_is_not_there():
    with pytest.raises(EditRefused, match='no match of "b"'):
        plain.insert("a\n", "x", after="b")
    with pytest.raises(EditRefused, match="there is nothing to find"):
        plain.insert("a\n", "x", after="")


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+$",
        r"(a*)*$",
        r"(a|a)+$",
        r"(?:ab|ab)*c",
        r"(?:a|ab)*c",
        r"(?:a?a)+$",
        r"(?:a|b?)*c",
        r"(.*?,){20}P",
        r"(?:(?:a+){2})+$",
        r"(?i:ab|AC)*d",
        r"^(?=(a+)+$)",
        r"(?>(a+)+)b",
        r"(?:(?:a+)+b)++",
        r"(a)?(?(1)(?:b+)+c|d)",
        r"(?x)( a+ # )" + "\n" + r")+$",
    ],
)
def test_a_repeat_that_may_run_for_ever_is_refused(pattern):
    with pytest.raises(EditRefused, match=r"may run for ever\n.*possessive") as caught:
        plain.replace("a" * 50 + "!", pattern, "", regex=True)
    assert pattern in str(caught.value)


@pytest.mark.parametrize(
    "pattern",
    [
        r"^(\s*)image:\s+(\S+?):(.*)$",
        r"(?:\d{1,3}\.){3}\d+",
        r"(?:foo|bar)+",
        r"[ab]+|c*",
        r"(?:a++b)*",
        r"(?:(?>a+)b)+",
        r"(?:[ \t]++\S[^\n]*+\n)+",
        r"(?:(?=a+)a)+",
        r"(?:a{2}b)*",
    ],
)
def test_a_plain_repeat_is_taken(pattern):
    assert compile_pattern(pattern, "").pattern == pattern


def test_a_deep_pattern_is_refused_cleanly():
    with pytest.raises(EditRefused):
        plain.replace("a", "(?:" * 120 + "b" + ")" * 120, "", regex=True)


# --- properties

texts = st.text(st.sampled_from("ab \r\n\ufeff\u2028"), max_size=20)


@given(texts, st.text(st.sampled_from("ab \n"), min_size=1, max_size=3), texts)
@settings(deadline=None, max_examples=300)
def test_replace_keeps_the_rest(text, find, with_):
    try:
        once = plain.replace(text, find, with_, count=None)
    except EditRefused:
        assert find not in text.removeprefix("\ufeff").replace("\r\n", "\n")
        return
    wild = re.escape(find).replace("\\\n", "\r?\n")
    start = int(text.startswith("\ufeff"))
    rest = re.split(wild, text[start:])
    at = 0
    for piece in rest:
        assert once.find(piece, at) >= at
        at = once.find(piece, at) + len(piece)
    assert once[:start] == text[:start]


@given(texts, texts, st.sampled_from(["start", "end"]))
@settings(deadline=None, max_examples=200)
def test_insert_keeps_the_rest(text, new, at):
    once = plain.insert(text, new, at=at)
    start = int(text.startswith("\ufeff"))
    if at == "end":
        assert once.startswith(text)
    else:
        assert once.endswith(text[start:])
        assert once[:start] == text[:start]
