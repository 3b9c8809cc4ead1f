"""Hand edits of every kind: the spec makes them byte for byte, or says what stands in the way."""

from __future__ import annotations

import random

import pytest
import schemas
from probe_recipe import COMPOSE
from probe_recipe import FILES as PROBE

from patchkit.edit.yaml import parse, to_data
from patchkit.errors import EditRefused, RecipeError
from patchkit.record import Head, record
from patchkit.record.measure import distance
from patchkit.record.recording import MOST_FILES
from patchkit.rendering import Verdict, render
from patchkit.tree import EXECUTABLE, LINK, Entry, RecipeTree

FILES = {
    **PROBE,
    "app.conf": 'say one thing\nsay {{ env "DOMAIN" }}\nsay one thing\n',
    "README.md": "# Probe\n\nWords.\n",
    "logo.png": Entry(b"\x89PNG\0\1\2\3"),
    "dos.txt": "one\r\ntwo\r\nthree\r\n",
}
OLD = RecipeTree.from_files(FILES)
HEAD = Head("probe", "probe")


def _with(**files: str | bytes | Entry | None) -> RecipeTree:
    """Return the recipe with other files; keys are paths, with `__` for what no name may have."""
    names = {
        "compose": "compose.yml",
        "abra": "abra.sh",
        "conf": "app.conf",
        "note": "release/next",
    }
    found = {**FILES, **{names.get(key, key.replace("__", ".")): f for key, f in files.items()}}
    return RecipeTree.from_files({key: f for key, f in found.items() if f is not None})


def _exact(goal: RecipeTree, old: RecipeTree = OLD, head: Head = HEAD):
    """Record a change that must come out byte for byte, and be «already fixed» where it is."""
    recorded = record(old, goal, head)
    assert recorded.exact, recorded.text + recorded.beyond
    assert render(recorded.fix, old).tree == goal
    assert render(recorded.fix, goal).verdict is Verdict.FIXED
    return recorded


def test_nothing_changed_is_no_fix():
    assert record(OLD, RecipeTree.from_files(FILES), HEAD) is None


def test_image_is_expected_and_ensured():
    recorded = _exact(_with(compose=COMPOSE.replace("1.27", "1.28")))
    assert to_data(parse(recorded.text))["ops"] == [
        {"op": "image.set", "service": "app", "tag": "1.28"}
    ]
    assert to_data(parse(recorded.text))["expects"] == [{"service": "app", "image": "nginx:1.27"}]
    other = _with(compose=COMPOSE.replace("1.27", "1.26"))
    assert render(recorded.fix, other).verdict is Verdict.DRIFTED


def test_text_is_a_valid_spec_with_its_schema():
    head = Head("probe", "probe", schema=True)
    recorded = _exact(_with(compose=COMPOSE.replace("1.27", "1.28")), head=head)
    assert recorded.text.startswith("# yaml-language-server: $schema=schema.json\n")
    schemas.of_fixes().validate(to_data(parse(recorded.text)))


def test_version_that_was_raised_by_hand_needs_no_op():
    goal = _with(
        conf=FILES["app.conf"].replace("env", "envOr"), abra="export APP_CONF_VERSION=v2\n"
    )
    assert _exact(goal).ops == ("text.replace",)


def test_version_that_was_not_raised_is_told():
    goal = _with(conf="say nothing\n")
    recorded = record(OLD, goal, HEAD)
    assert not recorded.exact
    assert "+export APP_CONF_VERSION=v2" in recorded.beyond
    assert [line for line in recorded.text.splitlines() if line.startswith("# unsure: a closing")]
    assert recorded.patch.tree == goal.with_file("abra.sh", "export APP_CONF_VERSION=v2\n")


def test_removed_service_takes_its_note_with_it():
    compose = COMPOSE.replace("  db:\n    image: postgres:16\n", "")
    compose = compose.replace("    depends_on: [db]\n", "")
    note = "The database is gone.\n\n    docker service rm ${STACK_NAME}_db\n"
    assert set(_exact(_with(compose=compose, note=note)).ops) == {"service.remove", "release.note"}


