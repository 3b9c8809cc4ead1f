from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchkit.edit import ini
from patchkit.errors import EditRefused

APP_INI = """\
APP_NAME = {{ env "GITEA_APP_NAME" }}
RUN_MODE = prod ; not dev

{{/* keys below are aligned
[nothing] a = b }*/}}
[server]
DOMAIN           = {{ env "GITEA_DOMAIN" }}
HTTP_PORT        = 3000
{{ if eq (env "GITEA_SSH=on") "1" -}}
SSH_PORT = 2222
DISABLE_SSH = false
{{- else }}
DISABLE_SSH = true
{{- end }}

[repository.upload]
  ; at most
  ENABLED=true

{{ if env "GITEA_MAIL" }}
[mailer]
ENABLED = true
{{ end }}

[oauth2]
JWT_SECRET = {{ secret "jwt" }}
{{ with env "X" }}INLINE = 1{{ end }}
COLOUR = {{ if env "Y" }}red{{ else }}blue{{ end }} # as you like
"""


def set_twice(text: str, section: str | None, key: str, value: str) -> str:
    once = ini.set_value(text, section, key, value)
    assert ini.set_value(once, section, key, value) == once
    return once


# --- reading


def test_sections():
    names = ["server", "repository.upload", "mailer", "oauth2"]
    assert ini.sections(APP_INI) == names


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        (None, "APP_NAME", '{{ env "GITEA_APP_NAME" }}'),
        (None, "RUN_MODE", "prod"),
        ("server", "HTTP_PORT", "3000"),
        ("server", "DISABLE_SSH", "true"),
        ("repository.upload", "ENABLED", "true"),
        ("mailer", "ENABLED", "true"),
        ("oauth2", "COLOUR", '{{ if env "Y" }}red{{ else }}blue{{ end }}'),
        ("nothing", "a", None),
        ("server", "APP_NAME", None),
        (None, "HTTP_PORT", None),
    ],
)
def test_get(section, key, value):
    assert ini.get(APP_INI, section, key) == value


@pytest.mark.parametrize(
    ("line", "value"),
    [
        pytest.param("a=b", "b", id="no blanks"),
        pytest.param("a : b", "b", id="a colon"),
        pytest.param("\ta = b = c", "b = c", id="a second ="),
        pytest.param("a = b;c#d", "b;c#d", id="no blank before the mark"),
        pytest.param("a = b ;c", "b", id="a comment"),
        pytest.param("a = ; c", "", id="nothing but a comment"),
        pytest.param("a =", "", id="nothing"),
        pytest.param('a = "b ; c" ; d', '"b ; c"', id="a mark in quotes"),
        pytest.param("a = `b # c`", "`b # c`", id="a mark in backticks"),
        pytest.param('a = "b" c', '"b" c', id="words behind quotes"),
        pytest.param('a = {{ env "b ; c }}" }} ; d', '{{ env "b ; c }}" }}', id="in a template"),
        pytest.param("a = {{ b '}}' `}}` }}", "{{ b '}}' `}}` }}", id="other quotes"),
        pytest.param("a = {{ open", "{{ open", id="an action nobody closed"),
        pytest.param("a", "", id="a key alone"),
        pytest.param("; a = b", None, id="a comment line"),
        pytest.param("# a = b", None, id="the other comment line"),
        pytest.param("{{ a = b }}", None, id="a template line"),
        pytest.param("{{- /* a = b */ -}}", None, id="a template comment"),
    ],
)
def test_value(line, value):
    assert ini.get(f"{line}\r\n", None, "a") == value


def test_an_action_of_two_lines_is_one_value():
    text = 'a = {{ env\n  "b = c" }}\nd = 1\n'
    assert ini.get(text, None, "a") == '{{ env\n  "b = c" }}'
    assert ini.set_value(text, None, "a", "x") == "a = x\nd = 1\n"
    assert ini.unset(text, None, "a") == "d = 1\n"


def test_open_actions_are_looked_at_once():
    text = "{{/* " * 20_000 + "\na = b\n"
    assert ini.get(text, None, "a") == "b"


# --- setting


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        pytest.param("server", "HTTP_PORT", "3000", id="it has the value"),
        pytest.param("oauth2", "JWT_SECRET", '{{ secret "jwt" }}', id="so does a template"),
        pytest.param("server", "SSH_PORT", "2222", id="also in a block"),
    ],
)
def test_set_changes_nothing(section, key, value):
    assert ini.set_value(APP_INI, section, key, value) == APP_INI


