"""What an author sees in an editor: completion, hover and errors, by a real language server."""

from __future__ import annotations

import shutil

import pytest
from fetched import CannotFetchError, language_server
from lsp import Client

from patchkit.cli.schema import schema_text

HEAD = """\
# yaml-language-server: $schema=schema.json
id: pin
title: Pin the image
recipe: app
why: A moving tag broke it.
ops:
"""
LINE = HEAD.count("\n")


@pytest.fixture(scope="module")
def editor(tmp_path_factory):
    """Open a spec at a mark `§`, and ask the server about that place."""
    try:
        program = language_server()
    except CannotFetchError as error:
        pytest.skip(str(error))
    node = shutil.which("node")
    folder = tmp_path_factory.mktemp("fixes")
    (folder / "schema.json").write_text(schema_text())
    client = Client([node, str(program), "--stdio"], folder)
    number = iter(range(1000))

    def ask(method, marked):
        before, _, after = marked.partition("§")
        path = folder / f"spec-{next(number)}.yml"
        client.open(path, before + after)
        line = before.count("\n")
        return client.at(method, path, line, len(before) - before.rfind("\n") - 1)

    ask.wrong = lambda text: client.open(folder / f"spec-{next(number)}.yml", text)
    yield ask
    client.close()


def offered(answer):
    items = answer["items"] if isinstance(answer, dict) else answer
    return {item["label"]: item for item in items}


def words(documentation):
    text = documentation["value"] if isinstance(documentation, dict) else documentation
    return " ".join(text.replace("&nbsp;", " ").replace("\\", "").split())


def test_a_spec_without_mistakes_has_none(editor):
    text = HEAD + "  - op: image.set\n    service: app\n    tag: '1.27'\n"
    assert editor.wrong(text) == []


def test_completion_of_an_ops_name_says_what_each_does(editor):
    found = offered(editor("completion", HEAD + "  - op: §\n"))
    assert {"labels.set", "service.rename", "yaml.move"} <= found.keys()
    about = words(found["labels.set"]["documentation"])
    assert about == (
        "Set deploy labels of a service, in the form (list or mapping) that the file uses."
    )


def test_completion_of_keys_is_that_of_the_op(editor):
    found = offered(editor("completion", HEAD + "  - op: labels.set\n    service: app\n    §\n"))
    assert {"labels", "file", "overrides", "optional", "when"} <= found.keys()
    assert not {"image", "tag", "path", "service"} & found.keys()
    assert words(found["labels"]["documentation"]).startswith("Label names and values; `$` in a")
    assert words(found["file"]["documentation"]).endswith("May be left out.")


def test_completion_of_top_level_keys(editor):
    found = offered(editor("completion", HEAD + "  - {op: file.remove, path: x}\n§\n"))
    assert {"expects", "ensures", "params", "allow"} <= found.keys()
    assert not {"id", "ops"} & found.keys()
    assert words(found["expects"]["documentation"]).startswith("What must hold before the ops")


def test_completion_of_values(editor):
    step = HEAD + "  - op: labels.set\n    service: app\n    labels: {a: b}\n    overrides: §\n"
    assert {"error", "remove"} <= offered(editor("completion", step)).keys()


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (
            "  - op: labels.§set\n    service: app\n    labels: {a: b}\n",
            "Set deploy labels of a service, in the form",
        ),
        (
            "  - op: labels.set\n    service: app\n    lab§els: {a: b}\n",
            "Label names and values; `$` in a hook is written `$$`.",
        ),
        (
            "  - op: labels.set\n    service: app\n    labels: {a: b}\n    over§rides: remove\n",
            "When several files hold a label: refuse, or `remove`",
        ),
        (
            "  - {op: file.remove, path: x}\nexpects:\n  - {service: app, config_§at: /x}\n",
            "With service: the container path of one of its configs.",
        ),
        ("  - {op: file.remove, path: x}\nver§sion: leave\n", "Which part of the recipe's version"),
    ],
    ids=["op", "key", "choice", "condition", "top level"],
)
def test_hover_is_the_documentation(editor, spec, said):
    shown = editor("hover", HEAD + spec)
    assert said in words(shown["contents"])


@pytest.mark.parametrize(
    ("spec", "line", "columns", "said"),
    [
        (
            "  - op: labels.set\n    service: app\n    lables: {a: b}\n",
            LINE + 2,
            (4, 10),
            "Property lables is not allowed.",
        ),
        (
            "  - {op: file.remove, path: x}\nexpects:\n  - {servce: app}\n",
            LINE + 2,
            (5, 11),
            "Property servce is not allowed.",
        ),
        ("  - {op: file.remove, path: x}\nversion: big\n", LINE + 1, (9, 12), "leave"),
        ("  - op: labels.sett\n", LINE, (8, 19), "labels.set"),
    ],
    ids=["key of an op", "key of a condition", "choice", "op"],
)
def test_a_mistake_is_marked_where_it_stands(editor, spec, line, columns, said):
    found = editor.wrong(HEAD + spec)
    places = [
        (
            f["range"]["start"]["line"],
            f["range"]["start"]["character"],
            f["range"]["end"]["character"],
        )
        for f in found
        if said in f["message"]
    ]
    assert (line, *columns) in places, found


def test_completion_of_a_value_says_what_it_means(editor):
    found = offered(editor("completion", HEAD + "  - {op: file.remove, path: x}\nversion: §\n"))
    assert "operators have to do something" in words(found["major"]["documentation"])
    spec = HEAD.replace("ops:", "params:\n  x:\n    find: §\nops:") + "  - {op: file.remove}\n"
    found = offered(editor("completion", spec))
    assert len({words(found[name]["documentation"]) for name in ("service", "match")}) == 2
    found = offered(editor("completion", HEAD + "  - {op: file.remove}\nallow:\n  - rule: §\n"))
    assert {"R011", "orphaned-service"} <= found.keys()


def test_completion_writes_a_whole_op(editor):
    found = offered(editor("completion", HEAD + "  - §\n"))
    assert found["service.rename"]["insertText"].startswith("op: service.rename\n  service: ")


def test_hover_of_an_op_is_about_that_one(editor):
    text = HEAD + "  - op: labels.§set\n    service: app\n    labels: {a: b}\n"
    shown = words(editor("hover", text)["contents"])
    assert "Set deploy labels" in shown
    assert "service.rename" not in shown
