from __future__ import annotations

import difflib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from patchkit.edit import dotenv
from patchkit.errors import EditRefused

SAMPLE = """\
TYPE=notes

# the name the world reaches it by
DOMAIN=notes.example.com
## Domain aliases
#EXTRA_DOMAINS=', `www.notes.example.com`'

COMPOSE_FILE="compose.yml"

# ===== MAIL =====
# COMPOSE_FILE="$COMPOSE_FILE:compose.mail.yml"
# SMTP_HOST=mail.example.com  # without a port
#SMTP_AUTH=on

SECRET_DB_PASSWORD_VERSION=v1 # length=32
SECRET_ADMIN_VERSION=v1
"""


def set_twice(text: str, name: str, value: str, **options: object) -> str:
    once = dotenv.set_value(text, name, value, **options)
    assert dotenv.set_value(once, name, value, **options) == once
    return once


# --- reading


def test_entries_are_active_lines_and_options():
    assert [(e.line, e.name, e.value, e.comment, e.commented) for e in dotenv.entries(SAMPLE)] == [
        (1, "TYPE", "notes", "", False),
        (4, "DOMAIN", "notes.example.com", "", False),
        (6, "EXTRA_DOMAINS", ", `www.notes.example.com`", "", True),
        (8, "COMPOSE_FILE", "compose.yml", "", False),
        (11, "COMPOSE_FILE", "$COMPOSE_FILE:compose.mail.yml", "", True),
        (12, "SMTP_HOST", "mail.example.com", "without a port", True),
        (13, "SMTP_AUTH", "on", "", True),
        (15, "SECRET_DB_PASSWORD_VERSION", "v1", "length=32", False),
        (16, "SECRET_ADMIN_VERSION", "v1", "", False),
    ]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("# see https://x.example?a=b", id="an address with a query"),
        pytest.param("# set KEY=value to switch it on", id="a word before the name"),
        pytest.param("# KEY = value", id="a blank before the ="),
        pytest.param("## KEY=value", id="a heading"),
        pytest.param("#1KEY=value", id="a name that starts with a digit"),
        pytest.param("KEY", id="no ="),
        pytest.param("#", id="an empty comment"),
        pytest.param("", id="an empty line"),
    ],
)
def test_no_entry(line):
    assert dotenv.entries(f"{line}\n") == []


@pytest.mark.parametrize(
    ("line", "value", "raw", "comment"),
    [
        pytest.param("A=b", "b", "b", "", id="bare"),
        pytest.param("A = b", "b", "b", "", id="blanks around the ="),
        pytest.param("A=", "", "", "", id="empty"),
        pytest.param("A= # none", "", "", "none", id="empty with a comment"),
        pytest.param("A=b#c", "b#c", "b#c", "", id="a hash inside a word"),
        pytest.param("A=#b", "#b", "#b", "", id="a hash right behind the ="),
        pytest.param("A=b c  # d # e", "b c", "b c", "d # e", id="the first of two hashes"),
        pytest.param('A="b # c" #d', "b # c", '"b # c"', "d", id="a hash in quotes"),
        pytest.param('A="b \\"c\\" \\\\"', 'b "c" \\', '"b \\"c\\" \\\\"', "", id="escapes"),
        pytest.param('A="b\\nc"', "b\nc", '"b\\nc"', "", id="a written line break"),
        pytest.param('A="\\$B"', "\\$B", '"\\$B"', "", id="an escaped dollar stays"),
        pytest.param("A='b\\n$C'", "b\\n$C", "'b\\n$C'", "", id="single quotes"),
        pytest.param("A='b\" `c`'", 'b" `c`', "'b\" `c`'", "", id="other quotes inside"),
        pytest.param('A="b" c', '"b" c', '"b" c', "", id="words behind the quotes"),
        pytest.param("#A=it's", "it's", "it's", "", id="an apostrophe"),
        pytest.param("#A='it", "'it", "'it", "", id="an open quote in a comment"),
    ],
)
def test_value(line, value, raw, comment):
    (entry,) = dotenv.entries(f"{line}\nZ='\n")[:1]
    assert (entry.value, entry.raw, entry.comment) == (value, raw, comment)


def test_a_quoted_value_runs_over_lines():
    entries = dotenv.entries('A="b\nC=no\n# D=no\n" # e\nF=1\n')
    assert [(e.name, e.value, e.comment, e.line) for e in entries] == [
        ("A", "b\nC=no\n# D=no\n", "e", 1),
        ("F", "1", "", 5),
    ]


