from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchkit.edit import shell
from patchkit.errors import EditRefused

ABRA = """\
#!/bin/bash
# Helpers for the operator.

export APP_ENTRYPOINT_VERSION=v3 # bump when entrypoint.sh changes
export PG_BACKUP_VERSION=v1

# restores a dump
restore() {
  export PGPASSWORD=$(cat /run/secrets/db_password)
  psql -U app <<EOF
export IN_A_TEXT=v1
EOF
}

function reset {
  case "$1" in
    all|some) export SCOPE=wide ;;
    *) echo "usage) export HELP=1" ;;
  esac
}
"""


def set_twice(text: str, name: str, value: str) -> str:
    once = shell.set_export(text, name, value)
    assert shell.set_export(once, name, value) == once
    return once


# --- reading


def test_exports_of_a_recipe():
    found = [(e.line, e.name, e.value, e.nested) for e in shell.exports(ABRA)]
    assert found == [
        (4, "APP_ENTRYPOINT_VERSION", "v3", False),
        (5, "PG_BACKUP_VERSION", "v1", False),
        (9, "PGPASSWORD", "$(cat /run/secrets/db_password)", True),
        (17, "SCOPE", "wide", True),
    ]
    assert shell.functions(ABRA) == ["restore", "reset"]


def test_the_span_is_the_word():
    text = "\ufeffexport A=1 B='x y' # c\r\n"
    assert [text[slice(*e.span)] for e in shell.exports(text)] == ["A=1", "B='x y'"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("export A=1 B=2\n", {"A": "1", "B": "2"}, id="several on a line"),
        pytest.param("export A=1; export B=2\n", {"A": "1", "B": "2"}, id="two commands"),
        pytest.param("export A=1 \\\n  B=2\n", {"A": "1", "B": "2"}, id="a line goes on"),
        pytest.param("export A=1 \\\r\n  B=2\r\n", {"A": "1", "B": "2"}, id="a CRLF line goes on"),
        pytest.param("export A\n", {"A": None}, id="no value"),
        pytest.param("A=1\nexport A\n", {"A": "1"}, id="the value before"),
        pytest.param("export A\nA=1\n", {"A": "1"}, id="the value afterwards"),
        pytest.param("export A='b c'\"d\"e\\ f\n", {"A": "b cde f"}, id="all quotes"),
        pytest.param('export A="\\$b \\n \\""\n', {"A": '$b \\n "'}, id="escapes"),
        pytest.param('export A=\'b\nc\'\n', {"A": "b\nc"}, id="a value of two lines"),
        pytest.param("export A=b#c # d\n", {"A": "b#c"}, id="a hash inside a word"),
        pytest.param("export A=${B:-v1}\n", {"A": "${B:-v1}"}, id="an expansion"),
        pytest.param("export A=(b # )\n c)\n", {"A": "(b # )\n c)"}, id="an array"),
        pytest.param("true >f 2>&1; export A=1 >f\n", {"A": "1"}, id="redirections"),
        pytest.param("! true\ntime true\nexport A=1\n", {"A": "1"}, id="words before a command"),
        pytest.param("if a; then b; fi; export A=1\n", {"A": "1"}, id="behind a block"),
        pytest.param("a &&\nb\nexport A=1\n", {"A": "1"}, id="behind a condition"),
        pytest.param("x=$((1 << 2)); (( y = 1 << 3 ))\nexport A=1\n", {"A": "1"}, id="arithmetic"),
        pytest.param("for ((i=0; i<3; i++)); do x; done\nexport A=1\n", {"A": "1"}, id="a C loop"),
        pytest.param("[[ x =~ ^(a|b)$ && y == @(c|d) ]]\nexport A=1", {"A": "1"}, id="patterns"),
        pytest.param("case a in @(a|b)) c;; esac\nexport A=1\n", {"A": "1"}, id="a case pattern"),
        pytest.param("x=${y#'}'}\"$(echo ')' '\"')\"`'`$'\\''\nexport A=", {"A": ""}, id="quotes"),
    ],
)  # fmt: skip
def test_exported(text, expected):
    assert {e.name: e.value for e in shell.exports(text) if not e.nested} == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# export A=1\n", id="a comment"),
        pytest.param("x # export A=1\n", id="a comment behind a command"),
        pytest.param("echo 'export A=1\nexport A=2'\n", id="single quotes"),
        pytest.param('echo "it\'s\nexport A=1"\n', id="double quotes"),
        pytest.param("cat <<EOF\nexport A=1\nEOF\n", id="a here-document"),
        pytest.param("cat <<-'E F'\nexport A=1 '\n\tE F\n", id="an indented one"),
        pytest.param("cat <<A <<B\nB\nexport A=1\nA\nexport A=1\nB\n", id="two of them"),
        pytest.param("cat <<EOF\r\nexport A=1\r\nEOF\r\n", id="one with CRLF"),
        pytest.param("cat <<EOF\nexport A=1\n", id="one without an end"),
        pytest.param("x=$(\nexport A=1\n)\n", id="a substitution"),
        pytest.param("x=`\nexport A=1\n`\n", id="backticks"),
        pytest.param("cat <(export A=1)\n", id="a process"),
        pytest.param("export -n A\nexport -f A\n", id="options"),
        pytest.param("A=1 export_all\n", id="another command"),
        pytest.param("echo export A=1\n", id="words of another command"),
        pytest.param("A=1\n", id="never exported"),
        pytest.param("echo 'open\nexport A=1\n", id="an open quote"),
        pytest.param("(( x\nexport A=1\n", id="an open parenthesis"),
    ],
)
def test_not_exported(text):
    assert shell.exports(text) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("f() {\nexport A=1\n}\n", id="a function"),
        pytest.param("f() ( export A=1 )\n", id="a function of a subshell"),
        pytest.param("function f() { export A=1; }\n", id="the long form"),
        pytest.param("if x; then\nexport A=1\nelse\nexport A=1\nfi\n", id="if"),
        pytest.param("for x in a; do export A=1; done\n", id="for"),
        pytest.param("while x; do export A=1; done\n", id="while"),
        pytest.param("case x in\na) export A=1 ;;\n(b) export A=1\nesac\n", id="case"),
        pytest.param("{ export A=1; }\n", id="a group"),
        pytest.param("( export A=1 )\n", id="a subshell"),
        pytest.param('[ -z "$A" ] && export A=1\n', id="a condition"),
        pytest.param("x ||\nexport A=1\n", id="a condition over two lines"),
    ],
)
def test_nested(text):
    found = shell.exports(text)
    assert {(e.name, e.nested) for e in found} == {("A", True)}
    assert shell.get_export(text, "A") is None
    for edit in (lambda: shell.set_export(text, "A", "2"), lambda: shell.unset_export(text, "A")):
        with pytest.raises(EditRefused, match="only in a function, a block or under a condition"):
            edit()


