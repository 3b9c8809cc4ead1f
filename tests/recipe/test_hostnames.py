"""Where a text names the service `app`: `^` marks a certain place, `?` one that may be it."""

from __future__ import annotations

import pytest

from patchkit.recipe.hostnames import Context, find

NOT_THE_SERVICE = [
    "https://app.example.com/",
    "https://example.com/app",
    "/opt/app/static",
    "log container_app {",
    "app.bsky.feed.getTimeline",
    "abra app new gitea",
    "abra app deploy <domain>",
    "--app",
    "MY_APP=1 app_name=x",
    "${app}",
    "$app",
    "smtp://postfix-relay_app:25",
    "app-data:/data",
    "myapp:3000",
    "registry.example.com/app:1.2",
    "email@app.org",
    "key app=1",
]


@pytest.mark.parametrize("text", NOT_THE_SERVICE)
@pytest.mark.parametrize("context", [Context.COMMAND, Context.CONFIG, Context.PROSE])
def test_what_only_looks_like_it_is_left_alone(text, context):
    assert find(text, "app", context) == []


CERTAIN = [
    ("http://app:3000/x", "       ^^^        "),
    ("reverse_proxy http://app", "                     ^^^"),
    ("postgres://u:p@app:5432/db", "               ^^^        "),
    ("redis://app/0", "        ^^^  "),
    ("proxy to app:3000;", "         ^^^      "),
    ("curl app:${PORT}", "     ^^^        "),
    ("to app:{$PORT:80}", "   ^^^           "),
    ("curl app:$PORT/", "     ^^^       "),
    ("fastcgi_pass app:9000;", "             ^^^      "),
    ("http://${STACK_NAME}_app:80", "                     ^^^   "),
    ('{{ env "STACK_NAME" }}_app:80', "                       ^^^   "),
    ("getent hosts tasks.app;", "                   ^^^ "),
    ("pg_isready -h app -U x", "              ^^^     "),
    ("mysqladmin --host=app ping", "                  ^^^     "),
    ("dbname=x host=app port=1", "              ^^^       "),
    ("abra app run <domain> app ls", "                      ^^^   "),
    ("abra app cmd -l $D app fn", "                   ^^^   "),
    ("abra app logs example.com app", "                          ^^^"),
    ("abra app YOURS run app bash", "                   ^^^     "),
    ("abra app cp <domain> x app:/tmp", "                       ^^^     "),
    ("http://app:1 and http://app:2", "       ^^^              ^^^  "),
    (
        "`abra app X cp a app:/b` or `abra app X cp - app:/c`",
        "                 ^^^                         ^^^    ",
    ),
]


@pytest.mark.parametrize(("text", "marks"), CERTAIN)
@pytest.mark.parametrize("context", [Context.COMMAND, Context.CONFIG, Context.PROSE])
def test_hosts_are_certain_everywhere(text, marks, context):
    spans = [(hit.start, hit.end) for hit in find(text, "app", context) if hit.certain]
    assert spans == [(i, i + 3) for i in range(len(marks)) if marks[i : i + 3] == "^^^"]


def test_directives_of_config_files_take_a_host():
    assert [h.form for h in find("\treverse_proxy app\n", "app", Context.CONFIG)] == ["host"]
    assert [h.form for h in find("\treverse_proxy @api app\n", "app", Context.CONFIG)] == ["host"]
    assert [h.form for h in find("    server app;\n", "app", Context.CONFIG)] == ["host"]
    assert [h.form for h in find("    dynamic a app 80\n", "app", Context.CONFIG)] == ["host"]
    assert [h.form for h in find("reverse_proxy app", "app", Context.COMMAND)] == ["word"]


@pytest.mark.parametrize("text", ["docker exec app ls", "a,app,b", "app", "cp x app:/data"])
def test_words_are_a_question(text):
    assert [hit.form for hit in find(text, "app", Context.COMMAND)] == ["word"]


def test_words_in_comments_of_scripts_are_no_question():
    assert find("# the app is here\n; app\n// app\n", "app", Context.CONFIG) == []


def test_words_in_comments_behind_code_are_no_question():
    assert find("respond 200 # app\n", "app", Context.CONFIG) == []
    assert find("sleep 1 # wait for app\n", "app", Context.COMMAND) == []


@pytest.mark.parametrize(
    "text",
    [
        "caddy run --config x",
        "exec caddy run",
        "sleep 1 && caddy reload; caddy stop",
        "pgrep -f caddy",
        "if ! command -v caddy; then caddy version; fi",
    ],
)
def test_names_of_programs_are_no_question(text):
    assert find(text, "caddy", Context.COMMAND) == []
    assert find(f"#!/bin/sh\n{text}\n", "caddy", Context.CONFIG) == []


def test_words_in_prose_are_no_question_but_code_spans_are_mentions():
    assert find("The app listens.", "app", Context.PROSE) == []
    assert [h.form for h in find("`app` listens", "app", Context.PROSE)] == ["mention"]
    assert find("``app``", "app", Context.PROSE) == []


@pytest.mark.parametrize(
    ("key", "certain"),
    [("DB_HOST", True), ("UPSTREAM", True), ("DATABASE_HOST", True), ("DB_NAME", False)],
)
def test_a_value_that_is_the_name_depends_on_its_variable(key, certain):
    (hit,) = find("app", "app", Context.VALUE, key)
    assert hit.certain is certain


def test_name_with_dots_is_no_pattern():
    assert find("http://aXb:80", "a.b", Context.PROSE) == []
    assert len(find("http://a.b:80", "a.b", Context.PROSE)) == 1
