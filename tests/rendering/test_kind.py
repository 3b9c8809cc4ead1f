"""What a class is about: not this kind, drifted, and several services of one recipe."""

from __future__ import annotations

import pytest

from patchkit import RecipeTree, Verdict, loads_fix, render
from patchkit.errors import EditRefused, RecipeError
from patchkit.rendering import judge

CLASS = """\
id: patience
title: t
why: w
params:
  slow:
    find: service
    name: "*"
    each: true
applies_to:
  - {service: "{{ slow }}", field: healthcheck.start_period, value: 1s, because: it is patient}
expects:
  - {service: "{{ slow }}", field: healthcheck.test, matches: curl|pg_isready, because: unknown}
ops:
  - {op: healthcheck.set, service: "{{ slow }}", start_period: 5m}
ensures:
  - {service: "{{ slow }}", field: healthcheck.start_period, value: 5m}
"""
SERVICE = """\
  {name}:
    image: nginx:1.27
    healthcheck:
      test: [CMD, {test}]
      start_period: {period}
"""


def recipe(*services: tuple[str, str, str]) -> RecipeTree:
    text = "".join(SERVICE.format(name=n, test=t, period=p) for n, t, p in services)
    return RecipeTree.from_files({"compose.yml": f"services:\n{text}".encode()})


def made(tree: RecipeTree, text: str = CLASS, **params: str):
    return render(loads_fix(text), tree, params)


def test_every_service_of_the_kind_is_cured_and_no_other() -> None:
    tree = recipe(("app", "curl", "1s"), ("web", "curl", "2m"), ("db", "pg_isready", "1s"))
    patch = made(tree)
    assert patch.verdict is Verdict.APPLIES
    after = recipe(("app", "curl", "5m"), ("web", "curl", "2m"), ("db", "pg_isready", "5m"))
    assert patch.tree == after
    assert patch.params == {"slow": "app, db"}
    again = made(patch.tree)
    assert (again.verdict, again.diff()) == (Verdict.OTHER, "")


def test_one_that_is_given_is_the_only_one() -> None:
    tree = recipe(("app", "curl", "1s"), ("db", "pg_isready", "1s"))
    after = recipe(("app", "curl", "1s"), ("db", "pg_isready", "5m"))
    assert made(tree, slow="db").tree == after


def test_one_that_drifted_stops_them_all() -> None:
    patch = made(recipe(("app", "curl", "1s"), ("db", "sleep", "1s")))
    assert (patch.verdict, patch.diff()) == (Verdict.DRIFTED, "")
    assert [(r.place.line, r.hint) for r in patch.reasons] == [(10, "unknown")]


def test_no_service_of_the_kind_tells_of_each_why() -> None:
    patch = made(recipe(("app", "curl", "1m"), ("db", "curl", "2m")))
    assert (patch.verdict, patch.diff()) == (Verdict.OTHER, "")
    told = [(r.place.line, r.hint) for r in patch.reasons]
    assert told == [(6, "it is patient"), (11, "it is patient")]


ONE = CLASS.replace('    name: "*"\n    each: true\n', "    image: postgres\n")


@pytest.mark.parametrize(
    ("images", "verdict"),
    [
        (("nginx",), Verdict.OTHER),
        (("postgres:16", "nginx"), Verdict.APPLIES),
        (("postgres:16", "postgres:17"), Verdict.DRIFTED),
    ],
)
def test_one_that_is_not_there_is_another_kind_and_two_are_a_drift(images, verdict) -> None:
    text = "".join(
        SERVICE.format(name=f"s{i}", test="curl", period="1s").replace("nginx:1.27", image)
        for i, image in enumerate(images)
    )
    tree = RecipeTree.from_files({"compose.yml": f"services:\n{text}".encode()})
    assert made(tree, ONE).verdict is verdict


def test_a_database_that_overlays_choose_is_nobody_s_guess() -> None:
    base = SERVICE.format(name="db", test="curl", period="1s")
    files = {
        "compose.yml": b"services: {}\n",
        "compose.mariadb.yml": f"services:\n{base.replace('nginx:1.27', 'mariadb:11')}".encode(),
        "compose.postgres.yml": f"services:\n{base.replace('nginx:1.27', 'postgres:16')}".encode(),
    }
    patch = made(RecipeTree.from_files(files), ONE)
    assert patch.verdict is Verdict.DRIFTED
    assert "here it is mariadb:11" in patch.reasons[0].message
    assert patch.reasons[0].place.path == "compose.mariadb.yml"


def test_the_fix_of_a_recipe_drifts_where_its_class_says_nothing(tmp_path) -> None:
    (tmp_path / "classes").mkdir()
    (tmp_path / "classes" / "patience.yml").write_text(CLASS)
    text = "id: x\nrecipe: wiki\nextends: classes/patience\n"
    tree = recipe(("app", "curl", "1m"))
    assert render(loads_fix(text, folder=tmp_path), tree).verdict is Verdict.DRIFTED


@pytest.mark.parametrize("compose", [b"services: [\n", b"\xff\xfe\x00", b"- a\n"])
def test_a_recipe_nobody_can_read_is_broken(compose) -> None:
    tree = RecipeTree.from_files({"compose.yml": compose})
    patch = judge(loads_fix(CLASS), tree)
    assert (patch.verdict, patch.diff()) == (Verdict.BROKEN, "")
    assert patch.reasons
    with pytest.raises((RecipeError, EditRefused)):
        made(tree)


def test_a_class_becomes_the_fix_of_a_recipe() -> None:
    fix = loads_fix(CLASS)
    assert (fix.repository, fix.name, fix.for_recipe) == ("", "classes/patience", True)
    assert fix.on("wiki").repository == "wiki"
    assert fix.on("wiki").digest == fix.digest


def test_each_is_for_services_and_configs() -> None:
    with pytest.raises(Exception, match='"each" is for a param with find: service or config'):
        loads_fix(CLASS.replace("find: service", "find: network"))