def test_export_and_byte_order_mark():
    (first, second) = dotenv.entries("\ufeffexport A=1\n# export B=2\n")
    assert (first.name, first.export, first.span) == ("A", True, (1, 12))
    assert (second.name, second.export, second.mark) == ("B", True, "# ")


def test_get_returns_the_last_active_value():
    assert dotenv.get("A=1\nA=2\n#A=3\n", "A") == "2"
    assert dotenv.get("#A=3\n", "A") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [("compose.yml",)], id="nothing said"),
        pytest.param("COMPOSE_FILE=\n", [("compose.yml",)], id="nothing set"),
        pytest.param('COMPOSE_FILE="a.yml:b.yml"\n', [("a.yml", "b.yml")], id="one active list"),
        pytest.param(
            'COMPOSE_FILE="compose.yml"\n'
            '#COMPOSE_FILE="$COMPOSE_FILE:compose.mail.yml"\n'
            'COMPOSE_FILE="$COMPOSE_FILE:compose.db.yml"\n'
            '# COMPOSE_FILE="${COMPOSE_FILE}:compose.s3.yml"\n',
            [
                ("compose.yml", "compose.db.yml"),
                ("compose.yml", "compose.db.yml", "compose.mail.yml"),
                ("compose.yml", "compose.db.yml", "compose.s3.yml"),
            ],
            id="active lines add up, options come on top",
        ),
        pytest.param(
            '#COMPOSE_FILE="compose.yml:compose.relay.yml"\n'
            '#COMPOSE_FILE="compose.yml:compose.relay.yml:compose.smtp.yml"\n'
            '#COMPOSE_FILE="compose.yml:compose.relay.yml"\n',
            [
                ("compose.yml",),
                ("compose.yml", "compose.relay.yml"),
                ("compose.yml", "compose.relay.yml", "compose.smtp.yml"),
            ],
            id="lists of their own, one of them twice",
        ),
        pytest.param(
            '#COMPOSE_FILE="$COMPOSE_FILE:compose.mail.yml"\n#COMPOSE_FILE=\n',
            [("compose.yml",), ("compose.yml", "compose.mail.yml")],
            id="an option on top of the default",
        ),
    ],
)
def test_compose_files(text, expected):
    assert dotenv.compose_files(text) == expected


# --- setting: what must not change


@pytest.mark.parametrize(
    ("text", "name", "value", "options"),
    [
        pytest.param(SAMPLE, "DOMAIN", "notes.example.com", {}, id="it has the value"),
        pytest.param("A='b'\r\n", "A", "b", {}, id="quotes nobody needs are the author's"),
        pytest.param("\ufeffA = b # c", "A", "b", {}, id="neither are blanks"),
        pytest.param('A="\\$B"\n', "A", "\\$B", {}, id="an odd way to write it"),
        pytest.param("A=b # c\n", "A", "b", {"comment": "# c"}, id="it has the comment"),
        pytest.param("# A=b\n", "A", "b", {"commented": True}, id="it is on offer"),
        pytest.param(
            "#A=b\n#A=c\n#A=b\n", "A", "b", {"commented": True}, id="one of many offers it"
        ),
        pytest.param("A=b\nC=d\n", "A", "b", {"after": "C"}, id="it stands, though elsewhere"),
    ],
)
def test_set_changes_nothing(text, name, value, options):
    assert dotenv.set_value(text, name, value, **options) == text


# --- setting: what changes


