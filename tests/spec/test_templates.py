from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchkit.edit.yaml.nodes import Scalar
from patchkit.edit.yaml.values import FlowList, StyledStr, WrittenInt, styled
from patchkit.errors import Place, SpecError
from patchkit.spec.template_files import content
from patchkit.spec.templates import faults, file_texts, has_template, render_file, render_text

if TYPE_CHECKING:
    from pathlib import Path

OCTAL = styled(Scalar("0555"))
VALUES: dict[str, Any] = {
    "name": "db",
    "keep": 7,
    "names": ["a", "b"],
    "flow": FlowList(["a"]),
    "flag": True,
    "none": None,
    "mode": OCTAL,
    "result": "a name that the renderer uses itself",
}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("plain", id="plain"),
        pytest.param(StyledStr("x", '"'), id="quoted"),
        pytest.param("${STACK_NAME} $$ %}", id="no-marks"),
        pytest.param("{ { x } }", id="spaced-braces"),
    ],
)
def test_text_without_a_template_is_the_very_same(text: str) -> None:
    assert render_text(text, {}) is text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("{{ name }}", "db", id="text"),
        pytest.param("{{ keep }}", 7, id="number"),
        pytest.param("{{ keep + 1 }}", 8, id="arithmetic"),
        pytest.param("{{ flag }}", True, id="truth"),
        pytest.param("{{ none }}", None, id="nothing"),
        pytest.param("{{ names }}", ["a", "b"], id="list"),
        pytest.param("{{ names | map('upper') }}", ["A", "B"], id="generator"),
        pytest.param("{{ {'a': keep} }}", {"a": 7}, id="mapping"),
        pytest.param("{{ range(3) }}", [0, 1, 2], id="range"),
        pytest.param("{{ result }}", "a name that the renderer uses itself", id="result"),
        pytest.param("{{ keep }}\n", "7\n", id="with-a-line-end-it-is-text"),
        pytest.param("{{ keep }}d", "7d", id="text-around"),
        pytest.param("{{ keep }}{{ keep }}", "77", id="two"),
        pytest.param("{{ flag }} {{ mode }}", "true 0555", id="as-yaml-writes-it"),
        pytest.param("{% if flag %}a{% else %}b{% endif %}", "a", id="statement"),
        pytest.param("{# nothing #}", "", id="comment"),
        pytest.param('{% raw %}{{ env "X" }}{% endraw %}', '{{ env "X" }}', id="raw"),
        pytest.param("{{ name | shell_quote }}", "db", id="shell-quote-not-needed"),
        pytest.param('{{ "it\'s" | shell_quote }}', "'it'\"'\"'s'", id="shell-quote"),
        pytest.param("{{ names | join(', ') }}", "a, b", id="join"),
        pytest.param("x\n  {{ 'a\n\nb' | indent(2) }}", "x\n  a\n\n  b", id="indent"),
        pytest.param("{{ 'a\nb' | indent(1, true) }}", " a\n b", id="indent-first"),
        pytest.param("{{ 'a-b' | replace('-', '+') }}", "a+b", id="replace"),
        pytest.param("{{ keep | string | upper | trim }}", "7", id="text-filters-take-numbers"),
        pytest.param("{{ name ~ '-' ~ keep }}", "db-7", id="tilde"),
        pytest.param("{{ none | default('x', true) }}", "x", id="default"),
    ],
)
def test_rendered(text: str, expected: object) -> None:
    result = render_text(text, VALUES)
    assert result == expected
    assert type(result) is type(expected)


def test_a_single_expression_gives_the_value_as_it_was_written() -> None:
    mode = render_text(StyledStr("{{ mode }}", '"'), VALUES)
    assert isinstance(mode, WrittenInt)
    assert mode.text == "0555"
    assert isinstance(render_text("{{ flow }}", VALUES), FlowList)
    quoted = render_text("{{ name }}", {"name": StyledStr("db", "'")})
    assert isinstance(quoted, StyledStr)
    assert quoted.style == "'"


