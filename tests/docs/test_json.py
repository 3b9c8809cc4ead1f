"""The page about JSON names every key that the commands print, and no other."""

from __future__ import annotations

import json
import re
from contextlib import redirect_stderr, redirect_stdout
from fnmatch import fnmatchcase
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

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
    with redirect_stdout(TextIOWrapper(raw, "utf-8", write_through=True)) as out:
        with redirect_stderr(StringIO()):
            run([*command.split(), "--format", "json"])
        return json.loads(raw.getvalue()), out


@pytest.mark.parametrize("section", CALLS)
def test_keys(section, tmp_path):
    found = set()
    with stage(tmp_path):
        for name, rule in (("worse", "R001"), ("allowed", "R011")):
            text = WORSE.replace("worse", name).replace("RULE", rule)
            Path("fixes", f"{name}.yml").write_text(text)
        Path("recipes.txt").write_text("path/to/discourse\npath/to/bluesky-pds\nno/where\n")
        if section == "status":
            run(["pr", "gitea", "--wait", "--no-verify"])
        for command in CALLS[section]:
            found.update(keys(printed(command)[0]))
    told = documented(section)
    assert not {key for key in found if not any(fnmatchcase(key, one) for one in told)}
    assert not {one for one in told if not any(fnmatchcase(key, one) for key in found)}
