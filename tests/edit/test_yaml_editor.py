"""Exact texts before and after single edits: every rule of the YAML editor as a named case."""

from __future__ import annotations

from textwrap import dedent

import pytest
from verbs import check_changed, check_noop, check_refused

from patchkit.edit.yaml import FlowDict, FlowList, StyledStr, YamlEditor, styled
from patchkit.errors import BugError, EditRefused, RecipeError

APP = ("services", "app")

STACK = dedent("""\
    version: "3.8"

    services:
      app:
        image: app:1 # pinned
        command: ['serve', "--all"]
        environment:
          - A=1
          - "B=2"
        labels:
          plain: one
          single: 'two'
          double: "three"
          number: 3
          nothing:
        deploy: {replicas: 2, labels: {}}

      db:
        image: db:1

    volumes:
      data:
    """)


def put(path, value, **where):
    return lambda editor: editor.set(path, value, **where)


def cut(path, **how):
    return lambda editor: editor.unset(path, **how)


def add(path, value):
    return lambda editor: editor.append(path, value)


# --- what must not change -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param((*APP, "image"), "app:1", id="plain"),
        pytest.param((*APP, "labels", "single"), "two", id="single quotes"),
        pytest.param((*APP, "labels", "double"), "three", id="double quotes"),
        pytest.param((*APP, "labels", "number"), 3, id="number"),
        pytest.param((*APP, "labels", "nothing"), None, id="null"),
        pytest.param((*APP, "command"), ["serve", "--all"], id="flow list"),
        pytest.param((*APP, "environment"), ["A=1", "B=2"], id="block list"),
        pytest.param((*APP, "environment", 1), "B=2", id="item"),
        pytest.param((*APP, "deploy"), {"labels": {}, "replicas": 2}, id="other order of keys"),
        pytest.param(("volumes",), {"data": None}, id="section"),
        pytest.param(("services", "db"), {"image": "db:1"}, id="service"),
        pytest.param((*APP, "labels", "plain"), StyledStr("one", '"'), id="other quotes asked"),
    ],
)
def test_what_is_there_already_is_left_alone(path, value):
    check_noop(STACK, put(path, value))


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        # Docker reads these as the string that is asked for, whatever PyYAML does.
        pytest.param("a: yes\n", ("a",), "yes", id="yes is a string to Docker"),
        pytest.param("a: 22:22\n", ("a",), "22:22", id="no sexagesimals"),
        # The number is there; how it is spelled is its author's business.
        pytest.param("a: 0555\n", ("a",), 365, id="octal"),
        pytest.param("a: 0x1F\n", ("a",), 31, id="hexadecimal"),
        pytest.param("a: 1_000\n", ("a",), 1000, id="underscores"),
        pytest.param("a: 1.50\n", ("a",), 1.5, id="float"),
        pytest.param("a: True\n", ("a",), True, id="capital letter"),
        pytest.param("a: ~\n", ("a",), None, id="tilde"),
        pytest.param("a: |\n  x\n  y\n\nb: 1\n", ("a",), "x\ny\n", id="literal"),
        pytest.param("a: >-\n  x\n  y\n", ("a",), "x y", id="folded"),
        pytest.param("a: x\n  y\n", ("a",), "x y", id="plain over two lines"),
        pytest.param('a: "x\\ty"\n', ("a",), "x\ty", id="escape"),
        pytest.param("a: 'it''s'\n", ("a",), "it's", id="quote in quotes"),
        pytest.param("\ufeffa: 1\r\n", ("a",), 1, id="byte order mark and CRLF"),
        pytest.param("x: &x 1\na: *x\n", ("a",), 1, id="by an alias"),
        pytest.param("x: &x {b: 1}\na:\n  <<: *x\n", ("a", "b"), 1, id="by a merge key"),
        pytest.param("x: &x {b: 1}\na: *x\n", ("a",), {"b": 1}, id="mapping by an alias"),
        pytest.param("a: &x 1\nb: *x\n", ("a",), 1, id="anchored, and equal"),
    ],
)
def test_the_same_in_another_spelling_is_left_alone(text, path, value):
    check_noop(text, put(path, value))


def test_a_refused_edit_is_taken_back_whole():
    text = "x: &x {b: 1}\na: 1\nc: *x\n"
    check_refused(text, lambda e: e.set((), {"a": 2, "x": {"b": 2}}), "is anchored as &x", line=1)
    check_refused(text, lambda e: e.set((), {"a": 2, "x": {}, "c": {"b": 2}}), "&x", line=1)


