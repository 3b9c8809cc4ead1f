"""Entries of labels and environment in both forms, as exact texts before and after."""

from __future__ import annotations

from textwrap import dedent

import pytest
from verbs import check_changed, check_noop, check_refused

from patchkit.edit.keyed import entries, rename_entry, set_entry, unset_entry
from patchkit.edit.yaml import YamlEditor

ENV = ("environment",)
LABELS = ("deploy", "labels")

LIST = dedent("""\
    environment:
      # the mail host
      - SMTP_HOST=mail   # inside
      - "SMTP_PORT=25"
      - PASSED_THROUGH

      - DB_URL=postgres://db:5432/app?sslmode=off
    image: app:1
    """)

MAPPING = dedent("""\
    environment:
      # the mail host
      SMTP_HOST: mail   # inside
      SMTP_PORT: 25
      SMTP_TLS: "false"
      'QUOTED': 'it''s'
      PASSED_THROUGH:
      EMPTY: ""
    image: app:1
    """)


def put(key, value, path=ENV, **how):
    return lambda editor: set_entry(editor, path, key, value, **how)


def cut(key, path=ENV):
    return lambda editor: unset_entry(editor, path, key)


def name(old, new, path=ENV):
    return lambda editor: rename_entry(editor, path, old, new)


# --- reading ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(
            LIST,
            {
                "SMTP_HOST": "mail",
                "SMTP_PORT": "25",
                "PASSED_THROUGH": None,
                "DB_URL": "postgres://db:5432/app?sslmode=off",
            },
            id="list",
        ),
        pytest.param(
            MAPPING,
            {
                "SMTP_HOST": "mail",
                "SMTP_PORT": "25",
                "SMTP_TLS": "false",
                "QUOTED": "it's",
                "PASSED_THROUGH": None,
                "EMPTY": "",
            },
            id="mapping",
        ),
        pytest.param("environment: [A=1, 'B=']\n", {"A": "1", "B": ""}, id="brackets"),
        pytest.param("environment: {A: 0555, B: yes}\n", {"A": "0555", "B": "yes"}, id="braces"),
        pytest.param("environment:\n", {}, id="null"),
        pytest.param("environment: []\n", {}, id="empty"),
        pytest.param("image: a\n", {}, id="missing"),
        pytest.param("x: &x\n  - A=1\nenvironment: *x\n", {"A": "1"}, id="alias"),
        pytest.param("x: &x A=1\nenvironment: [*x]\n", {"A": "1"}, id="aliased item"),
        pytest.param(
            "x: &x {A: 1, B: 2}\nenvironment:\n  B: 3\n  <<: *x\n  C: 4\n",
            {"A": "1", "B": "3", "C": "4"},
            id="merge key",
        ),
    ],
)
def test_entries(text, found):
    assert list(entries(YamlEditor(text), ENV).items()) == list(found.items())


# --- what must not change -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "act"),
    [
        pytest.param(LIST, put("SMTP_HOST", "mail"), id="in a list"),
        pytest.param(LIST, put("SMTP_PORT", "25"), id="in a quoted item"),
        pytest.param(LIST, put("PASSED_THROUGH", None), id="handed through, in a list"),
        pytest.param(MAPPING, put("SMTP_HOST", "mail"), id="in a mapping"),
        # Docker takes a number as its text: no reason to put it in quotes.
        pytest.param(MAPPING, put("SMTP_PORT", "25"), id="a number"),
        pytest.param("environment:\n  A: 1.50\n", put("A", "1.50"), id="a number with a zero"),
        pytest.param(MAPPING, put("PASSED_THROUGH", None), id="handed through, in a mapping"),
        pytest.param(MAPPING, put("SMTP_HOST", "mail", form="list"), id="form is for new ones"),
        pytest.param(MAPPING, put("SMTP_HOST", "mail", after="EMPTY"), id="place is for new ones"),
        pytest.param(LIST, cut("SMTP_USER"), id="removing what is missing"),
        pytest.param("image: a\n", cut("A"), id="removing from what is missing"),
        pytest.param(LIST, name("SMTP_USER", "USER"), id="renaming what is missing"),
        pytest.param(LIST, name("SMTP_HOST", "SMTP_HOST"), id="renaming to the same"),
        pytest.param(
            "x: &x {A: b}\nenvironment:\n  <<: *x\n", put("A", "b"), id="given by a merge key"
        ),
    ],
)
def test_noop(text, act):
    check_noop(text, act)
    assert act(YamlEditor(text)) is False


