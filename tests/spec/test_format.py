"""The form of specs: what stays as it is, what changes, and what is refused."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
import yaml
from ruamel.yaml import YAML

from patchkit.errors import EditRefused, SpecError
from patchkit.spec.format import formatted
from patchkit.spec.skeleton import skeleton

ROOT = Path(__file__).parents[2]
SPECS = sorted([*ROOT.glob("fixes/**/*.yml"), *ROOT.glob("tests/fixes/real/*.yml")])


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_specs_of_this_repository_have_the_form(path):
    text = path.read_text()
    assert formatted(text, path.name) == text


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_a_spec_in_another_form_gets_it_back(path):
    text = path.read_text()
    writer, stream = YAML(), io.StringIO()
    writer.preserve_quotes, writer.width = True, 1000
    writer.indent(mapping=4, sequence=6, offset=3)
    writer.brace_single_entry_mapping_in_flow_sequence = True  # brackets are the author's
    writer.dump(writer.load(text), stream)
    other = stream.getvalue()
    if yaml.safe_load(other) != yaml.safe_load(text):
        other = text.replace("\n", "\r\n")  # it writes a wrong indicator for text with spaces first
    assert yaml.safe_load(other) == yaml.safe_load(text)
    assert other != text
    # That writer leaves comments in their columns, where they may stand beside something else.
    assert without_columns(formatted(other, path.name)) == without_columns(text)


def without_columns(text):
    return re.sub(r"(?m)^ +#", "#", text)


@pytest.mark.parametrize(
    "text",
    [
        "a: 'x'\nb: \"y\"\nc: 0755\nd: 1.10\ne: yes\nf: ~\ng:\nh: 2020-01-01\ni: 1_000\n",
        "a: one\n   two\nb: 'three\n  four'\n",
        "a: {b: c,\n    d: e}  # f\ng: [1, 2,\n    # in between\n    3]\n",
        "a: |\n\n  begins with an empty line\n",
        "a: |2\n    begins with spaces\nb: >-  # why\n  folded\n  text\n\n\n  more\n",
        "# only\n\n# comments between\na: b\n\n\n# and behind\n",
        "a: &x {b: c}\nd: *x\n",
        'a: "{{ x }}"\nb: "# no comment"\nc: it is # one\n',
        "a: '/very/long/" + "x/" * 200 + "'\n",
    ],
    ids=[
        "scalars",
        "broken lines",
        "brackets",
        "empty line first",
        "block heads",
        "comments",
        "anchors",
        "hashes",
        "long line",
    ],
)
def test_what_is_the_authors_stays(text):
    assert formatted(text, "x.yml") == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a:\n- b\n- c:  d\n", "a:\n  - b\n  - c: d\n"),
        ("a:\n    b:\n        c: 1\n", "a:\n  b:\n    c: 1\n"),
        ("a:   b   \n", "a: b\n"),
        ("a: b", "a: b\n"),
        ("a: b\n\n\n", "a: b\n"),
        ("a: b\r\nc: d\r\n", "a: b\nc: d\n"),
        ("\ufeffa: b\n", "a: b\n"),
        ("a:\n- b  # why\n# next\n- c\n", "a:\n  - b  # why\n  # next\n  - c\n"),
        (
            "a:\n    # of b\n    b:\n        - c\n        # of d\n        - d: 1\n"
            "          # of e\n          e: 2\n          # last\n    # of f\n    f: 3\n# end\n",
            "a:\n  # of b\n  b:\n    - c\n    # of d\n    - d: 1\n      # of e\n"
            "      e: 2\n      # last\n  # of f\n  f: 3\n# end\n",
        ),
        ("\n\na: b\n", "a: b\n"),
        (
            "a:\n-   b: |\n        two\n          four\n    c: d\n",
            "a:\n  - b: |\n      two\n        four\n    c: d\n",
        ),
        ("a:\n    b: [1,\n        2]\n", "a:\n  b: [1,\n      2]\n"),
        ("a:\n    - 'x\n      y'\n", "a:\n  - 'x\n    y'\n"),
    ],
)
def test_the_form(before, after):
    assert yaml.safe_load(before.removeprefix("\ufeff")) == yaml.safe_load(after)
    assert formatted(before, "x.yml") == after
    assert formatted(after, "x.yml") == after


@pytest.mark.parametrize("kind", ["recipe", "repository"])
def test_what_new_writes_has_the_form(kind):
    text = skeleton("mine", **{kind: "gitea"})
    assert formatted(text, "mine.yml") == text


def test_empty_lines_that_mean_something_are_not_cut():
    with pytest.raises(EditRefused, match="mean something else"):
        formatted("a: |+\n  keeps its end\n\n", "x.yml")


def test_what_is_no_spec_is_told_with_its_place():
    with pytest.raises(SpecError) as raised:
        formatted("a: b\nc: [\n", "x.yml")
    assert raised.value.place.line >= 2


@pytest.mark.parametrize(
    ("loses", "line", "said"),
    [("# why", 1, "this comment would not stay where it is"), ("line\n", 2, "mean something else")],
)
def test_what_a_writer_would_lose_is_refused(monkeypatch, loses, line, said):
    dump = YAML.dump

    def losing(self, data, stream):
        dump(self, data, stream)
        text = stream.getvalue().replace(loses, "")
        stream.seek(0)
        stream.truncate()
        stream.write(text)

    monkeypatch.setattr(YAML, "dump", losing)
    with pytest.raises(EditRefused, match=said) as raised:
        formatted("a:  # why\n- |\n  one\n  line\n", "x.yml")
    assert (raised.value.place.path, raised.value.place.line) == ("x.yml", line)