def test_label_at_an_odd_place_falls_back():
    odd = COMPOSE.replace("      labels:\n", '      labels:\n        - "probe=1"\n')
    assert _exact(_with(compose=odd)).ops == ("text.insert",)


def test_comment_alone_is_text():
    assert _exact(_with(compose=COMPOSE.replace("# moves", "# stays"))).ops == ("text.replace",)


def test_braces_of_other_templates_stay():
    goal = _with(README__md="# Probe\n\n{{ a }} {% endraw %} {# b\n")
    assert _exact(goal).ops == ("text.replace",)


@pytest.mark.parametrize(
    "text",
    [
        "one\r\ntwo\r\nmore\r\nthree\r\n",
        "one\ntwo\r\nthree\r\n",
        "one\r\ntwo\r\nthree",
        "one\r\ntwo\r\n{{ three }}\r\n\r\n\r\n",
        "\ufeffone\r\ntwo\r\nthree\r\n",
        "",
        "\n",
        "  one \t\r\n\x07\x1b[31m\u2028",
    ],
)
def test_line_ends_and_odd_characters(text):
    _exact(_with(dos__txt=text))


def test_files_come_go_move_and_change_modes():
    moved = FILES["README.md"] + "More.\n"
    goal = _with(
        README__md=None, docs__md=moved, logo__png=None, new__sh=Entry(b"#!/bin/sh\n", EXECUTABLE),
        icon__png=FILES["logo.png"], dos__txt=Entry(FILES["dos.txt"].encode(), EXECUTABLE),
    )  # fmt: skip
    recorded = _exact(goal)
    assert {op.partition(".")[0] for op in recorded.ops} == {"file", "text"}
    assert recorded.ops.count("file.rename") == 2


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (Entry(b"\x89PNG\0\1"), "this file is binary"),
        (Entry(b"caf\xe9\n"), "this file is not UTF-8"),
        (Entry(b"app.conf", LINK), "neither adds nor changes a link"),
    ],
)
def test_what_no_op_makes_is_refused_by_name(entry, words):
    for path in ("new__bin", "README__md"):
        with pytest.raises(EditRefused, match=words) as caught:
            record(OLD, _with(**{path: entry}), HEAD)
        assert [p.place.path for p in caught.value.problems] == [path.replace("__", ".")]
        assert all(problem.hint for problem in caught.value.problems)


def test_overlay_that_is_still_offered_is_refused_with_the_reason():
    with pytest.raises(EditRefused, match=r"COMPOSE_FILE names compose\.mail\.yml") as caught:
        record(OLD, _with(compose__mail__yml=None), HEAD)
    assert caught.value.problems[0].place.path == "compose.mail.yml"


def test_too_many_files_are_refused():
    files = {f"f{n}.txt": "a\nb\n" for n in range(MOST_FILES + 1)}
    goal = dict.fromkeys(files, "a\nc\n")
    with pytest.raises(EditRefused, match="301 files differ"):
        record(RecipeTree.from_files(files), RecipeTree.from_files(goal), HEAD)


def test_text_that_does_not_fit_into_a_spec_is_refused():
    with pytest.raises(EditRefused, match="400,000 bytes do not fit into a fix spec"):
        record(OLD, _with(big__txt="abc\n" * 100_000), HEAD)


def test_broken_compose_file_is_told_with_its_place():
    with pytest.raises(RecipeError) as caught:
        record(OLD, _with(compose="services:\n  app: [\n"), HEAD)
    assert caught.value.place.path == "compose.yml"


def test_repository_gets_neither_closing_rules_nor_ops_of_recipes():
    goal = _with(conf="say nothing\n", compose=COMPOSE.replace("1.27", "1.28"))
    recorded = _exact(goal, head=Head("probe", "probe", "repository"))
    assert {op.partition(".")[0] for op in recorded.ops} <= {"file", "ini", "text", "yaml"}


