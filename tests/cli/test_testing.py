"""`patchkit test`: what is wrong with a fix, which check says so, and how the command ends."""

from __future__ import annotations

import shutil

import pytest
from cli_tools import ROOT

SPEC = """\
id: pin-redis
title: Pin redis
recipe: shop
why: A moving tag broke it.
params:
  cache: {find: service, image: redis}
expects:
  - {service: "{{ cache }}", image: "redis:latest"}
ops:
  - {op: image.set, service: "{{ cache }}", tag: 7.4.5-alpine}
ensures:
  - {service: "{{ cache }}", image: "redis:7.4.5-alpine"}
"""
COMPOSE = """\
version: "3.8"
services:
  app:
    image: example/shop:1.0
  cache:
    image: redis:latest
"""
DIFF = """\
diff --git a/compose.yml b/compose.yml
--- a/compose.yml
+++ b/compose.yml
@@ -3,4 +3,4 @@
   app:
     image: example/shop:1.0
   cache:
-    image: redis:latest
+    image: redis:7.4.5-alpine
"""
PAIRS = (("a", "b"), ("b", "c"))
ALL = ("valid", "applies[shop]", "snapshot[shop]", "second-run[shop]", "lint[shop]", "drift[shop]")


@pytest.fixture
def put(tmp_path):
    """Write files below the folder of the call."""

    def write(**files):
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_yml", ".yml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return write


@pytest.fixture
def own(tmp_path, put):
    """A repository of fixes with one that is in order."""
    files = {
        "fixes/pin-redis.yml": SPEC,
        "recipes/shop/compose.yml": COMPOSE,
        "snapshots/pin-redis/shop.diff": DIFF,
    }
    put(**files)
    return tmp_path


def words(result):
    """Return which cases ended how."""
    rows = [line.split() for line in result.out.splitlines() if line[:1] not in {"", " "}]
    return {row[-1] if row[0] != "not" else row[3].rstrip(":"): row[0] for row in rows}


def test_a_fix_in_order_passes_every_check(patchkit, own):
    for call in (["test"], ["test", "fixes/pin-redis.yml"]):
        result = patchkit(*call)
        assert result.code == 0, result.out
        assert words(result) == dict.fromkeys(ALL, "ok")


def test_only_some_checks(patchkit, own):
    assert set(words(patchkit("test", "--only", "valid", "--only", "lint"))) == {
        "valid",
        "lint[shop]",
    }


@pytest.mark.parametrize(
    ("old", "new", "failed", "code", "said"),
    [
        (
            "title:",
            "titel:",
            "valid",
            2,
            'fixes/pin-redis.yml:2:1: error: unknown key "titel" (did you mean "title"?)',
        ),
        (
            "id: pin-redis",
            "id: pin",
            "valid",
            2,
            "fixes/pin-redis.yml:1:1: error: the fix is called pin, and its file pin-redis.yml",
        ),
        (
            "title: Pin redis",
            "title: Pin redis\nwith: [nothing]",
            "valid",
            2,
            "fixes/pin-redis.yml:3:8: error:",
        ),
        ("redis:latest", "redis:6", "applies[shop]", 3, "(it is redis:latest)"),
        ("7.4.5-alpine", "latest", "applies[shop]", 1, "the sample shop is fixed already"),
        (
            "7.4.5-alpine}\nensures",
            "7.4.6-alpine}\nensures",
            "applies[shop]",
            3,
            "after the ops",
        ),
        ("recipe: shop", "recipe: shoe", "applies[shoe]", 2, "recipes/shoe"),
        (
            "ops:\n",
            'ops:\n  - {op: text.insert, file: compose.yml, at: end, text: "# again"}\n',
            "snapshot[shop]",
            1,
            "++# again",
        ),
        (
            "ops:\n",
            "ops:\n  - {op: service.unset, service: app, fields: [image]}\n",
            "lint[shop]",
            4,
            "compose.yml:2:1: error: lint got worse [R009]",
        ),
        (
            "params:" + SPEC.partition("params:")[2],
            "ops:\n  - {op: file.add, path: hello, text: hello}\n",
            "drift[shop]",
            1,
            "fixes/pin-redis.yml:1:1: error: the fix is «applies» on a recipe of strangers",
        ),
    ],
    ids=[
        "unknown key",
        "other name",
        "no such partner",
        "drifted",
        "fixed",
        "ensures what is not so",
        "no sample",
        "other diff",
        "lint",
        "any recipe",
    ],
)
def test_what_is_wrong_is_told(patchkit, own, put, old, new, failed, code, said):
    spec = SPEC.replace(old, new)
    assert spec != SPEC
    put(**{"fixes/pin-redis.yml": spec})
    result = patchkit("test")
    assert words(result)[failed] == "FAILED", result.out
    assert said in result.out
    assert result.code == code, result.out


