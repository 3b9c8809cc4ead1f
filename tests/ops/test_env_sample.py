"""env_sample.set and env_sample.unset: one setting, active or on offer."""

from __future__ import annotations

import pytest

SAMPLE = """\
TYPE=gitea

DOMAIN=gitea.example.com
# LOG_LEVEL=info

# mail
#SMTP_PORT=25
SECRET_DB_VERSION=v1 # length=32
"""
SET = "op: env_sample.set\n"


@pytest.mark.parametrize(
    "rest",
    [
        "name: TYPE\nvalue: gitea\n",
        "name: SMTP_PORT\nvalue: 25\ncommented: true\n",
        "name: SECRET_DB_VERSION\nvalue: v1\n",
        "name: SECRET_DB_VERSION\nvalue: v1\ncomment: length=32\n",
    ],
)
def test_set_leaves_what_is_so(rest, check_noop):
    check_noop({".env.sample": SAMPLE}, SET + rest)


@pytest.mark.parametrize(
    ("rest", "after"),
    [
        pytest.param(
            "name: SECRET_DB_VERSION\nvalue: v2\n", SAMPLE.replace("=v1", "=v2"), id="value"
        ),
        pytest.param(
            "name: SECRET_DB_VERSION\nvalue: v1\ncomment: length=12\n",
            SAMPLE.replace("32", "12"),
            id="comment",
        ),
        pytest.param(
            "name: LOG_LEVEL\nvalue: warn\n",
            SAMPLE.replace("# LOG_LEVEL=info", "LOG_LEVEL=warn"),
            id="switched on",
        ),
        pytest.param(
            "name: ENABLE_LFS\nvalue: 1\nafter: DOMAIN\n",
            SAMPLE.replace(".com\n", ".com\nENABLE_LFS=1\n"),
            id="new, where the spec says",
        ),
        pytest.param(
            "name: SECRET_LFS_VERSION\nvalue: v1\ncomment: length=43\n",
            SAMPLE + "SECRET_LFS_VERSION=v1 # length=43\n",
            id="new, beside its kin",
        ),
    ],
)
def test_set_changes_one_line(rest, after, check_changed):
    for eol in ("\n", "\r\n"):
        check_changed(
            {".env.sample": SAMPLE.replace("\n", eol).removesuffix(eol)},
            SET + rest,
            {".env.sample": after.replace("\n", eol).removesuffix(eol)},
        )


def test_unset_takes_what_is_on_offer_too(check_changed):
    check_changed(
        {".env.sample": SAMPLE},
        "op: env_sample.unset\nname: LOG_LEVEL\n",
        {".env.sample": SAMPLE.replace("# LOG_LEVEL=info\n", "")},
    )


def test_what_is_not_there(check_refused, check_noop):
    files, step = {".env.sample": SAMPLE}, "op: env_sample.unset\nname: REDIS_URL\n"
    assert check_refused(files, step, "no setting in .env.sample 'REDIS_URL'").absent
    check_noop(files, step + "optional: true\n")
    near = step.replace("REDIS_URL", "SECRET_DB_VERSIONS")
    assert not check_refused(files, near, "did you mean SECRET_DB_VERSION?").absent
    step = SET + "name: A\nvalue: b\n"
    check_refused(files, step + "after: DOMAINS\n", "did you mean DOMAIN?")
    check_refused({"a": "b"}, step, "the recipe has no .env.sample", "R008")
    check_noop({"a": "b"}, step + "optional: true\n")


def test_a_setting_on_several_lines_is_refused(check_refused):
    text = "COMPOSE_FILE=compose.yml\nCOMPOSE_FILE=$COMPOSE_FILE:compose.x.yml\n"
    step = SET + "name: COMPOSE_FILE\nvalue: compose.yml\n"
    check_refused({".env.sample": text}, step, "several lines: 1, 2", at=".env.sample:1")


LISTS = """\
COMPOSE_FILE="compose.yml"

# SEARCH
#COMPOSE_FILE="$COMPOSE_FILE:compose.search.yml"
#SEARCH_KEY=

#COMPOSE_FILE="$COMPOSE_FILE:compose.mail.yml"
"""
SEARCH = 'value: "$COMPOSE_FILE:compose.search.yml"\n'
UNSET_LIST = "op: env_sample.unset\nname: COMPOSE_FILE\n"


def test_overlay_is_switched_on(check_changed):
    check_changed(
        {".env.sample": LISTS},
        SET + "name: COMPOSE_FILE\n" + SEARCH,
        {".env.sample": LISTS.replace("#COMPOSE_FILE", "COMPOSE_FILE", 1)},
    )


def test_one_line_of_a_list_is_removed(check_changed):
    check_changed(
        {".env.sample": LISTS},
        UNSET_LIST + SEARCH,
        {
            ".env.sample": LISTS.replace(
                '# SEARCH\n#COMPOSE_FILE="$COMPOSE_FILE:compose.search.yml"\n', "# SEARCH\n"
            )
        },
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(LISTS, id="each adds a file"),
        pytest.param("#COMPOSE_FILE=a.yml:b.yml\n#COMPOSE_FILE=a.yml:c.yml\n", id="alternatives"),
    ],
)
def test_all_lines_of_a_list_are_not_removed_at_once(text, check_refused):
    check_refused(
        {".env.sample": text}, UNSET_LIST, "COMPOSE_FILE stands on several lines", "value:"
    )


def test_value_that_no_line_has(check_refused):
    step = UNSET_LIST + 'value: "$COMPOSE_FILE:compose.serach.yml"\n'
    words = "no COMPOSE_FILE with 'compose.serach.yml'; did you mean compose.search.yml"
    assert not check_refused({".env.sample": LISTS}, step, words).absent


def test_value_that_is_gone(check_refused):
    step = UNSET_LIST + 'value: "$COMPOSE_FILE:compose.otel.yml"\n'
    assert check_refused({".env.sample": LISTS}, step, "compose.otel.yml").absent


def test_equal_lines_are_one_setting(check_changed):
    check_changed(
        {".env.sample": "#COMPOSE_FILE=a.yml\nA=1\nCOMPOSE_FILE=a.yml\n"},
        UNSET_LIST,
        {".env.sample": "A=1\n"},
    )
