"""abra.export: one export of `abra.sh`, which is made when there is none."""

from __future__ import annotations

import pytest

from patchkit.tree import REGULAR

SHELL = """\
# versions of configs
export APP_INI_VERSION=v3
export ENTRYPOINT_VERSION='v1' # docker-setup.sh

backup() {
  export INNER_VERSION=v1
}
"""


def step(name: str, value: str) -> str:
    return f"op: abra.export\nname: {name}\nvalue: {value}\n"


def test_leaves_what_is_so(check_noop):
    check_noop({"abra.sh": SHELL}, step("APP_INI_VERSION", "v3"))
    check_noop({"abra.sh": SHELL}, step("ENTRYPOINT_VERSION", "v1"))


@pytest.mark.parametrize(
    ("name", "value", "after"),
    [
        pytest.param("APP_INI_VERSION", "v4", SHELL.replace("v3", "v4"), id="where it stands"),
        pytest.param(
            "ENTRYPOINT_VERSION", "v2", SHELL.replace("='v1'", "='v2'"), id="in its quotes"
        ),
        pytest.param(
            "PG_BACKUP_VERSION",
            "v1",
            SHELL.replace("setup.sh\n", "setup.sh\nexport PG_BACKUP_VERSION=v1\n"),
            id="a new one behind the others",
        ),
    ],
)
def test_sets_the_export(name, value, after, check_changed):
    for eol in ("\n", "\r\n"):
        check_changed(
            {"abra.sh": SHELL.replace("\n", eol)},
            step(name, value),
            {"abra.sh": after.replace("\n", eol)},
        )


def test_makes_the_file(make, check_changed):
    check_changed({}, step("PG_BACKUP_VERSION", "v1"), {"abra.sh": "export PG_BACKUP_VERSION=v1\n"})
    assert make({}, step("A", "b")).tree.mode("abra.sh") == REGULAR


def test_refuses_what_it_does_not_understand(check_refused):
    check_refused({"abra.sh": SHELL}, step("INNER_VERSION", "v2"), "function", at="abra.sh:6")
    check_refused({"abra.sh": SHELL}, step("A", "'$(date)'"), "would be shell code")
    check_refused({"abra.sh": SHELL}, step("A-B", "c"), "no variable name")
    twice = "export A=1\nexport A=2\n"
    check_refused({"abra.sh": twice}, step("A", "3"), "lines 1, 2", at="abra.sh:1")