@pytest.mark.parametrize(
    ("before", "value", "options", "after"),
    [
        pytest.param("A=b\n", "c", {}, "A=c\n", id="bare"),
        pytest.param("A=b", "c", {}, "A=c", id="no last newline"),
        pytest.param("\ufeffA=b\r\nB=1\r\n", "c", {}, "\ufeffA=c\r\nB=1\r\n", id="mark and CRLF"),
        pytest.param(" export A = b\t# d\n", "c", {}, " export A = c\t# d\n", id="spacing"),
        pytest.param("A= # d\n", "c", {}, "A=c # d\n", id="an empty value before a comment"),
        pytest.param("A=b # d\n", "", {}, "A= # d\n", id="to an empty value"),
        pytest.param('A="b" # d\n', "c", {}, 'A="c" # d\n', id="double quotes stay"),
        pytest.param("A='b'\n", "$c", {}, "A='$c'\n", id="single quotes stay"),
        pytest.param("A='b'\n", "it's", {}, 'A="it\'s"\n', id="single quotes cannot stay"),
        pytest.param("A='b'\n", "c\\", {}, 'A="c\\\\"\n', id="nor before a backslash"),
        pytest.param("A=b\n", "c d", {}, 'A="c d"\n', id="a blank needs quotes"),
        pytest.param("A=b\n", "c#d", {}, 'A="c#d"\n', id="so does a hash"),
        pytest.param("A=b\n", 'c"`d`', {}, "A='c\"`d`'\n", id="single quotes hold double ones"),
        pytest.param("A=b\n", '$C "d"', {}, 'A="$C \\"d\\""\n', id="but would hide a reference"),
        pytest.param("A=b\n", "$C:d", {}, "A=$C:d\n", id="a reference alone needs none"),
        pytest.param('A="b\nc" # d\n', "e", {}, 'A="e" # d\n', id="a value of two lines"),
        pytest.param("A=b\n", "b", {"comment": "c"}, "A=b # c\n", id="a comment comes"),
        pytest.param("A=b  #c\n", "d", {"comment": "e"}, "A=d  # e\n", id="another comment"),
        pytest.param("A=b # c\n", "b", {"comment": ""}, "A=b\n", id="a comment goes"),
        pytest.param("# A=b # c\n", "d", {}, "A=d # c\n", id="an option is uncommented"),
        pytest.param("  #A=b\n", "b", {}, "  A=b\n", id="with its own value too"),
        pytest.param("#A='b c'\n", "b c", {}, "A='b c'\n", id="and its quotes"),
        pytest.param("#A=b c\n", "b c", {}, 'A="b c"\n', id="and quotes where needed"),
        pytest.param("#A='b\nC=d'\n", "'b", {}, "A=\"'b\"\nC=d'\n", id="an open quote is closed"),
        pytest.param("#A=b\n", "c", {"commented": True}, "#A=c\n", id="an option stays one"),
        pytest.param(
            "# B=1\n#C=1\n# D=1\nA = b # c\n",
            "b",
            {"commented": True},
            "# B=1\n#C=1\n# D=1\n# A= b # c\n",
            id="a setting becomes an option, with the mark of most others",
        ),
        pytest.param("#A=b\n#A=c\n", "c", {}, "#A=b\nA=c\n", id="the option with that value"),
        pytest.param(
            "# A=b turns it on\nB=1\n", "c", {}, "# A=b turns it on\nA=c\nB=1\n", id="prose stays"
        ),
        pytest.param(
            "#A=b\n#A=c\nB=1\n", "d", {"after": "B"}, "#A=b\n#A=c\nB=1\nA=d\n", id="a place named"
        ),
    ],
)
def test_set_what_is_there(before, value, options, after):
    assert set_twice(before, "A", value, **options) == after