@pytest.mark.parametrize(
    ("text", "style", "kept"),
    [
        pytest.param("a {{ name }}", '"', '"', id="double"),
        pytest.param("a {{ name }}", "'", "'", id="single"),
        pytest.param("a {{ name }}", "", "", id="plain"),
        pytest.param("{{ name }}\n", "|", "|", id="block"),
        pytest.param("{{ name }}-x", '"', "", id="quoted-only-because-of-the-brace"),
    ],
)
def test_the_style_of_a_template_is_kept(text: str, style: str, kept: str) -> None:
    result = render_text(StyledStr(text, style), VALUES)
    assert isinstance(result, StyledStr)
    assert result.style == kept


PLACE = Place("fix.yml", 7, 5, "the line")
RAW = (
    '  text for another program, such as Go\'s {{ env "X" }}, '
    "goes between {% raw %} and {% endraw %}"
)
CANNOT = "fix.yml:7:5: the template cannot be rendered: "


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            '{{ env "X" }}',
            "fix.yml:7:5: the template cannot be read: "
            f"expected token 'end of print statement', got 'string'\n{RAW}",
            id="go",
        ),
        pytest.param(
            "{{ .Node }}",
            f"fix.yml:7:5: the template cannot be read: unexpected '.'\n{RAW}",
            id="go-field",
        ),
        pytest.param(
            "${#array[@]}",
            f"fix.yml:7:5: the template cannot be read: Missing end of comment tag\n{RAW}",
            id="shell-length",
        ),
        pytest.param(
            "a {{ nam }}",
            'fix.yml:7:5: "nam" is not defined (did you mean "name"?)',
            id="undefined-near",
        ),
        pytest.param(
            "{{ secret }}", f'fix.yml:7:5: "secret" is not defined\n{RAW}', id="undefined-go-word"
        ),
        pytest.param(
            "{{ name | uper }}",
            'fix.yml:7:5: there is no filter "uper" (did you mean "upper"?)',
            id="filter",
        ),
        pytest.param(
            "{{ name is definde }}",
            'fix.yml:7:5: there is no test "definde" (did you mean "defined"?)',
            id="test",
        ),
        pytest.param(
            "a {{ none }}",
            f"{CANNOT}nothing was found or given for a value that stands in text",
            id="nothing-in-text",
        ),
        pytest.param(
            "a {{ names }}",
            f"{CANNOT}only text, numbers and true or false can stand in text",
            id="list-in-text",
        ),
        pytest.param(
            "{{ name.upper }}",
            f"{CANNOT}the template gives no value; are () missing?",
            id="method",
        ),
        pytest.param("{{ 1 / 0 }}", f"{CANNOT}division by zero", id="division"),
        pytest.param(
            "{% include 'x' %}",
            "fix.yml:7:5: a value includes no template\n  make it a template file",
            id="include",
        ),
        pytest.param(
            "{{ 10 ** 30 }}",
            f"{CANNOT}the template gives a number of more than 64 bits",
            id="number",
        ),
        pytest.param(
            "{{ " + "(" * 500 + ")" * 500 + " }}",
            "fix.yml:7:5: the template is nested too deeply",
            id="nested",
        ),
        pytest.param(
            "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            "fix.yml:7:5: the template is nested too deeply",
            id="recursion",
        ),
    ],
)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        render_text(text, VALUES, PLACE)
    assert str(caught.value) == message
    assert caught.value.exit_code == 2


def test_a_fault_in_a_block_has_its_own_line() -> None:
    text = StyledStr("one\ntwo {{ 1 / 0 }}\n", "|")
    with pytest.raises(SpecError) as caught:
        render_text(text, {}, PLACE)
    assert caught.value.place == Place("fix.yml", 9, 0, "two {{ 1 / 0 }}")


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ ''['__class__'] }}",
        "{{ '' | attr('__class__') }}",
        "{{ [''] | map(attribute='__class__') | list }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ range.__globals__ }}",
        "{{ namespace.__init__ }}",
        "{{ self.__init__.__globals__ }}",
        "{{ self }}",
        "{{ lipsum() }}",
        "{{ names.append('c') }}",
        "{{ '{0.__class__}'.format(1) }}",
        "{{ [1, 2] | random }}",
        "{% import 'os' as os %}",
        "{% extends '/etc/passwd' %}",
    ],
)
def test_there_is_no_way_out_of_the_sandbox(text: str) -> None:
    with pytest.raises(SpecError):
        render_text(text, VALUES, PLACE)
    assert VALUES["names"] == ["a", "b"]