# --- replacing ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        pytest.param("a: b # why\n", "c", "a: c # why\n", id="plain, comment kept"),
        pytest.param("a: 'b'   # why\n", "c", "a: 'c'   # why\n", id="single quotes kept"),
        pytest.param('a: "b"\n', "c", 'a: "c"\n', id="double quotes kept"),
        pytest.param("a: 'b'\n", "it's", "a: 'it''s'\n", id="quote doubled"),
        pytest.param("a: 'b'\n", "\x1b", 'a: "\\x1b"\n', id="single quotes cannot escape"),
        pytest.param("a: 1\n", 2, "a: 2\n", id="number"),
        pytest.param("a: '1'\n", "2", "a: '2'\n", id="number in quotes stays text"),
        pytest.param("a: '1'\n", 2, "a: 2\n", id="text becomes a number"),
        pytest.param("a: b\n", "true", 'a: "true"\n', id="quoted where a reader sees a boolean"),
        pytest.param("a: b\n", "22:22", 'a: "22:22"\n', id="quoted where PyYAML sees a number"),
        pytest.param("a: b\n", "no", 'a: "no"\n', id="quoted where PyYAML sees a boolean"),
        pytest.param("a: b\n", "", 'a: ""\n', id="empty text"),
        pytest.param("a: b\n", None, "a:\n", id="null"),
        pytest.param("a: b\n", " x", 'a: " x"\n', id="blank in front"),
        pytest.param("a: b\n", "x: y", 'a: "x: y"\n', id="colon and blank"),
        pytest.param("a: b\n", "x #y", 'a: "x #y"\n', id="blank and hash"),
        pytest.param("a: b\n", "*x", 'a: "*x"\n', id="star"),
        pytest.param("a: b\n", "\u2028", 'a: "\\u2028"\n', id="line separator"),
        pytest.param("a: 'x'\nb: 'y'\n", "no", "a: 'no'\nb: 'y'\n", id="quotes of the old value"),
        pytest.param("a: b\nc: 'd'\n", "no", "a: 'no'\nc: 'd'\n", id="quotes of the file"),
        pytest.param("a:\n", "b", "a: b\n", id="null: a blank first"),
        pytest.param("a:   # why\n", "b", "a: b   # why\n", id="null with a comment"),
        pytest.param("a: ~\n", "b", "a: b\n", id="written null"),
        pytest.param("a: &x b\n", "c", "a: &x c\n", id="behind an anchor nobody uses"),
        pytest.param("a: !!str 1\n", "c", "a: c\n", id="a tag goes with its value"),
        pytest.param("a: ! 'b'\n", "c", "a: 'c'\n", id="the tag that says nothing"),
        pytest.param("a: b\n c\nd: 1\n", "e", "a: e\nd: 1\n", id="plain over two lines"),
        pytest.param('a: "b\n  c"\nd: 1\n', "e", 'a: "e"\nd: 1\n', id="quoted over two lines"),
        pytest.param("a:\n  b # why\nd: 1\n", "e", "a:\n  e # why\nd: 1\n", id="on the next line"),
        pytest.param("{a: b}\n", "c", "{a: c}\n", id="in braces"),
        pytest.param("{a: b}\n", "c,d", '{a: "c,d"}\n', id="in braces, a comma"),
        pytest.param("{a: }\n", "c", "{a: c}\n", id="in braces, null"),
        pytest.param("{a}\n", "c", "{a: c}\n", id="in braces, a key alone"),
        pytest.param("{a: b}\n", None, "{a: null}\n", id="in braces, to null"),
        pytest.param("{\n  a # c\n}\n", "c", "{\n  a: c # c\n}\n", id="a key alone and a comment"),
        pytest.param('{"a":1}\n', 2, '{"a":2}\n', id="JSON"),
        pytest.param("{a: b}\n", "c\nd", '{a: "c\\nd"}\n', id="in braces, two lines"),
    ],
)
def test_replace_a_scalar(before, value, after):
    check_changed(before, put(("a",), value), after)


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        pytest.param("a: |\n  x\n  # y\n\n# c\nb: 1\n", "z", "a: z\n\n# c\nb: 1\n", id="literal"),
        pytest.param("a: |+\n  x\n\n\nb: 1\n", "z", "a: z\nb: 1\n", id="kept blanks are content"),
        pytest.param("a: >-  # why\n  x\n\n  y\nb: 1\n", "z", "a: z\nb: 1\n", id="folded"),
        pytest.param("a: |\n    x\n", "y\nz\n", "a: |\n    y\n    z\n", id="its own indentation"),
        pytest.param("a: >\n  x\n", "y\nz", "a: |-\n  y\n  z\n", id="folded becomes literal"),
        pytest.param("a: b # why\n", "y\nz\n", "a: | # why\n  y\n  z\n", id="plain, two lines"),
        pytest.param("a: b\n", "y\n\n", 'a: "y\\n\\n"\n', id="two newlines at the end"),
        pytest.param("a: b\n", " y\nz\n", 'a: " y\\nz\\n"\n', id="a blank in front"),
        pytest.param("a: b\n  # c\n", "y\nz\n", 'a: "y\\nz\\n"\n  # c\n', id="a deeper comment"),
        pytest.param("a: b\n   \n", "y\nz\n", 'a: "y\\nz\\n"\n   \n', id="a line of blanks"),
        pytest.param("a: b", "y\nz\n", 'a: "y\\nz\\n"', id="no newline at the end of the file"),
        pytest.param('a: "b\\nc"\n', "y\nz", 'a: "y\\nz"\n', id="quoted with a newline before"),
        pytest.param(
            "a: |\r\n  x\r\nb: 1\r\n", "y\nz\n", "a: |\r\n  y\r\n  z\r\nb: 1\r\n", id="CRLF"
        ),
    ],
)
def test_replace_by_or_of_a_block_scalar(before, value, after):
    check_changed(before, put(("a",), value), after)


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        pytest.param("a: b # why\nz: 1\n", {"c": 1}, "a: # why\n  c: 1\nz: 1\n", id="a mapping"),
        pytest.param("a: b\nz: 1\n", ["c", "d"], "a:\n  - c\n  - d\nz: 1\n", id="a list"),
        pytest.param("a: b\n", [], "a: []\n", id="an empty list"),
        pytest.param("a: b\n", {}, "a: {}\n", id="an empty mapping"),
        pytest.param("a: b\n", FlowList(["c", 1]), "a: [c, 1]\n", id="a list in brackets"),
        pytest.param("a: b\n", FlowDict({"c": [1]}), "a: {c: [1]}\n", id="a mapping in braces"),
        pytest.param("a:\n  - x\nb:\n- c: 1\nz: 1\n", "w", "a: w\nb:\n- c: 1\nz: 1\n", id="scalar"),
        pytest.param("a: {x: 1} # why\n", ["w"], "a: # why\n  - w\n", id="braces to a list"),
        pytest.param(
            "a: # why\n  x: 1\n  # deep\nz: 1\n", ["w"], "a: # why\n  - w\nz: 1\n", id="kind"
        ),
        pytest.param(
            "a:\n- x\n# z\nz: 1\n", {"w": 1}, "a:\n  w: 1\n# z\nz: 1\n", id="next's comment"
        ),
        pytest.param("x: &x 1\na: *x # why\n", {"w": 1}, "x: &x 1\na: # why\n  w: 1\n", id="alias"),
        pytest.param("a: [b, c]\n", {"d": 1}, "a:\n  d: 1\n", id="brackets to a mapping"),
        pytest.param("a:\n  # in\n  [b]\nz: 1\n", "w", "a: w\nz: 1\n", id="comment above brackets"),
        pytest.param("a: !x {b: 1}\nz: 1\n", "w", "a: w\nz: 1\n", id="tagged"),
        pytest.param("a: &x\n  b: 1\nz: 1\n", "w", "a: w\nz: 1\n", id="anchored, nobody uses it"),
    ],
)
def test_replace_by_another_kind(before, value, after):
    check_changed(before, put(("a",), value), after)


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        pytest.param("- a\n- b # why\n", (1,), "c", "- a\n- c # why\n", id="scalar"),
        pytest.param("- a\n-\n- b\n", (1,), "c", "- a\n- c\n- b\n", id="null"),
        pytest.param("- a\n- b\n", (0,), {"x": 1, "w": 2}, "- x: 1\n  w: 2\n- b\n", id="mapping"),
        pytest.param("- x: 1\n  y: 2\n- b\n", (0,), "a", "- a\n- b\n", id="mapping to scalar"),
        pytest.param(
            "-   a\n-   b\n", (0,), {"x": 1, "w": 2}, "-   x: 1\n    w: 2\n-   b\n", id="gap"
        ),
        pytest.param("- a\n- b\n", (1,), ["x", "w"], "- a\n- - x\n  - w\n", id="list"),
        pytest.param("[a, b]\n", (1,), ["x"], "[a, [x]]\n", id="list in brackets"),
        pytest.param("- - a\n  - b\n", (0, 0), "c", "- - c\n  - b\n", id="nested"),
        pytest.param("- 'a'\n- 'b'\n", (0,), "c", "- 'c'\n- 'b'\n", id="quotes"),
    ],
)
def test_replace_an_item(before, path, value, after):
    check_changed(before, put(path, value), after)


