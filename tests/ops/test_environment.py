"""environment.set, environment.unset, environment.move, in every form that Compose takes."""

from __future__ import annotations

import pytest

LIST = """\
services:
  app:
    image: example/app:1.0
    environment:
      - DOMAIN
      - SMTP_HOST=mail.example.com
      # the port of the relay
      - SMTP_PORT=25
      - "TZ=Europe/Berlin"
  worker:
    image: example/app:1.0
"""
MAPPING = """\
services:
  app:
    image: example/app:1.0
    environment:
      DOMAIN:
      SMTP_PORT: 25 # the relay
      LOCALE: 'de'
      DEBUG: false
"""
OVERLAY = """\
version: "3.8"
services:
  app:
    environment:
      - SMTP_PORT=587
    tty: true
"""
SET = 'op: environment.set\nservice: app\nvariables: {SMTP_PORT: "465"}\n'
UNSET = "op: environment.unset\nservice: app\nnames: [SMTP_PORT]\n"
MOVE = "op: environment.move\nservice: app\nto: worker\nnames: [SMTP_PORT]\n"


@pytest.mark.parametrize(
    ("files", "step"),
    [
        pytest.param({"compose.yml": LIST}, SET.replace("465", "25"), id="list"),
        pytest.param({"compose.yml": MAPPING}, SET.replace("465", "25"), id="a number is its text"),
        pytest.param(
            {"compose.yml": LIST}, SET.replace('"465"', "25"), id="a number in the spec too"
        ),
        pytest.param(
            {"compose.yml": LIST}, SET.replace('SMTP_PORT: "465"', "DOMAIN: null"), id="passed on"
        ),
        pytest.param(
            {"compose.yml": MAPPING},
            SET.replace('SMTP_PORT: "465"', "DOMAIN: null"),
            id="passed on, mapping",
        ),
    ],
)
def test_set_leaves_what_is_so(files, step, check_noop):
    check_noop(files, step)


@pytest.mark.parametrize(
    ("before", "step", "after"),
    [
        pytest.param(
            {"compose.yml": LIST},
            SET,
            {"compose.yml": LIST.replace("PORT=25", "PORT=465")},
            id="list",
        ),
        pytest.param(
            {"compose.yml": MAPPING},
            SET,
            {"compose.yml": MAPPING.replace("25 #", "465 #")},
            id="a number stays one",
        ),
        pytest.param(
            {"compose.yml": MAPPING},
            SET.replace("SMTP_PORT", "LOCALE"),
            {"compose.yml": MAPPING.replace("'de'", "'465'")},
            id="quoted",
        ),
        pytest.param(
            {"compose.yml": MAPPING},
            SET.replace('SMTP_PORT: "465"', 'DEBUG: "false"'),
            {"compose.yml": MAPPING.replace("false", '"false"').replace('"', "'")},
            id="a truth value without quotes, which Docker refuses",
        ),
        pytest.param(
            {"compose.yml": LIST},
            SET.replace('SMTP_PORT: "465"', "SMTP_PORT: null"),
            {"compose.yml": LIST.replace("PORT=25", "PORT")},
            id="to pass it on",
        ),
        pytest.param(
            {"compose.yml": MAPPING},
            SET.replace('SMTP_PORT: "465"', "SMTP_FROM: null"),
            {"compose.yml": MAPPING.replace("relay\n", "relay\n      SMTP_FROM:\n")},
            id="a new one to pass on",
        ),
        pytest.param(
            {"compose.yml": LIST},
            SET.replace('SMTP_PORT: "465"', '"SMTP_FROM": "${SMTP_FROM:-a@b.c}", "TZ": "UTC"'),
            {
                "compose.yml": LIST.replace(
                    "=25\n", "=25\n      - SMTP_FROM=${SMTP_FROM:-a@b.c}\n"
                ).replace("Europe/Berlin", "UTC")
            },
            id="one new, one quoted",
        ),
        pytest.param(
            {"compose.yml": OVERLAY.replace("\n", "\r\n").removesuffix("\r\n")},
            SET + "file: compose.yml\n",
            {
                "compose.yml": OVERLAY.replace("\n", "\r\n")
                .removesuffix("\r\n")
                .replace("=587", "=465")
            },
            id="CRLF, no final newline",
        ),
        pytest.param(
            {"compose.yml": "services: {app: {image: a, environment: {A: b}}}\n"},
            SET,
            {"compose.yml": 'services: {app: {image: a, environment: {A: b, SMTP_PORT: "465"}}}\n'},
            id="flow",
        ),
        pytest.param(
            {
                "compose.yml": LIST.replace("      - SMTP_PORT=25\n", ""),
                "compose.smtp.yml": OVERLAY,
            },
            SET,
            {"compose.smtp.yml": OVERLAY.replace("=587", "=465")},
            id="the overlay has it",
        ),
        pytest.param(
            {"compose.yml": LIST, "compose.smtp.yml": OVERLAY},
            SET + "file: compose.smtp.yml\n",
            {"compose.smtp.yml": OVERLAY.replace("=587", "=465")},
            id="two files have it, one is named",
        ),
        pytest.param(
            {"compose.yml": LIST, "compose.smtp.yml": OVERLAY},
            SET.replace("SMTP_PORT", "SMTP_SSL"),
            {"compose.yml": LIST.replace("=25\n", "=25\n      - SMTP_SSL=465\n")},
            id="a new one goes where the service is defined",
        ),
    ],
)
def test_set_changes_it_where_it_stands(before, step, after, check_changed):
    check_changed(before, step, after)