def test_distance_is_that_of_the_longest_common_subsequence():
    chance = random.Random(7)
    for _ in range(200):
        a, b = (chance.choices("abcd", k=chance.randrange(12)) for _ in range(2))
        old, new = (Entry("".join(f"{word}\n" for word in words).encode()) for words in (a, b))
        expected = len(a) + len(b) - 2 * _common(a, b)
        assert distance(old, new, words=False) == expected


def _common(a: list[str], b: list[str]) -> int:
    """Return the length of the longest common subsequence, by its definition."""
    if not a or not b:
        return 0
    if a[-1] == b[-1]:
        return 1 + _common(a[:-1], b[:-1])
    return max(_common(a[:-1], b), _common(a, b[:-1]))


def test_places_that_mean_something_else_are_kept():
    compose = (
        "services:\n  web:\n    image: example/web:1\n    container_name: web\n"
        "    environment:\n      - A=web\n      - B=web:web\n      - C=/srv/web\n"
        "      - D=web web\n"
        "  db:\n    image: postgres:16\n    depends_on: [web]\n"
    )
    renamed = compose.replace("  web:", "  site:").replace("[web]", "[site]")
    note = "The service has another name.\n\n    docker service rm ${STACK_NAME}_web\n"
    recorded = _exact(_with(compose=renamed, note=note), _with(compose=compose))
    assert recorded.ops[0] == "service.rename"
    assert not recorded.patch.findings


def test_edit_that_a_closing_rule_cannot_follow_is_refused():
    broken = _with(abra="if true; then\nexport APP_CONF_VERSION=v1\nfi\n", conf="say more\n")
    with pytest.raises(EditRefused, match="a closing rule cannot do its part") as error:
        record(OLD, broken, HEAD)
    assert (error.value.place.path, error.value.place.line) == ("abra.sh", 2)
    by_hand = _with(abra="if true; then\nexport APP_CONF_VERSION=v2\nfi\n", conf="say more\n")
    _exact(by_hand)


def test_what_a_closing_rule_undoes_is_not_ensured():
    old = _with(note="Words of before.\n")
    cut = COMPOSE.replace("    depends_on: [db]\n", "").replace(
        "  db:\n    image: postgres:16\n", ""
    )
    recorded = record(old, _with(compose=cut), HEAD)  # with no release note at all
    assert recorded.patch.verdict is Verdict.APPLIES, recorded.text
    assert [line for line in recorded.unsure if line.startswith("a closing rule")]
    assert "docker service rm ${STACK_NAME}_db" in recorded.beyond


def test_version_of_a_config_is_recorded_with_its_export():
    bare = COMPOSE.replace("    name: ${STACK_NAME}_app_conf_${APP_CONF_VERSION}\n", "")
    named = f"{bare}    name: ${{STACK_NAME}}_app_conf_${{APP_CONF_VERSION}}\n"
    other = "export OTHER_VERSION=v1\n"
    goal = _with(compose=named, abra=f"{other}export APP_CONF_VERSION=v7\n")
    recorded = _exact(goal, _with(compose=bare, abra=other))
    assert to_data(parse(recorded.text))["ops"] == [
        {"op": "config.version", "name": "app_conf", "version": "v7"}
    ]


def test_renamed_labels_come_back_as_one_op():
    goal = COMPOSE.replace("traefik.enable", "caddy.on").replace("backupbot.backup", "backup.on")
    recorded = _exact(_with(compose=goal))
    assert to_data(parse(recorded.text))["ops"] == [
        {
            "op": "labels.rename",
            "service": "app",
            "labels": {"traefik.enable": "caddy.on", "backupbot.backup": "backup.on"},
        }
    ]
    assert to_data(parse(recorded.text))["expects"][0]["label"] == "traefik.enable"