def test_only_what_differs_of_a_mapping_is_touched():
    before = dedent("""\
        healthcheck:
          # how
          test: ['CMD', "true"]   # fast
          interval: 30s # often

          retries: 3
          start_period: 1m
        """)
    after = dedent("""\
        healthcheck:
          # how
          test: ['CMD', "true"]   # fast
          interval: 10s # often
          timeout: 5s

          retries: 3
        """)
    value = {"test": ["CMD", "true"], "interval": "10s", "timeout": "5s", "retries": 3}
    check_changed(before, put(("healthcheck",), value), after)


def test_only_what_differs_of_a_list_is_touched():
    before = "a:\n  # one\n  - 'x' # 1\n  - y\n  # last\n  - z   # 3\n"
    check_changed(
        before,
        put(("a",), ["x", "new", "z"]),
        "a:\n  # one\n  - 'x' # 1\n  - new\n  # last\n  - z   # 3\n",
    )
    check_changed(
        before,
        put(("a",), ["x", "y", "more", "z"]),
        "a:\n  # one\n  - 'x' # 1\n  - y\n  - more\n  # last\n  - z   # 3\n",
    )
    check_changed(before, put(("a",), ["z"]), "a:\n  # last\n  - z   # 3\n")
    check_changed("a: [x, y]\n", put(("a",), ["y"]), "a: [y]\n")
    check_changed(
        "a:\n  - s: 1\n    t: 2\n", put(("a",), [{"s": 1, "t": 3}]), "a:\n  - s: 1\n    t: 3\n"
    )


# --- adding a key -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("a:\n  b: 1\n", "a:\n  b: 1\n  k: v\n", id="last"),
        pytest.param("a:\n  b: 1\nz: 1\n", "a:\n  b: 1\n  k: v\nz: 1\n", id="before the next"),
        pytest.param("a:\n  b: 1\n\nz: 1\n", "a:\n  b: 1\n  k: v\n\nz: 1\n", id="blank line stays"),
        pytest.param(
            "a:\n  b: 1\n\n# z\nz: 1\n", "a:\n  b: 1\n  k: v\n\n# z\nz: 1\n", id="next's comment"
        ),
        pytest.param(
            "a:\n  b: 1\n  # c: 2\nz: 1\n", "a:\n  b: 1\n  k: v\n  # c: 2\nz: 1\n", id="own column"
        ),
        pytest.param(
            "a:\n  b: 1\n    # deep\nz: 1\n",
            "a:\n  b: 1\n    # deep\n  k: v\nz: 1\n",
            id="deeper comment",
        ),
        pytest.param("a:\n  b: 1", "a:\n  b: 1\n  k: v", id="no newline at the end"),
        pytest.param("a:\r\n  b: 1\r\n", "a:\r\n  b: 1\r\n  k: v\r\n", id="CRLF"),
        pytest.param("a:\r\n  b: 1\r\nc: 1\n", "a:\r\n  b: 1\r\n  k: v\r\nc: 1\n", id="mixed ends"),
        pytest.param("a:\n    b: 1\n", "a:\n    b: 1\n    k: v\n", id="four columns"),
        pytest.param("a:\n b: 1\n", "a:\n b: 1\n k: v\n", id="one column"),
        pytest.param("a:\n  b: 'x'\n", "a:\n  b: 'x'\n  k: 'v'\n", id="quotes of the siblings"),
        pytest.param("a: {b: 1}\n", "a: {b: 1, k: v}\n", id="in braces"),
        pytest.param("a: {b: 1,}\n", "a: {b: 1, k: v,}\n", id="trailing comma"),
        pytest.param('a: {"b":1}\n', 'a: {"b":1, "k": v}\n', id="JSON"),
        pytest.param("a: {\n  b: 1\n}\n", "a: {\n  b: 1,\n  k: v\n}\n", id="one a line"),
        pytest.param("a: {\n  b: 1,\n}\n", "a: {\n  b: 1,\n  k: v,\n}\n", id="one a line, comma"),
        pytest.param(
            "a: {\n  b: 1 # x\n  # y\n}\n", "a: {\n  b: 1, # x\n  k: v\n  # y\n}\n", id="comments"
        ),
        pytest.param("a:\n", "a:\n  k: v\n", id="null"),
        pytest.param("a: # why\nz: 1\n", "a: # why\n  k: v\nz: 1\n", id="null with a comment"),
        pytest.param("a: {}\n", "a:\n  k: v\n", id="empty braces"),
        pytest.param("z: 1\n", "z: 1\na:\n  k: v\n", id="missing"),
        pytest.param("", "a:\n  k: v\n", id="empty file"),
        pytest.param("# nothing\n", "# nothing\na:\n  k: v\n", id="comments alone"),
        pytest.param("# nothing", "# nothing\na:\n  k: v", id="comment without a newline"),
        pytest.param("---\n", "---\na:\n  k: v\n", id="marker alone"),
        pytest.param("---\n...\n", "---\na:\n  k: v\n...\n", id="marker and end"),
        pytest.param("\ufeff", "\ufeffa:\n  k: v\n", id="byte order mark alone"),
        pytest.param("\ufeffa:\n  b: 1\n", "\ufeffa:\n  b: 1\n  k: v\n", id="byte order mark"),
        pytest.param("{}\n", "{a: {k: v}}\n", id="braces alone"),
        pytest.param("--- # x\na:\n  b: 1\n...\n", "--- # x\na:\n  b: 1\n  k: v\n...\n", id="ends"),
        pytest.param(
            "a:\n  b: 1\n---\nc: 1\n", "a:\n  b: 1\n  k: v\n---\nc: 1\n", id="two documents"
        ),
        pytest.param(
            "a:\n  b: |\n    x\n\n\nz: 1\n",
            "a:\n  b: |\n    x\n  k: v\n\n\nz: 1\n",
            id="behind a literal",
        ),
        pytest.param(
            "a:\n  b: |+\n    x\n\nz: 1\n", "a:\n  b: |+\n    x\n\n  k: v\nz: 1\n", id="kept blanks"
        ),
        pytest.param(
            "a:\n  b: |\n    x\n     \nz: 1\n",
            "a:\n  b: |\n    x\n     \n  k: v\nz: 1\n",
            id="a line of blanks is content",
        ),
        pytest.param("a: !t\n  b: 1\n", "a: !t\n  b: 1\n  k: v\n", id="tagged"),
        pytest.param("a: &x\n  b: 1\n", "a: &x\n  b: 1\n  k: v\n", id="anchored"),
        pytest.param("a:\n  b:\n", "a:\n  b:\n  k: v\n", id="behind a null"),
        pytest.param("a:\n  b: c\n   d\n", "a:\n  b: c\n   d\n  k: v\n", id="behind folded text"),
        pytest.param("a:\n  b: [\n  c\n]\n", "a:\n  b: [\n  c\n]\n  k: v\n", id="behind brackets"),
    ],
)
def test_add_a_key(before, after):
    check_changed(before, put(("a", "k"), "v"), after)