# --- setting ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "act", "after"),
    [
        pytest.param(
            LIST,
            put("SMTP_HOST", "relay"),
            LIST.replace("=mail ", "=relay "),
            id="item, comment kept",
        ),
        pytest.param(LIST, put("SMTP_PORT", "587"), LIST.replace("25", "587"), id="item in quotes"),
        pytest.param(
            LIST,
            put("SMTP_HOST", "a: b"),
            LIST.replace("SMTP_HOST=mail ", '"SMTP_HOST=a: b" '),
            id="item that needs quotes now",
        ),
        pytest.param(
            LIST,
            put("PASSED_THROUGH", "set"),
            LIST.replace("PASSED_THROUGH", "PASSED_THROUGH=set"),
            id="item gets a value",
        ),
        pytest.param(
            LIST,
            put("DB_URL", None),
            LIST.replace("=postgres://db:5432/app?sslmode=off", ""),
            id="item loses its value",
        ),
        pytest.param(
            MAPPING,
            put("SMTP_HOST", "relay"),
            MAPPING.replace(": mail ", ": relay "),
            id="pair, comment kept",
        ),
        pytest.param(MAPPING, put("SMTP_PORT", "587"), MAPPING.replace("25", "587"), id="number"),
        pytest.param(
            MAPPING, put("SMTP_PORT", "none"), MAPPING.replace("25", "none"), id="number to text"
        ),
        pytest.param(
            MAPPING, put("SMTP_PORT", "007"), MAPPING.replace("25", '"007"'), id="zeros are text"
        ),
        pytest.param(
            MAPPING, put("SMTP_HOST", "true"), MAPPING.replace(": mail", ': "true"'), id="boolean"
        ),
        pytest.param(
            MAPPING, put("SMTP_HOST", "no"), MAPPING.replace(": mail", ': "no"'), id="PyYAML's no"
        ),
        pytest.param(
            MAPPING,
            put("SMTP_HOST", "25"),
            MAPPING.replace(": mail", ': "25"'),
            id="text to digits",
        ),
        pytest.param(
            MAPPING, put("SMTP_HOST", "null"), MAPPING.replace(": mail", ': "null"'), id="null"
        ),
        pytest.param(
            MAPPING, put("QUOTED", "isn't"), MAPPING.replace("it''s", "isn''t"), id="quotes kept"
        ),
        pytest.param(
            MAPPING,
            put("PASSED_THROUGH", "x"),
            MAPPING.replace("PASSED_THROUGH:", "PASSED_THROUGH: x"),
            id="null gets a value",
        ),
        pytest.param(
            MAPPING, put("EMPTY", None), MAPPING.replace('EMPTY: ""', "EMPTY:"), id="to null"
        ),
        # Docker refuses a bare boolean here, so that its text alone is not what was asked.
        pytest.param(
            "environment:\n  A: true\n", put("A", "true"), 'environment:\n  A: "true"\n', id="bare"
        ),
        pytest.param(
            "x: &x {A: 1}\nenvironment:\n  <<: *x\n",
            put("A", "2"),
            "x: &x {A: 1}\nenvironment:\n  <<: *x\n  A: 2\n",
            id="overrides a merge key",
        ),
        pytest.param(
            "environment: [A=1, 'B=2']\n",
            put("B", "3"),
            "environment: [A=1, 'B=3']\n",
            id="brackets",
        ),
        pytest.param(
            "environment: {A: x, B: 2}\n",
            put("A", "y"),
            'environment: {A: "y", B: 2}\n',
            id="braces",
        ),
        pytest.param(
            "labels:\n  - coop-cloud.${STACK_NAME}.timeout=60\n",
            put("coop-cloud.${STACK_NAME}.timeout", "300", ("labels",)),
            "labels:\n  - coop-cloud.${STACK_NAME}.timeout=300\n",
            id="a key with a variable",
        ),
    ],
)
def test_set_what_is_there(text, act, after):
    check_changed(text, act, after)
    assert act(YamlEditor(text)) is True


DEPLOYED = dedent("""\
    deploy:
      labels:
        - "traefik.enable=true"
        # the router
        - "traefik.http.routers.app.rule=Host(`a.example.com`)"
        - "traefik.http.services.app.loadbalancer.server.port=80"
        - "coop-cloud.${STACK_NAME}.version=1.0.0+2.0.0"

        - "backupbot.backup=true"
        - "backupbot.backup.pre-hook=dump" # hook
        # - "backupbot.restore=true"
      replicas: 1
    """)


