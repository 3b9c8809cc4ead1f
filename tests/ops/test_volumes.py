from __future__ import annotations

import pytest
from pydantic import ValidationError
from stacks import docker_reads

from patchkit.draft import Draft
from patchkit.ops import Changed, find_op, run
from patchkit.tree import RecipeTree

BASE = """\
version: "3.8"

services:
  app:
    image: nginx:1.27
    volumes:
      # uploads
      - data:/var/lib/app # large
      - ./nginx.conf:/etc/nginx/nginx.conf:ro
    deploy:
      labels:
        - "backupbot.backup=true"
        # can be fetched again
        - "backupbot.backup.volumes.cache=false"

  worker:
    image: nginx:1.27
    volumes:
      - data:/var/lib/app
      - cache:/cache

volumes:
  data:
  # what the worker fetched
  cache:

networks:
  proxy:
    external: true
"""
OVERLAY = """\
version: "3.8"

services:
  worker:
    volumes:
      - type: volume
        source: cache
        target: /cache
        volume:
          nocopy: true
"""
RECIPE = {"compose.yml": BASE, "compose.fast.yml": OVERLAY}

ADD = "op: volume.add\nservice: worker\nname: jobs\ntarget: /var/jobs\n"
ENTRY = "  # what the worker fetched\n  cache:\n"
MOUNT = "      - cache:/cache\n"
ADDED = BASE.replace(MOUNT, MOUNT + "      - jobs:/var/jobs\n").replace(ENTRY, ENTRY + "  jobs:\n")


@pytest.fixture
def changed(check_changed, tmp_path):
    def check(before, step, after):
        check_changed(before, step, after)
        docker_reads(before | after, tmp_path)

    return check


# --- volume.add: what must not change -----------------------------------------------------


@pytest.mark.parametrize(
    "mount",
    [
        pytest.param("jobs:/var/jobs", id="short"),
        pytest.param("jobs:/var/jobs:rw", id="short, read-write said"),
        pytest.param('"jobs:/var/jobs/"', id="a slash more"),
        pytest.param("{type: volume, source: jobs, target: /var/jobs}", id="long"),
        pytest.param("jobs:${JOBS_DIR:-/var/jobs}", id="the default of a variable"),
    ],
)
def test_add_leaves_what_is_there(check_noop, mount):
    check_noop({"compose.yml": ADDED.replace("jobs:/var/jobs", mount)}, ADD)


def test_add_to_an_overlay_takes_the_mount_of_the_base(check_noop):
    check_noop(RECIPE | {"compose.yml": ADDED}, ADD + "compose_file: compose.fast.yml\n")


# --- volume.add ---------------------------------------------------------------------------


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_add_writes_mount_and_entry(changed, newline):
    before, after = BASE.replace("\n", newline), ADDED.replace("\n", newline)
    changed({"compose.yml": before}, ADD, {"compose.yml": after})


def test_add_just_mounts_a_volume_that_the_recipe_has(changed):
    step = "op: volume.add\nservice: app\nname: cache\ntarget: /cache\nread_only: true\n"
    line = "      - ./nginx.conf:/etc/nginx/nginx.conf:ro\n"
    changed(RECIPE, step, {"compose.yml": BASE.replace(line, line + "      - cache:/cache:ro\n")})


