"""Pages that the code, the README and the fixes write themselves, made at each build.

A hook of MkDocs: what it returns stands beside the written pages and is committed nowhere, so it
cannot drift. https://www.mkdocs.org/user-guide/configuration/#hooks. Tests read it without MkDocs.
"""

from __future__ import annotations

import inspect
import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from patchkit.cli.main import cli
from patchkit.cli.schema import schema_text
from patchkit.fixes import load_classes, load_fix, shipped_fixes
from patchkit.forge.token import variables
from patchkit.lint import RULES, find_rule
from patchkit.ops import OP_NAMES, find_op
from patchkit.report.pages import example_diff, example_step, keys
from patchkit.report.settings_table import settings_table
from patchkit.report.verify_text import judge_table
from patchkit.settings import VARIABLES
from patchkit.spec.model import OpModel
from patchkit.spec.parameter import FINDS
from patchkit.testing.layout import FixTests, Tests

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

    from patchkit.lint import Rule
    from patchkit.ops import Op
    from patchkit.spec.fix import Fix

ROOT = Path(__file__).parents[1]
# Where the written pages lead on a forge, and the page of the built site that says more.
INSTEAD = {
    "../../README.md#lint": "reference/rules.md",
    "../../README.md#judges": "reference/judges.md",
    "../../README.md#ops": "reference/ops.md",
    "../../README.md#settings": "reference/settings.md",
    "../../fixes/classes": "reference/classes.md",
    "../../fixes/schema.json": "reference/spec.md",
}
_PARTS = {"Param": "Params", "Condition": "Conditions", "PullRequestText": "Pull request"}
_HOST = "git.example.com"
_FORGES = (("gitea", _HOST), ("forgejo", _HOST), ("github", "github.com"), ("github", _HOST))
_OWN_VARIABLES = {
    "PATCHKIT_PROFILE": "The profile of the settings, as `--profile` names it.",
    "PATCHKIT_CACHE": "The folder of the clones of mirrors, in place of the user's cache. It may "
    "be removed at any time.",
    "NO_COLOR": "Set, no output is coloured.",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages to those that are written by hand."""
    from mkdocs.structure.files import File  # noqa: PLC0415  tests have no MkDocs

    for path, text in pages().items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Let the links of a page lead to the reference, where a forge has none."""
    for link, page in INSTEAD.items():
        markdown = markdown.replace(f"]({link})", f"]({page})")
    return markdown


def pages() -> dict[str, str]:
    """Return the text of each page by its path."""
    return {
        "index.md": _linked("README.md"),
        "contributing.md": _linked("CONTRIBUTING.md"),
        "changelog.md": _linked("CHANGELOG.md"),
        "reference/commands.md": _page("Commands", _commands()),
        "reference/spec.md": _page("Fix specs", _spec()),
        "reference/ops.md": _page("Ops", _ops()),
        "reference/rules.md": _page("Rules of lint", map(_rule, RULES)),
        "reference/judges.md": _page("Judges", [judge_table()]),
        "reference/settings.md": _page("Settings and variables", _settings()),
        "reference/exit-codes.md": _page("Exit codes", [_exit_codes()]),
        "reference/classes.md": _page("Classes of fixes", map(_class, load_classes())),
        "reference/fixes.md": _page("Fixes that patchkit ships", _fixes()),
    }


def _linked(name: str) -> str:
    """Return a file of the top level, its links leading to the pages made of its neighbours."""
    text = (ROOT / name).read_text(encoding="utf-8")
    for file, page in (("CONTRIBUTING.md", "contributing.md"), ("CHANGELOG.md", "changelog.md")):
        text = text.replace(f"]({file})", f"]({page})")
    return text.replace("](docs/pages/", "](")


def _page(title: str, parts: Iterable[str]) -> str:
    return "\n\n".join([f"# {title}", *parts]) + "\n"


def _commands() -> Iterator[str]:
    context = click.Context(cli, info_name="patchkit", max_content_width=90)
    yield _fenced("text", cli.get_help(context))
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        if command is not None:
            own = click.Context(command, context, name, max_content_width=90)
            yield f"## {name}"
            yield _fenced("text", command.get_help(own))


def _spec() -> Iterator[str]:
    schema = json.loads(schema_text())
    yield str(schema["description"])
    yield _properties(schema["properties"])
    for name, title in _PARTS.items():
        part = schema["$defs"][name]
        yield f"## {title}"
        yield " ".join(str(part.get("description", "")).split())
        yield _properties(part["properties"])
        if name == "Param":
            yield "### What `find:` finds"
            yield _table(("find", "needs", "and one or more of"), map(_finder, FINDS))


def _finder(name: str) -> tuple[str, ...]:
    needs, some = FINDS[name]
    return (f"`{name}`", *(", ".join(f"`{key}`" for key in part) for part in (needs, some)))


def _properties(properties: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [
        (f"`{name}`", str(prop.get("description", "")), _shown(prop, "default"), _example(prop))
        for name, prop in properties.items()
    ]
    return _table(("key", "what it means", "default", "example"), rows)


def _shown(prop: Mapping[str, Any], key: str) -> str:
    return f"`{json.dumps(prop[key], ensure_ascii=False)}`" if prop.get(key) is not None else ""


def _example(prop: Mapping[str, Any]) -> str:
    examples = prop.get("examples") or []
    return f"`{json.dumps(examples[0], ensure_ascii=False)}`" if examples else ""


def _ops() -> Iterator[str]:
    yield "Every op takes these keys besides its own:"
    ops = [op for name in OP_NAMES if (op := find_op(name))]
    yield _op_keys(ops[0], shared=True)
    yield from map(_op, ops)


def _op(op: Op) -> str:
    return "\n\n".join(
        [
            f"## {op.name}",
            inspect.getdoc(op.model) or "",
            _op_keys(op, shared=False),
            _fenced("yaml", example_step(op)),
            _fenced("diff", example_diff(op)),
        ]
    )


def _op_keys(op: Op, *, shared: bool) -> str:
    rows = [
        (f"`{name}`", text, _needed(needed))
        for name, needed, text in keys(op)
        if (name in OpModel.model_fields) == shared
    ]
    return _table(("key", "what it means", "default"), rows)


def _needed(text: str) -> str:
    """Return the word of a key's default as YAML has it; nothing where there is none."""
    value = text.removeprefix("default ")
    plain = {"None": "", "True": "`true`", "False": "`false`", "required": "*required*"}
    return plain.get(value, f"`{value}`".replace("'", ""))


def _rule(rule: Rule) -> str:
    ref = f", {rule.ref} of abra" if rule.ref else ""
    parts = [f"## {rule.name}", f"{rule.title} ({rule.severity}{ref})", _sentence(rule.why)]
    parts += [
        f"{title}:\n\n{_fenced('yaml', textwrap.dedent(text))}" for title, text in _examples(rule)
    ]
    parts += [_sentence(rule.fix)]
    return "\n\n".join(parts)


def _examples(rule: Rule) -> Iterator[tuple[str, str]]:
    yield from ((t, text) for t, text in (("Bad", rule.bad), ("Good", rule.good)) if text)


def _sentence(text: str) -> str:
    return " ".join((text[:1].upper() + text[1:]).split())


def _settings() -> Iterator[str]:
    yield (
        "They stand in `patchkit.toml`, or `[tool.patchkit]` in `pyproject.toml`, in the folder of "
        "the call or above it. The table `[profiles.NAME]` holds the same keys and goes before "
        "them where it is asked for, `[recipes.NAME]` goes before that for one recipe, and "
        "variables go before all. In URLs `{recipe}` is the recipe's name."
    )
    yield settings_table()
    yield "## For tests of fixes"
    for table, model in (("testing", Tests), ("testing.fixes.ID", FixTests)):
        yield f"The table `[{table}]`; see [testing fixes of your own](../testing-fixes.md):"
        rows = [(f"`{name}`", info.description or "") for name, info in model.model_fields.items()]
        yield _table(("key", "what it means"), rows)
    yield "## Variables"
    yield _table(("variable", "what it says"), _variables())


def _variables() -> Iterator[tuple[str, str]]:
    for setting, name in VARIABLES.items():
        yield f"`{name}`", f"The setting `{setting}`."
    tokens = [
        name
        for kind, host in _FORGES
        for name in variables(f"https://{host}", kind)
        if host == _HOST or not name.startswith("PATCHKIT")
    ]
    names = ", ".join(f"`{name}`" for name in dict.fromkeys(tokens))
    yield names, f"The token of `{_HOST}`; see [the order](../pull-requests.md#the-token)."
    for name, text in _OWN_VARIABLES.items():
        yield f"`{name}`", text


def _exit_codes() -> str:
    """Return the README's table, which has a row for every code."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return text.partition("## Exit codes")[2].partition("\n## ")[0].strip()


def _class(fix: Fix) -> str:
    parts = [f"## {fix.id}", f"**{fix.title}.**", fix.spec.why]
    for title, conditions in (
        ("It leaves a recipe alone when", fix.spec.applies_to),
        ("It refuses, and asks a person to look, when", fix.spec.expects),
    ):
        reasons = dict.fromkeys(c.because for c in conditions if c.because)
        parts += [f"{title}\n\n" + "\n".join(f"- {reason}" for reason in reasons)] * bool(reasons)
    if fix.spec.cures:
        links = [f"[{_rule_name(name)}](rules.md#{_rule_name(name)})" for name in fix.spec.cures]
        parts.append(f"Cures {', '.join(dict.fromkeys(links))}.")
    return "\n\n".join(parts)


def _rule_name(name: str) -> str:
    rule = find_rule(name)
    return rule.name if rule else name


def _fixes() -> Iterator[str]:
    for path in shipped_fixes():
        fix = load_fix(path)
        yield f"## {fix.id}"
        yield f"**{fix.title}.** For the {fix.kind} `{fix.repository}`."
        yield fix.spec.why


def _fenced(language: str, text: str) -> str:
    return f"````{language}\n{text.rstrip()}\n````"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
