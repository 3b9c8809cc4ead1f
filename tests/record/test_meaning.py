"""Edits recorded by what they mean: the op that a maintainer would write, wherever lines stand."""

from __future__ import annotations

import pytest
import yaml
from probe_recipe import COMPOSE, FILES

from patchkit.errors import EditRefused
from patchkit.record import Head, record
from patchkit.record.meaning import apart, differing
from patchkit.rendering import Verdict, render
from patchkit.tree import RecipeTree

OLD = RecipeTree.from_files(FILES)
HEAD = Head("probe", "probe")
LABEL = '        - "traefik.enable=true"\n'
IN_THE_MIDDLE = COMPOSE.replace(LABEL, f"{LABEL}        - a.b=c\n")


def with_files(**files: str) -> RecipeTree:
    """Return the recipe with other files."""
    names = {"compose": "compose.yml", "abra": "abra.sh", "conf": "db.conf", "env": ".env.sample"}
    return RecipeTree.from_files(FILES | {names[key]: text for key, text in files.items()})


def by_meaning(goal: RecipeTree):
    """Record an edit; what the spec makes has the data of the goal, and is fixed by it."""
    recorded = record(OLD, goal, HEAD, by_meaning=True)
    assert recorded.fits
    for path in ("compose.yml", "compose.mail.yml"):
        made, meant = (yaml.safe_load(t.text(path)) for t in (recorded.patch.tree, goal))
        assert unordered(made) == unordered(meant)
    assert render(recorded.fix, goal).verdict is Verdict.FIXED
    return recorded


def unordered(value):
    if isinstance(value, dict):
        return {key: unordered(item) for key, item in value.items()}
    return sorted(map(repr, value)) if isinstance(value, list) else value


def test_a_label_in_the_middle_of_a_list():
    goal = with_files(compose=IN_THE_MIDDLE)
    assert record(OLD, goal, HEAD).ops == ("text.insert",)
    recorded = by_meaning(goal)
    assert recorded.ops == ("labels.set",)
    assert not recorded.exact
    assert "a.b=c" in recorded.elsewhere
    assert recorded.beyond == ""


def test_a_config_with_its_file_and_its_export_wherever_they_stand():
    goal = with_files(
        compose=COMPOSE.replace(
            "    image: postgres:16\n",
            "    configs: [{source: db_conf, target: /etc/db.conf}]\n    image: postgres:16\n",
        ).replace(
            "configs:\n  app_conf",
            "configs:\n  db_conf:\n    file: db.conf\n"
            "    name: ${STACK_NAME}_db_conf_${DB_CONF_VERSION}\n  app_conf",
        ),
        conf="a=1\n",
        abra="export DB_CONF_VERSION=v1\nexport APP_CONF_VERSION=v1\n",
    )
    assert by_meaning(goal).ops == ("config.add",)


def test_a_service_renamed_beside_other_edits():
    before = COMPOSE.replace("postgres:16\n", "postgres:16\n    environment: [A=1, B=2]\n")
    compose = before.replace("  db:", "  # data\n  store:").replace("[db]", "[store]")
    goal = with_files(compose=compose.replace("postgres:16", "postgres:17"))
    recorded = record(with_files(compose=before), goal, HEAD, by_meaning=True)
    assert recorded.ops == ("service.rename", "image.set")
    [doubt] = recorded.unsure
    assert doubt == "a closing rule has the last word: told the operator in release/next"


def test_comments_and_order_alone_are_no_fix_by_meaning():
    goal = with_files(compose=COMPOSE.replace("  db:", "  # the database\n  db:"))
    with pytest.raises(EditRefused, match="comments and order alone changed"):
        record(OLD, goal, HEAD, by_meaning=True)


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        ("compose.yml", "a: [x, y]", "a: [y, x]", 0),
        ("compose.yml", "a: {x: 1, y: 2}", "a:\n  y: 2 # two\n  x: 1", 0),
        ("compose.yml", "a: [x, x]", "a: [x]", 1),
        ("compose.yml", "a: '1'", "a: 1", 2),
        ("compose.yml", "command: [x, y]", "command: [y, x]", 2),
        ("compose.yml", "test: [x, y]", "test: [x, y]", 0),
        ("compose.yml", "a: [", "a: [x", 2),  # what cannot be read is lines
        ("abra.sh", "export A=v1\nexport B=v1\n", "export B=v1\n\nexport A=v1\n", 0),
        ("abra.sh", "export A=v1\n", "export A=v2\n", 2),
        ("abra.sh", "f() {\n  a\n  b\n}\n", "f() {\n  b\n  a\n}\n", 2),
        ("README.md", "a\nb\n", "b\na\n", 2),
    ],
)
def test_what_means_the_same(path, old, new, expected):
    one, other = RecipeTree.from_files({path: old}), RecipeTree.from_files({path: new})
    assert apart(path, one, other) == apart(path, other, one) == expected
    assert differing(one, other) == ((path,) if expected else ())


def test_what_only_a_removed_service_used_is_left_to_the_closing_rules():
    files = FILES | {
        "compose.yml": COMPOSE.replace(
            "    image: postgres:16\n", "    image: postgres:16\n    volumes: [data:/data]\n"
        )
        + "volumes:\n  data:\n  spare:\n"
    }
    old = RecipeTree.from_files(files)
    cut = COMPOSE.replace("    depends_on: [db]\n", "")
    cut = cut.replace("  db:\n    image: postgres:16\n", "")
    goal = RecipeTree.from_files(files | {"compose.yml": cut + "volumes:\n  spare:\n"})
    assert record(old, goal, HEAD).ops == ("service.remove",)


def test_fields_are_expected_and_ensured_with_their_values():
    check = "    image: nginx:1.27 # moves\n    healthcheck: {interval: 30s, retries: 3}\n"
    old = with_files(compose=COMPOSE.replace("    image: nginx:1.27 # moves\n", check))
    goal = with_files(
        compose=COMPOSE.replace("    image: nginx:1.27 # moves\n", check.replace("30s", "15s"))
    )
    recorded = record(old, goal, HEAD)
    assert "{service: app, field: healthcheck.interval, value: 30s}" in recorded.text
    assert "{service: app, field: healthcheck.interval, value: 15s}" in recorded.text


def test_a_new_setting_without_a_comment_says_nothing_of_one():
    goal = with_files(env=FILES[".env.sample"] + "EXTRA=1\n")
    recorded = record(OLD, goal, HEAD)
    assert recorded.ops == ("env_sample.set",)
    assert "comment" not in recorded.text