def test_what_cannot_be_tried_is_not_told_as_passed(patchkit, own, put):
    put(**{"fixes/pin-redis.yml": SPEC.replace("redis:latest", "redis:6")})
    assert words(patchkit("test")) == {
        "valid": "ok",
        "applies[shop]": "FAILED",
        **dict.fromkeys(ALL[2:], "not"),
    }
    result = patchkit("test", "--only", "snapshot")
    assert words(result) == {"snapshot[shop]": "not"}
    assert result.code == 1


def test_a_second_run_that_finds_no_fixed_recipe(patchkit, own, put):
    head = SPEC.partition("params:")[0]
    ops = [f"  - {{op: text.replace, file: README.md, find: {a}, with: {b}}}\n" for a, b in PAIRS]
    put(**{"fixes/pin-redis.yml": f"{head}ops:\n{''.join(ops)}", "recipes/shop/README.md": "a\n"})
    result = patchkit("test", "--only", "second-run")
    assert words(result) == {"second-run[shop]": "FAILED"}
    assert "fixes/pin-redis.yml:6:5: error: a second run is «drifted»" in result.out
    assert 'no match of "a" in README.md' in result.out
    assert result.code == 1


def test_a_spec_that_cannot_be_read_is_told_whatever_was_asked(patchkit, own, put):
    put(**{"fixes/pin-redis.yml": "id: [\n"})
    result = patchkit("test", "--only", "drift")
    assert words(result) == {"valid": "FAILED"}
    assert result.code == 2


def test_snapshots_are_written_when_asked(patchkit, own):
    reviewed = own / "snapshots" / "pin-redis" / "shop.diff"
    reviewed.unlink()
    result = patchkit("test", "--only", "snapshot")
    assert result.code == 1
    assert "there is no snapshots/pin-redis/shop.diff" in result.out
    assert DIFF.splitlines()[-1] in result.out
    assert not reviewed.exists()
    assert patchkit("test", "--snapshot-update").code == 0
    assert reviewed.read_text() == DIFF
    assert patchkit("test").code == 0


def test_a_reviewed_diff_that_differs_is_shown_and_kept(patchkit, own):
    reviewed = own / "snapshots" / "pin-redis" / "shop.diff"
    reviewed.write_text(DIFF.replace("7.4.5", "7.4.4"))
    result = patchkit("test")
    assert result.code == 1
    assert "  --- snapshots/pin-redis/shop.diff\n  +++ made now\n" in result.out
    assert "\n  -+    image: redis:7.4.4-alpine\n  ++    image: redis:7.4.5-alpine\n" in result.out
    assert "7.4.4" in reviewed.read_text()


def test_a_snapshot_of_no_sample_is_one_too_many(patchkit, own):
    (own / "snapshots" / "pin-redis" / "gone.diff").write_text("")
    result = patchkit("test")
    assert words(result)["valid"] == "FAILED"
    assert "snapshots/pin-redis/gone.diff is of no sample of the fix" in result.out
    assert result.code == 1