def test_set_is_refused_where_two_files_have_it(check_refused):
    files = {"compose.yml": LIST, "compose.smtp.yml": OVERLAY}
    check_refused(files, SET, "compose.yml:8", "compose.smtp.yml:5", at="compose.yml:8")


def test_set_is_all_or_nothing(check_refused):
    step = SET.replace("{SMTP_PORT", "{NEW: a, SMTP_PORT")
    check_refused({"compose.yml": LIST, "compose.smtp.yml": OVERLAY}, step, "SMTP_PORT")


MERGED = """\
x-mail: &mail
  SMTP_PORT: 25
services:
  app:
    image: a
    environment:
      <<: *mail
      LOCALE: de
  worker:
    image: a
    environment: *mail
"""


def test_a_merge_key_is_overridden_and_an_alias_refused(check_changed, check_refused):
    check_changed(
        {"compose.yml": MERGED},
        SET,
        {"compose.yml": MERGED.replace("de\n", "de\n      SMTP_PORT: 465\n")},
    )
    check_refused(
        {"compose.yml": MERGED}, SET.replace("app", "worker"), "*mail", at="compose.yml:11"
    )
    check_refused({"compose.yml": MERGED}, UNSET, "*mail", at="compose.yml:7")


def test_what_hides_a_merged_variable_is_not_removed(check_refused):
    text = MERGED.replace("LOCALE: de", "SMTP_PORT: 587")
    check_refused({"compose.yml": text}, UNSET, "a merge key gives")
    check_refused({"compose.yml": text}, MOVE.replace("worker", "db"), "no service 'db'")


@pytest.mark.parametrize(
    ("before", "step", "after"),
    [
        pytest.param(
            {"compose.yml": LIST},
            UNSET,
            {
                "compose.yml": LIST.replace(
                    "      # the port of the relay\n      - SMTP_PORT=25\n", ""
                )
            },
            id="list, with its comment",
        ),
        pytest.param(
            {"compose.yml": MAPPING, "compose.smtp.yml": OVERLAY},
            UNSET,
            {
                "compose.yml": MAPPING.replace("      SMTP_PORT: 25 # the relay\n", ""),
                "compose.smtp.yml": 'version: "3.8"\nservices:\n  app:\n    tty: true\n',
            },
            id="every file",
        ),
        pytest.param(
            {"compose.yml": LIST},
            UNSET.replace("[SMTP_PORT]", "['*']"),
            {
                "compose.yml": "services:\n  app:\n    image: example/app:1.0\n"
                "  worker:\n    image: example/app:1.0\n"
            },
            id="pattern that matches all",
        ),
    ],
)
def test_unset_cuts_it_out_of_every_file(before, step, after, check_changed):
    check_changed(before, step, after)


