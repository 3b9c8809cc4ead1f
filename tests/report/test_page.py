"""The review page as text: what is in it, and what of a stranger's is not."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser

import pytest
import unidiff
from page_entries import BREAK, HIDDEN, SPELLS, entry, everything, hostile, result, standing

from patchkit.fixes import loads_fix
from patchkit.report.html import Entry, review_page
from patchkit.report.html.text import shown
from patchkit.tree import RecipeTree

VOID = {"meta", "input"}
# Every element that the templates write; a recipe can add none.
KNOWN = """
    html head meta title style body svg symbol ellipse circle path use a header h1 h2 h3 h4 p
    span div label input select option fieldset legend small button output main article details
    summary section ul ol li dl dt dd code pre del ins mark i b footer kbd script
""".split()  # noqa: SIM905  a list of words


class Page(HTMLParser):
    """A page as a browser's parser sees it: elements with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.text = ""
        self.files: list[dict[str, list[tuple[int, str]]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if given.get("class") == "file":
            self.files.append({"del": [], "ins": []})
        if tag in {"del", "ins"}:
            self.files[-1][tag].append((int(given["data-o" if tag == "del" else "data-n"]), ""))

    def handle_startendtag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        for side in {"del", "ins"} & set(self.open):
            number, before = self.files[-1][side][-1]
            self.files[-1][side][-1] = number, before + data


def test_nothing_of_a_recipe_or_a_forge_becomes_markup():
    html = review_page([hostile()])
    page = Page(html)
    assert set(page.tags) <= set(KNOWN)
    assert (page.tags["script"], page.tags["style"], page.tags["img"]) == (1, 1, 0)
    assert not page.open
    assert not [a for a in page.attributes if a[1].startswith("on") or a[1] in {"style", "src"}]
    for spell in SPELLS:
        assert spell in page.text


def test_links_lead_to_the_web_alone():
    links = [
        value
        for tag, name, value in Page(review_page([hostile()])).attributes
        if name == "href" and tag == "a"
    ]
    assert links
    assert all(link.startswith(("#", "https://")) for link in links)


def test_what_cannot_be_seen_has_a_name():
    html = review_page([hostile()])
    assert "admin[U+202E][U+2066] // no[U+2069][U+200B]" in html
    assert "[U+001B][31mred" in html
    unseen = re.findall(
        r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", html
    )
    assert not unseen


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain\tä 漢 🎉", "plain\tä 漢 🎉"),
        ("a\rb\x00", "a[U+000D]b[U+0000]"),
        (HIDDEN, "admin[U+202E][U+2066] // no[U+2069][U+200B]"),
        ("caf\udce9", "caf�"),  # a byte that is no UTF-8
        ("half \ud83c", "half ?"),  # half a character
        ("tag \U000e0041", "tag [U+E0041]"),
    ],
)
def test_shown(text, expected):
    assert shown(text) == expected