@pytest.mark.parametrize(
    ("before", "name", "options", "after"),
    [
        pytest.param("", "A", {}, "A=1\n", id="an empty file"),
        pytest.param("\ufeff", "A", {}, "\ufeffA=1\n", id="a byte order mark alone"),
        pytest.param("B=2", "A", {}, "B=2\nA=1", id="no last newline"),
        pytest.param("B=2\r\nC=3\r\n", "A", {}, "B=2\r\nC=3\r\nA=1\r\n", id="CRLF"),
        pytest.param("B=2\n\nC=3\n\n\n", "A", {}, "B=2\n\nC=3\n\nA=1\n\n\n", id="groups"),
        pytest.param("B=2\n# more to come\n", "A", {}, "B=2\n# more to come\n\nA=1\n", id="prose"),
        pytest.param(
            "SECRET_B_VERSION=v1 # length=9\nC=1\n#SECRET_D_VERSION=v1\n",
            "SECRET_A_VERSION",
            {"comment": "length=32"},
            "SECRET_B_VERSION=v1 # length=9\nSECRET_A_VERSION=1 # length=32\nC=1\n"
            "#SECRET_D_VERSION=v1\n",
            id="behind the last active secret",
        ),
        pytest.param(
            "DB_HOST=x\nDB_POOL_MIN=1\nDB_PORT=2\nZ=1\n",
            "DB_POOL_MAX",
            {},
            "DB_HOST=x\nDB_POOL_MIN=1\nDB_POOL_MAX=1\nDB_PORT=2\nZ=1\n",
            id="behind the longest common prefix",
        ),
        pytest.param(
            "# DB_HOST=x\n\nZ=1\n",
            "DB_PORT",
            {},
            "# DB_HOST=x\n\nZ=1\n\nDB_PORT=1\n",
            id="an option is no family of an active line",
        ),
        pytest.param(
            "# DB_HOST=x\n\nZ=1\n",
            "DB_PORT",
            {"commented": True},
            "# DB_HOST=x\n# DB_PORT=1\n\nZ=1\n",
            id="but of another option",
        ),
        pytest.param("B=2\nC=3\n", "A", {"after": "B"}, "B=2\nA=1\nC=3\n", id="after"),
        pytest.param("B=2\nC=3\n", "A", {"before": "C"}, "B=2\nA=1\nC=3\n", id="before"),
        pytest.param(
            "B=2\n\n# on C\nC=3\n",
            "A",
            {"before": "C"},
            "B=2\n\nA=1\n# on C\nC=3\n",
            id="before a line with a comment of its own",
        ),
        pytest.param(
            "# on C and D\nC=3\nD=4\n",
            "A",
            {"before": "C"},
            "# on C and D\nA=1\nC=3\nD=4\n",
            id="before a line whose comment speaks of others too",
        ),
        pytest.param("#B=2\nC=3\n", "A", {"after": "B"}, "#B=2\nA=1\nC=3\n", id="after an option"),
        pytest.param(
            "export B=2\n", "A", {}, "export B=2\nexport A=1\n", id="export as the others"
        ),
        pytest.param("A_B=2\r\nC=3\n", "A_D", {}, "A_B=2\r\nA_D=1\r\nC=3\n", id="mixed line ends"),
    ],
)
def test_set_a_new_one(before, name, options, after):
    assert set_twice(before, name, "1", **options) == after


# Lines that add to each other, as many recipes have them: each is a setting of its own.
LISTS = """\
COMPOSE_FILE="compose.yml"
COMPOSE_FILE="$COMPOSE_FILE:compose.a.yml"

# mail
# COMPOSE_FILE="$COMPOSE_FILE:compose.b.yml"
# MAIL=1

#LAST=1
"""


@pytest.mark.parametrize(
    ("value", "options"),
    [
        pytest.param("$COMPOSE_FILE:compose.a.yml", {}, id="it is on"),
        pytest.param("$COMPOSE_FILE:compose.b.yml", {"commented": True}, id="it is on offer"),
    ],
)
def test_set_leaves_the_line_that_adds_this(value, options):
    assert dotenv.set_value(LISTS, "COMPOSE_FILE", value, **options) == LISTS


@pytest.mark.parametrize(
    ("value", "options", "old", "new"),
    [
        pytest.param(
            "$COMPOSE_FILE:compose.b.yml",
            {},
            '# COMPOSE_FILE="$COMPOSE_FILE:compose.b',
            'COMPOSE_FILE="$COMPOSE_FILE:compose.b',
            id="switched on",
        ),
        pytest.param(
            "$COMPOSE_FILE:compose.a.yml",
            {"commented": True},
            'COMPOSE_FILE="$COMPOSE_FILE:compose.a',
            '# COMPOSE_FILE="$COMPOSE_FILE:compose.a',
            id="switched off",
        ),
        pytest.param(
            "$COMPOSE_FILE:compose.c.yml",
            {},
            'a.yml"\n',
            'a.yml"\nCOMPOSE_FILE="$COMPOSE_FILE:compose.c.yml"\n',
            id="new, behind the last active one",
        ),
        pytest.param(
            "${COMPOSE_FILE}:compose.c.yml",
            {"commented": True},
            "# MAIL=1\n",
            '# MAIL=1\n\n# COMPOSE_FILE="${COMPOSE_FILE}:compose.c.yml"\n',
            id="new, below the block of the last one on offer",
        ),
    ],
)
def test_set_a_line_that_adds(value, options, old, new):
    assert set_twice(LISTS, "COMPOSE_FILE", value, **options) == LISTS.replace(old, new)


def test_set_behind_an_entry():
    entry = next(e for e in dotenv.entries(LISTS) if "compose.b" in e.value)
    after = LISTS.replace('b.yml"\n', 'b.yml"\n# SECRET=v1\n')
    assert dotenv.set_value(LISTS, "SECRET", "v1", commented=True, after=entry) == after