def test_unset_of_what_is_not_there(check_refused, check_noop):
    step = UNSET.replace("SMTP_PORT", "REDIS_URL")
    assert check_refused({"compose.yml": LIST}, step, "no variable of app 'REDIS_URL'").absent
    check_noop({"compose.yml": LIST}, step + "optional: true\n")


def test_unset_names_near_misses(check_refused):
    step = UNSET.replace("SMTP_PORT", "SMTP_PORTS")
    assert not check_refused({"compose.yml": LIST}, step, "did you mean SMTP_PORT").absent


@pytest.mark.parametrize(
    ("before", "step", "after"),
    [
        pytest.param(
            {"compose.yml": LIST},
            MOVE,
            {
                "compose.yml": LIST.replace(
                    "      # the port of the relay\n      - SMTP_PORT=25\n", ""
                )
                + "    environment:\n      # the port of the relay\n      - SMTP_PORT=25\n"
            },
            id="with its comment",
        ),
        pytest.param(
            {"compose.yml": LIST},
            MOVE.replace("SMTP_PORT", "DOMAIN, TZ"),
            {
                "compose.yml": LIST.replace("      - DOMAIN\n", "").replace(
                    '      - "TZ=Europe/Berlin"\n', ""
                )
                + '    environment:\n      - DOMAIN\n      - "TZ=Europe/Berlin"\n'
            },
            id="without a value, and in quotes",
        ),
        pytest.param(
            {
                "compose.yml": LIST.replace("25", "${SMTP_PORT:-25}"),
                "compose.smtp.yml": OVERLAY,
            },
            MOVE,
            {
                "compose.yml": LIST.replace(
                    "      # the port of the relay\n      - SMTP_PORT=25\n", ""
                )
                + "    environment:\n      # the port of the relay\n"
                "      - SMTP_PORT=${SMTP_PORT:-25}\n",
                "compose.smtp.yml": 'version: "3.8"\nservices:\n  app:\n    tty: true\n'
                "\n  worker:\n    environment:\n      - SMTP_PORT=587\n",
            },
            id="each in its file",
        ),
        pytest.param(
            {"compose.yml": MAPPING + "  worker:\n    image: a\n    environment:\n      - A=b\n"},
            MOVE.replace("SMTP_PORT", "DOMAIN, LOCALE"),
            {
                "compose.yml": MAPPING.replace("      DOMAIN:\n", "").replace(
                    "      LOCALE: 'de'\n", ""
                )
                + "  worker:\n    image: a\n    environment:\n"
                "      - A=b\n      - DOMAIN\n      - LOCALE=de\n"
            },
            id="mapping to list",
        ),
    ],
)
def test_move_takes_it_along(before, step, after, check_changed):
    check_changed(before, step, after)


def test_move_takes_comments_from_a_mapping_to_a_list_but_not_into_brackets(
    check_changed, check_refused
):
    worker = "  worker:\n    image: a\n    environment:"
    check_changed(
        {"compose.yml": MAPPING + worker + "\n      - A=b\n"},
        MOVE,
        {
            "compose.yml": MAPPING.replace("      SMTP_PORT: 25 # the relay\n", "")
            + worker
            + "\n      - A=b\n      - SMTP_PORT=25 # the relay\n"
        },
    )
    check_refused({"compose.yml": MAPPING + worker + " [A=b]\n"}, MOVE, "comment beside the entry")


def test_move_to_a_service_that_has_another_value(check_refused):
    worker = "    environment:\n      SMTP_PORT: 587\n"
    check_refused(
        {"compose.yml": LIST + worker}, MOVE, "worker has another variable", at="compose.yml:13"
    )


