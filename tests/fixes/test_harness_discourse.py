"""The harness's part in the fix of discourse: when the test of the migration applies, and fails.

The patched tests run beside a checkout of the head; what is deployed is written down here.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest
from cc_ci import (
    HARNESS,
    fixed,
    importing,
    module_of,
    patched,
    ruff_says,
    run_python,
    texts,
    tree_of,
    write,
)
from variants import ROOT, changed_lines, crlf, no_final_newline, resub, sample, without

from patchkit import load_fix, render

TEST = "tests/discourse/test_upgrade.py"
IMAGE, SIDEKIQ, TOPIC = (
    "test_head_runs_official_image_not_bitnamilegacy",
    "test_sidekiq_service_dropped_by_head",
    "test_topic_survives",
)
OLD, NEW = "bitnamilegacy/discourse:3.5.0", "discourse/discourse:3.5.0"
# What is deployed: image by service.
OLD_STACK = {"app": OLD, "sidekiq": OLD, "db": "postgres:17"}
NEW_STACK = {"app": NEW, "db": "postgres:17"}


def migrated():
    """The files of the sample after patchkit's own migration."""
    fix = load_fix(ROOT / "fixes" / "discourse.yml")
    tree = render(fix, tree_of(sample("discourse"))).tree
    return {path: tree.text(path) for path in tree.paths()}


def replaced(files, path, old, new):
    assert old in files[path]
    return files | {path: files[path].replace(old, new)}


def app_alone():
    """The files of a migration that forgot the service sidekiq."""
    files = sample("discourse")
    return replaced_image(files, "app")


def replaced_image(files, service):
    text, count = re.subn(
        rf"(^  {service}:\n(?:    .*\n|\n)*?    image: )\S+",
        rf"\g<1>{NEW}",
        files["compose.yml"],
        flags=re.MULTILINE,
    )
    assert count == 1
    return files | {"compose.yml": text}


NA = {IMAGE: "skipped", SIDEKIQ: "skipped", TOPIC: "passed"}
FULL = dict.fromkeys((IMAGE, SIDEKIQ, TOPIC), "passed")

# The head's files, what is deployed, and what becomes of each test: before the fix, and after it.
CASES = {
    "head that does not migrate": (
        sample("discourse"),
        OLD_STACK,
        FULL | {IMAGE: "failed", SIDEKIQ: "failed"},
        NA,
    ),
    "head that speaks of a migration in comments alone": (
        {"compose.yml": f"services:\n  app:\n    image: {OLD}\n    # image: {NEW}\n"},
        OLD_STACK,
        FULL | {IMAGE: "failed", SIDEKIQ: "failed"},
        NA,
    ),
    "head that migrates": (migrated(), NEW_STACK, FULL, FULL),
    "head that migrates, and names the old image in a comment": (
        replaced(migrated(), "compose.yml", "services:", f"# was image: {OLD}\nservices:"),
        NEW_STACK,
        FULL,
        FULL,
    ),
    "migration of the app alone": (
        app_alone(),
        OLD_STACK | {"app": NEW},
        *2 * [FULL | {IMAGE: "failed", SIDEKIQ: "failed"}],
    ),
    "migration to an image that is not the official one": (
        {"compose.yml": f"services: {{app: {{image: my/discourse}}, sidekiq: {{image: {OLD}}}}}\n"},
        OLD_STACK | {"app": "my/discourse"},
        *2 * [FULL | {IMAGE: "failed", SIDEKIQ: "failed"}],
    ),
    "migration that leaves sidekiq running": (
        migrated(),
        OLD_STACK | {"app": NEW},
        *2 * [FULL | {IMAGE: "failed", SIDEKIQ: "failed"}],
    ),
    "migration that leaves sidekiq running with the new image": (
        migrated(),
        NEW_STACK | {"sidekiq": NEW},
        *2 * [FULL | {SIDEKIQ: "failed"}],
    ),
    "migration that was not deployed": (
        migrated(),
        OLD_STACK,
        *2 * [FULL | {IMAGE: "failed", SIDEKIQ: "failed"}],
    ),
    "head that is not there": ({}, OLD_STACK, *2 * [FULL | {IMAGE: "failed", SIDEKIQ: "failed"}]),
}


