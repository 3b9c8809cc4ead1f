"""file.*: whole files, and nobody left who names one that is gone."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from patchkit.draft import Draft
from patchkit.ops import Changed, Refused, Unchanged, find_op, run
from patchkit.tree import EXECUTABLE, LINK, REGULAR, Entry, RecipeTree

COMPOSE = """\
services:
  app:
    image: a:1
    env_file: "./app.env" # plain settings
configs:
  app_conf:
    name: ${STACK_NAME}_app_conf_${APP_CONF_VERSION}
    file: app.conf
  other:
    external: true
"""
OVERLAY = """\
services:
  app:
    env_file:
      - ./app.env
      - path: smtp.env
        required: false
secrets:
  token:
    file: ./app.conf
"""
FILES = {
    ".env.sample": "TYPE=a\n#COMPOSE_FILE=compose.yml:compose.smtp.yml\n",
    "compose.yml": COMPOSE,
    "compose.smtp.yml": OVERLAY,
    "app.conf": "a = 1\n",
    "app.env": "A=1\n",
    "smtp.env": "S=1\n",
    "old.conf": "o = 1\n",
}
ADD = 'op: file.add\npath: new/run.sh\ntext: "#!/bin/sh\\n"\n'
REMOVE = "op: file.remove\npath: "
RENAME = "op: file.rename\npath: "


def test_add_leaves_what_is_so(check_noop, make):
    check_noop(FILES, 'op: file.add\npath: app.conf\ntext: "a = 1\\n"\n')
    check_noop(FILES, 'op: file.add\npath: app.conf\ntext: "a = 1\\n"\nmode: "0644"\n')
    tree = RecipeTree.from_files({"a.sh": Entry(b"x\n", EXECUTABLE)})
    made = make(tree, 'op: file.add\npath: a.sh\ntext: "x\\n"\nreplace: true\n')
    assert (made.outcome.message, made.tree) == ("a.sh is so already", tree)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("", REGULAR), ('mode: "0755"\n', EXECUTABLE), ("mode: 0755\n", EXECUTABLE)],
)
def test_add_adds_it_with_its_mode(mode, expected, make):
    made = make(FILES, ADD + mode)
    assert isinstance(made.outcome, Changed)
    assert made.files == FILES | {"new/run.sh": "#!/bin/sh\n"}
    assert made.tree.mode("new/run.sh") == expected
    assert isinstance(make(made.tree, ADD + mode).outcome, Unchanged)


def test_add_writes_the_text_byte_for_byte(check_changed):
    step = 'op: file.add\npath: a\ntext: "\\uFEFFa\\r\\nb"\n'
    check_changed({}, step, {"a": "\ufeffa\r\nb"})


def test_add_takes_a_template():
    op = find_op("file.add")
    step = op.model.model_validate({"op": "file.add", "path": "a.sh", "template": "a.sh.j2"})
    draft = Draft(RecipeTree.from_files({}))
    assert isinstance(run(op, draft, step), Refused)
    draft.template = {"a.sh.j2": "made\n"}.__getitem__
    assert isinstance(run(op, draft, step), Changed)
    assert draft.tree.text("a.sh") == "made\n"


def test_add_does_not_overwrite_unless_told_to(check_refused, check_changed, make):
    step = 'op: file.add\npath: app.conf\ntext: "b\\n"\n'
    check_refused(FILES, step, "with another content", "`replace: true`", at="app.conf:0")
    check_refused(FILES, step.replace('"b', '"a = 1') + "mode: '0755'\n", "with another mode")
    check_changed(FILES, step + "replace: true\n", {"app.conf": "b\n"})
    tree = RecipeTree.from_files({"app.conf": Entry(b"x\n", EXECUTABLE)})
    assert make(tree, step + "replace: true\n").tree.mode("app.conf") == EXECUTABLE


@pytest.mark.parametrize(
    "path", ["../a", "/a", "a/../../b", "./a", ".git/hooks/x", "app.conf/a", "''"]
)
def test_add_stays_in_the_recipe(path, check_refused):
    check_refused(FILES, f"op: file.add\npath: {path}\ntext: x\n")


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("path: a\n", 'needs either "text" or "template"'),
        ("path: a\ntext: x\ntemplate: y\n", 'needs either "text" or "template"'),
        ("path: a\ntext: x\nmode: 0700\n", "'0644' or '0755'"),
        ("path: a\ntext: x\nmode: '755'\n", "'0644' or '0755'"),
    ],
)
def test_add_refuses_what_it_cannot_mean(rest, words, make):
    with pytest.raises(ValidationError, match=words):
        make(FILES, "op: file.add\n" + rest)


def test_remove_takes_the_file_alone(make):
    made = make(FILES, REMOVE + "old.conf\n")
    assert isinstance(made.outcome, Changed)
    assert made.files == {path: text for path, text in FILES.items() if path != "old.conf"}
    again = make(made.tree, REMOVE + "old.conf\n").outcome
    assert isinstance(again, Refused)


@pytest.mark.parametrize(
    ("path", "words", "at"),
    [
        ("app.conf", "configs.app_conf still uses app.conf", "compose.yml:8"),
        ("app.env", "services.app still uses app.env", "compose.yml:4"),
        ("smtp.env", "services.app still uses smtp.env", "compose.smtp.yml:5"),
        ("compose.smtp.yml", "COMPOSE_FILE names compose.smtp.yml", ".env.sample:2"),
    ],
)
def test_remove_is_refused_while_something_names_the_file(path, words, at, check_refused):
    check_refused(FILES, REMOVE + path + "\n", words, at=at)


def test_remove_of_what_is_not_there(check_refused, check_noop):
    assert check_refused(FILES, REMOVE + "Dockerfile\n", "no file 'Dockerfile'").absent
    check_noop(FILES, REMOVE + "Dockerfile\noptional: true\n")
    assert not check_refused(FILES, REMOVE + "compose.smtps.yml\n", "mean compose.smtp.yml").absent


def test_rename_follows_in_every_compose_file(make):
    made = make(FILES, RENAME + "app.conf\nto: conf/app.conf.tmpl\n")
    assert isinstance(made.outcome, Changed)
    expected = FILES | {
        "conf/app.conf.tmpl": "a = 1\n",
        "compose.yml": COMPOSE.replace("file: app.conf", "file: conf/app.conf.tmpl"),
        "compose.smtp.yml": OVERLAY.replace("./app.conf", "./conf/app.conf.tmpl"),
    }
    del expected["app.conf"]
    assert made.files == expected
    again = make(made.tree, RENAME + "app.conf\nto: conf/app.conf.tmpl\n")
    assert isinstance(again.outcome, Unchanged)


@pytest.mark.parametrize(
    ("path", "files"),
    [
        (
            "app.env",
            {
                "compose.yml": COMPOSE.replace("./app.env", "./x.env"),
                "compose.smtp.yml": OVERLAY.replace("./app.env", "./x.env"),
            },
        ),
        ("smtp.env", {"compose.smtp.yml": OVERLAY.replace("smtp.env", "x.env")}),
    ],
)
def test_rename_follows_in_env_files(path, files, make):
    made = make(FILES, RENAME + f"{path}\nto: x.env\n")
    assert made.files == {
        name: text
        for name, text in (FILES | files | {"x.env": FILES[path]}).items()
        if name != path
    }


def test_rename_keeps_the_mode(make):
    tree = RecipeTree.from_files({"a.sh": Entry(b"x\n", EXECUTABLE)})
    assert make(tree, RENAME + "a.sh\nto: b.sh\n").tree.entries == {
        "b.sh": Entry(b"x\n", EXECUTABLE)
    }


def test_rename_is_refused(check_refused, make):
    check_refused(FILES, RENAME + "old.conf\nto: app.conf\n", "is there already", at="app.conf:0")
    check_refused(FILES, RENAME + "old.cnf\nto: x\n", "did you mean old.conf")
    check_refused(FILES, RENAME + "old.conf\nto: ../x\n", "climbs")
    check_refused(FILES, RENAME + "compose.smtp.yml\nto: compose.x.yml\n", "COMPOSE_FILE names")
    tree = RecipeTree.from_files({"a": b"x\n", "l": Entry(b"a", LINK)})
    made = make(tree, RENAME + "l\nto: d/l\n")
    assert (made.outcome.problem.message, made.tree) == ("l is a link", tree)


def test_rename_through_an_alias_is_refused(check_refused):
    text = "x: &f app.conf\nconfigs:\n  a: &a\n    file: app.conf\n  b: *a\n"
    files = {"compose.yml": text, "app.conf": "a\n"}
    check_refused(files, RENAME + "app.conf\nto: b.conf\n", "&a", at="compose.yml:3")


def test_chmod(check_noop, check_refused, make):
    check_noop(FILES, "op: file.chmod\npath: app.conf\nmode: '0644'\n")
    made = make(FILES, "op: file.chmod\npath: app.conf\nmode: 0755\n")
    assert isinstance(made.outcome, Changed)
    assert (made.files, made.tree.mode("app.conf")) == (FILES, EXECUTABLE)
    again = make(made.tree, "op: file.chmod\npath: app.conf\nmode: 0755\n")
    assert isinstance(again.outcome, Unchanged)
    check_refused(FILES, "op: file.chmod\npath: app.cnf\nmode: 0755\n", "mean app.conf")
