"""Which fixes belong together: whatever spells it, and whichever of two takes the other's place."""

from __future__ import annotations

from patchkit.fixes import load_fix, partners, siblings

SPEC = """\
id: {id}
title: Do {id}
recipe: app
why: It is broken.
{more}
ops:
  - {{op: image.set, service: app, tag: "1.27"}}
ensures:
  - {{service: app, image: "nginx:1.27"}}
"""
CLASS = """\
id: pinned
title: Pin it
applies_to: [{service: app}]
with: [one]
why: It moves.
ops:
  - {op: image.set, service: app, tag: "1.27"}
ensures:
  - {service: app, image: "nginx:1.27"}
"""
EXTENDS = "id: {id}\nrecipe: app\nextends: classes/pinned\n"


def together(tmp_path, id_="one", more="", **others):
    """Return the ids of those that belong together with a fix, of a folder of specs."""
    (tmp_path / "classes").mkdir()
    (tmp_path / "classes" / "pinned.yml").write_text(CLASS)
    for name, text in {id_: SPEC.format(id=id_, more=more), **others}.items():
        (tmp_path / f"{name}.yml").write_text(text)
    fix = load_fix(tmp_path / f"{id_}.yml")
    found = {other.id: other for other in siblings(fix) if other.id != id_}
    rows = {one.id: ids for one, ids in partners([fix, *found.values()])}
    return sorted(rows[id_])


def test_a_stranger_is_none(tmp_path):
    assert together(tmp_path, two=SPEC.format(id="two", more="")) == []


def test_one_that_is_named(tmp_path):
    two = SPEC.format(id="two", more="")
    assert together(tmp_path, more="with: [two]", two=two) == ["two"]


def test_one_that_names_it(tmp_path):
    assert together(tmp_path, two=SPEC.format(id="two", more="with: [one]")) == ["two"]


def test_one_that_names_it_with_an_escape(tmp_path):
    two = SPEC.format(id="two", more=r'with: ["\u006fne"]')
    assert together(tmp_path, two=two) == ["two"]


def test_one_whose_class_names_it(tmp_path):
    assert together(tmp_path, two=EXTENDS.format(id="two")) == ["two"]


def test_one_that_cannot_be_read_is_none(tmp_path):
    assert together(tmp_path, two="id: two\nwith: [one]\nops: 1\n") == []


def test_shipped_one(tmp_path):
    more = "with: [discourse-harness]"
    assert together(tmp_path, "discourse", more) == ["discourse-harness"]


def test_shipped_one_that_names_it(tmp_path):
    assert together(tmp_path, "discourse") == ["discourse-harness"]


def test_one_of_the_folder_takes_the_place_of_a_shipped_one(tmp_path):
    own = {"discourse-harness": SPEC.format(id="discourse-harness", more="")}
    assert together(tmp_path, "discourse", **own) == []