@pytest.mark.parametrize(
    ("before", "where", "after"),
    [
        pytest.param("b: 1\nc: 2\n", {"after": "b"}, "b: 1\nk: v\nc: 2\n", id="after"),
        pytest.param(
            "b: 1 # b\n# c\nc: 2\n", {"after": "b"}, "b: 1 # b\nk: v\n# c\nc: 2\n", id="c"
        ),
        pytest.param("b: 1\n# c\nc: 2\n", {"before": "c"}, "b: 1\nk: v\n# c\nc: 2\n", id="before"),
        pytest.param("# b\nb: 1\n", {"before": "b"}, "k: v\n# b\nb: 1\n", id="before the first"),
        pytest.param("b: 1\n", {"after": "x"}, "b: 1\nk: v\n", id="after what is missing: last"),
        pytest.param("{b: 1, c: 2}\n", {"after": "b"}, "{b: 1, k: v, c: 2}\n", id="in braces"),
        pytest.param(
            "{b: 1, c: 2}\n", {"before": "b"}, "{k: v, b: 1, c: 2}\n", id="first in braces"
        ),
    ],
)
def test_add_a_key_at_a_place(before, where, after):
    check_changed(before, put(("k",), "v", **where), after)


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        pytest.param("- a: 1\n", (0, "k"), "v", "- a: 1\n  k: v\n", id="mapping behind a dash"),
        pytest.param("-   a: 1\n", (0, "k"), "v", "-   a: 1\n    k: v\n", id="a wide gap"),
        pytest.param("[a: 1]\n", (0, "k"), 2, "[{a: 1, k: 2}]\n", id="a pair without braces"),
        pytest.param(
            "a:\n  b: 1\n", ("x", "w", "z"), 1, "a:\n  b: 1\nx:\n  w:\n    z: 1\n", id="deep"
        ),
        pytest.param(
            "a:\n   b: 1\n", ("x", "w"), [1], "a:\n   b: 1\nx:\n   w:\n      - 1\n", id="step"
        ),
        pytest.param("a:\n- 1\n", ("x",), [1], "a:\n- 1\nx:\n- 1\n", id="flush dashes"),
        pytest.param("a:\n-   1\n", ("x",), [1], "a:\n-   1\nx:\n-   1\n", id="wide dashes"),
        pytest.param("a: 1\n", ("k: l",), 1, 'a: 1\n"k: l": 1\n', id="a key that needs quotes"),
        pytest.param("a: 1\n", ("no",), 1, 'a: 1\n"no": 1\n', id="a key that PyYAML misreads"),
        pytest.param(
            "a: 1\n", ("x",), "p\nq\n", "a: 1\nx: |\n  p\n  q\n", id="a text of two lines"
        ),
        pytest.param(
            "a: 1\n", ("x",), [["p"], {"q": 1}], "a: 1\nx:\n  - - p\n  - q: 1\n", id="nested"
        ),
    ],
)
def test_add_in_the_style_of_the_file(before, path, value, after):
    check_changed(before, put(path, value), after)


def test_first_before_a_pair_behind_a_dash():
    check_changed("- a: 1\n", put((0, "k"), "v", before="a"), "- k: v\n  a: 1\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "services:\n  a:\n    image: x\n",
            "services:\n  a:\n    image: x\n\nconfigs:\n  c:\n    file: f\n",
            id="no neighbours: parted, as most files do",
        ),
        pytest.param(
            "services:\n  a:\n    image: x\nvolumes:\n  v:\n",
            "services:\n  a:\n    image: x\nvolumes:\n  v:\nconfigs:\n  c:\n    file: f\n",
            id="sections that stand close",
        ),
        pytest.param(
            "services:\n  a:\n    image: x\n  b:\n    image: y\n",
            "services:\n  a:\n    image: x\n  b:\n    image: y\nconfigs:\n  c:\n    file: f\n",
            id="services that stand close",
        ),
        pytest.param(
            'version: "3"\nservices:\n  a:\n    image: x\n\nvolumes:\n  v:\n\n# end\n',
            'version: "3"\nservices:\n  a:\n    image: x\n\nvolumes:\n  v:\n\n'
            "configs:\n  c:\n    file: f\n\n# end\n",
            id="sections that are parted",
        ),
        pytest.param(
            "services:\n  a:\n    image: x\n\nconfigs:\n  b:\n    file: g\n",
            "services:\n  a:\n    image: x\n\nconfigs:\n  b:\n    file: g\n  c:\n    file: f\n",
            id="an entry of a section",
        ),
    ],
)
def test_blank_line_before_a_section(before, after):
    check_changed(before, put(("configs", "c"), {"file": "f"}), after)


def test_blank_line_between_services():
    check_changed(
        "services:\n  a:\n    image: x\n\n  # b\n  b:\n    image: y\nvolumes:\n",
        put(("services", "c"), {"image": "z"}),
        "services:\n  a:\n    image: x\n\n  # b\n  b:\n    image: y\n\n"
        "  c:\n    image: z\nvolumes:\n",
    )
    check_changed(
        "services:\n  a:\n    image: x\n\n  # b\n  b:\n    image: y\n",
        put(("services", "c"), {"image": "z"}, after="a"),
        "services:\n  a:\n    image: x\n\n  c:\n    image: z\n\n  # b\n  b:\n    image: y\n",
    )
    check_changed(
        "services:\n  a:\n    image: x\n\n  b:\n    image: y\n",
        put(("services", "c"), {"image": "z"}, before="a"),
        "services:\n  c:\n    image: z\n\n  a:\n    image: x\n\n  b:\n    image: y\n",
    )