DOUBLE = "{% set n = namespace(x='a') %}{% for i in range(60) %}STEP{% endfor %}{{ n.x }}"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{{ range(10 ** 9) }}", id="range"),
        pytest.param("{{ 'a' * 10 ** 9 }}", id="text"),
        pytest.param("{{ 10 ** 9 * 'a' }}", id="text-from-the-right"),
        pytest.param("{{ [1] * 10 ** 9 }}", id="list"),
        pytest.param("{{ 10 ** 10 ** 10 ** 10 }}", id="power"),
        pytest.param("{{ 2 ** (2 ** 40) }}", id="power-of-a-power"),
        pytest.param("{{ '%1000000000d' % 1 }}", id="percent"),
        pytest.param("{{ '{:1000000000}'.format(1) }}", id="format"),
        pytest.param("{{ 'a'.ljust(10 ** 9) }}", id="ljust"),
        pytest.param("{{ 'a' | center(10 ** 9) }}", id="center"),
        pytest.param("{{ 'a' | indent(10 ** 9, true) }}", id="indent"),
        pytest.param("{{ (1).to_bytes(10 ** 9) }}", id="to-bytes"),
        pytest.param("{{ range(99999) | join('x' * 99999) }}", id="join"),
        pytest.param("{% for i in range(99999) %}{{ 'a' * 99 }}{% endfor %}", id="output"),
        pytest.param(DOUBLE.replace("STEP", "{% set n.x = n.x ~ n.x %}"), id="tilde"),
        pytest.param(DOUBLE.replace("STEP", "{% set n.x = n.x + n.x %}"), id="plus"),
        pytest.param(DOUBLE.replace("STEP", "{% set n.x = [n.x, n.x] %}"), id="nested"),
        pytest.param(
            DOUBLE.replace("STEP", "{% set n.x = n.x | replace('a', 'aa') %}"), id="replace"
        ),
        pytest.param(
            DOUBLE.replace("STEP", "{% set y %}{{ n.x }}{{ n.x }}{% endset %}{% set n.x = y %}"),
            id="set-block",
        ),
        pytest.param("{{ [[1, 1] * 999] * 999 }}", id="a-list-that-is-small-in-memory"),
    ],
)
def test_nothing_grows_without_bound(text: str) -> None:
    with pytest.raises(SpecError):
        render_text(text, {})


def test_faults_are_told_before_rendering() -> None:
    assert faults("no template", ()) == []
    assert faults("{{ name }} {% for x in names %}{{ x }}{% endfor %}{{ range(2) }}", VALUES) == []
    found = faults("{{ nme }}\n{{ keap }}{{ nme }}", ("name", "keep"))
    assert [(fault.message, fault.line) for fault in found] == [
        ('"nme" is not defined (did you mean "name"?)', 1),
        ('"keap" is not defined (did you mean "keep"?)', 2),
    ]


PIECES = st.sampled_from(
    [
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        " ",
        "name",
        "keep",
        "|",
        "upper",
        "(",
        ")",
        "[",
        "]",
        "~",
        "if",
        "for x in names",
        "endfor",
        "endif",
        "set x =",
        "raw",
        "endraw",
        "1",
        "'a'",
        ".",
        ",",
        "__class__",
        "+",
        "*",
        "**",
        "-",
        "none",
        "\n",
        "macro m()",
        "endmacro",
        "block b",
        "%",
    ]
)


@settings(deadline=None, max_examples=400)
@given(st.one_of(st.lists(PIECES, max_size=15).map(" ".join), st.text("{}%#ab'|. \n", max_size=30)))
def test_any_text_is_rendered_or_refused(text: str) -> None:
    try:
        result = render_text(text, VALUES, PLACE)
    except SpecError as error:
        place = error.place
    else:
        place = PLACE
        assert has_template(text) or result is text
    assert place == PLACE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "templates"
    (folder / "sub").mkdir(parents=True)
    (folder / "run.sh.j2").write_bytes(b"#!/bin/sh\necho {{ name }}\n{% include 'sub/tail.j2' %}")
    (folder / "sub" / "tail.j2").write_bytes(b"# {{ keep }}\n")
    (folder / "typo.j2").write_bytes(b"a\nb {{ nme }}\n")
    (folder / "deep.j2").write_bytes(b"x\n{% include 'typo.j2' %}\n")
    (folder / "broken.j2").write_bytes(b'a\nb\n{{ env "X" }}\n')
    (folder / "latin.j2").write_bytes(b"a\n\xe4\n")
    (folder / "large.j2").write_bytes(b"a" * (1024 * 1024 + 1))
    (folder / "dynamic.j2").write_bytes(b"{% include name %}")
    (folder / "lost.j2").write_bytes(b"{% include 'zzzzzz.tpl' %}")
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "link.j2").symlink_to(tmp_path / "secret")
    return folder