def test_add_to_an_overlay_is_as_long_as_its_neighbours(changed):
    overlay = OVERLAY + (
        "      - type: volume\n        source: jobs\n        target: /var/jobs\n"
        "        read_only: true\n\nvolumes:\n  jobs:\n"
    )
    step = ADD + "compose_file: compose.fast.yml\nread_only: true\n"
    changed(RECIPE, step, {"compose.fast.yml": overlay})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "services:\n  worker:\n    image: a:1",
            "services:\n  worker:\n    image: a:1\n    volumes:\n      - jobs:/var/jobs\n"
            "\nvolumes:\n  jobs:",
            id="nothing of the kind yet, no final newline",
        ),
        pytest.param(
            "services:\n  worker:\n    image: a:1\n    volumes: ['tmp:/tmp']\n"
            "volumes:\n  tmp: {}\n",
            "services:\n  worker:\n    image: a:1\n    volumes: ['tmp:/tmp', 'jobs:/var/jobs']\n"
            "volumes:\n  tmp: {}\n  jobs:\n",
            id="brackets and quotes",
        ),
        pytest.param(
            "services:\n  worker:\n    image: a:1\n    volumes:\nvolumes:\n",
            "services:\n  worker:\n    image: a:1\n    volumes:\n      - jobs:/var/jobs\n"
            "volumes:\n  jobs:\n",
            id="empty fields",
        ),
        pytest.param(
            "services:\n  worker:\n    image: a:1\n    environment:\n      - A=b\n    deploy:\n"
            "      replicas: 1\n  other:\n    image: a:1\n    deploy:\n      replicas: 1\n"
            "    volumes:\n      - tmp:/tmp\nvolumes:\n  tmp:\n",
            "services:\n  worker:\n    image: a:1\n    environment:\n      - A=b\n    deploy:\n"
            "      replicas: 1\n    volumes:\n      - jobs:/var/jobs\n  other:\n    image: a:1\n"
            "    deploy:\n      replicas: 1\n    volumes:\n      - tmp:/tmp\n"
            "volumes:\n  tmp:\n  jobs:\n",
            id="the place that it has in another service",
        ),
    ],
)
def test_add_writes_as_the_recipe_does(changed, before, after):
    changed({"compose.yml": before}, ADD, {"compose.yml": after})


def test_add_through_a_merge_key_does_what_the_spec_chose(changed, check_refused):
    before = (
        "x-a: &a\n  image: a:1\n  volumes:\n    - log:/log\nservices:\n  worker:\n    <<: *a\n"
        "volumes:\n  log:\n"
    )
    check_refused({"compose.yml": before}, ADD, "the alias *a", at="compose.yml:7")
    after = (
        before.replace("    - log:/log\n", "    - log:/log\n    - jobs:/var/jobs\n") + "  jobs:\n"
    )
    changed({"compose.yml": before}, ADD + "on_alias: edit-anchor\n", {"compose.yml": after})


@pytest.mark.parametrize(
    ("step", "words", "at"),
    [
        pytest.param(
            ADD.replace("/var/jobs", "/cache"),
            ("worker has the volume cache at /cache already",),
            "compose.yml:20",
            id="another volume",
        ),
        pytest.param(
            "op: volume.add\nservice: app\nname: conf\ntarget: /etc/nginx/nginx.conf\n",
            ("app has the volume ./nginx.conf at",),
            "compose.yml:9",
            id="a file of the host",
        ),
        pytest.param(
            ADD.replace("jobs\nt", "cache\nt").replace("/var/jobs", "/cache") + "read_only: true\n",
            ("at /cache to write as well", "volume.remove"),
            "compose.yml:20",
            id="not read-only",
        ),
        pytest.param(ADD.replace("worker", "wrker"), ("did you mean worker?",), "", id="service"),
    ],
)
def test_add_is_refused(check_refused, step, words, at):
    check_refused({"compose.yml": BASE}, step, *words, at=at)


# --- volume.remove ------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["name: cache\n", "at: /cache\n", "at: /cache/\nname: cache\n"])
def test_remove_takes_mounts_entry_and_labels_in_all_files(changed, which):
    base = BASE.replace(MOUNT, "").replace(ENTRY, "")
    base = base.replace(
        '        # can be fetched again\n        - "backupbot.backup.volumes.cache=false"\n', ""
    )
    step = f"op: volume.remove\nservice: worker\n{which}"
    changed(RECIPE, step, {"compose.yml": base, "compose.fast.yml": 'version: "3.8"\n'})


