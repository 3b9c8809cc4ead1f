"""A fix that extends a class: what it takes over, where its mistakes are told, what is refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from patchkit import load_fix, loads_fix
from patchkit.errors import SpecError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from patchkit.spec.fix import Fix

CLASS = """\
id: base
title: The class's title
why: The class's why.
evidence: [seen by the class]
params:
  db:
    find: service
    image: postgres
    description: The database.
  port: {type: int, default: 5, description: A port.}
  short: 7
applies_to:
  - {service: "{{ db }}", because: no database}
expects:
  - {service: "{{ db }}", field: image, because: it needs one}
ops:
  - op: labels.set
    service: "{{ db }}"
    labels: {a: "{{ port }}"}
ensures:
  - {service: "{{ db }}", label: a}
pr:
  title: The class's
  labels: [bug]
"""
FIX = """\
id: mine
recipe: wiki
extends: classes/base
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fixes" / "classes").mkdir(parents=True)
    (tmp_path / "fixes" / "classes" / "base.yml").write_text(CLASS)
    return tmp_path / "fixes"


def loaded(folder: Path, text: str) -> Fix:
    (folder / "mine.yml").write_text(text)
    return load_fix(folder / "mine.yml")


def problems(folder: Path, text: str) -> list[tuple[str, int, str]]:
    with pytest.raises(SpecError) as caught:
        loaded(folder, text)
    found = [(p.place, p.message) for p in caught.value.problems]
    return [(p.path.rsplit("/", 1)[-1] if p else "", p.line if p else 0, m) for p, m in found]


def test_all_is_taken_over_but_what_a_class_says_of_itself(folder: Path) -> None:
    fix = loaded(folder, FIX)
    assert (fix.id, fix.repository, fix.title) == ("mine", "wiki", "The class's title")
    assert not fix.is_class
    assert [raw["op"] for raw in fix.spec.ops] == ["labels.set"]
    # What makes a recipe of the class's kind is what the fix expects.
    assert [c.because for c in fix.spec.expects] == ["no database", "it needs one"]


def test_what_the_fix_says_replaces_or_follows(folder: Path) -> None:
    fix = loaded(
        folder,
        FIX
        + "title: Mine\nevidence: [seen here]\npr: {labels: [db]}\n"
        + "ops: [{op: labels.unset, service: app, labels: [b]}]\n"
        + "ensures: [{service: app}]\nexpects: [{service: app, because: so}]\n",
    )
    assert (fix.title, fix.spec.why) == ("Mine", "The class's why.")
    assert fix.spec.evidence == ["seen here"]
    assert (fix.spec.pr.title, fix.spec.pr.labels) == ("The class's", ["db"])
    assert [raw["op"] for raw in fix.spec.ops] == ["labels.set", "labels.unset"]
    assert [c.service for c in fix.spec.ensures] == ["{{ db }}", "app"]
    assert [c.because for c in fix.spec.expects] == ["no database", "it needs one", "so"]


def test_params_are_merged_by_name_and_key(folder: Path) -> None:
    fix = loaded(
        folder,
        FIX + "params:\n  db: {image: mariadb}\n  port: 6\n  short: {description: d}\n  more: x\n",
    )
    params = fix.spec.params
    assert list(params) == ["db", "port", "short", "more"]
    assert (params["db"].find, params["db"].image) == ("service", "mariadb")
    assert params["db"].description == "The database."
    assert (params["port"].default, params["port"].type) == (6, "int")
    assert (params["short"].default, params["short"].description) == (7, "d")


def test_another_way_to_find_replaces_the_class_s(folder: Path) -> None:
    fix = loaded(folder, FIX + "params: {db: {find: service, name: store}}\n")
    param = fix.spec.params["db"]
    assert (param.name, param.image, param.description) == ("store", None, "The database.")


def test_a_plain_value_is_the_value(folder: Path) -> None:
    param = loaded(folder, FIX + "params: {db: store}\n").spec.params["db"]
    assert (param.find, param.default) == (None, "store")


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        pytest.param("titel: x\n", ("mine.yml", 4), 'unknown key "titel"', id="own-key"),
        pytest.param(
            "ops: [{op: labels.sett}]\n",
            ("mine.yml", 4),
            'step 2: unknown op "labels.sett"',
            id="own-op",
        ),
        pytest.param(
            "params: {port: [x]}\n", ("mine.yml", 4), 'param "port": expected a whole', id="value"
        ),
        pytest.param(
            "ensures: [{service: '{{ dbb }}'}]\n", ("mine.yml", 4), '"dbb"', id="own-template"
        ),
        pytest.param("ops: 3\n", ("mine.yml", 4), '"ops": expected a list', id="no-list"),
        pytest.param("params:\n", ("mine.yml", 4), '"params": expected a mapping', id="nothing"),
        pytest.param("applies_to: [{service: a}]\n", ("mine.yml", 3), '"extends"', id="a-class"),
    ],
)
def test_mistakes_of_the_fix_are_told_in_the_fix(
    folder: Path, text: str, place: tuple[str, int], message: str
) -> None:
    found = problems(folder, FIX + text)
    assert [f for f in found if f[:2] == place and message in f[2]], found


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("labels.set", "labels.sett", 17, "step 1: unknown op"),
        ("why:", "wy:", 3, 'unknown key "wy"'),
        ("{{ port }}", "{{ prt }}", 19, '"prt"'),
        ("type: int", "type: itn", 10, 'param "port": "type"'),
        ("expects:\n  - {", "expects:\n  - {x: y, ", 15, 'unknown key "x"'),
        ("because: no database", "becaus: no", 13, 'unknown key "becaus"'),
        ("title: The class's\n", "title: [The class's]\n", 23, 'pr: "title"'),
        ("id: base", "id: [", 3, "not valid YAML"),
    ],
)
def test_mistakes_of_the_class_are_told_in_the_class(
    folder: Path, old: str, new: str, line: int, message: str
) -> None:
    (folder / "classes" / "base.yml").write_text(CLASS.replace(old, new))
    found = problems(folder, FIX)
    assert [f for f in found if f[:2] == ("base.yml", line) and message in f[2]], found