def test_the_policy_lets_its_own_style_and_script_run_and_nothing_else():
    html = review_page([entry("gitea")])
    policy = re.search(r'Security-Policy" content="([^"]*)"', html)[1].replace("&#39;", "'")
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    for name in ("style", "script"):
        text = re.search(f"<{name}>(.*?)</{name}>", html, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert parts[f"{name}-src"] == f"'sha256-{digest}'"
    assert parts["default-src"] == "'none'"
    assert set(parts) == {"default-src", "style-src", "script-src", "base-uri", "form-action"}


def test_the_same_entries_give_the_same_bytes():
    first, second = review_page(*everything()), review_page(*everything())
    assert first == second


@pytest.mark.parametrize("name", ["mattermost", "gitea", "bluesky-pds", "discourse", "keycloak"])
def test_the_lines_are_those_of_the_diff(name):
    found = entry(name)
    page = Page(review_page([found]))
    patch = unidiff.PatchSet(found.result.patch.diff())
    assert len(page.files) == len(patch)
    for file, wanted in zip(page.files, patch, strict=True):
        lines = [line for hunk in wanted for line in hunk]
        gone = [(x.source_line_no, x.value.rstrip("\n")) for x in lines if x.is_removed]
        come = [(x.target_line_no, x.value.rstrip("\n")) for x in lines if x.is_added]
        # An empty line holds a newline, so that it has a height.
        assert [(n, text.rstrip("\n")) for n, text in file["del"]] == gone
        assert [(n, text.rstrip("\n")) for n, text in file["ins"]] == come


def test_hunk_heads_are_those_of_the_diff():
    found = entry("bluesky-pds")
    heads = re.findall(r'<div class="at">@@ -(\d+),(\d+) \+(\d+),(\d+) @@', review_page([found]))
    hunks = [hunk for file in unidiff.PatchSet(found.result.patch.diff()) for hunk in file]
    wanted = [(h.source_start, h.source_length, h.target_start, h.target_length) for h in hunks]
    assert [tuple(map(int, head)) for head in heads] == wanted


def test_a_file_without_a_last_newline_says_so():
    assert review_page([text_change("a\nold", "a\nnew\n")]).count('class="eof"') == 1
    assert 'class="eof"' not in review_page([text_change("a\nold\n", "a\nnew\n")])


def test_line_ends_are_shown_where_they_change_alone():
    assert "[U+000D]" in review_page([text_change("a\r\nb\r\n", "a\nb\n")])
    assert "[U+000D]" not in review_page([text_change("a\r\nold\r\n", "a\r\nnew\r\n")])


def test_a_huge_file_is_cut_and_says_so():
    old = "".join(f"line {n}\n" for n in range(6000))
    html = review_page([text_change(old, old.replace("line", "row"))])
    assert "The rest is not shown here." in html
    assert html.count("<del ") == 2000


def test_words_are_compared_as_long_as_that_is_cheap():
    old = "".join(f"{'a ' * 190}{n}\nsame {n}\n" for n in range(300))
    html = review_page([text_change(old, re.sub(r"a (\d+)\n", r"b \1\n", old))])
    lines = re.findall(r"<ins [^>]*>(.*?)</ins>", html)
    assert len(lines) == 300
    assert "<mark>" in lines[0]
    assert "<mark>" not in lines[-1]


def test_a_line_without_end_is_cut_and_says_so():
    page = Page(review_page([text_change("x" * 6000 + "\n", "y" * 9000 + "\n")]))
    [(_, gone)], [(_, come)] = page.files[0]["del"], page.files[0]["ins"]
    assert gone == "x" * 5000 + " … 1000 more characters are not shown"
    assert come == "y" * 5000 + " … 4000 more characters are not shown"


def test_binary_files_are_named_and_not_shown():
    html = review_page([text_change("text\n", "te\0xt\n")])
    assert "binary: its bytes are not shown" in html


def test_a_drifted_fix_shows_where_and_why():
    html = review_page([everything()[0][6]])
    assert "Why it drifted" in html
    assert "the fix is for gitea, and this recipe calls itself discourse" in html
    assert "There is no result to judge." not in html  # nobody was asked
    assert "No file changes." in html


def test_a_regression_names_the_step_that_brought_it():
    html = review_page([everything()[0][7]])
    assert "a rule got worse" in html
    assert "yaml.set (fixes/worse.yml:6:5): set services.app.image in compose.yml" in html


def test_the_pull_request_and_ci():
    html = review_page([Entry(entry("gitea").result, row=standing())])
    assert 'href="https://git.example.com/mirrors/gitea/pulls/42"' in html
    for words in ("opened 2026-02-03", "success, level 4: lint fail; lint rules failed: R011"):
        assert words in html


def test_what_was_not_asked_for_says_how_to_ask():
    html = review_page([entry("gitea")])
    assert "<code>--verify</code> lets real programs judge the result." in html
    assert "<code>--status</code> asks the forge." in html


def test_the_same_fix_on_two_recipes_has_two_anchors():
    html = review_page([entry("gitea"), entry("gitea")])
    assert re.findall(r'<article[^>]* id="([^"]*)"', html) == [
        "gitea.gitea",
        "gitea.gitea.2",
    ]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"compose.yml": "services: {1: {networks: {2: }, 3: 4}}\nvolumes: {5: {6: 7}}\n"}, "5"),
        ({"compose.yml": "services: {a: 7}\n"}, "no image"),
        ({"compose.yml": "services: {a: }\n", "abra.sh": "a=\0"}, "this is a binary file"),
        ({"compose.yml": ""}, "The stack"),
    ],
)
def test_recipes_that_are_odd_have_a_page_too(files, words):
    head = "id: odd\ntitle: t\nrecipe: any\nwhy: w\nops:\n"
    fix = loads_fix(head + "  - {op: file.remove, path: gone}\n")
    job = result(fix, RecipeTree.from_files(files | {"gone": ""}))
    assert words in Page(review_page([Entry(job)])).text


def test_no_fix_at_all_is_a_page_too():
    assert "0 fixes" in review_page([])


def text_change(old: str, new: str) -> Entry:
    """A change of one file that is no compose file, made by a fix of a repository."""
    spec = {"id": "change", "title": "t", "repository": "any", "why": "w"}
    lines = [f"{key}: {value}" for key, value in spec.items()]
    fix = loads_fix("\n".join([*lines, "ops:", "  - {op: file.remove, path: gone}"]) + "\n")
    base = RecipeTree.from_files({"file.txt": old, "gone": "x\n"}, BREAK)
    job = result(fix, base)
    head = job.patch.tree.with_file("file.txt", new).with_file("gone", "x\n")
    patch = type(job.patch)(job.patch.verdict, base, head)
    return Entry(type(job)(fix, job.source, patch, job.gate))