def test_remove_tells_the_operator_that_the_data_stays():
    op = find_op("volume.remove")
    draft = Draft(RecipeTree.from_files(RECIPE))
    step = op.model(op="volume.remove", service="worker", name="cache")
    assert isinstance(run(op, draft, step), Changed)
    assert len(draft.notes) == 1
    assert "docker volume rm ${STACK_NAME}_cache" in draft.notes[0]


def test_remove_leaves_a_volume_that_others_use(changed):
    step = "op: volume.remove\nservice: worker\nname: data\n"
    worker = "  worker:\n    image: nginx:1.27\n    volumes:\n"
    mount = "      - data:/var/lib/app\n"
    changed(RECIPE, step, {"compose.yml": BASE.replace(worker + mount, worker)})


def test_remove_takes_a_file_of_the_host(changed):
    step = "op: volume.remove\nservice: app\nat: /etc/nginx/nginx.conf\n"
    line = "      - ./nginx.conf:/etc/nginx/nginx.conf:ro\n"
    changed(RECIPE, step, {"compose.yml": BASE.replace(line, "")})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("volumes: ['tmp:/tmp', 'log:/log']", "volumes: ['tmp:/tmp']", id="brackets"),
        pytest.param("volumes: [log:/log]\n    init: true", "init: true", id="the only one"),
        pytest.param(
            "volumes:\n    # stays\n    - tmp:/tmp\n    # goes\n    - log:/log:ro # too",
            "volumes:\n    # stays\n    - tmp:/tmp",
            id="comments",
        ),
        pytest.param(
            "volumes:\n    - {type: volume, source: log, target: /log}\n    - tmp:/tmp",
            "volumes:\n    - tmp:/tmp",
            id="braces",
        ),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_remove_from_every_form_of_list(changed, before, after, newline):
    head = (
        "volumes:\n  tmp:\n  log:\nservices:\n  other:\n    image: a:1\n    volumes: [log:/log]\n"
    )
    head += "  app:\n    image: a:1\n    "
    changed(
        {"compose.yml": (head + before + "\n").replace("\n", newline)},
        "op: volume.remove\nservice: app\nat: /log\n",
        {"compose.yml": (head + after + "\n").replace("\n", newline)},
    )


@pytest.mark.parametrize(
    ("which", "words", "absent"),
    [
        ("name: cachee\n", ("no volume of worker 'cachee'; did you mean cache?",), False),
        ("name: zzz\n", ("no volume of worker 'zzz'; there is data, cache",), True),
        ("at: /zzz/x\n", ("no volume of worker at '/zzz/x'; there is /var/lib/app",), True),
        ("name: data\nat: /cache\n", ("no volume of worker at '/cache'",), False),
    ],
)
def test_remove_of_nothing_is_refused(check_refused, which, words, absent):
    outcome = check_refused(RECIPE, f"op: volume.remove\nservice: worker\n{which}", *words)
    assert outcome.absent is absent


def test_remove_of_nothing_may_be_optional(check_noop):
    check_noop(RECIPE, "op: volume.remove\nservice: worker\nname: zzz\noptional: true\n")


def test_remove_never_lets_an_inherited_list_come_through(check_refused):
    text = (
        "x-a: &a\n  image: a:1\n  volumes: [tmp:/tmp]\n"
        "services:\n  app:\n    <<: *a\n    volumes: [log:/log]\nvolumes:\n  tmp:\n  log:\n"
    )
    step = "op: volume.remove\nservice: app\nname: log\n"
    check_refused({"compose.yml": text}, step, "inherits other volumes", at="compose.yml:7")


def test_remove_needs_to_know_which():
    with pytest.raises(ValidationError, match='"name" or "at"'):
        find_op("volume.remove").model(op="volume.remove", service="a")


def test_remove_of_a_mount_without_a_source_says_where(make):
    text = BASE.replace("- ./nginx", "- {type: tmpfs, target: /dev/shm}\n      - ./nginx")
    made = make({"compose.yml": text}, "op: volume.remove\nservice: app\nat: /dev/shm\n")
    assert made.files["compose.yml"] == BASE
    assert made.outcome.message == "removed the volume at /dev/shm from app"