def test_move_to_or_from_a_service_that_is_not_there(check_refused):
    check_refused({"compose.yml": LIST}, MOVE.replace("to: worker", "to: wroker"), "mean worker?")
    check_refused({"compose.yml": LIST}, MOVE.replace("app", "ap"), "mean app?")


RENAME = "op: environment.rename\nservice: app\nnames: {SMTP_PORT: MAIL_PORT}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            {"compose.yml": LIST, "compose.smtp.yml": OVERLAY},
            {
                "compose.yml": LIST.replace("SMTP_PORT", "MAIL_PORT"),
                "compose.smtp.yml": OVERLAY.replace("SMTP_PORT", "MAIL_PORT"),
            },
            id="every file",
        ),
        pytest.param(
            {"compose.yml": MAPPING},
            {"compose.yml": MAPPING.replace("SMTP_PORT", "MAIL_PORT")},
            id="mapping",
        ),
    ],
)
def test_rename_leaves_value_and_place(before, after, check_changed):
    check_changed(before, RENAME, after)


def test_rename_to_a_name_that_is_taken(check_refused):
    step = RENAME.replace("MAIL_PORT", "TZ")
    check_refused({"compose.yml": LIST}, step, "app has a variable TZ already", at="compose.yml:9")


def test_rename_of_what_is_renamed_or_optional(check_noop, check_refused):
    check_noop({"compose.yml": LIST.replace("SMTP_PORT", "MAIL_PORT")}, RENAME)
    step = RENAME.replace("SMTP_PORT", "REDIS")
    check_refused({"compose.yml": LIST}, step, "no variable of app 'REDIS'")
    check_noop({"compose.yml": LIST}, step + "optional: true\n")


GAPS = """\
services:
  app:
    image: example/app:1.0
    environment:
      - DOMAIN=${DOMAIN}
      - LIMIT=$LIMIT
      - "URL=https://${HOST}/${PATH_}?a=$${HOST}" # both
      - GIVEN=${GIVEN}
      - NEEDED=${NEEDED:?say it}
      - HAS=${HAS-}
      - BARE
"""
DEFAULT = "op: environment.default\nservice: app\n"


@pytest.mark.parametrize(
    ("before", "step", "after"),
    [
        pytest.param(
            GAPS,
            DEFAULT,
            GAPS.replace("=$LIMIT", "=${LIMIT:-}")
            .replace("//${HOST}", "//${HOST:-}")
            .replace("${PATH_}", "${PATH_:-}"),
            id="all",
        ),
        pytest.param(
            GAPS,
            f"{DEFAULT}default: 5\nnames: [LIM*]\n",
            GAPS.replace("=$LIMIT", "=${LIMIT:-5}"),
            id="some",
        ),
        pytest.param(
            MAPPING.replace("25 #", "'${PORT}' #"),
            DEFAULT,
            MAPPING.replace("25 #", "'${PORT:-}' #"),
            id="mapping",
        ),
    ],
)
def test_default_where_nothing_gives_a_value(before, step, after, check_changed):
    sample = {".env.sample": "TYPE=app\n#GIVEN=1\n"}
    check_changed({"compose.yml": before} | sample, step, {"compose.yml": after} | sample)


def test_default_of_what_has_a_value(check_noop):
    files = {
        "compose.yml": LIST.replace("=25", "=${PORT}"),
        "abra.sh": "export PORT=25\n",
        "compose.smtp.yml": OVERLAY,
    }
    check_noop(files, DEFAULT)
    check_noop({"compose.yml": GAPS}, f"{DEFAULT}names: [OTHER]\n")


def test_default_in_every_file(check_changed):
    before = {"compose.yml": GAPS.replace("$LIMIT", "1"), "compose.smtp.yml": OVERLAY}
    gap = OVERLAY.replace("587", "${PORT}")
    step = f"{DEFAULT}names: [PORT]\n"
    after = before | {"compose.smtp.yml": OVERLAY.replace("587", "${PORT:-}")}
    check_changed(before | {"compose.smtp.yml": gap}, step, after)
