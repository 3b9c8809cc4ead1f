"""The harness's part in the fix of discourse: when the test of the migration applies, and fails.

The patched test runs in pytest, as the harness runs it: beside a checkout of the head, and with
programs in the place of docker and abra that say what is deployed.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from cc_ci import HARNESS, fixed, run_python, tree_of
from variants import ROOT, sample

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


def program(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\n")
    path.chmod(0o755)


def outcomes(tree, head, stack, tmp_path):
    """Return outcome and words of each test of the upgrade."""
    tree.write(tmp_path / HARNESS)
    if head:
        tree_of(head).write(tmp_path / "abra" / "recipes" / "discourse")
    rows = [f"forum_example_org_{name} {image}" for name, image in stack.items()]
    program(tmp_path / "bin" / "docker", "\n".join(rows))
    program(tmp_path / "bin" / "abra", "before the upgrade")
    run_python(
        tmp_path / HARNESS,
        *("-m", "pytest", "-p", "no:cacheprovider", "--junitxml", str(tmp_path / "report.xml")),
        TEST,
        path=str(tmp_path / "bin"),
        ABRA_DIR=str(tmp_path / "abra"),
        DOMAIN="forum.example.org",
    )
    report = ET.parse(tmp_path / "report.xml")
    return {case.get("name"): outcome(case) for case in report.iter("testcase")}


def outcome(case):
    kinds = {"failure": "failed", "skipped": "skipped", "error": "error"}
    found = [(kinds[part.tag], part.get("message")) for part in case if part.tag in kinds]
    return found[0] if found else ("passed", "")


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


def test_head_is_looked_for_where_abra_keeps_recipes(tmp_path):
    """Without ABRA_DIR that is a folder of the user's home."""
    tree_of(sample("discourse")).write(tmp_path / ".abra" / "recipes" / "discourse")
    fixed("discourse-harness").write(tmp_path / HARNESS)
    program(tmp_path / "bin" / "docker", "")
    program(tmp_path / "bin" / "abra", "")
    done = run_python(
        tmp_path / HARNESS,
        *("-m", "pytest", "-p", "no:cacheprovider", "-k", IMAGE, TEST),
        path=str(tmp_path / "bin"),
        DOMAIN="forum.example.org",
    )
    assert "1 skipped" in done.stdout
