"""`patchkit lint`, and the pages of rules."""

from __future__ import annotations

import json

import pytest
import schemas
from cli_tools import git

from patchkit import __version__
from patchkit.lint import RULES

GOOD = {
    "compose.yml": 'version: "3.8"\nservices:\n  app:\n    image: a:1.0.0\n'
    "    healthcheck: {test: x}\n    deploy: {labels: [traefik.enable=true]}\n",
    ".env.sample": "DOMAIN=a.example.com\n",
}


@pytest.fixture
def good(tmp_path):
    """A recipe without errors, and with the warning that its README is missing."""
    folder = tmp_path / "good"
    folder.mkdir()
    for name, text in GOOD.items():
        (folder / name).write_text(text)
    return folder


def test_warnings_alone_pass(patchkit, good):
    result = patchkit("lint", "--in", good)
    assert result.code == 0
    assert "README.md:1:1: warning [R007 empty-metadata]: the recipe has no README.md" in result.out
    assert f"{good}: 1 warning; 31 rules hold" in result.out
    assert "not judged: R006 unpublished-version: it needs the catalogue" in result.out
    assert result.err == ""


def test_an_error_shows_line_caret_why_and_help(patchkit):
    result = patchkit("lint", "--recipe", "discourse-migrated")
    assert result.code == 4
    assert (
        "compose.smtpauth.yml:14:3: error [orphaned-service]: no compose file gives sidekiq an "
        "image\n  14 |   sidekiq:\n     |   ^\n  why: the stack cannot be deployed by any operator"
    ) in result.out
    assert "\n  help: remove the service from this file too" in result.out


def test_what_is_unreadable_is_told_once(patchkit, good):
    (good / "compose.yml").write_text("services: [\n")
    result = patchkit("lint", "--in", good)
    assert result.code == 4
    assert "compose.yml:2:1: fatal error [FATA invalid-compose]: not valid YAML" in result.out
    assert "1 fatal error; 0 rules hold" in result.out


def test_allowed_findings_are_shown(patchkit, good):
    text = GOOD["compose.yml"].replace("a:1.0.0", "a:1  # patchkit: allow moving-image-tag mine")
    (good / "compose.yml").write_text(text)
    assert (
        "compose.yml:4:12: allowed [moving-image-tag]: mine" in patchkit("lint", "--in", good).out
    )


def test_several_recipes_worst_code(patchkit, good):
    result = patchkit("lint", "--in", good, "--recipe", "gitea", "--format", "json")
    assert result.code == 4
    reports = json.loads(result.out)
    assert [(r["recipe"], r["passed"]) for r in reports] == [
        (str(good), True),
        ("the bundled sample gitea", False),
    ]


def test_a_recipe_that_is_not_there_does_not_stop_the_others(patchkit, good):
    result = patchkit("lint", "--in", "nowhere", "--in", good)
    assert result.code == 2
    assert "nowhere: error: there is no such folder" in result.err
    assert f"{good}: 1 warning" in result.out


def test_json(patchkit, good):
    (report,) = json.loads(patchkit("lint", "--in", good, "--format", "json").out)
    rules = {rule["rule"]: rule for rule in report["rules"]}
    assert list(rules) == [rule.name for rule in RULES]
    assert rules["empty-metadata"] == {
        "rule": "empty-metadata",
        "ref": "R007",
        "severity": "warn",
        "state": "fails",
        "reason": None,
        "cured_by": [],
        "findings": [
            {
                "message": "the recipe has no README.md",
                "why": rules["empty-metadata"]["findings"][0]["why"],
                "hint": rules["empty-metadata"]["findings"][0]["hint"],
                "path": "README.md",
                "line": 1,
                "column": 1,
            }
        ],
        "allowed": [],
    }
    assert rules["no-repository"]["state"] == "not judged"
    assert rules["no-repository"]["reason"]
    assert rules["orphaned-service"] | {"ref": None, "state": "holds"} == rules["orphaned-service"]


def test_sarif_is_valid(patchkit, checkout):
    """Against the standard's own schema, with findings in many files, tags and a comment."""
    git(checkout, "tag", "1.0.0")
    text = (checkout / "compose.yml").read_text()
    allow = "# patchkit: allow old-backup-label the harness needs it\n"
    text = text.replace(
        '      - "backupbot.backup.path', f'      {allow}      - "backupbot.backup.path'
    )
    (checkout / "compose.yml").write_text(text)
    result = patchkit("lint", "--in", checkout, "--recipe", "bluesky-pds", "--format", "sarif")
    log = json.loads(result.out)
    schemas.of_sarif().validate(log)
    first, second = log["runs"]
    assert first["tool"]["driver"]["version"] == __version__
    assert [r["justification"] for x in first["results"] for r in x.get("suppressions", [])] == [
        "the harness needs it"
    ]
    for found in second["results"]:
        assert second["tool"]["driver"]["rules"][found["ruleIndex"]]["id"] == found["ruleId"]
    caddy = second["results"][0]["locations"][0]["physicalLocation"]
    assert caddy == {
        "artifactLocation": {"uri": "Caddyfile.tmpl"},
        "region": {"startLine": 8, "startColumn": 14},
    }


def test_tags_of_the_recipes_own_repository(patchkit, checkout):
    git(checkout, "tag", "-a", "1.0.0+10", "-m", "first")
    assert "R014" not in patchkit("lint", "--in", checkout).out
    git(checkout, "tag", "1.1.0+10")
    assert (
        "refs/tags/1.1.0+10: error [R014 lightweight-tag]" in patchkit("lint", "--in", checkout).out
    )


def test_tags_of_a_repository_around_it_do_not_count(patchkit, good):
    git(good.parent, "init", "-q")
    assert "not judged: R014" in patchkit("lint", "--in", good).out


def test_base(patchkit, checkout):
    (checkout / "entrypoint.sh.tmpl").write_text("#!/bin/sh\n")
    assert "not judged: stale-config-version" in patchkit("lint", "--in", checkout).out
    out = patchkit("lint", "--in", checkout, "--base", "HEAD").out
    assert "abra.sh:3:8: error [stale-config-version]: entrypoint.sh.tmpl changed" in out
    assert "export APP_ENTRYPOINT_VERSION=v4 in abra.sh" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "no recipe is named"),
        (("--recipe", "nothing"), "no sample of the recipe nothing"),
        (("--recipe", "../recipes"), "no sample"),
        (("--in", "nowhere"), "there is no such folder"),
        (("--in", "x", "--format", "xml"), "xml"),
    ],
)
def test_wrong_command_line(patchkit, arguments, said):
    result = patchkit("lint", *arguments)
    assert result.code == 2
    assert said in result.err


@pytest.mark.parametrize("name", ["orphaned-service", "R011", "r011", "hot-data-backup"])
def test_explain_a_rule(patchkit, name):
    result = patchkit("explain", name)
    assert result.code == 0
    assert all(f"\n{part}\n" in result.out for part in ("Why", "Bad", "Good", "Fix"))


def test_explain_of_an_unknown_rule_says_what_was_meant(patchkit):
    result = patchkit("explain", "orphan-service")
    assert result.code == 2
    assert "orphaned-service" in result.err