# --- adding an item -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("a:\n  - x\n", "a:\n  - x\n  - v\n", id="indented"),
        pytest.param("a:\n- x\nz: 1\n", "a:\n- x\n- v\nz: 1\n", id="flush"),
        pytest.param("a:\n- x\n# z\nz: 1\n", "a:\n- x\n- v\n# z\nz: 1\n", id="next's comment"),
        pytest.param(
            "a:\n  - x # c\n  # - y\n", "a:\n  - x # c\n  - v\n  # - y\n", id="commented item"
        ),
        pytest.param(
            "a:\n  - x\n    # deep\n", "a:\n  - x\n    # deep\n  - v\n", id="deeper comment"
        ),
        pytest.param('a:\n  - "x"\n', 'a:\n  - "x"\n  - "v"\n', id="quotes of the siblings"),
        pytest.param("a:\n  -   x\n", "a:\n  -   x\n  -   v\n", id="gap"),
        pytest.param("a:\n  - x: 1\n", "a:\n  - x: 1\n  - v\n", id="behind a mapping"),
        pytest.param(
            "a:\n  - x\n\n  - y\n\n", "a:\n  - x\n\n  - y\n\n  - v\n\n", id="parted items"
        ),
        pytest.param("a: [x]\n", "a: [x, v]\n", id="brackets"),
        pytest.param("a: [ x ]\n", "a: [ x, v ]\n", id="blanks in brackets"),
        pytest.param("a: [x,]\n", "a: [x, v,]\n", id="trailing comma"),
        pytest.param("a: ['x', 'y']\n", "a: ['x', 'y', 'v']\n", id="quotes in brackets"),
        pytest.param("a: [\n  x,\n  y\n]\n", "a: [\n  x,\n  y,\n  v\n]\n", id="one a line"),
        pytest.param("a: [\n  x, # c\n]\n", "a: [\n  x, # c\n  v,\n]\n", id="one a line, comment"),
        pytest.param(
            "a: [\n  x # c\n]\n", "a: [\n  x, # c\n  v\n]\n", id="comment before the comma"
        ),
        pytest.param("a: [x,\n    y]\n", "a: [x,\n    y, v]\n", id="two lines"),
        pytest.param("a: [\n  x\n  , y\n]\n", "a: [\n  x\n  , y, v\n]\n", id="comma first"),
        pytest.param("a: [[x], {b: 1}]\n", "a: [[x], {b: 1}, v]\n", id="behind braces"),
        pytest.param("a: []\n", "a:\n  - v\n", id="empty brackets"),
        pytest.param("a: [ ] # c\n", "a: # c\n  - v\n", id="empty brackets with a comment"),
        pytest.param("a:\n", "a:\n  - v\n", id="null"),
        pytest.param("b:\n- 1\n", "b:\n- 1\na:\n- v\n", id="missing"),
        pytest.param("a: !t\n  - x\n", "a: !t\n  - x\n  - v\n", id="tagged"),
    ],
)
def test_append(before, after):
    check_changed(before, add(("a",), "v"), after, repeats=True)


@pytest.mark.parametrize(
    ("before", "index", "after"),
    [
        pytest.param("a:\n  - x\n  - y\n", 0, "a:\n  - v\n  - x\n  - y\n", id="first"),
        pytest.param("a:\n  # x\n  - x\n", 0, "a:\n  - v\n  # x\n  - x\n", id="above the comment"),
        pytest.param(
            "a:\n  - x\n  # y\n  - y\n", 1, "a:\n  - x\n  - v\n  # y\n  - y\n", id="middle"
        ),
        pytest.param("a: [x, y]\n", 0, "a: [v, x, y]\n", id="first in brackets"),
        pytest.param("a: [x, y]\n", 1, "a: [x, v, y]\n", id="middle in brackets"),
        pytest.param("a: [\n  x,\n  y\n]\n", 0, "a: [\n  v,\n  x,\n  y\n]\n", id="first of lines"),
        pytest.param("a: [\n  x,\n  y\n]\n", 1, "a: [\n  x,\n  v,\n  y\n]\n", id="middle of lines"),
        pytest.param("a:\n  - x\n", 1, "a:\n  - x\n  - v\n", id="behind the last"),
    ],
)
def test_insert(before, index, after):
    check_changed(before, lambda e: e.insert(("a",), index, "v"), after, repeats=True)


def test_insert_before_an_item_behind_a_dash():
    check_changed("- - x\n", lambda e: e.insert((0,), 0, "v"), "- - v\n  - x\n", repeats=True)


# --- removing -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("k: 1\na: 2\n", "a: 2\n", id="first"),
        pytest.param("a: 2\nk: 1\n", "a: 2\n", id="last"),
        pytest.param("a: 2\nk: 1", "a: 2", id="last, no newline at the end"),
        pytest.param("a: 2\r\nk: 1", "a: 2", id="last, CRLF, no newline at the end"),
        pytest.param("a: 2\n# k\nk: 1 # c\nb: 3\n", "a: 2\nb: 3\n", id="its comments"),
        pytest.param(
            "a: 2\n# x\n\nk: 1\nb: 3\n", "a: 2\n# x\n\nb: 3\n", id="a comment apart stays"
        ),
        pytest.param(
            "a: 2\nk: 1\n# b\nb: 3\n", "a: 2\n# b\nb: 3\n", id="the next one's comment stays"
        ),
        pytest.param("a: 2\nk:\n  x: 1\n  # deep\nb: 3\n", "a: 2\nb: 3\n", id="deeper comment"),
        pytest.param("a: 2\n\nk: 1\n\nb: 3\n", "a: 2\n\nb: 3\n", id="one of two blank lines"),
        pytest.param("a: 2\n\n\nk: 1\n\nb: 3\n", "a: 2\n\n\nb: 3\n", id="one of two runs"),
        pytest.param("a: 2\nk: 1\n\nb: 3\n", "a: 2\n\nb: 3\n", id="blank line behind stays"),
        pytest.param("a: 2\n\nk: 1\nb: 3\n", "a: 2\n\nb: 3\n", id="blank line above stays"),
        pytest.param("a: 2\n\nk: 1\n", "a: 2\n", id="blank line above the last goes"),
        pytest.param(
            "a: 2\n\nk: 1\n\n# end\n", "a: 2\n\n# end\n", id="last word of the file stays"
        ),
        pytest.param("# file\nk: 1\na: 2\n", "# file\na: 2\n", id="the file's own comment stays"),
        pytest.param("\ufeffk: 1\na: 2\n", "\ufeffa: 2\n", id="byte order mark"),
        pytest.param("{k: 1, a: 2}\n", "{a: 2}\n", id="first in braces"),
        pytest.param("{a: 2, k: 1}\n", "{a: 2}\n", id="last in braces"),
        pytest.param("{a: 2, k: 1,}\n", "{a: 2,}\n", id="trailing comma"),
        pytest.param("{a: 2, k, b: 3}\n", "{a: 2, b: 3}\n", id="a key alone"),
        pytest.param("{\n  a: 2,\n  k: 1 # c\n}\n", "{\n  a: 2\n}\n", id="a line of its own, last"),
        pytest.param(
            "{\n  # k\n  k: 1, # c\n  a: 2\n}\n", "{\n  a: 2\n}\n", id="a line of its own"
        ),
        pytest.param("{\n  a: 2,\n  k: 1,\n}\n", "{\n  a: 2,\n}\n", id="one a line, comma"),
        pytest.param("{\n  a: 2\n  , k: 1\n}\n", "{\n  a: 2\n}\n", id="comma first"),
        pytest.param("{\n  k: 1\n  , a: 2\n}\n", "{\n  a: 2\n}\n", id="comma first, the first"),
        pytest.param(
            "a: |+\n  x\n\nk: 1\n\nb: 3\n", "a: |+\n  x\n\nb: 3\n", id="kept blanks above"
        ),
        pytest.param("k: |+\n  x\n\nb: 3\n", "b: 3\n", id="kept blanks are its own"),
        pytest.param("a: 2\nk: 1\n---\nb: 1\n", "a: 2\n---\nb: 1\n", id="two documents"),
    ],
)
def test_remove_a_key(before, after):
    check_changed(before, cut(("k",)), after)