def test_a_file_is_rendered_with_what_it_includes(folder: Path) -> None:
    text = render_file("run.sh.j2", VALUES, [folder])
    assert text == "#!/bin/sh\necho db\n# 7\n"


def test_the_first_folder_that_has_it_wins(folder: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    (own / "sub").mkdir(parents=True)
    (own / "sub" / "tail.j2").write_text("own\n", encoding="utf-8")
    assert render_file("run.sh.j2", VALUES, [own, folder]) == "#!/bin/sh\necho db\nown\n"


def test_the_last_line_stays_as_it_is(folder: Path) -> None:
    (folder / "a.j2").write_text("{{ name }}", encoding="utf-8")
    assert render_file("a.j2", VALUES, [folder]) == "db"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param(
            "run.j2",
            'there is no template "run.j2" (did you mean "run.sh.j2"?)\n  searched: {folder}',
            id="missing",
        ),
        pytest.param("sub", 'there is no template "sub"\n  searched: {folder}', id="folder"),
        pytest.param(
            "x" * 5000, f'there is no template "{"x" * 5000}"\n  searched: {{folder}}', id="long"
        ),
        pytest.param("../secret", 'the template name "../secret" leaves its folder', id="dots"),
        pytest.param("/etc/passwd", 'the template name "/etc/passwd" leaves its folder', id="root"),
        pytest.param("a\\b", 'the template name "a\\b" leaves its folder', id="backslash"),
        pytest.param("a\0", 'the template name "a\0" leaves its folder', id="nul"),
        pytest.param("link.j2", 'the template "link.j2" is a link that leaves {folder}', id="link"),
        pytest.param(
            "typo.j2",
            '{folder}/typo.j2:2: "nme" is not defined (did you mean "name"?)',
            id="undefined",
        ),
        pytest.param(
            "deep.j2",
            '{folder}/typo.j2:2: "nme" is not defined (did you mean "name"?)',
            id="undefined-in-an-included-file",
        ),
        pytest.param(
            "broken.j2",
            "{folder}/broken.j2:3: the template cannot be read: "
            "expected token 'end of print statement', got 'string'\n"
            + RAW.replace("{", "{{").replace("}", "}}"),
            id="syntax",
        ),
        pytest.param("latin.j2", "{folder}/latin.j2:2: a template must be UTF-8", id="not-utf-8"),
        pytest.param(
            "large.j2",
            "{folder}/large.j2: 1,048,577 bytes are more than a template may have (1,048,576)",
            id="large",
        ),
        pytest.param(
            "lost.j2",
            'there is no template "zzzzzz.tpl"\n  searched: {folder}',
            id="include-missing",
        ),
    ],
)
def test_a_file_is_refused(folder: Path, name: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        render_file(name, VALUES, [folder])
    assert str(caught.value) == message.format(folder=folder)


def test_a_file_that_cannot_be_read(folder: Path) -> None:
    with pytest.raises(SpecError) as caught:
        content(folder)
    assert str(caught.value) == f"{folder}: cannot be read: Is a directory"


def test_no_folder_at_all() -> None:
    with pytest.raises(SpecError, match="searched: no folder"):
        render_file("a.j2", {}, [])


def test_file_texts_are_of_all_that_is_included(folder: Path) -> None:
    assert file_texts("run.sh.j2", [folder]) == {
        "run.sh.j2": "#!/bin/sh\necho {{ name }}\n{% include 'sub/tail.j2' %}",
        "sub/tail.j2": "# {{ keep }}\n",
    }


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("dynamic.j2", "{folder}/dynamic.j2: an include names its file literally"),
        ("lost.j2", 'there is no template "zzzzzz.tpl"\n  searched: {folder}'),
    ],
)
def test_file_texts_refused(folder: Path, name: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        file_texts(name, [folder])
    assert str(caught.value) == message.format(folder=folder)