def test_functions_in_functions_are_not_named():
    text = "a() {\n  b() { x; }\n}\nfunction c { x; }\nfunction d() ( x )\ne-f ( ) { x; }\n"
    assert shell.functions(text) == ["a", "c", "d", "e-f"]


def test_get_export_returns_the_last_value():
    assert shell.get_export("export A=1\nexport A=2\nf() { export A=3; }\n", "A") == "2"
    assert shell.get_export("export A=1\nA=2\n", "A") == "2"


def test_deep_nesting_is_refused_cleanly():
    with pytest.raises(EditRefused, match="nested too deeply"):
        shell.exports("x=" + "$(" * 3000)


# --- setting


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("export A=1", "1", id="it has the value"),
        pytest.param("export A='1'\r\n", "1", id="in quotes nobody needs"),
        pytest.param("A=1; export A\n", "1", id="exported afterwards"),
    ],
)
def test_set_changes_nothing(text, value):
    assert shell.set_export(text, "A", value) == text


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        pytest.param("export A=1 # c\n", "2", "export A=2 # c\n", id="a comment behind"),
        pytest.param("export A=1", "2", "export A=2", id="no last newline"),
        pytest.param("\ufeffexport A=1\r\nx\r\n", "2", "\ufeffexport A=2\r\nx\r\n", id="CRLF"),
        pytest.param("  export  B=1\tA=1;x\n", "2", "  export  B=1\tA=2;x\n", id="spacing"),
        pytest.param("export A='1'\n", "2", "export A='2'\n", id="single quotes stay"),
        pytest.param('export A="1"\n', "2", 'export A="2"\n', id="double quotes stay"),
        pytest.param("export A='1'\n", "it's", 'export A="it\'s"\n', id="unless they cannot"),
        pytest.param('export A="1"\n', 'a "b"', 'export A="a \\"b\\""\n', id="quotes in quotes"),
        pytest.param("export A=1\n", "a b", 'export A="a b"\n', id="a blank needs quotes"),
        pytest.param("export A=1\n", 'a"b', "export A='a\"b'\n", id="so do quotes"),
        pytest.param("export A=1\n", "a'\"", 'export A="a\'\\""\n', id="of both kinds"),
        pytest.param("export A=1\n", "", "export A=\n", id="nothing"),
        pytest.param("export A=$(date)\n", "2", "export A=2\n", id="code becomes text"),
        pytest.param("export B=1 A\n", "2", "export B=1 A=2\n", id="it had no value"),
        pytest.param("A=1\nexport A\n", "2", "A=2\nexport A\n", id="exported afterwards"),
        pytest.param(
            "f() { export A=0; }\nexport A=1\n",
            "2",
            "f() { export A=0; }\nexport A=2\n",
            id="a function's own stays",
        ),
    ],
)
def test_set_what_is_there(before, value, after):
    assert set_twice(before, "A", value) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", "export A=v1\n", id="no file"),
        pytest.param("\ufeff", "\ufeffexport A=v1\n", id="a byte order mark alone"),
        pytest.param("export B=v1", "export B=v1\nexport A=v1", id="no last newline"),
        pytest.param(
            "export B=v1\r\nexport C='v2'\r\n\r\nexport D=x\r\n",
            "export B=v1\r\nexport C='v2'\r\nexport A=v1\r\n\r\nexport D=x\r\n",
            id="behind the last version",
        ),
        pytest.param(
            'export B="v1"\nexport C="v2"\n',
            'export B="v1"\nexport C="v2"\nexport A="v1"\n',
            id="in the quotes of the others",
        ),
        pytest.param(
            "export B=v1 \\\n  C=x # c\nx\n",
            "export B=v1 \\\n  C=x # c\nexport A=v1\nx\n",
            id="behind the whole command",
        ),
        pytest.param("#!/bin/sh\n", "#!/bin/sh\n\nexport A=v1\n", id="a shebang alone"),
        pytest.param("#!/bin/sh", "#!/bin/sh\n\nexport A=v1", id="without a newline"),
        pytest.param("#!/bin/sh\n\nx\n", "#!/bin/sh\n\nexport A=v1\n\nx\n", id="below the shebang"),
        pytest.param("#!/bin/sh\nx\n", "#!/bin/sh\nexport A=v1\n\nx\n", id="right below it"),
        pytest.param(
            "#!/bin/sh\n# on this\n# file\n\nx\n",
            "#!/bin/sh\n# on this\n# file\n\nexport A=v1\n\nx\n",
            id="below the head comment",
        ),
        pytest.param("# on x\nx\n", "export A=v1\n\n# on x\nx\n", id="above the comment of code"),
        pytest.param("x\r\n", "export A=v1\r\n\r\nx\r\n", id="the first line"),
        pytest.param("\nx\n", "export A=v1\n\nx\n", id="above a blank line"),
    ],
)
def test_set_a_new_one(before, after):
    assert set_twice(before, "A", "v1") == after