@pytest.mark.parametrize(
    ("section", "key", "value", "old", "new"),
    [
        pytest.param(
            None, "RUN_MODE", "dev", "RUN_MODE = prod ; not dev", "RUN_MODE = dev ; not dev",
            id="the comment stays",
        ),
        pytest.param(
            "server", "HTTP_PORT", "80", "HTTP_PORT        = 3000", "HTTP_PORT        = 80",
            id="the blanks stay",
        ),
        pytest.param(
            "repository.upload", "ENABLED", "false", "  ENABLED=true", "  ENABLED=false",
            id="the indentation stays",
        ),
        pytest.param(
            "server", "SSH_PORT", "22", "SSH_PORT = 2222", "SSH_PORT = 22", id="in a block"
        ),
        pytest.param(
            "oauth2", "JWT_SECRET", '{{ secret "a;b" }}',
            'JWT_SECRET = {{ secret "jwt" }}', 'JWT_SECRET = {{ secret "a;b" }}',
            id="a template",
        ),
        pytest.param(
            "oauth2", "COLOUR", "`#fff`",
            'COLOUR = {{ if env "Y" }}red{{ else }}blue{{ end }} # as', "COLOUR = `#fff` # as",
            id="a block within the value",
        ),
        pytest.param(
            None, "NEW", "1", "; not dev\n", "; not dev\nNEW = 1\n", id="new before any section"
        ),
        pytest.param(
            "server", "ROOT_URL", "1", "3000\n", "3000\nROOT_URL         = 1\n",
            id="new in its column, not in the block at the end",
        ),
        pytest.param(
            "server", "A_VERY_LONG_NAME_INDEED", "1",
            "3000\n", "3000\nA_VERY_LONG_NAME_INDEED = 1\n",
            id="new and wider than the column",
        ),
        pytest.param(
            "repository.upload", "MAX", "1", "ENABLED=true\n", "ENABLED=true\n  MAX=1\n",
            id="new, indented as its siblings",
        ),
        pytest.param(
            "oauth2", "NEW", "", "you like\n", "you like\nNEW =\n", id="new and empty"
        ),
        pytest.param(
            "new", "NEW", "1", "you like\n", "you like\n\n[new]\nNEW = 1\n", id="a new section"
        ),
    ],
)  # fmt: skip
def test_set_in_a_template(section, key, value, old, new):
    assert APP_INI.count(old) == 1
    assert set_twice(APP_INI, section, key, value) == APP_INI.replace(old, new)


@pytest.mark.parametrize(
    ("before", "section", "after"),
    [
        pytest.param("", None, "a = 1\n", id="an empty file"),
        pytest.param("\ufeff", "s", "\ufeff[s]\na = 1\n", id="a byte order mark alone"),
        pytest.param("b=2", None, "b=2\na=1", id="no last newline"),
        pytest.param("[s]\r\nb: 2\r\n", "s", "[s]\r\nb: 2\r\na: 1\r\n", id="CRLF and colons"),
        pytest.param("[s]\n", "s", "[s]\na = 1\n", id="an empty section"),
        pytest.param("[s]", "s", "[s]\na = 1", id="at the end of the file"),
        pytest.param(
            "[s]\n{{ if x }}\nb=2\n{{ end }}\n",
            "s",
            "[s]\na=1\n{{ if x }}\nb=2\n{{ end }}\n",
            id="a section that is all block",
        ),
        pytest.param("[s]\nb=\n; c = 3\n\n[t]\n", "s", "[s]\nb=\na=1\n; c = 3\n\n[t]\n", id="key"),
        pytest.param("[s]\nb =\n", "s", "[s]\nb =\na = 1\n", id="a blank for an empty sibling"),
        pytest.param("[s]\na=\n", "s", "[s]\na=1\n", id="an empty value"),
        pytest.param("[s]\na =\n", "s", "[s]\na = 1\n", id="and its cut blank"),
        pytest.param("[s]\na = ; c\n", "s", "[s]\na = 1 ; c\n", id="and its comment"),
        pytest.param("[s]\nb=2\na ;\n", "s", "[s]\nb=2\na ;\na=1\n", id="a key that is another"),
        pytest.param("[s]\nb=2\na\n", "s", "[s]\nb=2\na=1\n", id="a key alone"),
        pytest.param("[s]\nb=2\n", "t", "[s]\nb=2\n\n[t]\na=1\n", id="the second section"),
        pytest.param(
            "[s]\n  b=2\n[r]\nc=3\n\td=4",
            "t",
            "[s]\n  b=2\n[r]\nc=3\n\td=4\n[t]\n\ta=1",
            id="dense",
        ),
        pytest.param("[s]\nb=2\n\n\n", "t", "[s]\nb=2\n\n[t]\na=1\n\n\n", id="blank lines last"),
        pytest.param("[s]\nb=2\n", None, "a=1\n\n[s]\nb=2\n", id="before the first section"),
        pytest.param(
            "; head\n\n[s]\nb=2\n", None, "; head\n\na=1\n\n[s]\nb=2\n", id="below the head comment"
        ),
        pytest.param(
            "; on s\n[s]\nb=2\n",
            None,
            "a=1\n\n; on s\n[s]\nb=2\n",
            id="above the section's comment",
        ),
        pytest.param(
            "[s]\nb=2\n[t]\nc=3\n[s]\nd=4\n", "s", "[s]\nb=2\n[t]\nc=3\n[s]\nd=4\na=1\n", id="twice"
        ),
        pytest.param(
            "[s]\nb=2\n{{ if x -}}\nc=3\n{{ end -}}\n",
            "t",
            "[s]\nb=2\n{{ if x -}}\nc=3\n{{ end -}}\n\n[t]\na=1\n",
            id="behind a block that eats its own line",
        ),
    ],
)
def test_set(before, section, after):
    assert set_twice(before, section, "a", "1") == after


