"""The parts of a review page that are worked out: the stack, colours, words that changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cli_tools import SAMPLES
from page_entries import standing

from patchkit.errors import ForgeError, UsageError
from patchkit.publish.level import CI, Answer
from patchkit.publish.row import Row
from patchkit.recipe.model import Recipe
from patchkit.recipe.stack import Part, stack
from patchkit.rendering import Patch, Verdict
from patchkit.report.html.colours import coloured
from patchkit.report.html.excerpt import excerpt
from patchkit.report.html.pills import Pill, pills
from patchkit.report.html.stack import picture
from patchkit.report.html.words import Pair, changed_words, paired
from patchkit.report.status_json import row_json
from patchkit.tree import RecipeTree
from patchkit.verify import Judgement, State

BEFORE = """\
services:
  app:
    image: web:1
    environment: [A=1, B=2]
    networks: [proxy, internal]
    configs: [{source: entry, target: /entry.sh}]
    secrets: [key]
    depends_on: [db, db]
  db:
    image: postgres:15
    networks: [internal]
    volumes: [data:/var/lib/postgresql/data:ro]
    deploy: {labels: {backup: "true"}}
networks:
  proxy: {external: true}
  internal:
volumes:
  data:
  spare:
configs:
  entry: {name: "${STACK_NAME}_entry_${ENTRY_VERSION}", file: entry.sh}
secrets:
  key: {external: true}