def checked_out(head, folder):
    """Put the files of a head where abra keeps recipes."""
    if head:
        tree_of(head).write(folder / "recipes" / "discourse")
    return str(folder)


def outcomes(tree, head, stack, tmp_path):
    """Return outcome and words of each test of the upgrade, with this head and these services."""
    tmp_path = Path(tempfile.mkdtemp(dir=tmp_path))
    tree.write(tmp_path / HARNESS)
    with importing(tmp_path / HARNESS) as load, pytest.MonkeyPatch.context() as patched_in:
        patched_in.setenv("ABRA_DIR", checked_out(head, tmp_path / "abra"))
        patched_in.setattr(load("lifecycle"), "services", lambda ctx: stack)
        patched_in.setattr(load("lifecycle"), "exec_in", lambda *a, **kw: "before the upgrade")
        tests = vars(module_of(tmp_path / HARNESS / TEST))
        return {name: outcome(test) for name, test in tests.items() if name.startswith("test_")}


def outcome(test):
    try:
        test(None)
    except pytest.skip.Exception as skipped:
        return "skipped", str(skipped)
    except AssertionError as failed:
        return "failed", str(failed)
    return "passed", ""


@pytest.mark.parametrize("name", CASES)
def test_what_becomes_of_the_tests(name, tmp_path):
    head, stack, before, after = CASES[name]
    found = outcomes(tree_of(sample(HARNESS)), head, stack, tmp_path)
    assert {test: kind for test, (kind, _) in found.items()} == before
    found = outcomes(fixed("discourse-harness"), head, stack, tmp_path)
    assert {test: kind for test, (kind, _) in found.items()} == after


def test_says_that_the_test_is_not_applicable(tmp_path):
    found = outcomes(fixed("discourse-harness"), sample("discourse"), OLD_STACK, tmp_path)
    said = {words for kind, words in found.values() if kind == "skipped"}
    assert said == {"not applicable: the head runs the old image alone"}


def program(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("head", "stack", "expected"),
    [
        (sample("discourse"), OLD_STACK, "1 passed, 2 skipped"),
        (app_alone(), OLD_STACK | {"app": NEW}, "2 failed, 1 passed"),
        (migrated(), NEW_STACK, "3 passed"),
    ],
)
def test_in_the_harness_itself(head, stack, expected, tmp_path):
    """With its own pytest and fixtures, and with programs that answer as docker and abra would.

    Without ABRA_DIR, abra keeps recipes in a folder of the user's home.
    """
    folder = write(texts(fixed("discourse-harness")), tmp_path / HARNESS)
    checked_out(head, tmp_path / ".abra")
    rows = [f"forum_example_org_{name} {image}" for name, image in stack.items()]
    program(tmp_path / "bin" / "docker", "\n".join(rows))
    program(tmp_path / "bin" / "abra", "before the upgrade")
    done = run_python(
        folder,
        *("-m", "pytest", "-p", "no:cacheprovider", TEST),
        path=str(tmp_path / "bin"),
        DOMAIN="forum.example.org",
    )
    assert expected in done.stdout, done.stdout


