"""The picture of the README is what commands print today, and needs nothing from elsewhere."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from picture import COLUMNS, COMMANDS, PICTURE, drawn
from shown import ROOT

SVG = "{http://www.w3.org/2000/svg}"
TEXT = PICTURE.read_text(encoding="utf-8")


def test_it_is_todays_run():
    assert drawn() == TEXT, "python tests/write_docs.py draws it"


def test_it_shows_commands_and_what_came_of_them():
    rows = ["".join(text.itertext()) for text in ET.fromstring(TEXT).iter(f"{SVG}text")]
    rows = [row.replace("\N{NO-BREAK SPACE}", " ") for row in rows]
    assert [row[2:] for row in rows if row.startswith("$ ")] == list(COMMANDS)
    assert "+        - coop-cloud.${STACK_NAME}.timeout=300" in rows
    assert rows[-1] == "gitea-timeout: #1: success, level 5"
    assert max(map(len, rows)) <= COLUMNS


def test_it_fetches_and_runs_nothing():
    parts = {element.tag.removeprefix(SVG) for element in ET.fromstring(TEXT).iter()}
    assert parts == {"svg", "title", "style", "rect", "circle", "text", "tspan"}
    assert not re.findall(r"url\(|@import|@font-face|href|localhost", TEXT)


def test_the_readme_shows_it_and_says_what_is_in_it():
    told, path = re.search(r"!\[(.+?)\]\((.+?\.svg)\)", (ROOT / "README.md").read_text()).groups()
    assert ROOT / path == PICTURE
    assert all(word in told for word in ("patchkit new", "patchkit diff", "patchkit pr"))