@pytest.mark.parametrize(
    ("key", "above"),
    [
        pytest.param("backupbot.backup.path", '=dump" # hook\n', id="longest prefix, last of them"),
        pytest.param("backupbot.other", '=dump" # hook\n', id="one word shared"),
        pytest.param("traefik.docker.network", 'server.port=80"\n', id="among others"),
        pytest.param("traefik.http.routers.app.tls", 'com`)"\n', id="behind its router"),
        pytest.param("coop-cloud.${STACK_NAME}.timeout", '+2.0.0"\n', id="variable is a word"),
        pytest.param("unrelated", '=dump" # hook\n', id="nothing shared: last"),
    ],
)
def test_a_new_item_joins_its_kin(key, above):
    after = DEPLOYED.replace(above, f'{above}    - "{key}=x"\n')
    check_changed(DEPLOYED, put(key, "x", LABELS), after)


@pytest.mark.parametrize(
    ("text", "act", "after"),
    [
        pytest.param(
            MAPPING,
            put("SMTP_USER", "me"),
            MAPPING.replace('TLS: "false"\n', 'TLS: "false"\n  SMTP_USER: me\n'),
            id="pair joins its kin",
        ),
        pytest.param(
            MAPPING,
            put("SMTP_USER", "me", after="SMTP_HOST"),
            MAPPING.replace("# inside\n", "# inside\n  SMTP_USER: me\n"),
            id="pair at a place",
        ),
        pytest.param(
            LIST,
            put("NEW", "1", after="SMTP_HOST"),
            LIST.replace("# inside\n", "# inside\n  - NEW=1\n"),
            id="item at a place",
        ),
        pytest.param(
            LIST,
            put("NEW", "1", after="NOT_THERE"),
            LIST.replace("=off\n", "=off\n  - NEW=1\n"),
            id="after what is missing: last",
        ),
        pytest.param(
            MAPPING,
            put("NEW", "3000"),
            MAPPING.replace('EMPTY: ""\n', 'EMPTY: ""\n  NEW: "3000"\n'),
            id="digits are text",
        ),
        pytest.param(
            MAPPING,
            put("NEW", None),
            MAPPING.replace('EMPTY: ""\n', 'EMPTY: ""\n  NEW:\n'),
            id="pair handed through",
        ),
        pytest.param(
            LIST, put("NEW", None), LIST.replace("=off\n", "=off\n  - NEW\n"), id="item handed on"
        ),
        pytest.param(
            "environment: [A_1=1, B=2]\n",
            put("A_2", "x"),
            "environment: [A_1=1, A_2=x, B=2]\n",
            id="brackets",
        ),
        pytest.param(
            "environment: {A: b}\n", put("N", "c d"), 'environment: {A: b, "N": c d}\n', id="braces"
        ),
    ],
)
def test_add_an_entry(text, act, after):
    check_changed(text, act, after)
    assert act(YamlEditor(text)) is True


@pytest.mark.parametrize(
    ("text", "act", "after"),
    [
        pytest.param("image: a\n", put("A", "1"), "image: a\nenvironment:\n  - A=1\n", id="list"),
        pytest.param(
            "image: a\n",
            put("A", "1", form="mapping"),
            'image: a\nenvironment:\n  A: "1"\n',
            id="as asked",
        ),
        pytest.param(
            "labels:\n  A: b\n",
            put("K", "v", LABELS),
            "labels:\n  A: b\ndeploy:\n  labels:\n    K: v\n",
            id="as the others of this name",
        ),
        pytest.param(
            "environment:\n  A: b\n",
            put("K", "v", ("labels",)),
            "environment:\n  A: b\nlabels:\n  K: v\n",
            id="as those of the other name",
        ),
        pytest.param(
            "x:\n  labels: [a=1]\nenvironment:\n  A: b\n",
            put("K", "v", ("labels",)),
            "x:\n  labels: [a=1]\nenvironment:\n  A: b\nlabels:\n  - K=v\n",
            id="this name before the other",
        ),
        pytest.param("environment:\n", put("K", "v"), "environment:\n  - K=v\n", id="null"),
        pytest.param("environment: {}\n", put("K", "v"), "environment:\n  K: v\n", id="braces"),
        pytest.param("environment: []\n", put("K", "v"), "environment:\n  - K=v\n", id="brackets"),
    ],
)
def test_a_collection_is_made(text, act, after):
    check_changed(text, act, after)


