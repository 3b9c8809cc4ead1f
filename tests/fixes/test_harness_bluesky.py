"""The harness's part in the fix of bluesky-pds: its calls name the PDS by its new name."""

from __future__ import annotations

import ast
import re

import pytest
from cc_ci import HARNESS, fixed, patched, ruff_says, texts, write
from variants import added, changed_lines, crlf, no_final_newline, resub, sample, then, without

OWN = "tests/bluesky-pds/"


def services(files):
    """Return path and value of every `service=` of a call, in order."""
    return [
        (path, keyword.value.value)
        for path, text in sorted(files.items())
        if path.endswith(".py")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "service" and isinstance(keyword.value, ast.Constant)
    ]


def test_before_every_recipe_calls_app():
    found = services(sample(HARNESS))
    assert {value for _, value in found} == {"app"}
    assert len([path for path, _ in found if path.startswith(OWN)]) == 5
    others = {path.split("/")[1] for path, _ in found if not path.startswith(OWN)}
    assert others == {"discourse", "gitea", "keycloak", "mumble"}


def test_after_bluesky_alone_calls_pds():
    before = services(sample(HARNESS))
    assert services(texts(fixed("bluesky-pds-harness"))) == [
        (path, "pds" if path.startswith(OWN) else "app") for path, _ in before
    ]


def test_nothing_else_is_changed():
    before, after = sample(HARNESS), texts(fixed("bluesky-pds-harness"))
    assert before.keys() == after.keys()
    changed = {path for path in before if before[path] != after[path]}
    assert {path.removeprefix(OWN) for path in changed} == {
        "custom/test_records.py",
        "ops.py",
        "test_restore.py",
    }
    for path in changed:
        gone, new = changed_lines(before[path], after[path])
        assert new == [line.replace('service="app"', 'service="pds"') for line in gone]


OPS, RESTORE, RECORDS = (
    f"{OWN}ops.py",
    f"{OWN}test_restore.py",
    f"{OWN}custom/test_records.py",
)
OVERLAY = f"{OWN}compose.ccci.yml"
# Harnesses that say the same in another way.
VARIANTS = {
    "single quotes": resub(f"{OWN}*.py", ('service="app"', "service='app'")),
    "another function": resub(f"{OWN}*.py", (r"\bexec_in\(", "ctx.run(")),
    "several functions": then(
        resub(RESTORE, (r"lifecycle\.exec_in\(", "lifecycle.logs(")),
        resub(RECORDS, (r"= exec_in\(", "= runner().of(ctx).copy(")),
    ),
    "one argument a line": resub(
        OPS,
        (
            r'exec_in\(ctx, (.*), service="app"\)',
            r'exec_in(\n        ctx,\n        \1,\n        service = "app",  # here\n    )',
        ),
    ),
    "the argument first": resub(
        RESTORE, (r'\((ctx, .*), service="app"\)', r'(service="app", *(\1))')
    ),
    "a constant": resub(
        RECORDS,
        ('service="app"', "service=SERVICE"),
        (r"^SERVICE_TYPE", 'SERVICE = "app"\nSERVICE_TYPE'),
    ),
    "a constant with a type": resub(
        RECORDS,
        ('service="app"', "service=PDS_SERVICE"),
        (r"^SERVICE_TYPE", 'PDS_SERVICE: str = "app"\nSERVICE_TYPE'),
    ),
    "a default": resub(
        OPS,
        (r"\(ctx, name\):", '(ctx, name, service="app"):'),
        (r'service="app",  #', "service=service,  #"),
    ),
    "a variable": resub(
        RESTORE, (r"(    accounts = .*)service=\"app\"", r'    service = "app"\n\1service=service')
    ),
    "comments that name it": resub(
        OPS, (r'(    exec_in\(ctx, "goat")', r'    # With service="app".\n\1')
    ),
    "two calls on a line": resub(RESTORE, (r"(    accounts = )(.*)$", r"\1\2 + \2")),
    "a half of it was done by hand": resub(RECORDS, ('service="app"', 'service="pds"')),
    "another file": added(
        f"{OWN}custom/accounts.py",
        'def accounts(ctx):\n    return ctx.run("goat", service="app")\n',
    ),
    "a recipe of a similar name": added(
        "tests/bluesky-pds-next/ops.py",
        'def pre_backup(ctx):\n    ctx.run("goat", service="app")\n',
    ),
    "an overlay": added(
        OVERLAY, 'version: "3.8"\nservices:\n  app:\n    environment:\n      - A=b\n'
    ),
    "Windows line ends": crlf("*.py"),
    "no final newline": no_final_newline("*.py"),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_variant(name, tmp_path):
    files = VARIANTS[name](sample(HARNESS))
    after = patched("bluesky-pds-harness", files)
    before = services(files)
    assert services(after) == [
        (path, "pds" if path.startswith(OWN) else value) for path, value in before
    ]
    for path in files:
        gone, new = changed_lines(files[path], after[path])
        assert path.startswith(OWN) or not gone
        assert new == [re.sub(r"\bapp\b", "pds", line) for line in gone]
    mine = [text for path, text in after.items() if path.startswith(OWN)]
    assert not [text for text in mine if re.search(r"""["']app["']|^ +app:""", text, re.MULTILINE)]
    assert ruff_says(write(after, tmp_path / "after")) == ruff_says(
        write(files, tmp_path / "before")
    )


DRIFTED = {
    "a service by its place": (
        resub(RESTORE, (r'\(ctx, (.*), service="app"\)', r'(ctx, "app", \1)')),
        ("and there is one", "if this names the container of the PDS, write pds"),
    ),
    "a service in a mapping": (
        resub(RESTORE, (r'service="app"\)', '**{"service": "app"})')),
        ("if this names the container of the PDS, write pds",),
    ),
    "a call in an f-string": (
        resub(
            RESTORE,
            (
                r"accounts = lifecycle\.(.*)\"app\"\)",
                r"accounts = f'{lifecycle.\1" + '"app")}' + "'",
            ),
        ),
        ("inside an f-string",),
    ),
    "a call of the proxy": (
        resub(RESTORE, ('service="app"', 'service="caddy"')),
        ("caddy is called app; change this by hand first",),
    ),
    "an overlay of the proxy too": (
        added(OVERLAY, "services:\n  app: {}\n  caddy: {}\n"),
        ("caddy is called app; change this by hand first",),
    ),
    "no call at all": (
        then(without(RESTORE, RECORDS), resub(OPS, (r', service="app"|service="app",', ""))),
        ("no call of this recipe names a service app",),
    ),
    "a syntax error": (
        resub(RESTORE, (r"\(ctx\):", "(ctx:")),
        ("cannot read this",),
    ),
    "no such recipe": (without(f"{OWN}*"), ("no call of this recipe names a service app",)),
}


@pytest.mark.parametrize("name", DRIFTED)
def test_drifts(name, check_drifts):
    variant, words = DRIFTED[name]
    patch = check_drifts("bluesky-pds-harness", variant(sample(HARNESS)), *words)
    assert all(reason.place for reason in patch.reasons)