@pytest.mark.parametrize(
    ("text", "name", "value", "message"),
    [
        pytest.param(
            "export A=1\nA=2\n", "A", "3",
            "abra.sh:1:8: A is defined at lines 1, 2\n"
            "  leave one of them, or change the one you mean with text.replace",
            id="defined twice",
        ),
        pytest.param(
            "f() {\n  export A=1\n}\n", "A", "3",
            "abra.sh:2:10: A is exported only in a function, a block or under a condition\n"
            "  change it with text.replace",
            id="in a function",
        ),
        pytest.param(
            "export B=v1; cat <<EOF\nx\nEOF\n", "A", "v1",
            "abra.sh: A cannot be changed safely: the shell code around it is not understood\n"
            "  change it with text.replace",
            id="a here-document starts where the line would go",
        ),
        pytest.param(
            "export B=v1 &&\n  export C=v1\n", "A", "v1",
            "abra.sh: A cannot be changed safely: the shell code around it is not understood\n"
            "  change it with text.replace",
            id="a command goes on there",
        ),
        pytest.param(
            "", "A", "$(date)",
            "abra.sh: the value of A would be shell code, or breaks the line\n"
            "  write such a line with text.insert",
            id="code",
        ),
        pytest.param(
            "", "A B", "1",
            'abra.sh: "A B" is no variable name\n  use letters, digits and _ only',
            id="no name",
        ),
    ],
)  # fmt: skip
def test_set_refuses(text, name, value, message):
    with pytest.raises(EditRefused) as caught:
        shell.set_export(text, name, value, path="abra.sh")
    assert str(caught.value) == message