def test_the_digest_covers_the_class(folder: Path) -> None:
    before = loaded(folder, FIX).digest
    assert loaded(folder, FIX).digest == before
    (folder / "classes" / "base.yml").write_text(CLASS + "# a word\n")
    assert loaded(folder, FIX).digest != before


@pytest.mark.parametrize(
    "name",
    [
        "base",
        "classes/../mine",
        "../fixes/classes/base",
        "/etc/passwd",
        "classes/base.yml",
        "classes/sub/base",
        "classes/",
        "classes/Base",
    ],
)
def test_paths_are_no_class(folder: Path, name: str) -> None:
    found = problems(folder, FIX.replace("classes/base", name))
    assert [line for _, line, message in found if "class" in message] == [3]


def test_a_link_out_of_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.yml").write_text(CLASS)
    (folder / "classes" / "out.yml").symlink_to(tmp_path / "outside.yml")
    found = problems(folder, FIX.replace("classes/base", "classes/out"))
    assert "there is no class classes/out" in found[0][2]


def test_an_unknown_class_tells_what_there_is(folder: Path) -> None:
    with pytest.raises(SpecError, match=re.escape('did you mean "classes/base"')) as caught:
        loaded(folder, FIX.replace("classes/base", "classes/bose"))
    assert "classes/base" in caught.value.problems[0].hint


def test_a_class_extends_nothing(folder: Path) -> None:
    (folder / "classes" / "base.yml").write_text(CLASS + "extends: classes/base\n")
    for path in ("mine.yml", "classes/base.yml"):
        (folder / "mine.yml").write_text(FIX)
        with pytest.raises(SpecError) as caught:
            load_fix(folder / path)
        assert any('"extends"' in p.message for p in caught.value.problems)


def test_what_is_no_class_is_not_extended(folder: Path) -> None:
    (folder / "classes" / "base.yml").write_text(
        CLASS.replace("applies_to", "because").replace("id: base", "id: base\nrecipe: wiki")
    )
    found = problems(folder, FIX)
    assert ("mine.yml", 3, "what it extends is no class") in found


def test_a_class_of_the_fix_s_own_folder_comes_first(folder: Path) -> None:
    (folder / "classes" / "pg-backup.yml").write_text(CLASS.replace("id: base", "id: pg-backup"))
    own = loaded(folder, FIX.replace("classes/base", "classes/pg-backup"))
    shipped = loads_fix(FIX.replace("classes/base", "classes/pg-backup"))
    assert own.title == "The class's title"
    assert shipped.title != own.title


def test_a_class_is_found_by_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    for name in ("classes/base", "classes/base.yml", "fixes/classes/base.yml"):
        assert load_fix(name).title == "The class's title"
    assert load_fix("classes/pg-backup").is_class
    with pytest.raises(UsageError, match="there is no fix classes/pg-bakup") as caught:
        load_fix("classes/pg-bakup")
    assert "classes/pg-backup" in caught.value.problems[0].hint


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("id: base", "id: base\nrecipe: wiki", '"recipe" does not go with "applies_to"'),
        ("id: base", "id: base\nrepository: x", '"repository" does not go with "applies_to"'),
        ("ensures:", "expects:", '"ensures" is missing, which a class needs'),
        ("applies_to:\n  - {", "applies_to: []\nx:\n  - {", '"applies_to": must not be empty'),
        ("applies_to:", "because:", '"recipe" is missing'),
        ("id: base", "id: base\ncures: [R099]", 'unknown rule "R099"'),
    ],
)
def test_what_is_wrong_in_a_class(folder: Path, old: str, new: str, message: str) -> None:
    text = CLASS.replace("expects:", "# expects:").replace('  - {service: "{{ db }}", field', "# ")
    with pytest.raises(SpecError) as caught:
        loads_fix(text.replace(old, new, 1))
    assert [p for p in caught.value.problems if message in p.message], caught.value.problems