"""
OVERLAY = "services: {app: {ports: ['8443:443/udp']}}\n"


def tree(compose: str, **more: str) -> RecipeTree:
    files = {
        "compose.yml": compose,
        "compose.extra.yml": OVERLAY,
        "entry.sh": "",
        "abra.sh": "export ENTRY_VERSION=v3\n",
    }
    return RecipeTree.from_files(
        files | {name.replace("_", "."): text for name, text in more.items()}
    )


def drawn(before: RecipeTree, after: RecipeTree):
    return picture(Patch(Verdict.APPLIES, before, after))


def test_the_stack_of_a_recipe():
    found = stack(Recipe(tree(BEFORE)))
    assert found.files == ("compose.yml", "compose.extra.yml")
    assert found.networks == (Part("network", "proxy", "external"), Part("network", "internal"))
    app, db = found.services
    assert (app.name, app.image, app.networks) == ("app", "web:1", ("proxy", "internal"))
    assert app.files == ("compose.yml", "compose.extra.yml")
    assert app.parts == (
        Part("config", "entry", "v3 /entry.sh"),
        Part("secret", "key"),
        Part("port", "8443 → 443/udp", "ingress"),
        Part("depends_on", "db"),
        Part("environment", "A", "1"),
        Part("environment", "B", "2"),
    )
    assert db.parts == (
        Part("volume", "data", "/var/lib/postgresql/data (read only)"),
        Part("label", "backup", "true"),
    )
    assert found.unused == {("volume", "spare")}


def test_a_stack_of_nonsense_is_drawn_without_a_word():
    odd = "services: {a: 7, b: [x], c: {image: [1], networks: 3, volumes: {}, ports: x}}\n"
    found = stack(
        Recipe(RecipeTree.from_files({"compose.yml": odd + "networks: [1]\nvolumes: x\n"}))
    )
    assert [service.name for service in found.services] == ["a", "b", "c"]


def test_what_stayed_is_not_marked():
    same = drawn(tree(BEFORE), tree(BEFORE, readme_md="new\n"))
    assert same.sentences == ()
    for side in same.sides:
        assert [box.state for box, _ in side.rows] == ["same", "same"]
        assert {mark.state for mark in side.files} == {"same"}


def test_a_recipe_that_is_not_changed_is_drawn_once():
    [side] = drawn(tree(BEFORE), tree(BEFORE)).sides
    assert side.title == "The stack as it is"


def test_changes_are_marked_on_both_sides_and_told_in_words():
    after = (
        BEFORE.replace("[A=1, B=2]", "[A=1, B=3, C=4]")
        .replace("networks: [internal]", "networks: [proxy]")
        .replace("postgres:15", "postgres:16")
        .replace("  spare:\n", "")
        .replace("secrets: [key]", "secrets: []")
    )
    found = drawn(tree(BEFORE), tree(after))
    assert set(found.sentences) == {
        "The volume spare was removed.",
        "app: the variable B was changed from 2 to 3.",
        "app: the variable C was added: 4.",
        "app: the secret key was removed.",
        "db: the image postgres:15 became postgres:16.",
        "db: the network internal was removed.",
        "db: the network proxy was added.",
    }
    old, new = found.sides
    (app, _), (db, lanes) = old.rows
    assert {(m.part.name, m.state) for m in app.marks if m.state != "same"} == {
        ("B", "changed"),
        ("key", "removed"),
    }
    assert (db.image_state, app.counted) == ("changed", "1 variable")
    assert [(lane.joins, lane.state) for lane in lanes] == [(False, "same"), (True, "removed")]
    (_, _), (_, lanes) = new.rows
    assert [(lane.joins, lane.state) for lane in lanes] == [(True, "added"), (False, "same")]


def test_a_renamed_service_is_the_same_service():
    after = (
        BEFORE.replace("  app:", "  pds:").replace("  db:", "  app:").replace("[db, db]", "[app]")
    )
    found = drawn(
        tree(BEFORE), tree(after).with_file("compose.extra.yml", OVERLAY.replace("app", "pds"))
    )
    assert "The service app was renamed to pds." in found.sentences
    assert "The service db was renamed to app." in found.sentences
    assert not [
        s for s in found.sentences if "image" in s or s.startswith("The service app was removed")
    ]
    assert [box.other for box, _ in found.sides[0].rows] == ["pds", "app"]


def test_a_service_that_is_new_has_an_empty_place_before():
    after = BEFORE.replace(
        "networks:\n  proxy: {", "  cache: {image: redis:7}\nnetworks:\n  proxy: {"
    )
    old, new = drawn(tree(BEFORE), tree(after)).sides
    assert [box.service.name if box else None for box, _ in old.rows] == ["app", "db", None]
    assert new.rows[2][0].state == "added"
    # The network that the new service joins is drawn where it is alone.
    assert [mark.part.name if mark else None for mark, _ in old.networks] == [
        "proxy",
        "internal",
        None,
    ]


def test_lanes_run_from_the_network_to_its_last_service():
    side = drawn(tree(BEFORE), tree(BEFORE)).sides[0]
    ways = [
        [(lane.above, lane.joins, lane.below) for lane in lanes]
        for _, lanes in (*side.networks, *side.rows)
    ]
    assert ways == [
        [(False, True, True), (False, False, False)],  # proxy
        [(True, False, True), (False, True, True)],  # internal
        [(True, True, False), (True, True, True)],  # app: proxy ends here
        [(False, False, False), (True, True, False)],  # db
    ]


@pytest.mark.parametrize(
    "path", sorted(p for p in SAMPLES.rglob("*") if p.is_file()), ids=lambda p: p.name
)
def test_colours_change_no_character(path):
    lines = path.read_text(encoding="utf-8").split("\n")
    runs = coloured(path.name, lines)
    assert ["".join(run.text for run in line) for line in runs] == lines


@pytest.mark.parametrize(
    ("path", "line", "expected"),
    [
        ("compose.yml", "image: x # why", [("t", "image"), ("", ": x "), ("c", "# why")]),
        (".env.sample", "A=1", [("v", "A"), ("", "="), ("n", "1")]),
        ("entry.sh.tmpl", "# why", [("c", "# why")]),
        ("run", "#!/bin/sh", [("c", "#!/bin/sh")]),
        ("unknown.bin", "# no language", [("", "# no language")]),
        ("huge.yml", "a: " + "b" * 3000, [("", "a: " + "b" * 3000)]),
    ],
)
def test_colours(path, line, expected):
    [runs] = coloured(path, [line])
    assert [tuple(run) for run in runs] == expected


def test_of_a_large_stack_what_stays_is_folded():
    spares = "".join(f"  s{n}: {{image: x}}\n" for n in range(7))
    before = BEFORE.replace("  db:\n", f"{spares}  db:\n", 1)
    found = drawn(tree(before), tree(before.replace("postgres:15", "postgres:16")))
    for side in found.sides:
        assert [box.service.name for box, _ in side.rows if not box.is_folded] == ["db"]
    few = drawn(tree(BEFORE), tree(BEFORE.replace("postgres:15", "postgres:16")))
    assert not [box for side in few.sides for box, _ in side.rows if box.is_folded]


@pytest.mark.parametrize(
    ("text", "other", "expected"),
    [
        ("http://app:3000/x", "http://pds:3000/x", "http://<mark>app</mark>:3000/x"),
        ("v4 /etc/x", "", "v4 /etc/x"),
        ("a <b>", "a <i>", "a &lt;<mark>b</mark>&gt;"),
        ("one two", "three four", "one two"),  # another value altogether
        ("x " * 200, "", "x " * 80 + "…"),
        # The change is seen, wherever it stands.
        (
            "x " * 90 + "old" + " y" * 90,
            "x " * 90 + "new" + " y" * 90,
            "…" + "x " * 20 + "<mark>old</mark>" + " y" * 58 + " …",
        ),
        ("x " * 500 + "old", "x " * 500 + "new", "…" + "x " * 20 + "old"),
    ],
)
def test_what_is_seen_of_a_value(text, other, expected):
    assert excerpt(text, other) == expected


def judged(*states: State) -> tuple[Judgement, ...]:
    return tuple(Judgement("compose", state) for state in states)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], []),
        ([State.NOTHING], []),
        ([State.PASSED, State.NOTHING], [Pill("good", "verified")]),
        ([State.PASSED, State.NOT_AVAILABLE], [Pill("open", "verified in part")]),
        ([State.NOT_AVAILABLE], [Pill("open", "not verified")]),
        ([State.PASSED, State.FAILED, State.FAILED], [Pill("bad", "2 judges failed")]),
    ],
)
def test_only_what_every_judge_tried_is_verified(states, expected):
    assert list(pills(judged(*states), None)) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (Row("a", "b"), Pill("plain", "no PR")),
        (Row("a", "b", error=UsageError("no setting")), Pill("plain", "PR not asked")),
        (Row("a", "b", error=ForgeError("no answer")), Pill("bad", "PR not read")),
        (standing(), Pill("bad", "#42 open, CI level 4")),  # a green status is not full marks
        (replace(standing(), ci=Answer(CI.SUCCESS)), Pill("good", "#42 open, CI success")),
        (replace(standing(), ci=Answer(CI.PENDING)), Pill("plain", "#42 open, CI pending")),
        (replace(standing(), ci=None), Pill("plain", "#42 open")),
    ],
)
def test_what_forge_and_ci_say_in_two_words(row, expected):
    assert pills(None, row_json(row)) == (expected,)


@pytest.mark.parametrize(
    ("old", "new", "gone", "come"),
    [
        ("http://app:3000", "http://pds:3000", ["app"], ["pds"]),
        ("a b", "a b c", [], [" c"]),
        ("${STACK_NAME}_app", "${STACK_NAME}_pds", ["app"], ["pds"]),
        ("same", "same", [], []),
        ("x" * 3 + " y", "z y", ["xxx"], ["z"]),
    ],
)
def test_changed_words(old, new, gone, come):
    a, b = changed_words(old, new)
    assert ([old[i:j] for i, j in a], [new[i:j] for i, j in b]) == (gone, come)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([], ["a"], [Pair(None, 0)]),
        (["a"], [], [Pair(0, None)]),
        (["image: a:1"], ["image: a:2"], [Pair(0, 0, alike=True)]),
        (["image: a:1"], ["quite another thing"], [Pair(0, 0)]),
        # A new line above does not part what belongs together.
        (
            ["port: 80", "x"],
            ["new one here", "port: 81", "x"],
            [Pair(None, 0), Pair(0, 1, alike=True), Pair(1, 2, alike=True)],
        ),
        (["one two", "three four"], ["three five"], [Pair(0, None), Pair(1, 0, alike=True)]),
    ],
)
def test_paired(old, new, expected):
    assert paired(old, new) == expected
