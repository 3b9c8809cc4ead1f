"""The reference pages have all that there is: ops, rules, keys, settings, codes, variables."""

from __future__ import annotations

import importlib.util
import re

import manual
import pytest
from shown import PAGES, ROOT

from patchkit.errors import ExitCode
from patchkit.fixes import load_classes, shipped_fixes
from patchkit.lint import RULES
from patchkit.ops import OP_NAMES
from patchkit.settings import Settings
from patchkit.spec.condition import Condition
from patchkit.spec.model import FixSpec
from patchkit.spec.parameter import FINDS, Param
from patchkit.testing import layout

_PAGES = ROOT / "docs" / "pages"


@pytest.fixture(scope="module")
def reference():
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs" / "reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pages(reference):
    return reference.pages()


def test_what_has_a_heading_of_its_own(pages):
    for page, names in {
        "commands": manual.commands(),
        "ops": OP_NAMES,
        "rules": [rule.name for rule in RULES],
        "classes": [fix.id for fix in load_classes()],
        "fixes": [path.stem for path in shipped_fixes()],
    }.items():
        assert set(re.findall(r"(?m)^## (\S+)$", pages[f"reference/{page}.md"])) == set(names)


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("spec", {info.alias or name for name, info in FixSpec.model_fields.items()}),
        ("spec", {info.alias or name for name, info in Param.model_fields.items()}),
        ("spec", {info.alias or name for name, info in Condition.model_fields.items()}),
        ("spec", FINDS.keys()),
        ("settings", Settings.model_fields.keys()),
        ("settings", layout.Tests.model_fields.keys() | layout.FixTests.model_fields.keys()),
        ("exit-codes", {str(int(code)) for code in ExitCode}),
    ],
)
def test_what_has_a_row(page, names, pages):
    rows = re.findall(r"(?m)^\| `?(\w+)`? \|", pages[f"reference/{page}.md"])
    assert not set(names) - set(rows)


def test_variables_have_a_row(pages):
    code = "".join(path.read_text("utf-8") for path in (ROOT / "patchkit").rglob("*.py"))
    named = set(re.findall(r"\bPATCHKIT_[A-Z]+(?:_[A-Z]+)*|\bNO_COLOR\b", code))
    own = {"PATCHKIT_GIT_USERNAME", "PATCHKIT_GIT_TOKEN"}  # from patchkit to its own helper
    page = pages["reference/settings.md"]
    assert not {name for name in named - own if f"`{name}`" not in page}
    assert {"`GH_TOKEN`", "`GITEA_TOKEN`", "`FORGEJO_TOKEN`"} <= set(re.findall(r"`\w+`", page))


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CHANGELOG.md"], ids=lambda page: page.name)
def test_links_lead_somewhere_on_a_forge(page):
    for link in _links(page.read_text("utf-8")):
        path, _, anchor = link.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), link
        assert there.is_relative_to(ROOT), link
        assert not anchor or anchor in _anchors(there.read_text("utf-8")), link


def test_links_lead_somewhere_on_the_site(reference, pages):
    """MkDocs holds the anchors; this needs none."""
    written = {str(path.relative_to(_PAGES)) for path in _PAGES.rglob("*")} | set(pages)
    for page in _PAGES.glob("*.md"):
        for link in _links(reference.on_page_markdown(page.read_text("utf-8"))):
            assert link.partition("#")[0] in written | {""}, f"{page.name}: {link}"


def _links(text):
    """The links of a page to something of this repository, without those that code shows."""
    text = re.sub(r"(?ms)^ *(```+).*?^ *\1|`[^`\n]*`", "", text)
    found = re.findall(r"\]\(([^)\s]+)\)", text)
    return [link for link in found if "://" not in link]


def _anchors(text):
    """What GitHub and Forgejo call the headings of a page."""
    heads = re.findall(r"(?m)^#+ (.*)$", text)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_figures_name_a_script_that_is_there():
    for page in ("promises.md", "scale.md"):
        scripts = re.findall(r"tests/[\w/]+\.py", (_PAGES / page).read_text("utf-8"))
        assert scripts
        assert not [name for name in scripts if not (ROOT / name).exists()]


def test_contributing_names_files_that_are_there():
    """Also of the checks that it tells to run, CI runs every one."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = re.findall(r"`((?:patchkit|tests|fixes|docs)/[\w./]*)`", text)
    assert len(named) > 20
    assert not [name for name in named if not (ROOT / name).exists()]
    if (ci := ROOT / ".ci" / "run").exists():  # an sdist has none
        for check in ("ruff check .", "ruff format --check .", "mypy", "lint-imports"):
            assert check in text
            assert check in ci.read_text("utf-8")