@pytest.mark.parametrize(
    ("before", "path", "after"),
    [
        pytest.param("- x\n- y\n", (0,), "- y\n", id="first item"),
        pytest.param("- x\n# y\n- y # c\n- z\n", (1,), "- x\n- z\n", id="with its comments"),
        pytest.param("- x\n# - w\n- y\n", (1,), "- x\n# - w\n", id="a commented item stays"),
        pytest.param("- x\n-\n- y\n", (1,), "- x\n- y\n", id="a null"),
        pytest.param("- 'x\n# y'\n- z\n", (1,), "- 'x\n# y'\n", id="no comment but quoted text"),
        pytest.param("- a: 1\n  b: 2\n- c\n", (0, "a"), "- b: 2\n- c\n", id="behind a dash"),
        pytest.param("- a: 1 # c\n  b: 2\n", (0, "a"), "- b: 2\n", id="its comment goes"),
        pytest.param(
            "- a: 1\n  # b\n  b: 2\n", (0, "a"), "-\n  # b\n  b: 2\n", id="the next's comment stays"
        ),
        pytest.param("- a: 1\n  b: 2\n", (0, "b"), "- a: 1\n", id="second behind a dash"),
        pytest.param("- - x\n  - y\n", (0, 0), "- - y\n", id="nested"),
        pytest.param("a: [x, y, z]\n", ("a", 1), "a: [x, z]\n", id="in brackets"),
        pytest.param("a: [x, y]\nb: 1\n", ("a",), "b: 1\n", id="all in brackets"),
        pytest.param("a:\n- x\n# b\nb: 1\n", ("a",), "# b\nb: 1\n", id="flush"),
    ],
)
def test_remove_an_item(before, path, after):
    check_changed(before, cut(path), after, repeats=True)


@pytest.mark.parametrize(
    ("before", "path", "after"),
    [
        pytest.param("a:\n  b:\n    c: 1\nz: 1\n", ("a", "b", "c"), "z: 1\n", id="keys"),
        pytest.param("a:\n  - x\nz: 1\n", ("a", 0), "z: 1\n", id="the only item"),
        pytest.param("a: [x]\nz: 1\n", ("a", 0), "z: 1\n", id="the only item in brackets"),
        pytest.param("a: [{b: 1}, c]\n", ("a", 0, "b"), "a: [c]\n", id="braces in brackets"),
        pytest.param(
            "a:\n  b: {c: 1}\n  d: 1\n", ("a", "b", "c"), "a:\n  d: 1\n", id="not further"
        ),
        pytest.param(
            "services:\n  a:\n    image: x\n\nvolumes:\n  v:\n",
            ("services", "a"),
            "volumes:\n  v:\n",
            id="the only service",
        ),
    ],
)
def test_what_is_left_empty_goes_too(before, path, after):
    check_changed(before, cut(path), after)


def test_the_newline_that_a_literal_holds_stays():
    editor = YamlEditor("a: |\n  x\nk: 1")
    editor.unset(("k",))
    assert editor.text == "a: |\n  x\n"
    assert editor.data == {"a": "x\n"}


def test_remove_a_service_with_its_comments():
    before = dedent("""\
        services:
          # the app
          app:
            image: app:1

          # the worker,
          # in two lines
          worker:
            image: app:1
            # ports: ...
              # deep

          # old:
          #   image: old
          db:
            image: db:1
        """)
    after = dedent("""\
        services:
          # the app
          app:
            image: app:1

          # old:
          #   image: old
          db:
            image: db:1
        """)
    check_changed(before, cut(("services", "worker")), after)


# --- renaming -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "path", "key", "after"),
    [
        pytest.param("a: 1 # c\n", ("a",), "b", "b: 1 # c\n", id="plain"),
        pytest.param("'a': 1\n", ("a",), "b", "'b': 1\n", id="quotes kept"),
        pytest.param("a : 1\n", ("a",), "b", "b : 1\n", id="blank before the colon"),
        pytest.param("x:\n  a:\n    y: 1\n", ("x", "a"), "b", "x:\n  b:\n    y: 1\n", id="nested"),
        pytest.param("a: 1\n", ("a",), "123", '"123": 1\n', id="a number"),
        pytest.param("a: 1\n", ("a",), "x: y", '"x: y": 1\n', id="quotes needed"),
        pytest.param("{a: 1, c}\n", ("c",), "b", "{a: 1, b}\n", id="in braces"),
        pytest.param("? a\n: 1\n", ("a",), "b", "? b\n: 1\n", id="behind a question mark"),
        pytest.param("x: &x\n  a: 1\n", ("x", "a"), "b", "x: &x\n  b: 1\n", id="anchored"),
    ],
)
def test_rename(before, path, key, after):
    check_changed(before, lambda e: e.rename(path, key), after)


# --- aliases, anchors, merge keys ---------------------------------------------------------

SHARED = dedent("""\
    x-env: &env
      # where
      TZ: UTC
      LANG: C

    services:
      app:
        environment: *env # shared
      worker:
        environment:
          <<: *env
          ROLE: worker
    """)


@pytest.mark.parametrize(
    ("act", "message", "line"),
    [
        pytest.param(
            put(("services", "app", "environment", "TZ"), "CET"), "the alias *env", 8, id="value"
        ),
        pytest.param(
            put(("services", "app", "environment", "NEW"), "1"), "the alias *env", 8, id="new key"
        ),
        pytest.param(
            cut(("services", "worker", "environment", "TZ")), "the alias *env", 11, id="merged"
        ),
        pytest.param(
            lambda e: e.rename(("services", "worker", "environment", "TZ"), "T"),
            "the alias *env",
            11,
            id="rename what is merged",
        ),
        pytest.param(
            put(("x-env", "TZ"), "CET"), "anchored as &env: 2 other places", 1, id="anchor"
        ),
        pytest.param(put(("x-env", "NEW"), "1"), "2 other places would change", 1, id="into it"),
        pytest.param(cut(("x-env", "LANG")), "2 other places would change", 1, id="out of it"),
        pytest.param(cut(("x-env",)), "&env is defined here and used at line 8", 1, id="whole"),
    ],
)
def test_an_alias_is_refused_by_default(act, message, line):
    check_refused(SHARED, act, message, line=line)


def test_a_merged_key_is_overridden():
    check_changed(
        SHARED,
        put(("services", "worker", "environment", "TZ"), "CET"),
        SHARED + "      TZ: CET\n",
    )


def test_an_alias_is_replaced_whole():
    check_changed(
        SHARED,
        put(("services", "app", "environment"), {"A": "b"}),
        SHARED.replace("environment: *env # shared\n", "environment: # shared\n      A: b\n"),
    )


