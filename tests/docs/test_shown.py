"""Every command that the README and the pages show runs, and prints what they say it prints."""

from __future__ import annotations

import re

import manual
import pytest
from shown import PAGES, ROOT, printed, shown
from stage import stage

_NO_COMMANDS = {"CONTRIBUTING.md", "json.md", "promises.md", "python.md", "scale.md"}
# What does not end with 0: the sample of gitea has the defects that its fix is for.
_ENDS = {
    ("lint", "path/to/gitea"): 4,
    ("lint", "path/to"): 4,
    ("apply", "--check"): 1,
    ("apply", "no-check.yml"): 4,
    ("record", "--check"): 1,
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page(page, tmp_path):
    with stage(tmp_path):
        for command in shown(page.read_text(encoding="utf-8")):
            code, output = printed(command.words)
            assert code == _expected(command.words), f"{command.words}\n{output}"
            if command.output is not None:
                assert output == command.output, "python tests/write_docs.py writes it"


def _expected(words: tuple[str, ...]) -> int:
    return next((code for some, code in _ENDS.items() if set(some) <= set(words)), 0)


def test_each_kind_of_block_is_read():
    text = (
        "Say:\n\n    patchkit lint --in x   # all of it\n    git status\n\n"
        "```sh\npatchkit diff a\n```\n\n```yaml\npatchkit no\n```\n\n"
        "````text\n```sh\npatchkit no\n```\n````\n\n"
        "```console\n$ patchkit apply b\none\ntwo\n$ ls\nx\n$ patchkit list\n```\n"
    )
    assert [(c.words, c.output) for c in shown(text)] == [
        (("lint", "--in", "x"), None),
        (("diff", "a"), None),
        (("apply", "b"), "one\ntwo\n"),
        (("list",), ""),
    ]


def test_pages_show_commands():
    assert {p.name for p in PAGES if not any(shown(p.read_text("utf-8")))} == _NO_COMMANDS


# A command within a sentence, and what a comment behind a command says of its options.
_TOLD = re.compile(r"(?m)`patchkit (?P<within>[^`\n]+)`|^(?:\$ | {4})?patchkit (?P<alone>.+)$")


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CHANGELOG.md"], ids=lambda page: page.name)
def test_commands_within_sentences_are_there_with_their_options(page):
    commands = manual.commands()
    for found in _TOLD.finditer(page.read_text(encoding="utf-8")):
        name, *words = re.split(r"[\s,]+", found["within"] or found["alone"])
        # A line of prose may begin with the name.
        assert name in commands or found[0].startswith("patchkit "), found[0]
        if name in commands:
            params = commands[name].params
            known = {flag for param in params for flag in (*param.opts, *param.secondary_opts)}
            told = {word for word in words if re.fullmatch(r"--?[a-z][a-z-]*", word)}
            assert told <= known | {"--help"}, found[0]