def test_an_authors_own_case_of_drift(patchkit, own, put):
    put(
        **{
            "drift/pin-redis/newer/compose.yml": COMPOSE.replace("latest", "8"),
            "drift/pin-redis/same/README.md": "# shop\n",
        }
    )
    result = patchkit("test", "--only", "drift")
    assert words(result) == {"drift[shop]": "ok", "drift[newer]": "ok", "drift[same]": "FAILED"}
    assert "the fix is «applies» on drift/pin-redis/same, and must be «drifted»" in result.out
    assert result.code == 1


def test_settings_say_where_things_lie(patchkit, own, put):
    (own / "recipes").rename(own / "samples")
    shutil.copytree(own / "samples" / "shop", own / "samples" / "shop-old")
    (own / "snapshots").rename(own / "reviewed")
    put(
        **{
            "patchkit.toml": '[testing]\nsamples = "samples"\nsnapshots = "reviewed"\n'
            '[testing.fixes.pin-redis]\nsamples = ["shop", "shop-old"]\n'
        }
    )
    result = patchkit("test")
    assert words(result) == {
        **dict.fromkeys(ALL, "ok"),
        **{case.replace("shop", "shop-old"): "ok" for case in ALL[1:]},
        "snapshot[shop-old]": "FAILED",
    }
    assert patchkit("list").code == 0


def test_params_come_from_the_settings(patchkit, own, put):
    put(
        **{
            "fixes/pin-redis.yml": SPEC.replace("params:\n", "params:\n  tag: {type: str}\n")
            .replace("tag: 7.4.5-alpine", 'tag: "{{ tag }}"')
            .replace("redis:7.4.5-alpine", "redis:{{ tag }}")
        }
    )
    result = patchkit("test")
    assert result.code == 2
    assert 'param "tag" is not given' in result.out
    put(**{"patchkit.toml": '[testing.fixes.pin-redis.params]\ntag = "7.4.5-alpine"\n'})
    assert patchkit("test").code == 0


def test_wrong_settings_are_told_with_their_place(patchkit, own, put):
    put(**{"patchkit.toml": '[testing.fixes.pin-redis]\nsample = ["shop"]\n'})
    result = patchkit("test")
    assert result.code == 2
    assert 'patchkit.toml:2:1: error: unknown setting "sample"' in result.out


def test_the_bundled_sample_is_the_last_resort(patchkit, own):
    shutil.copy(ROOT / "fixes" / "gitea.yml", own / "fixes")
    expected = (ROOT / "tests" / "snapshots" / "gitea" / "gitea.diff").read_text()
    assert patchkit("test", "fixes/gitea.yml", "--snapshot-update").code == 0
    assert (own / "snapshots" / "gitea" / "gitea.diff").read_text() == expected


def test_one_that_fails_does_not_stop_the_others(patchkit, own):
    result = patchkit("test", "no-such", "fixes/pin-redis.yml")
    assert result.code == 2
    assert words(result) == dict.fromkeys(ALL, "ok")
    assert "there is no fix no-such" in result.err


def test_an_empty_folder(patchkit):
    result = patchkit("test")
    assert result.code == 2
    assert "there are no fixes in ./fixes" in result.err


CLASS = """\
id: pin
title: Pin redis
why: A moving tag broke it.
params:
  cache: {find: service, name: "*", each: true}
  tag: {type: str, optional: true}
applies_to:
  - {service: "{{ cache }}", image: "redis:latest"}
ops:
  - {op: image.set, service: "{{ cache }}", tag: "{{ tag or '7.4.5-alpine' }}"}
ensures:
  - {service: "{{ cache }}", image: "redis:*-alpine"}
"""