@pytest.mark.parametrize("value", ["$A:b", "${A}:b", "${A:-x}:b", "c:$A"])
def test_what_adds(value):
    assert dotenv.adds("A", value)


@pytest.mark.parametrize("value", ["b", "A", "$AB:c", "${A_B}", "$B:A"])
def test_what_adds_nothing(value):
    assert not dotenv.adds("A", value)


@pytest.mark.parametrize(
    ("text", "name", "value", "options", "message"),
    [
        pytest.param(
            'COMPOSE_FILE="a"\n\nCOMPOSE_FILE="$COMPOSE_FILE:b"\n', "COMPOSE_FILE", "c", {},
            ".env.sample:1:1: COMPOSE_FILE is set on several lines: 1, 3\n"
            "  change the line you mean with text.replace",
            id="set twice",
        ),
        pytest.param(
            "#A=b\n#A=c\n", "A", "d", {},
            ".env.sample:1:1: A is offered on several lines: 1, 2\n  change the line you mean "
            "with text.replace, or say `after` for a new line",
            id="offered twice",
        ),
        pytest.param(
            "DOMAIN=b\n", "A", "d", {"after": "DOMAN"},
            ".env.sample: no setting DOMAN to put A beside\n  did you mean DOMAIN?",
            id="no such neighbour",
        ),
        pytest.param(
            "", "A", "d", {"before": "B"},
            ".env.sample: no setting B to put A beside\n  name a setting of the file",
            id="no neighbour at all",
        ),
        pytest.param(
            "", "A", "d", {"before": "B", "after": "C"},
            ".env.sample: A cannot go both after C and before B\n  say one of them",
            id="two places",
        ),
        pytest.param(
            "", "A", "b\nc", {},
            ".env.sample: the value or comment of A holds a line break or a control character\n"
            "  a setting of this file stands on one line",
            id="a line break",
        ),
        pytest.param(
            "", "A-B", "c", {},
            '.env.sample: "A-B" is no variable name\n  use letters, digits and _ only',
            id="no name",
        ),
    ],
)  # fmt: skip
def test_set_refuses(text, name, value, options, message):
    with pytest.raises(EditRefused) as caught:
        dotenv.set_value(text, name, value, path=".env.sample", **options)
    assert str(caught.value) == message


def test_a_refusal_needs_no_path():
    with pytest.raises(EditRefused, match=r"^no setting B"):
        dotenv.set_value("", "A", "1", after="B")


# --- unsetting


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="an empty file"),
        pytest.param("B=1\n# A is gone\n", id="prose names it"),
        pytest.param("B=$A\n", id="another one refers to it"),
    ],
)
def test_unset_changes_nothing(text):
    assert dotenv.unset(text, "A") == text


def test_unset_leaves_options_if_told():
    assert dotenv.unset("#A=1\nA=2\n", "A", commented_too=False) == "#A=1\n"


def test_unset_takes_the_lines_with_a_value():
    assert dotenv.unset(LISTS, "COMPOSE_FILE", value="no such") == LISTS
    after = LISTS.replace('# COMPOSE_FILE="$COMPOSE_FILE:compose.b.yml"\n', "")
    assert dotenv.unset(LISTS, "COMPOSE_FILE", value="$COMPOSE_FILE:compose.b.yml") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("A=1\nB=2\n", "B=2\n", id="the first line"),
        pytest.param("B=2\nA=1\n", "B=2\n", id="the last line"),
        pytest.param("B=2\r\nA=1", "B=2", id="the last line without a newline"),
        pytest.param("\ufeffA=1\r\n", "\ufeff", id="the only line"),
        pytest.param("A=1\n\nB=2\n", "B=2\n", id="the first group"),
        pytest.param("B=2\n\n\nA=1\n", "B=2\n", id="the last group"),
        pytest.param("B=2\n\nA=1\n\nC=3\n", "B=2\n\nC=3\n", id="a group between"),
        pytest.param("B=2\n\nA=1\n\n\nC=3\n", "B=2\n\n\nC=3\n", id="the longer run stays"),
        pytest.param("B=2\n\n\nA=1\n\nC=3\n", "B=2\n\n\nC=3\n", id="also above"),
        pytest.param("B=2\n\nA=1\nC=3\n", "B=2\n\nC=3\n", id="the first of a group"),
        pytest.param("B=2\n# on\n# A\nA=1\n\nC=3\n", "B=2\n\nC=3\n", id="its head comment"),
        pytest.param("# A\nA=1\n# C\nC=3\n", "# C\nC=3\n", id="up to the next comment"),
        pytest.param("# both\nA=1\nC=3\n", "# both\nC=3\n", id="a shared comment stays"),
        pytest.param("# both\nA=1\n#C=3\n", "# both\n#C=3\n", id="shared with an option"),
        pytest.param("# group\n\nA=1\n", "# group\n", id="a heading stays"),
        pytest.param("#B=2\n# A\nA=1\n", "#B=2\n", id="the option above is no comment of it"),
        pytest.param("# A\n#A=1\nA=2\n\nB=3\n", "B=3\n", id="option and setting together"),
        pytest.param("A=1\n\nB=2\n\n# A=3\n", "B=2\n", id="several places"),
        pytest.param('B=2\nA="x\ny=1"\nC=3\n', "B=2\nC=3\n", id="a value of two lines"),
        pytest.param("A=1\n\nA=2", "", id="all lines, no last newline"),
    ],
)
def test_unset(before, after):
    assert dotenv.unset(before, "A") == after
    assert dotenv.unset(after, "A") == after


