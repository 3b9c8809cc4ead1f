"""healthcheck.set: the given keys alone, in the form of the file; durations are literals."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

BLOCK = """\
services:
  app:
    image: nginx:1.27
    healthcheck:
      # answers within a second
      test: ["CMD", "curl", "-f", "http://localhost"]
      interval: 30s
      retries: 10 # slow disks
      start_period: "1m"
    deploy:
      replicas: 1
"""
BARE = """\
services:
  app:
    image: nginx:1.27

    # how it is reached
    deploy:
      replicas: 1
"""
SHELL = BLOCK.replace('["CMD", "curl", "-f", "http://localhost"]', "curl -f http://localhost")
OVERLAY = "services:\n  app:\n    healthcheck:\n      start_period: 2m\n"
SET = "op: healthcheck.set\nservice: app\n"


@pytest.mark.parametrize(
    ("files", "keys"),
    [
        pytest.param({"compose.yml": BLOCK}, "interval: 30s\nretries: 10\n", id="plain"),
        pytest.param({"compose.yml": BLOCK}, "start_period: 1m\n", id="quoted"),
        pytest.param(
            {"compose.yml": BLOCK},
            "test: [CMD, curl, -f, http://localhost]\n",
            id="the same words in other quotes",
        ),
        pytest.param(
            {"compose.yml": SHELL},
            "test: [CMD-SHELL, curl -f http://localhost]\n",
            id="a text is a command for the shell",
        ),
    ],
)
def test_leaves_what_is_so(files, keys, check_noop):
    check_noop(files, SET + keys)


@pytest.mark.parametrize(
    ("before", "keys", "after"),
    [
        pytest.param(
            {"compose.yml": BLOCK},
            "start_period: 10m\nretries: 3\n",
            {"compose.yml": BLOCK.replace('"1m"', '"10m"').replace("10 #", "3 #")},
            id="quotes and comments stay",
        ),
        pytest.param(
            {"compose.yml": BLOCK.replace("\n", "\r\n")},
            "timeout: 1m30s\n",
            {
                "compose.yml": BLOCK.replace("30s\n", "30s\n      timeout: 1m30s\n").replace(
                    "\n", "\r\n"
                )
            },
            id="a new key stands in the usual order, CRLF",
        ),
        pytest.param(
            {"compose.yml": OVERLAY},
            "timeout: 5s\n",
            {"compose.yml": OVERLAY.replace("      start", "      timeout: 5s\n      start")},
            id="a new key before the others",
        ),
        pytest.param(
            {"compose.yml": BLOCK},
            "test: [CMD, wget, -qO-, http://localhost]\n",
            {"compose.yml": BLOCK.replace('"curl", "-f"', '"wget", "-qO-"')},
            id="test as a list stays in brackets",
        ),
        pytest.param(
            {"compose.yml": SHELL},
            "test: [CMD, wget, -qO-, http://localhost]\n",
            {
                "compose.yml": SHELL.replace(
                    "curl -f http://localhost", '["CMD", "wget", "-qO-", "http://localhost"]'
                )
            },
            id="text to list",
        ),
        pytest.param(
            {"compose.yml": BLOCK},
            "test: wget -qO- http://localhost || exit 1\n",
            {
                "compose.yml": BLOCK.replace(
                    '["CMD", "curl", "-f", "http://localhost"]',
                    "wget -qO- http://localhost || exit 1",
                )
            },
            id="list to text",
        ),
        pytest.param(
            {"compose.yml": BARE},
            "test: [CMD, 'true']\ninterval: 10s\nretries: 3\n",
            {
                "compose.yml": BARE.replace(
                    "1.27\n",
                    '1.27\n\n    healthcheck:\n      test: ["CMD", "true"]\n'
                    "      interval: 10s\n      retries: 3\n",
                )
            },
            id="a new one stands before deploy and its comment, blank lines between",
        ),
        pytest.param(
            {"compose.yml": "services:\n  app:\n    healthcheck:\n    tty: true\n"},
            "retries: 3\n",
            {
                "compose.yml": "services:\n  app:\n    healthcheck:\n      retries: 3\n"
                "    tty: true\n"
            },
            id="one that is empty yet",
        ),
        pytest.param(
            {"compose.yml": BARE.removesuffix("\n"), "compose.x.yml": OVERLAY},
            "start_period: 5m\n",
            {"compose.x.yml": OVERLAY.replace("2m", "5m")},
            id="the overlay has it",
        ),
        pytest.param(
            {"compose.yml": BLOCK, "compose.x.yml": OVERLAY},
            "start_period: 5m\nfile: compose.yml\n",
            {"compose.yml": BLOCK.replace('"1m"', '"5m"')},
            id="two files have it, one is named",
        ),
        pytest.param(
            {"compose.yml": "services:\n  app: {healthcheck: {interval: 1s}}\n"},
            "timeout: 2s\n",
            {"compose.yml": "services:\n  app: {healthcheck: {interval: 1s, timeout: 2s}}\n"},
            id="flow",
        ),
    ],
)
def test_sets_the_given_keys(before, keys, after, check_changed):
    check_changed(before, SET + keys, after)


def test_is_refused_where_two_files_have_it(check_refused):
    files = {"compose.yml": BLOCK, "compose.x.yml": OVERLAY}
    words = "the healthcheck of app stands in 2 files: compose.yml:4, compose.x.yml:3"
    check_refused(files, SET + "retries: 3\n", words, "`file:`", at="compose.yml:4")


def test_needs_a_test_for_a_new_one(check_refused, check_noop):
    check_refused({"compose.yml": BARE}, SET + "retries: 3\n", "no healthcheck", "`test:`")
    check_noop({"compose.yml": BARE}, SET + "retries: 3\noptional: true\n")


@pytest.mark.parametrize("off", ["disable: true", 'test: ["NONE"]', "test: NONE # why"])
def test_does_not_switch_on_what_somebody_switched_off(off, check_refused):
    text = BARE + f"    healthcheck:\n      {off}\n"
    if off.endswith("why"):
        # As a text it is a command for the shell, and no switch.
        text = text.replace("NONE # why", "[NONE]")
    check_refused({"compose.yml": text}, SET + "retries: 3\n", "switched off", at="compose.yml:8")


def test_an_alias_is_refused_unless_the_spec_has_settled_it(check_refused, check_changed):
    text = (
        "x-check: &check\n  test: 'true'\n  retries: 3\nservices:\n"
        "  app:\n    image: a\n    healthcheck: *check\n"
        "  db:\n    image: b\n    healthcheck: *check\n"
    )
    check_refused({"compose.yml": text}, SET + "retries: 9\n", "*check", at="compose.yml:7")
    check_changed(
        {"compose.yml": text},
        SET + "retries: 9\non_alias: expand\n",
        {
            "compose.yml": text.replace(
                "*check\n  db", "\n      test: 'true'\n      retries: 9\n  db"
            ).replace("healthcheck: \n", "healthcheck:\n")
        },
    )


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("start_period: ${START:-5m}\n", "without variables: abra checks the file before"),
        ("interval: 30 seconds\n", "expected a duration such as 1m30s"),
        ("timeout: 5\n", "valid string"),
        ("retries: -1\n", "greater than or equal to 0"),
        ("retries: true\n", "valid integer"),
        ("test: [curl, -f]\n", "starts with CMD or CMD-SHELL"),
        ("test: [CMD]\n", "and the command follows"),
        ("test: [NONE]\n", "starts with CMD or CMD-SHELL"),
        ("file: compose.yml\n", "healthcheck.set needs one of test, interval"),
        ("start_interval: 5s\n", "Extra inputs"),
    ],
)
def test_refuses_what_no_stack_takes(keys, words, make):
    with pytest.raises(ValidationError, match=words):
        make({"compose.yml": BLOCK}, SET + keys)