# --- unsetting


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# export A=1\n", id="only a comment"),
        pytest.param("A=1\n", id="never exported"),
        pytest.param("echo $A\n", id="used"),
    ],
)
def test_unset_changes_nothing(text):
    assert shell.unset_export(text, "A") == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("export A=1 # c\nx\n", "x\n", id="with its comment"),
        pytest.param("x\r\nexport A=1", "x", id="the last line without a newline"),
        pytest.param("x\n\nexport A=1;\n\ny\n", "x\n\ny\n", id="one run of blank lines"),
        pytest.param("# on A\nexport A=1\nx\n", "# on A\nx\n", id="a comment above stays"),
        pytest.param("export A=1 B=2\n", "export B=2\n", id="the first of a line"),
        pytest.param("export B=2 A=1 C=3\n", "export B=2 C=3\n", id="one between"),
        pytest.param("export B=2 \\\n  A=1\n", "export B=2\n", id="the last of two lines"),
        pytest.param("A=1 B=2\nexport A B\n", "B=2\nexport B\n", id="value and export"),
        pytest.param("export A='1\n2'\nx\n", "x\n", id="a value of two lines"),
        pytest.param("export A=1\nx\nexport A=2\n", "x\n", id="defined twice"),
        pytest.param("A=0\nx\nexport A", "x", id="the last line and another"),
    ],
)
def test_unset(before, after):
    assert shell.unset_export(before, "A") == after
    assert shell.unset_export(after, "A") == after


@pytest.mark.parametrize("text", ["export A=1; x\n", "x; export A=1\n", "export A=1 >f\n"])
def test_unset_refuses_a_line_with_more_on_it(text):
    with pytest.raises(EditRefused, match="another command stands on the line of A"):
        shell.unset_export(text, "A")


# --- properties

snippets = st.sampled_from(
    [
        "",
        "# it's a comment, export A=1",
        "export B=v1 # c",
        "export B='x y' C=1",
        "C=$(cat <<E\nit's export A=1\nE\n)",
        'f() {\n  echo "}"\n  D=1\n}',
        "cat <<-'E'\nexport A=1 \"\n\tE",
        "case x in\n(a) :;; b|c) : ;;\nesac",
        'arr=(a "b )" # )\n c)',
        "if true; then export D=1; fi",
        "echo \"$(echo ')')\" ${x#\\}} # '",
        "true &&\nexport E=1",
    ]
)
scripts = st.builds(
    lambda mark, rows, eol, last: mark + ("\n".join(rows) + last).replace("\n", eol),
    st.sampled_from(["", "\ufeff"]),
    st.lists(snippets, max_size=6),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["\n", ""]),
)
values = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="$`"))


def rows(text: str) -> list[str]:
    lines = text.removeprefix("\ufeff").split("\n")
    return [line.removesuffix("\r") for line in lines if line.strip()]


@given(scripts, st.sampled_from(["", "export A=1", "A='2'\nexport A", "export Z=0 A"]), values)
@settings(deadline=None, max_examples=150)
def test_set_then_get(script, own, value):
    text = script + own
    try:
        once = shell.set_export(text, "A", value)
    except EditRefused:
        return
    assert shell.get_export(once, "A") == value
    assert shell.set_export(once, "A", value) == once
    assert shell.functions(once) == shell.functions(text)
    if not own:
        lines = once.split("\n")
        del lines[next(e.line for e in shell.exports(once) if e.name == "A") - 1]
        assert rows("\n".join(lines)) == rows(text)


@given(scripts, st.sampled_from(["A", "B", "C"]))
@settings(deadline=None, max_examples=100)
def test_unset_then_exports(text, name):
    try:
        once = shell.unset_export(text, name)
    except EditRefused:
        return
    assert [e for e in shell.exports(once) if e.name == name and not e.nested] == []
    kept = [e.raw for e in shell.exports(text) if e.name != name]
    assert [e.raw for e in shell.exports(once) if e.name != name] == kept
