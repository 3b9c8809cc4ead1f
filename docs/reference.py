"""Pages that the code, the README and the fixes write themselves, made at each build.

A hook of MkDocs: what it returns stands beside the written pages and is committed nowhere, so it
cannot drift. https://www.mkdocs.org/user-guide/configuration/#hooks
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from mkdocs.structure.files import File

from patchkit.cli.main import cli
from patchkit.cli.schema import schema_text
from patchkit.fixes import load_fix, shipped_fixes
from patchkit.lint import RULES
from patchkit.ops import OP_NAMES, find_op
from patchkit.report.pages import example_diff, example_step, keys
from patchkit.report.verify_text import judge_table
from patchkit.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from pydantic.fields import FieldInfo

    from patchkit.lint import Rule
    from patchkit.ops import Op

ROOT = Path(__file__).parents[1]
_PARTS = {"Param": "Params", "Condition": "Conditions", "PullRequestText": "Pull request"}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages to those that are written by hand."""
    for path, text in pages().items():
        files.append(File.generated(config, path, content=text))
    return files


def pages() -> dict[str, str]:
    """Return the text of each page by its path."""
    return {
        "index.md": _linked("README.md"),
        "contributing.md": _linked("CONTRIBUTING.md"),
        "changelog.md": _linked("CHANGELOG.md"),
        "reference/commands.md": _page("Commands", _commands()),
        "reference/spec.md": _page("Fix specs", _spec()),
        "reference/ops.md": _page("Ops", (_op(op) for name in OP_NAMES if (op := find_op(name)))),
        "reference/rules.md": _page("Rules of lint", map(_rule, RULES)),
        "reference/judges.md": _page("Judges", [judge_table()]),
        "reference/settings.md": _page("Settings", [_settings()]),
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


def _op(op: Op) -> str:
    return "\n\n".join(
        [
            f"## {op.name}",
            inspect.getdoc(op.model) or "",
            _op_keys(op),
            _fenced("yaml", example_step(op)),
            _fenced("diff", example_diff(op)),
        ]
    )


def _op_keys(op: Op) -> str:
    rows = [(f"`{name}`", text, needed) for name, needed, text in keys(op)]
    return _table(("key", "what it means", ""), rows)


def _rule(rule: Rule) -> str:
    ref = f", {rule.ref} of abra" if rule.ref else ""
    parts = [f"## {rule.name}", f"{rule.title} ({rule.severity}{ref})", _sentence(rule.why)]
    parts += [f"{title}:\n\n{_fenced('text', text)}" for title, text in _examples(rule)]
    parts += [_sentence(rule.fix)]
    return "\n\n".join(parts)


def _examples(rule: Rule) -> Iterator[tuple[str, str]]:
    yield from ((t, text) for t, text in (("Bad", rule.bad), ("Good", rule.good)) if text)


def _sentence(text: str) -> str:
    return " ".join((text[:1].upper() + text[1:]).split())


def _settings() -> str:
    rows = [
        (f"`{name}`", info.description or "", _default(info))
        for name, info in Settings.model_fields.items()
    ]
    return _table(("key", "what it means", "default"), rows)


def _default(info: FieldInfo) -> str:
    return f"`{json.dumps(info.default)}`" if info.default not in (None, []) else ""


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
