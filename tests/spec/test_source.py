from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchkit.edit.yaml.values import FlowDict, FlowList, StyledStr, WrittenInt
from patchkit.errors import SpecError
from patchkit.spec.source import MAX_BYTES, Source

TEXT = """\
# a comment
id: x
params:
  a: &a
    find: "service"
    modes: [0555, yes]
  b: *a
"""


def test_values_are_those_of_a_recipe_in_their_styles() -> None:
    data = Source(TEXT, "f.yml").data
    assert data == {
        "id": "x",
        "params": {
            "a": {"find": "service", "modes": [365, "yes"]},
            "b": {"find": "service", "modes": [365, "yes"]},
        },
    }
    modes = data["params"]["b"]["modes"]
    assert isinstance(modes, FlowList)
    assert isinstance(modes[0], WrittenInt)
    assert modes[0].text == "0555"
    find = data["params"]["a"]["find"]
    assert isinstance(find, StyledStr)
    assert find.style == '"'
    assert isinstance(Source("a: {b: 1}", "f").data["a"], FlowDict)


@pytest.mark.parametrize(
    ("loc", "key", "place"),
    [
        pytest.param(("id",), False, "f.yml:2:5", id="value"),
        pytest.param(("id",), True, "f.yml:2:1", id="key"),
        pytest.param((), False, "f.yml:2:1", id="root"),
        pytest.param(("params", "a", "find"), False, "f.yml:5:11", id="nested"),
        pytest.param(("params", "a"), False, "f.yml:5:5", id="mapping-behind-its-anchor"),
        pytest.param(("params", "a", "modes", 1), False, "f.yml:6:19", id="entry"),
        pytest.param(("params", "a", "modes", 1), True, "f.yml:6:19", id="entry-has-no-key"),
        pytest.param(("params", "b"), False, "f.yml:7:6", id="alias"),
        pytest.param(("params", "b", "find"), False, "f.yml:5:11", id="through-an-alias"),
        pytest.param(("params", "a", "image"), True, "f.yml:5:5", id="missing-key"),
        pytest.param(("params", "a", "modes", 2), False, "f.yml:6:12", id="missing-entry"),
        pytest.param(("x", "y", 0), False, "f.yml:2:1", id="missing-altogether"),
    ],
)
def test_place(loc: tuple[str | int, ...], key: bool, place: str) -> None:
    assert str(Source(TEXT, "f.yml").place(loc, key=key)) == place


def test_place_has_the_line_for_the_caret() -> None:
    place = Source("\ufeffa: 1\r\nbc:  2\r\n", "f.yml").place(("bc",))
    assert (place.line, place.column, place.text) == (2, 6, "bc:  2")


QUOTE = 'put quotes around a value that starts with a template: "{{ name }}"'
QUOTE_TEXT = "put quotes around text that holds : # { } [ ] & * or !"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        pytest.param(
            "",
            [
                (
                    "f.yml:1:1: expected a mapping that starts with id:, found an empty file\n"
                    "  `patchkit new` writes a fix spec to start from"
                )
            ],
            id="empty",
        ),
        pytest.param(
            "- a\n- b\n",
            [
                (
                    "f.yml:1:1: expected a mapping that starts with id:, found a list\n"
                    "  `patchkit new` writes a fix spec to start from"
                )
            ],
            id="list",
        ),
        pytest.param(
            "just text",
            [
                (
                    "f.yml:1:1: expected a mapping that starts with id:, "
                    'found the text "just text"\n'
                    "  `patchkit new` writes a fix spec to start from"
                )
            ],
            id="text",
        ),
        pytest.param(
            "a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\na: 2\n",
            [
                'f.yml:6:1: the key "a" stands twice, first in line 1',
                'f.yml:5:3: the key "c" stands twice, first in line 3',
            ],
            id="duplicate-keys",
        ),
        pytest.param(
            "a: 1\n---\nb: 2\n",
            ["f.yml:3:1: a second document starts here\n  one file holds one fix"],
            id="two-documents",
        ),
        pytest.param(
            "a: !!str 5\nb: !python/object:os.system {}\n",
            [
                "f.yml:1:4: a fix spec takes no tags\n  quote what must be text",
                "f.yml:2:4: a fix spec takes no tags\n  quote what must be text",
            ],
            id="tags",
        ),
        pytest.param(
            "a: &a {x: 1}\nb:\n  <<: *a\n",
            ["f.yml:3:3: a fix spec takes no merge keys\n  write the keys out"],
            id="merge-key",
        ),
        pytest.param(
            "service: {{ database }}\n",
            [f"f.yml:1:11: a key is a name, found a mapping\n  {QUOTE}"],
            id="template-without-quotes",
        ),
        pytest.param(
            "service: {{ database }}-x\n",
            [
                (
                    "f.yml:1:24: not valid YAML: while parsing a block mapping "
                    f"did not find expected key\n  {QUOTE}"
                )
            ],
            id="template-without-quotes-and-text",
        ),
        pytest.param(
            "a: b: c\n",
            [
                (
                    f"f.yml:1:5: not valid YAML: mapping values are not allowed in this context\n"
                    f"  {QUOTE_TEXT}"
                )
            ],
            id="yaml-error",
        ),
        pytest.param(
            "a: *b\nc: &b 1\n", ["f.yml:1:4: the alias *b has no anchor &b above it"], id="alias"
        ),
        pytest.param(
            "a: &a [*a]\n", ["f.yml:1:8: the alias *a stands inside its own anchor"], id="circle"
        ),
        pytest.param(
            "a: 1\nb: \x07\n", ["f.yml:2:4: the character U+0007 cannot stand in YAML"], id="bell"
        ),
        pytest.param(
            "a: \ud800\n", ["f.yml:1:4: the character U+D800 cannot stand in YAML"], id="surrogate"
        ),
        pytest.param(
            "a: " + "ä" * (MAX_BYTES // 2),
            [
                (
                    "f.yml: 262,147 bytes are more than a fix spec may have (262,144)\n"
                    "  move long texts into templates/"
                )
            ],
            id="too-large",
        ),
    ],
)
def test_refused(text: str, problems: list[str]) -> None:
    with pytest.raises(SpecError) as caught:
        Source(text, "f.yml")
    assert [str(problem) for problem in caught.value.problems] == problems
    assert caught.value.exit_code == 2


def test_an_alias_bomb_is_refused_where_it_is_lit() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 40)]
    with pytest.raises(SpecError, match="aliases make this file too large") as caught:
        Source("\n".join(lines), "f.yml")
    assert caught.value.place is not None
    assert caught.value.place.line == 11


def test_a_long_chain_of_aliases_is_refused() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 90)]
    with pytest.raises(SpecError, match="aliases make this file too large"):
        Source("\n".join(lines), "f.yml")


PIECES = st.sampled_from(
    [
        "a",
        "b: ",
        "- ",
        "\n",
        "  ",
        "{",
        "}",
        "[",
        "]",
        ",",
        ": ",
        "&a ",
        "*a",
        "|\n",
        "'",
        '"',
        "{{ x }}",
        "{% if %}",
        "# c",
        "\t",
        "---\n",
        "!!str ",
        "<<: ",
        "1.5",
        "? ",
        "\r\n",
        "\ufeff",
    ]
)


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.lists(PIECES, max_size=40).map("".join), st.text(max_size=60)))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        source = Source(text, "f.yml")
    except SpecError as error:
        problems = error.problems
    else:
        problems = ()
        assert isinstance(source.data, dict)
        assert source.place(("a", 0, "b")).line >= 1
    assert all(problem.place for problem in problems)