@pytest.mark.parametrize(
    ("text", "section", "key", "value", "message"),
    [
        pytest.param(
            APP_INI, "server", "DISABLE_SSH", "true",
            "app.ini:11:1: DISABLE_SSH is set at lines 11, 13\n"
            "  change the file with text.replace",
            id="one line a branch",
        ),
        pytest.param(
            APP_INI, "mailer", "FROM", "x",
            "app.ini:21:1: the header [mailer] stands in a template block\n"
            "  change the file with text.replace",
            id="a section in a block",
        ),
        pytest.param(
            APP_INI, "oauth2", "INLINE", "2",
            "app.ini:27:1: INLINE shares its line with a part of a template block\n"
            "  change the file with text.replace",
            id="a block around the key",
        ),
        pytest.param(
            "a = {{ if x }}b\n{{ end }}\n", None, "a", "2",
            "app.ini:1:1: a shares its line with a part of a template block\n"
            "  change the file with text.replace",
            id="a block that starts in the value",
        ),
        pytest.param(
            "{{ if x }}\na = b{{ else }}c\n{{ end }}\n", None, "a", "2",
            "app.ini:2:1: a shares its line with a part of a template block\n"
            "  change the file with text.replace",
            id="a branch that ends in the value",
        ),
        pytest.param(
            "{{ if x }}[s]{{ end }}\n", "s", "a", "2",
            "app.ini:1:1: the header [s] stands in a template block\n"
            "  change the file with text.replace",
            id="a header within one line's block",
        ),
        pytest.param(
            "[s]\n{{ if x }}\n", "t", "a", "2",
            "app.ini: a template block of the file is left open, or closed twice\n"
            "  close it with {{ end }} first",
            id="the end is in a block",
        ),
        pytest.param(
            'b = {{ env "X" -}}\n; c\n', None, "a", "2",
            "app.ini:1:1: a new line would be joined to the one above, which ends in -}}\n"
            "  change the file with text.replace",
            id="a line break that the template eats",
        ),
        pytest.param(
            "b = 1\n{{- if x -}}\n{{- end -}}\n", "s", "a", "2",
            "app.ini:3:1: a new line would be joined to the one above, which ends in -}}\n"
            "  change the file with text.replace",
            id="a block that eats the line above too",
        ),
        pytest.param(
            "{{/* b = 2\n", None, "a", "{{ x }}",
            "app.ini: a template action around a is left open\n  close it with }} first",
            id="an action nobody closed",
        ),
        pytest.param(
            "", "s", "a", "b#c",
            'app.ini: [s] a = b#c would be read otherwise\n'
            "  a value with ; or # stands in quotes: \"…\" or `…`",
            id="a comment mark",
        ),
        pytest.param(
            "", None, "a", "b\nc",
            'app.ini: a = b\nc would be read otherwise\n'
            "  a value with ; or # stands in quotes: \"…\" or `…`",
            id="a line break",
        ),
        pytest.param(
            "", None, "a", "{{ if x }}",
            "app.ini: the value of a opens a template block and leaves it open\n"
            "  write such a block with text.replace",
            id="half a block",
        ),
        pytest.param(
            'account default\nhost {{ env "HOST" }}\n', None, "a", "2",
            "app.ini: this is no INI file: no line of it is `key = value` or `[section]`\n"
            "  change it with text.insert or text.replace",
            id="a file of another syntax",
        ),
    ],
)  # fmt: skip
def test_set_refuses(text, section, key, value, message):
    with pytest.raises(EditRefused) as caught:
        ini.set_value(text, section, key, value, path="app.ini")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("s", "a=b", "c"),
        ("s", ";a", "c"),
        ("s", "[a]", "c"),
        ("s", "", "c"),
        ("s", "a\n", "c"),
        ("s]", "a", "c"),
        ("s\n", "a", "c"),
        ("s", "a", " c"),
        ("s", "a", "c "),
        ("s", "a", "c\rd"),
        ("s", "a", "c\0"),
    ],
)
def test_set_refuses_what_would_be_read_otherwise(section, key, value):
    with pytest.raises(EditRefused, match="would be read otherwise"):
        ini.set_value("", section, key, value)