def test_expand_an_alias():
    check_changed(
        SHARED,
        put(("services", "app", "environment", "TZ"), "CET"),
        SHARED.replace(
            "environment: *env # shared\n",
            "environment: # shared\n      # where\n      TZ: CET\n      LANG: C\n",
        ),
        on_alias="expand",
    )


def test_expand_a_merge_key():
    check_changed(
        SHARED,
        cut(("services", "worker", "environment", "TZ")),
        SHARED.replace("      <<: *env\n", "      LANG: C\n"),
        on_alias="expand",
    )


def test_merged_key_is_set_in_the_anchor_or_beside_it():
    text = "x: &x\n  a: 1\nb:\n  <<: *x\n  c: 2\n"
    act = put(("b", "a"), 3)
    check_changed(text, act, text.replace("a: 1", "a: 3"), on_alias="edit-anchor")
    check_changed(text, act, text + "  a: 3\n")


def test_edit_the_anchor():
    check_changed(
        SHARED,
        put(("services", "app", "environment", "TZ"), "CET"),
        SHARED.replace("UTC", "CET"),
        on_alias="edit-anchor",
    )
    check_changed(
        SHARED,
        cut(("services", "worker", "environment", "TZ")),
        SHARED.replace("  # where\n  TZ: UTC\n", ""),
        on_alias="edit-anchor",
    )


@pytest.mark.parametrize(
    ("before", "path", "after"),
    [
        pytest.param(
            "a: &x [1, 2]\nb: *x\n", ("b",), "a: &x [1, 2]\nb: [1, 2, v]\n", id="brackets"
        ),
        pytest.param(
            "a: &x\n  - 1 # one\nb: *x\n",
            ("b",),
            "a: &x\n  - 1 # one\nb:\n  - 1 # one\n  - v\n",
            id="block list, comments and all",
        ),
        pytest.param(
            "a: &x\n  - 1\nb: [*x]\n", ("b", 0), "a: &x\n  - 1\nb: [[1, v]]\n", id="into brackets"
        ),
        pytest.param(
            "a: &x\n  - 1\nb:\n  - *x\n  - y\n",
            ("b", 0),
            "a: &x\n  - 1\nb:\n  - - 1\n    - v\n  - y\n",
            id="behind a dash",
        ),
        pytest.param(
            "a: &x {k: [1]}\nb: {<<: *x, c: 1}\n",
            ("b", "k"),
            "a: &x {k: [1]}\nb: {k: [1, v], c: 1}\n",
            id="merged in braces",
        ),
        pytest.param(
            "a: &x {k: [1]}\nc: &y\n  l: 2\nb:\n  <<: [*x, *y]\n",
            ("b", "k"),
            "a: &x {k: [1]}\nc: &y\n  l: 2\nb:\n  k: [1, v]\n  l: 2\n",
            id="merged from two",
        ),
        pytest.param(
            "z: &z {m: 1}\na: &x\n  <<: *z\n  k: [1]\nb:\n  <<: *x\n",
            ("b", "k"),
            "z: &z {m: 1}\na: &x\n  <<: *z\n  k: [1]\nb:\n  <<: *z\n  k: [1, v]\n",
            id="merged from what merges",
        ),
        pytest.param(
            "a:\n  <<: {k: [1]}\n", ("a", "k"), "a:\n  <<: {k: [1, v]}\n", id="merged in place"
        ),
    ],
)
def test_expand_and_append(before, path, after):
    check_changed(before, add(path, "v"), after, on_alias="expand", repeats=True)


def test_expand_a_block_scalar():
    before = "a: &x |\n  one\n  two\nb:\n  c: [*x]\n  d: &y\n    e: *x\nf: *y\n"
    after = "a: &x |\n  one\n  two\nb:\n  c: [*x]\n  d: &y\n    e: *x\nf:\n  e: *x\n  k: v\n"
    check_changed(before, put(("f", "k"), "v"), after, on_alias="expand")


def test_a_key_that_overrides_a_merge_is_not_simply_removed():
    text = "x: &x {k: 1}\na:\n  <<: *x\n  k: 2\n  l: 3\n"
    check_refused(text, cut(("a", "k")), "overrides what a merge key gives", line=4)
    check_changed(text, cut(("a", "k")), "x: &x {k: 1}\na:\n  l: 3\n", on_alias="expand")


def test_the_anchor_meant_is_the_last_one_above():
    text = "a: &x [1]\nb: *x\nc: &x [2]\nd: *x\n"
    check_changed(
        text,
        add(("d",), 3),
        "a: &x [1]\nb: *x\nc: &x [2, 3]\nd: *x\n",
        on_alias="edit-anchor",
        repeats=True,
    )
    check_refused(text, add(("a",), 3), "1 other place would change", line=1)


MOVED = dedent("""\
    services:
      # goes
      gone:
        image: &image app:1
        environment: &env
          # where
          TZ: UTC
        command: &cmd [run, all]
        logging: &log
          driver: syslog

      app:
        image: *image
        environment:
          <<: *env
          ROLE: app
        command: *cmd
        logging: *log # shared

      worker:
        image: *image
        environment:
          <<: *env
          ROLE: worker
        logging: *log
    """)


def test_move_anchors_to_their_first_user():
    after = dedent("""\
        services:
          app:
            image: &image app:1
            environment:
              <<: &env
                # where
                TZ: UTC
              ROLE: app
            command: [run, all]
            logging: &log # shared
              driver: syslog

          worker:
            image: *image
            environment:
              <<: *env
              ROLE: worker
            logging: *log
        """)
    check_changed(MOVED, cut(("services", "gone"), move_anchors=True), after)


def test_anchors_in_use_are_refused_unless_they_may_move():
    check_refused(MOVED, cut(("services", "gone")), "&image is defined here", line=4)


def test_an_anchor_within_a_moved_anchor_moves_along():
    check_changed(
        "a: &x\n  k: &y [1]\n  l: *y\nb: *x\nc: *x\nd: *y\n",
        cut(("a",), move_anchors=True),
        "b: &x\n  k: &y [1]\n  l: *y\nc: *x\nd: *y\n",
    )


def test_anchor_of_a_key():
    check_refused("&k a: 1\nb: *k\n", cut(("a",)), "&k is defined here", line=1)
    check_refused("&k a: 1\nb: *k\n", lambda e: e.rename(("a",), "c"), "carries an anchor", line=1)