# --- properties

names = st.sampled_from(["A", "A_B", "DB_HOST", "SECRET_A_VERSION", "SECRET_B_VERSION", "_"])
words = st.text(
    st.one_of(st.sampled_from("\"'`\\$#= \t;ab"), st.characters(exclude_categories=["Cc", "Cs"])),
    max_size=12,
)
lines = st.one_of(
    st.sampled_from(
        ["", "# prose", "## A=1", "A=1 # c", "#A=2", "# DB_HOST='x y'", 'A_B = "q" #c', "_=", "\t"]
    ),
    st.builds("{}={}".format, names, words),
    st.builds("# {}={}".format, names, words),
)
texts = st.builds(
    lambda mark, rows, end, last: mark + end.join(rows) + (end if last and rows else ""),
    st.sampled_from(["", "\ufeff"]),
    st.lists(lines, max_size=8),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)


def rows(text: str) -> list[str]:
    body = text.removeprefix("\ufeff")
    return [row.removesuffix("\r") for row in body.split("\n")] if body else []


def changed_lines(before: str, after: str) -> tuple[int, int]:
    """Return how many lines of before are gone, and how many of after are new."""
    if not before.endswith("\n"):
        eol = "\r\n" if "\r\n" in before else "\n"
        before, after = before + eol, after + eol
    old, new = before.split("\n"), after.split("\n")
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    kept = sum(block.size for block in matcher.get_matching_blocks())
    return len(old) - kept, len(new) - kept


@given(texts, names, words, st.booleans())
@example("A='\\'", "A", "'\\", False)
@example("#A=\\\r\n", "A", "", False)
@settings(deadline=None, max_examples=150)
def test_set_then_get(text, name, value, commented):
    try:
        once = dotenv.set_value(text, name, value, commented=commented)
    except EditRefused:
        return
    assert dotenv.set_value(once, name, value, commented=commented) == once
    if commented:
        assert value in [e.value for e in dotenv.entries(once) if e.commented and e.name == name]
    else:
        assert dotenv.get(once, name) == value
    assert once.endswith("\n") == text.endswith("\n") or not text.strip("\ufeff")
    others = [e.value for e in dotenv.entries(text) if e.name != name]
    assert [e.value for e in dotenv.entries(once) if e.name != name] == others


@given(texts, names, st.sampled_from(["x", "y z"]))
@settings(deadline=None, max_examples=100)
def test_set_touches_one_line(text, name, value):
    if any("\n" in e.raw for e in dotenv.entries(text)):
        return
    try:
        once = dotenv.set_value(text, name, value)
    except EditRefused:
        return
    gone, new = changed_lines(text, once)
    assert gone <= 1
    assert new <= 2


@given(texts, names, st.booleans())
@settings(deadline=None, max_examples=100)
def test_unset_then_entries(text, name, commented_too):
    once = dotenv.unset(text, name, commented_too=commented_too)
    left = [e for e in dotenv.entries(once) if e.name == name]
    assert [e for e in left if commented_too or not e.commented] == []
    others = [e.raw for e in dotenv.entries(text) if e.name != name]
    assert [e.raw for e in dotenv.entries(once) if e.name != name] == others
    remaining = iter(rows(text))
    assert all(row in remaining for row in rows(once))
    assert once.count("\r\n") == (once.count("\n") if "\r\n" in text else 0)