# --- removing and renaming ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "act", "after"),
    [
        pytest.param(
            LIST,
            cut("SMTP_HOST"),
            LIST.replace("  # the mail host\n  - SMTP_HOST=mail   # inside\n", ""),
            id="item with its comments",
        ),
        pytest.param(
            MAPPING,
            cut("SMTP_HOST"),
            MAPPING.replace("  # the mail host\n  SMTP_HOST: mail   # inside\n", ""),
            id="pair with its comments",
        ),
        pytest.param(
            LIST, cut("PASSED_THROUGH"), LIST.replace("  - PASSED_THROUGH\n", ""), id="bare"
        ),
        pytest.param("environment: [A=1]\nb: 1\n", cut("A"), "b: 1\n", id="the only one"),
        pytest.param("environment: {A: 1, B: 2}\n", cut("A"), "environment: {B: 2}\n", id="braces"),
        pytest.param(
            LIST, name("SMTP_HOST", "MAIL_HOST"), LIST.replace("SMTP_HOST", "MAIL_HOST"), id="item"
        ),
        pytest.param(
            LIST,
            name("SMTP_PORT", "MAIL_PORT"),
            LIST.replace("SMTP_PORT", "MAIL_PORT"),
            id="quoted",
        ),
        pytest.param(
            LIST, name("PASSED_THROUGH", "P"), LIST.replace("PASSED_THROUGH", "P"), id="bare item"
        ),
        pytest.param(
            MAPPING, name("SMTP_PORT", "MAIL"), MAPPING.replace("SMTP_PORT", "MAIL"), id="pair"
        ),
        pytest.param(MAPPING, name("QUOTED", "Q"), MAPPING.replace("QUOTED", "Q"), id="quoted key"),
    ],
)
def test_remove_and_rename(text, act, after):
    check_changed(text, act, after)
    assert act(YamlEditor(text)) is True


def test_move_an_entry_between_services():
    editor = YamlEditor("a:\n  labels:\n    - k=v\n    - l=w\nb:\n  labels:\n    x: z\n")
    value = entries(editor, ("a", "labels"))["k"]
    assert set_entry(editor, ("b", "labels"), "k", value)
    assert unset_entry(editor, ("a", "labels"), "k")
    assert editor.text == "a:\n  labels:\n    - l=w\nb:\n  labels:\n    x: z\n    k: v\n"


# --- refusals -----------------------------------------------------------------------------

TWICE = "environment:\n  - A=1\n  - B=1\n  - A=2\n  - A\n"


@pytest.mark.parametrize(
    ("text", "act", "message", "line"),
    [
        pytest.param(
            TWICE,
            put("A", "3"),
            "A stands 3 times in environment, at lines 2, 4 and 5",
            4,
            id="set what stands twice",
        ),
        pytest.param(TWICE, cut("A"), "A stands 3 times", 4, id="remove what stands twice"),
        pytest.param(TWICE, name("A", "C"), "A stands 3 times", 4, id="rename what stands twice"),
        pytest.param(LIST, name("SMTP_HOST", "DB_URL"), "DB_URL is there already", 7, id="taken"),
        pytest.param(
            "environment: text\n", put("A", "1"), "neither a list nor a mapping", 1, id="text"
        ),
        pytest.param(
            "environment:\n  - A: b\n",
            put("C", "1"),
            "an entry is no text",
            2,
            id="mapping in a list",
        ),
        pytest.param(
            "environment:\n  A: [b]\n", put("A", "1"), "an entry is no text", 2, id="list"
        ),
        pytest.param(
            "x: &x [A=1]\nenvironment: *x\n",
            put("A", "2"),
            "reached through the alias *x",
            2,
            id="alias",
        ),
        pytest.param(
            "x: &x {A: b}\nenvironment:\n  <<: *x\n",
            cut("A"),
            "reached through the alias *x",
            3,
            id="removing what is merged",
        ),
    ],
)
def test_refused(text, act, message, line):
    check_refused(text, act, message, line=line)


def test_another_entry_beside_what_stands_twice():
    check_changed(TWICE, put("B", "2"), TWICE.replace("B=1", "B=2"))


def test_an_aliased_collection_is_written_out_when_told_to():
    check_changed(
        "x: &x\n  - A=1\nenvironment: *x\n",
        put("A", "2"),
        "x: &x\n  - A=1\nenvironment:\n  - A=2\n",
        on_alias="expand",
    )
    check_changed(
        "x: &x\n  - A=1\nenvironment: *x\n",
        put("B", "2"),
        "x: &x\n  - A=1\n  - B=2\nenvironment: *x\n",
        on_alias="edit-anchor",
    )