# --- refusals -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "act", "message", "line"),
    [
        pytest.param("a: 1\nb:\n  c: 1\n", cut(("b", "d")), "there is no b.d", 2, id="missing"),
        pytest.param("a: 1\n", cut(("a",)), "all that this file holds", 1, id="the last key"),
        pytest.param("a:\n  b: 1\n", cut(("a", "b")), "all that this file holds", 1, id="pruned"),
        pytest.param("a: 1\nb: 1\n", put(("b", "c"), 1), "b is a value of its own", 2, id="scalar"),
        pytest.param("a: 1\nb: [x]\n", put(("b", "c"), 1), "b is a sequence", 2, id="sequence"),
        pytest.param("a: 1\n", add(("a",), 1), "a is no sequence", 1, id="append to a scalar"),
        pytest.param(
            "a: {b: 1}\n", add(("a",), 1), "a is no sequence", 1, id="append to a mapping"
        ),
        pytest.param(
            "a: [x]\n", lambda e: e.insert(("a",), 3, 1), "no sequence of 3", 1, id="too far"
        ),
        pytest.param(
            "a: 1\nb: 1\n", lambda e: e.rename(("a",), "b"), "b is there already", 1, id="taken"
        ),
        pytest.param(
            "a: 1\n", lambda e: e.rename(("c",), "b"), "there is no c", 1, id="no such key"
        ),
        pytest.param("[a]\n", put((), {"a": 1}), "cannot be replaced", 1, id="the document"),
        pytest.param("a: 1\n", cut(()), "there is no", 1, id="the document removed"),
        pytest.param("a: 1\nb: 1\nb: 2\n", put(("a",), 2), "'b' stands twice", 3, id="twice"),
        pytest.param(
            "a: {b: 1, b: 2}\n", put(("c",), 2), "'b' stands twice", 1, id="twice in braces"
        ),
        pytest.param(
            "? a\n: 1\n",
            put(("b",), 1),
            "a key is empty or written with `?`",
            1,
            id="question mark",
        ),
        pytest.param(
            "? a\n: 1\nb: 1\n",
            cut(("a",)),
            "a key is empty or written with `?`",
            1,
            id="and removed",
        ),
        pytest.param("a: |\n  x", put(("b",), 1), "ends in a block scalar", 2, id="unfinished"),
        pytest.param("a: b # c\u2028\n", put(("a",), "c"), "ends a line for YAML", 1, id="U+2028"),
        pytest.param(
            "a: [x, # c\n y]\n", cut(("a", 1)), "a comment stands beside the entry", 2, id="beside"
        ),
        pytest.param(
            "a:\n  # c\n  b\n",
            put(("a",), {"c": 1}),
            "between the key and its value",
            3,
            id="between",
        ),
        pytest.param(
            "a: &x {b: &y 1}\nc: *x\nd: *y\n",
            put(("c", "e"), 1),
            "reached through the alias *x",
            2,
            id="alias",
        ),
    ],
)
def test_refused(text, act, message, line):
    check_refused(text, act, message, line=line)


def test_inner_anchors_cannot_be_doubled():
    check_refused(
        "a: &x {b: &y 1}\nc: *x\nd: *y\n",
        put(("c", "e"), 1),
        "&y stands inside the aliased value",
        line=1,
        on_alias="expand",
    )


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        pytest.param("a: [\n", "not valid YAML", 2, id="brackets left open"),
        pytest.param("a: 1\n\tb: 2\n", "not valid YAML", 2, id="tab"),
        pytest.param("a: 1\nb: \x07\n", r"U\+0007", 2, id="control character"),
        pytest.param("a: é\nb: \ud800\n", r"U\+D800", 2, id="surrogate"),
        pytest.param("a: 1\rb: 2\n", "carriage return stands alone", 1, id="bare CR"),
        pytest.param("\ufeff\ufeffa: 1\n", "two byte order marks", 1, id="two marks"),
        pytest.param("[" * 200, "nested more than 100 deep", 1, id="deep"),
    ],
)
def test_unreadable(text, message, line):
    with pytest.raises(RecipeError, match=message) as caught:
        YamlEditor(text, "compose.yml")
    assert caught.value.place is not None
    assert caught.value.place.line == line


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        pytest.param("a: *x\n", "has no anchor above it", 1, id="no anchor"),
        pytest.param("a: *x\nb: &x 1\n", "has no anchor above it", 1, id="anchor below"),
        pytest.param("a: &x [*x]\n", "stands inside its own anchor", 1, id="in itself"),
        pytest.param("a: &x 1\nb:\n  <<: *x\n", "the merge key takes", 3, id="merge of a scalar"),
        pytest.param(
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + "".join(
                f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n"
                for a, b in zip("abcdefg", "bcdefgh", strict=True)
            ),
            "stand for more than 200,000 nodes",
            6,
            id="bomb",
        ),
    ],
)
def test_aliases_that_docker_refuses(text, message, line):
    editor = YamlEditor(text, "compose.yml")
    with pytest.raises(RecipeError, match=message) as caught:
        editor.set(("new",), 1)
    assert editor.text == text
    assert caught.value.place is not None
    assert caught.value.place.line == line


def test_the_check_holds_back_a_wrong_splice(monkeypatch: pytest.MonkeyPatch):
    from patchkit.edit.yaml import editor as module
    from patchkit.edit.yaml.splices import Splice

    def wrong(*_args: object, **_kwargs: object) -> list[Splice]:
        return [Splice(0, 0, "oops: 1\n")]

    monkeypatch.setattr(module, "add_pair", wrong)
    editor = YamlEditor("a: 1\n", "compose.yml")
    with pytest.raises(BugError, match="does not mean what was meant"):
        editor.set(("b",), 1)
    assert editor.text == "a: 1\n"


# --- reading ------------------------------------------------------------------------------


def test_data_follows_aliases_and_merge_keys_as_docker_does():
    editor = YamlEditor(
        "x: &x {a: 1, b: yes}\ny: &y {a: 2, c: 0555}\nz:\n  a: 3\n  <<: [*x, *y]\n"
        'q: "1"\nt: !!str 1\nn: ~\ne:\nw: !reset 5\n'
    )
    assert editor.data == {
        "x": {"a": 1, "b": "yes"},
        "y": {"a": 2, "c": 365},
        "z": {"a": 3, "b": "yes", "c": 365},
        "q": "1",
        "t": "1",
        "n": None,
        "e": None,
        "w": "5",
    }


def test_styled_values_are_written_as_they_were():
    editor = YamlEditor("a: {mode: 0555, cmd: ['x', \"y\"], t: 1.50}\nb: 1\n")
    node = editor.node(("a",))
    assert node is not None
    editor.set(("c",), styled(node))
    assert editor.text.endswith("c: {mode: 0555, cmd: ['x', \"y\"], t: 1.50}\n")


def test_follow_and_find():
    document = YamlEditor("x: &x {a: [1]}\ny: *x\nz: {<<: *x}\n").document
    assert document.find(("y", "a")) is None
    assert document.follow(("y", "a", 0)) is document.find(("x", "a", 0))
    assert document.follow(("z", "a")) is document.find(("x", "a"))
    assert document.follow(("z", "a", 1)) is None
    assert document.find(("x", "a", -1)) is None


def test_an_edit_of_a_missing_item_is_refused():
    with pytest.raises(EditRefused):
        YamlEditor("a: [1]\n").set(("a", 5), 2)