# Harnesses that say the same in another way.
VARIANTS = {
    "imports that are there": resub(
        TEST,
        (r"^from harness", "import os\nimport re\n\nimport pytest\nfrom harness"),
        (r"^OLD", "A = os, re, pytest\nOLD"),
    ),
    "imports of another kind": resub(
        TEST,
        (r"^from harness", "from pathlib import PurePath\n\nfrom harness"),
        (r"^OLD", "A = PurePath\nOLD"),
    ),
    "no module docstring": resub(TEST, (r'\A""".*"""\n\n', "")),
    "from the future": resub(
        TEST, (r"^from harness", "from __future__ import annotations\n\nfrom harness")
    ),
    "ruff that knows the harness": resub(
        "pyproject.toml", (r"^line-length = 100", 'line-length = 100\nsrc = ["runner"]')
    ),
    "types and docstrings": resub(
        TEST,
        (
            r"^def (test_\w+)\(ctx\):",
            r'def \1(ctx: object) -> None:\n    """Say what it holds."""\n',
        ),
    ),
    "decorated": resub(
        TEST,
        (r"^from harness", "import pytest\nfrom harness"),
        (r"^def test_head", '@pytest.mark.usefixtures("ctx")\ndef test_head'),
        (
            r"^def test_side",
            '# It runs inside the app.\n@pytest.mark.usefixtures("ctx")\ndef test_side',
        ),
    ),
    "a helper before the tests": resub(
        TEST,
        (
            r"^def test_head",
            "def images_of(ctx):\n    return lifecycle.services(ctx).values()\n\n\ndef test_head",
        ),
    ),
    "tests in another order": resub(
        TEST,
        (
            r"(?s)^(def test_head.*?\n)\n\n(def test_sidekiq.*?\n)\n\n(def test_topic.*)",
            r"\3\n\n\2\n\n\1",
        ),
    ),
    "one test of the migration": resub(TEST, (r"(?s)^def test_sidekiq.*?\n\n\n", "")),
    "the old image written out": resub(
        TEST, (r"^OLD_IMAGE.*\n\n\n", "\n"), (r"OLD_IMAGE in image", '"bitnamilegacy" in image')
    ),
    "comments": resub(TEST, (r"^(def test_\w+\(ctx\):)", r"\1  # after the upgrade\n    # Look.")),
    "Windows line ends": crlf("*.py"),
    "no final newline": no_final_newline("*.py"),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_variant(name, tmp_path):
    files = VARIANTS[name](sample(HARNESS))
    after = patched("discourse-harness", files)
    gone = changed_lines(files[TEST], after[TEST])[0]
    assert all(line.startswith("from pathlib import") for line in gone)
    assert {path for path in files if files[path] != after[path]} == {TEST}
    assert ruff_says(write(after, tmp_path / "after")) == ruff_says(
        write(files, tmp_path / "before")
    )
    own = {IMAGE, SIDEKIQ} if "test_sidekiq" in files[TEST] else {IMAGE}
    for head, stack, kind in (
        (sample("discourse"), OLD_STACK, "skipped"),
        (app_alone(), OLD_STACK | {"app": NEW}, "failed"),
        (migrated(), NEW_STACK, "passed"),
    ):
        found = outcomes(tree_of(after), head, stack, tmp_path)
        assert {test: found[test][0] for test in own} == dict.fromkeys(own, kind)
        assert found[TOPIC][0] == "passed"


def test_other_names_are_given(check_drifts, tmp_path):
    files = resub(TEST, (IMAGE, "test_official_image"), (SIDEKIQ, "test_no_sidekiq"))(
        sample(HARNESS)
    )
    check_drifts("discourse-harness", files, "test_official_image, test_no_sidekiq")
    params = {"image_test": "test_official_image", "sidekiq_test": "test_no_sidekiq"}
    after = patched("discourse-harness", files, params)
    found = outcomes(tree_of(after), sample("discourse"), OLD_STACK, tmp_path)
    assert [kind for kind, _ in found.values()] == ["skipped", "skipped", "passed"]


DRIFTED = {
    "no demand": (
        resub(
            TEST,
            (r"(?s)^OLD_IMAGE.*", "def test_nothing():\n    lifecycle.services(None)\n"),
            (r'(?s)\A.*?"""\n', ""),
        ),
        ("the file demands no migration",),
    ),
    "a test twice": (resub(TEST, (SIDEKIQ, IMAGE)), (f"{IMAGE} is defined 2 times",)),
    "a name that is taken": (
        resub(TEST, (r"^from harness", "from os import path as os\n\nfrom harness")),
        ("os",),
    ),
    "a syntax error": (resub(TEST, (r"\(ctx\):", "(ctx:")), ("cannot read this",)),
    "no such file": (without(TEST), (TEST,)),
}


@pytest.mark.parametrize("name", DRIFTED)
def test_drifts(name, check_drifts):
    variant, words = DRIFTED[name]
    check_drifts("discourse-harness", variant(sample(HARNESS)), *words)