# --- unsetting


@pytest.mark.parametrize(
    ("section", "key"), [("server", "NOTHING"), ("nothing", "HTTP_PORT"), (None, "HTTP_PORT")]
)
def test_unset_changes_nothing(section, key):
    assert ini.unset(APP_INI, section, key) == APP_INI


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("[s]\na=1 ; c\nb=2\n", "[s]\nb=2\n", id="with its comment"),
        pytest.param("[s]\r\nb=2\r\na=1", "[s]\r\nb=2", id="the last line without a newline"),
        pytest.param("[s]\n\na=1\n\nb=2\n", "[s]\n\nb=2\n", id="one run of blank lines"),
        pytest.param("[s]\n; on a\na=1\n", "[s]\n; on a\n", id="a comment above stays"),
        pytest.param("[t]\na=0\n[s]\na=1\n", "[t]\na=0\n[s]\n", id="another section's stays"),
        pytest.param(
            "[s]\n{{ if x }}\na=1\nb=2\n{{ end }}\n",
            "[s]\n{{ if x }}\nb=2\n{{ end }}\n",
            id="block",
        ),
    ],
)
def test_unset(before, after):
    assert ini.unset(before, "s", "a") == after
    assert ini.unset(after, "s", "a") == after


@pytest.mark.parametrize(
    ("section", "key", "message"),
    [
        ("server", "DISABLE_SSH", "is set at lines 11, 13"),
        ("mailer", "ENABLED", "stands in a template block"),
        ("oauth2", "INLINE", "shares its line with a part of a template block"),
    ],
)
def test_unset_refuses(section, key, message):
    with pytest.raises(EditRefused, match=message):
        ini.unset(APP_INI, section, key)


# --- properties

rows = st.sampled_from(
    [
        "",
        "; a = comment",
        "[s]",
        "[t]",
        "b = 1",
        "  c=2 ; d",
        'd : {{ env "x ; [s]" }}',
        "{{ if x }}",
        "{{- else -}}",
        "{{ end }}",
        "{{/* b = 2",
        "*/}}",
        "e",
    ]
)
texts = st.builds(
    lambda mark, lines, eol, last: mark + eol.join(lines) + (eol if last else ""),
    st.sampled_from(["", "\ufeff"]),
    st.lists(rows, max_size=9),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
sections = st.sampled_from([None, "s", "t", "u"])
keys = st.sampled_from(["a", "b", "c", "d", "e"])
values = st.one_of(
    st.sampled_from(["1", "", '"a;b"', '{{ secret "x" }}', "{{ if x }}1{{ end }}", "{{ if x }}"]),
    st.text(st.sampled_from("ab;#=\"'` {}[]")),
)


def filled(text: str) -> list[str]:
    body = text.removeprefix("\ufeff")
    return [row.removesuffix("\r") for row in body.split("\n") if row.strip()]


def every(text: str) -> list[tuple[str | None, str, str | None]]:
    return [(s, k, ini.get(text, s, k)) for s in (None, "s", "t", "u") for k in "abcde"]


@given(texts, sections, keys, values)
@settings(deadline=None, max_examples=300)
def test_set_then_get(text, section, key, value):
    try:
        once = ini.set_value(text, section, key, value)
    except EditRefused:
        return
    assert ini.get(once, section, key) == value
    assert ini.set_value(once, section, key, value) == once
    others = [entry for entry in every(text) if entry[:2] != (section, key)]
    assert [entry for entry in every(once) if entry[:2] != (section, key)] == others
    old, new = filled(text), filled(once)
    assert len([row for row in old if row not in new]) <= 1
    assert len(new) - len(old) in {0, 1, 2}


@given(texts, sections, keys)
@settings(deadline=None, max_examples=200)
def test_unset_then_get(text, section, key):
    try:
        once = ini.unset(text, section, key)
    except EditRefused:
        return
    assert ini.get(once, section, key) is None
    others = [entry for entry in every(text) if entry[:2] != (section, key)]
    assert [entry for entry in every(once) if entry[:2] != (section, key)] == others
    remaining = iter(filled(text))
    assert all(row in remaining for row in filled(once))
