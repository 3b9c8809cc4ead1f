"""text.replace and text.insert: once, where the words stand, and never twice."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from patchkit.draft import Draft
from patchkit.ops import Changed, Unchanged, find_op, run
from patchkit.tree import RecipeTree

CADDY = """\
{
    on_demand_tls {
        ask http://app:3000/tls-check
    }
}

example.com {
    reverse_proxy http://app:3000
    log
}
"""
REPLACE = "op: text.replace\nfile: Caddyfile\n"
INSERT = "op: text.insert\nfile: Caddyfile\n"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        pytest.param(
            CADDY.replace("app:", "pds:"),
            "find: reverse_proxy http://app:3000\nwith: reverse_proxy http://pds:3000\n",
            id="replaced already",
        ),
        pytest.param(
            CADDY.replace("log\n", "logs\n"),
            "find: log\nwith: logs\n",
            id="the new words hold the old",
        ),
        pytest.param(
            CADDY.replace("\n", "\r\n").replace("log\r\n", "log\r\n    gzip\r\n"),
            'find: "log\\n"\nwith: "log\\n    gzip\\n"\n',
            id="over lines, CRLF",
        ),
        pytest.param(
            CADDY.replace("app", "pds"),
            "find: app:3000\nwith: pds:3000\ncount: 2\n",
            id="replaced twice",
        ),
        pytest.param(
            CADDY.replace("3000", "4000"), "regex: ':\\d{4}'\nwith: ':4000'\ncount: 2\n", id="regex"
        ),
        pytest.param(
            CADDY.replace("app:3000", "h-app:3000-x"),
            "regex: 'app:(\\d+)'\nwith: 'h-app:\\1-x'\ncount: any\n",
            id="regex whose replacement matches again",
        ),
        pytest.param(
            CADDY.replace("    log", "    gzip\n\tlog"),
            "regex: '^    (log)$'\nwith: '    gzip\\n\\t\\1'\n",
            id="regex with escapes in the new words",
        ),
        pytest.param(
            CADDY.replace("app:3000", "pds:3000"),
            "regex: 'app:(\\d+)'\nwith: 'pds:\\1'\ncount: 2\n",
            id="regex with a group, replaced already",
        ),
    ],
)
def test_replace_leaves_what_is_so(text, rest, check_noop):
    check_noop({"Caddyfile": text}, REPLACE + rest)


@pytest.mark.parametrize(
    ("rest", "after"),
    [
        pytest.param(
            "find: reverse_proxy http://app\nwith: reverse_proxy http://pds\n",
            CADDY.replace("proxy http://app", "proxy http://pds"),
            id="once",
        ),
        pytest.param("find: app\nwith: pds\ncount: 2\n", CADDY.replace("app", "pds"), id="twice"),
        pytest.param(
            "find: app\nwith: pds\ncount: any\n", CADDY.replace("app", "pds"), id="any number"
        ),
        pytest.param("find: log\nwith: logs\n", CADDY.replace("log", "logs"), id="grows"),
        pytest.param(
            'find: "    log\\n"\nwith: ""\n', CADDY.replace("    log\n", ""), id="cut out"
        ),
        pytest.param(
            "regex: '^ +ask http://(\\w+):'\nwith: '        ask http://x-\\1:'\n",
            CADDY.replace("ask http://app", "ask http://x-app"),
            id="regex with a group",
        ),
        pytest.param(
            "find: |\n  example.com {\nwith: |\n  # the world\n  example.com {\n",
            CADDY.replace("example", "# the world\nexample"),
            id="whole lines",
        ),
    ],
)
def test_replace_changes_what_matches(rest, after, check_changed):
    check_changed({"Caddyfile": CADDY}, REPLACE + rest, {"Caddyfile": after})
    crlf = {"Caddyfile": "\ufeff" + CADDY.rstrip("\n").replace("\n", "\r\n")}
    expected = "\ufeff" + after.rstrip("\n").replace("\n", "\r\n")
    check_changed(crlf, REPLACE + rest, {"Caddyfile": expected})


def test_replace_counts(check_refused):
    rest = "find: app:3000\nwith: pds:3000\n"
    check_refused({"Caddyfile": CADDY}, REPLACE + rest, "2 matches", "lines 3, 8", at="Caddyfile:3")
    check_refused({"Caddyfile": CADDY}, REPLACE + rest + "count: 3\n", "2 matches", "not 3")


def test_replace_does_not_finish_what_is_half_done(check_refused):
    text = CADDY.replace("proxy http://app", "proxy http://my-app")
    rest = "find: app\nwith: my-app\ncount: 2\n"
    check_refused({"Caddyfile": text}, REPLACE + rest, "1 of 2 matches", "replaced already")


def test_replace_refuses_groups_that_the_regex_has_not(check_refused):
    rest = "regex: 'app:(\\d+)'\nwith: 'pds:\\2'\ncount: 2\n"
    check_refused({"Caddyfile": CADDY}, REPLACE + rest, "does not fit the regex")


def test_replace_names_the_nearest_lines(check_refused, check_noop):
    rest = "find: reverse_proxy http://ap:3000\nwith: x y z\n"
    check_refused({"Caddyfile": CADDY}, REPLACE + rest, 'nearest: "reverse_proxy http://app:3000"')
    check_noop({"Caddyfile": CADDY}, REPLACE + "find: handle_errors\nwith: ''\noptional: true\n")
    check_refused({"Caddyfile": CADDY}, REPLACE + "find: QQQQ\nwith: ''\n", "no line is like it")
    check_refused({"Caddyfil": CADDY}, REPLACE + "find: a\nwith: b\n", "mean Caddyfil?")


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("with: x\n", 'needs either "find" or "regex"'),
        ("find: a\nregex: b\nwith: x\n", 'needs either "find" or "regex"'),
        ("find: ''\nwith: x\n", "at least 1 character"),
        ("regex: '['\nwith: x\n", "not a regular expression"),
        ("find: a\nwith: x\ncount: 0\n", "greater than or equal to 1"),
        ("find: a\nwith: x\ncount: all\n", "valid integer"),
        ("find: a\n", "with"),
    ],
)
def test_replace_refuses_what_it_cannot_mean(rest, words, make):
    with pytest.raises(ValidationError, match=words):
        make({"Caddyfile": CADDY}, REPLACE + rest)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        pytest.param(CADDY.replace("    log\n", "    log\n    gzip\n"), "after: log\n", id="after"),
        pytest.param(
            CADDY.replace("    log\n", "    gzip\n    log\n"), "before: log\n", id="before"
        ),
        pytest.param("    gzip\n" + CADDY, "at: start\n", id="start"),
        pytest.param(CADDY + "    gzip\n", "at: end\n", id="end"),
        pytest.param(CADDY + "    gzip", "at: end\n", id="end, no final newline"),
        pytest.param(
            CADDY.replace("/tls-check\n", "/tls-check\n    gzip\n")
            .replace("3000\n", "3000\n    gzip\n")
            .replace("\n", "\r\n"),
            "after: http://\\w+\nregex: true\ncount: 2\n",
            id="regex, twice, CRLF",
        ),
    ],
)
def test_insert_leaves_what_is_so(text, rest, check_noop):
    check_noop({"Caddyfile": text}, INSERT + 'text: "    gzip\\n"\n' + rest)


@pytest.mark.parametrize(
    ("rest", "after"),
    [
        pytest.param(
            'after: log\ntext: "    gzip"\n', CADDY.replace("log\n", "log\n    gzip\n"), id="after"
        ),
        pytest.param(
            'before: "    log"\ntext: |\n  # a\n  # b\n',
            CADDY.replace("    log\n", "# a\n# b\n    log\n"),
            id="before, two lines",
        ),
        pytest.param('at: start\ntext: "# a"\n', "# a\n" + CADDY, id="start"),
        pytest.param('at: end\ntext: "# a"\n', CADDY + "# a\n", id="end"),
        pytest.param(
            'after: "app:3000"\ntext: "# a"\ncount: 2\n',
            CADDY.replace("/tls-check\n", "/tls-check\n# a\n").replace(
                "http://app:3000\n    log", "http://app:3000\n# a\n    log"
            ),
            id="twice",
        ),
        pytest.param(
            'after: log\ntext: "    log_more"\n',
            CADDY.replace("log\n", "log\n    log_more\n"),
            id="the new line holds the words too",
        ),
    ],
)
def test_insert_puts_lines_beside(rest, after, check_changed):
    check_changed({"Caddyfile": CADDY}, INSERT + rest, {"Caddyfile": after})
    crlf = {"Caddyfile": CADDY.rstrip("\n").replace("\n", "\r\n")}
    expected = after.rstrip("\n").replace("\n", "\r\n")
    check_changed(crlf, INSERT + rest, {"Caddyfile": expected})


def test_insert_counts_and_does_not_finish_what_is_half_done(check_refused):
    rest = 'after: "app:3000"\ntext: "# a"\n'
    check_refused({"Caddyfile": CADDY}, INSERT + rest, "2 matches", "lines 3, 8")
    half = CADDY.replace("/tls-check\n", "/tls-check\n# a\n")
    check_refused({"Caddyfile": half}, INSERT + rest + "count: 2\n", "already at 1 of 2 places")


def test_insert_names_the_nearest_lines(check_refused, check_noop):
    rest = 'after: reverse_prox http\ntext: "# a"\n'
    check_refused({"Caddyfile": CADDY}, INSERT + rest, 'nearest: "reverse_proxy http://app:3000"')
    check_noop({"Caddyfile": CADDY}, INSERT + "after: zzz\ntext: a\noptional: true\n")


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("text: a\n", "needs one of"),
        ("text: a\nafter: b\nat: end\n", "needs one of"),
        ("after: b\n", 'needs either "text" or "template"'),
        ("text: a\nat: middle\n", "'start' or 'end'"),
    ],
)
def test_insert_refuses_what_it_cannot_mean(rest, words, make):
    with pytest.raises(ValidationError, match=words):
        make({"Caddyfile": CADDY}, INSERT + rest)


def test_replace_in_every_file_that_has_the_words(check_changed, check_noop, check_refused):
    files = {"a.yml": "x: old\n", "b.yml": "y: old\nz: old\n", "c.yml": "y\n", "d.txt": "old\n"}
    step = "op: text.replace\nfile: '*.yml'\nfind: old\nwith: new\ncount: any\n"
    after = {"a.yml": "x: new\n", "b.yml": "y: new\nz: new\n"}
    check_changed(files, step, after)
    check_noop(files | after, step)
    check_refused({"a.txt": "old\n"}, step, 'no match of "old" in *.yml')
    check_refused(files, step.replace("any", "1"), "2 matches")


@pytest.mark.parametrize(
    ("before", "rest", "after"),
    [
        pytest.param("a\nb\n", "after: a", "a\n\nx\n\nb\n", id="between lines"),
        pytest.param("a\n\nb\n", "after: a", "a\n\nx\n\nb\n", id="before a blank line"),
        pytest.param("a\n\nb\n", "before: b", "a\n\nx\n\nb\n", id="behind a blank line"),
        pytest.param("a\r\nb\r\n", "before: b", "a\r\n\r\nx\r\n\r\nb\r\n", id="CRLF"),
        pytest.param("a\n", "after: a", "a\n\nx\n", id="last"),
        pytest.param("a", "after: a", "a\n\nx", id="no final newline"),
        pytest.param("a\n", "before: a", "x\n\na\n", id="first"),
    ],
)
def test_insert_keeps_lines_apart(before, rest, after, check_changed):
    step = f"op: text.insert\nfile: f\ntext: x\napart: true\n{rest}\n"
    check_changed({"f": before}, step, {"f": after})


def test_insert_takes_a_template():
    op = find_op("text.insert")
    step = op.model.model_validate(
        {"op": "text.insert", "file": "a.sh", "template": "lines.j2", "at": "end"}
    )
    draft = Draft(RecipeTree.from_files({"a.sh": "one\n"}))
    draft.template = {"lines.j2": "two\nthree\n"}.__getitem__
    assert isinstance(run(op, draft, step), Changed)
    assert draft.tree.text("a.sh") == "one\ntwo\nthree\n"
    assert isinstance(run(op, draft, step), Unchanged)


COMPOSE = "services:\n  app:\n    image: a:1\n    tty: true\n"


def test_a_compose_file_stays_one_that_docker_reads(check_changed, check_refused):
    replace = "op: text.replace\nfile: compose.yml\n"
    check_changed(
        {"compose.yml": COMPOSE},
        replace + 'find: "a:1"\nwith: "a:2"\n',
        {"compose.yml": COMPOSE.replace("a:1", "a:2")},
    )
    check_refused(
        {"compose.yml": COMPOSE},
        replace + 'find: "    tty"\nwith: " tty"\n',
        "Docker could not read the result",
        at="compose.yml:4",
    )
    check_refused(
        {"compose.yml": COMPOSE},
        "op: text.insert\nfile: compose.yml\nafter: tty\ntext: '    image: b'\n",
        "'image' stands twice",
        at="compose.yml:5",
    )


def test_a_broken_compose_file_can_be_repaired(check_changed):
    broken = COMPOSE.replace("    tty", " tty")
    check_changed(
        {"compose.yml": broken},
        'op: text.replace\nfile: compose.yml\nfind: " tty"\nwith: "    tty"\n',
        {"compose.yml": COMPOSE},
    )
