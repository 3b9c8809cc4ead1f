"""The page about JSON names every key that the commands print, and no other."""

from __future__ import annotations

import json
import re
from contextlib import redirect_stderr, redirect_stdout
from fnmatch import fnmatchcase
from io import BytesIO, StringIO, TextIOWrapper

import manual
import pytest
from shown import ROOT
from stage import stage

from patchkit.cli.boundary import run

PAGE = (ROOT / "docs" / "pages" / "json.md").read_text(encoding="utf-8")
WORSE = """\
id: worse
title: Take the image away
recipe: gitea
why: To see what gets worse.
ops:
  - {op: yaml.unset, path: services.app.image, file: compose.yml}
allow: [{rule: RULE, reason: to see it}]
"""
CALLS = {
    "diff and apply": (
        "diff gitea",
        "diff gitea --in path/to/discourse",
        "diff fixes/worse.yml",
        "diff fixes/allowed.yml",
    ),
    "lint": ("lint --in path/to/discourse",),
    "scan": ("scan --list recipes.txt --jobs 1",),
    "verify": ("verify keycloak --only python --only compose",),
    "status": ("status gitea", "status nothing"),
    "list": ("list",),
}


def documented(section):
    """The keys of a section's table, with `*` for those of an object that is told elsewhere."""
    table = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    cells = re.findall(r"(?m)^\| (`.+?) \|", table)
    return {key for cell in cells for key in re.findall(r"`([\w.*]+)`", cell)}


def keys(data, at=""):
    for value in data if isinstance(data, list) else ():
        yield from keys(value, at)
    for key, value in data.items() if isinstance(data, dict) else ():
        yield f"{at}{key}"
        yield from keys(value, f"{at}{key}.")


def printed(command):
    raw = BytesIO()
    out = TextIOWrapper(raw, "utf-8", write_through=True)
    with redirect_stdout(out), redirect_stderr(StringIO()):
        run([*command.split(), "--format", "json"])
    return json.loads(raw.getvalue())


@pytest.fixture
def place(tmp_path):
    with stage(tmp_path) as here:
        for name, rule in (("worse", "R001"), ("allowed", "R011")):
            text = WORSE.replace("worse", name).replace("RULE", rule)
            (here / "fixes" / f"{name}.yml").write_text(text)
        names = ("path/to/discourse", "path/to/bluesky-pds", "no/where")
        (here / "recipes.txt").write_text("\n".join(names))
        run(["pr", "gitea", "--wait", "--no-verify"])
        yield here


def test_keys(place):
    for section, commands in CALLS.items():
        found = {key for command in commands for key in keys(printed(command))}
        told = documented(section)
        unknown = {key for key in found if not any(fnmatchcase(key, one) for one in told)}
        missed = {one for one in told if not any(fnmatchcase(key, one) for key in found)}
        assert (section, unknown, missed) == (section, set(), set())


def test_each_command_with_json_has_a_section():
    sections = {name for section in CALLS for name in section.split(" and ")}
    choices = {
        name: [param.type.choices for param in command.params if hasattr(param.type, "choices")]
        for name, command in manual.commands().items()
    }
    assert {name for name, kinds in choices.items() if any("json" in k for k in kinds)} == sections