@pytest.fixture
def classes(own, put):
    """The repository with a class, two samples of its kind and one of another."""
    put(
        **{
            "fixes/classes/pin.yml": CLASS,
            "recipes/queue/compose.yml": COMPOSE.replace("cache", "store"),
            "recipes/plain/compose.yml": COMPOSE.replace("redis", "postgres"),
        }
    )
    return own


def test_classes_are_tried_on_every_sample_of_their_kind(patchkit, classes):
    assert patchkit("test", "--snapshot-update").code == 0
    kept = classes / "snapshots" / "classes" / "pin"
    assert sorted(path.name for path in kept.iterdir()) == ["queue.diff", "shop.diff"]
    shop = words(patchkit("test", "fixes/pin-redis.yml"))
    both = {case.replace("shop", "queue"): "ok" for case in shop}
    for call in ([], ["fixes"], ["."], ["fixes/classes"], ["classes/pin"]):
        result = patchkit("test", *call)
        assert result.code == 0, result.out
        assert words(result) == shop | both
    assert result.err == "11 checks: 11 ok\n"


def test_a_class_that_lost_a_sample_is_told(patchkit, classes, put):
    patchkit("test", "--snapshot-update")
    put(**{"recipes/queue/compose.yml": COMPOSE.replace("redis", "postgres")})
    result = patchkit("test", "classes/pin")
    assert words(result)["applies[queue]"] == "FAILED"
    assert "the fix finds the sample queue «not this kind»" in result.out
    assert result.code == 3


def test_a_class_without_a_sample_is_told_once(patchkit, classes, put):
    for name in ("shop", "queue"):
        put(**{f"recipes/{name}/compose.yml": COMPOSE.replace("redis", "postgres")})
    result = patchkit("test", "classes/pin")
    assert words(result) == {"valid": "ok", "applies": "FAILED"}
    assert "patchkit scan recipes --class classes/pin --why" in result.out
    assert result.code == 2


def test_a_class_that_applies_without_what_makes_its_kind(patchkit, classes, put):
    text = CLASS.replace(', image: "redis:latest"', "")
    put(**{"fixes/classes/pin.yml": text.replace('image: "redis:*-', 'field: image, value: "*-')})
    result = patchkit("test", "classes/pin", "--only", "drift")
    assert "the fix is «applies» on a recipe of strangers" in result.out
    assert result.code == 1


def test_a_sample_has_values_of_its_own(patchkit, classes, put):
    settings = '[testing.fixes."classes/pin".samples]\nqueue = {tag = "8-alpine"}\nshop = {}\n'
    put(**{"patchkit.toml": settings})
    assert patchkit("test", "classes/pin", "--snapshot-update").code == 0
    kept = classes / "snapshots" / "classes" / "pin"
    assert "+    image: redis:8-alpine\n" in (kept / "queue.diff").read_text()
    assert "+    image: redis:7.4.5-alpine\n" in (kept / "shop.diff").read_text()


def test_what_the_class_has_is_not_pointed_at_in_a_fix_that_extends_it(patchkit, own, put):
    put(**{"fixes/mine.yml": "id: mine\nrecipe: mattermost-lts\nextends: classes/pg-backup\n"})
    result = patchkit("test", "fixes/mine.yml", "--only", "snapshot")
    assert "  fixes/mine.yml:1:1: error: no diff was reviewed" in result.out


def test_a_missing_sample_is_told_once(patchkit, own, put):
    put(**{"fixes/pin-redis.yml": SPEC.replace("recipe: shop", "recipe: shoe")})
    result = patchkit("test")
    assert result.out.count("recipes/shoe") == 1
    assert result.err == "6 checks: 2 FAILED, 4 not tried\n"  # its snapshot is one too many


def test_a_fix_of_the_folder_goes_by_its_name(patchkit, own):
    assert words(patchkit("test", "pin-redis")) == dict.fromkeys(ALL, "ok")
    assert "did you mean pin-redis?" in patchkit("test", "pin-rediss").err
    assert "did you mean" not in patchkit("test", "zzz").err
