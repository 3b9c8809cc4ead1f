"""ini.set and ini.unset: one key, and the template text around it as it was."""

from __future__ import annotations

import pytest

INI = """\
APP_NAME = Gitea

[server]
DOMAIN = {{ env "DOMAIN" }}
; large files
LFS_START_SERVER=true

[oauth2]
{{ if eq (env "X") "1" }}
ENABLE = true
{{ end }}
"""
SET = "op: ini.set\nfile: app.ini.tmpl\n"
UNSET = "op: ini.unset\nfile: app.ini.tmpl\n"


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param("section: server\nkey: LFS_START_SERVER\nvalue: true\n", id="truth value"),
        pytest.param("section: server\nkey: LFS_START_SERVER\nvalue: 'true'\n", id="text"),
        pytest.param("key: APP_NAME\nvalue: Gitea\n", id="no section"),
    ],
)
def test_set_leaves_what_is_so(rest, check_noop):
    check_noop({"app.ini.tmpl": INI}, SET + rest)


@pytest.mark.parametrize(
    ("rest", "after"),
    [
        pytest.param(
            "section: server\nkey: LFS_START_SERVER\nvalue: false\n",
            INI.replace("SERVER=true", "SERVER=false"),
            id="in its spacing",
        ),
        pytest.param(
            "section: oauth2\nkey: ENABLE\nvalue: false\n",
            INI.replace("ENABLE = true", "ENABLE = false"),
            id="in a template block",
        ),
        pytest.param("key: APP_NAME\nvalue: My\n", INI.replace("Gitea", "My"), id="no section"),
    ],
)
def test_set_changes_the_key(rest, after, check_changed):
    for eol in ("\n", "\r\n"):
        check_changed(
            {"app.ini.tmpl": INI.replace("\n", eol).removesuffix(eol)},
            SET + rest,
            {"app.ini.tmpl": after.replace("\n", eol).removesuffix(eol)},
        )


def test_unset_removes_the_key(check_changed):
    check_changed(
        {"app.ini.tmpl": INI},
        UNSET + "section: server\nkey: DOMAIN\n",
        {"app.ini.tmpl": INI.replace('DOMAIN = {{ env "DOMAIN" }}\n', "")},
    )


def test_what_is_not_there(check_refused, check_noop):
    files = {"app.ini.tmpl": INI}
    step = UNSET + "section: server\nkey: JWT_SECRET\n"
    assert check_refused(files, step, "no key in section 'server' of app.ini.tmpl").absent
    check_noop(files, step + "optional: true\n")
    step = UNSET + "section: server\nkey: LFS_START_SERVERS\n"
    assert not check_refused(files, step, "did you mean LFS_START_SERVER?").absent
    check_refused(files, UNSET + "key: ENABLE\n", "before the sections", "in section oauth2")
    check_refused({"app.ini": INI}, step, "no file 'app.ini.tmpl'; did you mean app.ini?")
    check_refused({"app.ini": INI}, SET + "key: a\nvalue: b\n", "did you mean app.ini?")
