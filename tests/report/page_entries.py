"""Entries of review pages: real fixes on samples, and what judges and forges could say of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import cycle, islice
from typing import TYPE_CHECKING, NamedTuple

from patchkit.cli import sources
from patchkit.errors import ForgeError, Place, RecipeError
from patchkit.fixes import load_fix, loads_fix
from patchkit.forge import PullRequest
from patchkit.publish.level import CI, Answer
from patchkit.publish.plan import Action, Plan
from patchkit.publish.results import Results, Rung
from patchkit.publish.row import Row
from patchkit.rendering import check, render
from patchkit.report.html import Entry, Failure
from patchkit.tree import RecipeTree
from patchkit.verify import Check, Judgement, State

if TYPE_CHECKING:
    from patchkit.lint import Gate
    from patchkit.rendering import Patch
    from patchkit.spec.fix import Fix

# What would run, load or break out if a single place forgot to escape.
SCRIPT = "<script>document.title='owned'</script>"
IMAGE = '<img src="http://127.0.0.1:9/x" onerror="document.title=\'owned\'">'
BREAK = "</pre></details></style></script><!--"
QUOTES = "\" autofocus onfocus=\"document.title='owned'\" x='"
HIDDEN = "admin\u202e\u2066 // no\u2069\u200b"
SPELLS = (SCRIPT, IMAGE, BREAK, QUOTES)

COMPOSE = {
    "version": "3.8",
    "services": {
        "app": {
            "image": f"evil/app{IMAGE}:1",
            "environment": {"PAYLOAD": f"{SCRIPT} {BREAK}", f"KEY{QUOTES}": "one"},
            "networks": [f"net{SCRIPT}"],
            "volumes": [{"type": "volume", "source": f"data{QUOTES}", "target": "/x"}],
            "deploy": {"labels": [f"label.{SCRIPT}=old {IMAGE}"]},
        },
        f"db{IMAGE}": {"image": "postgres:16"},
    },
    "networks": {f"net{SCRIPT}": {}},
    "volumes": {f"unused{BREAK}": {}, f"data{QUOTES}": {}},
}
HOSTILE = {
    "compose.yml": json.dumps(COMPOSE, indent=2) + "\n",
    f"notes {SCRIPT.replace('/', '')}.md": f"{SCRIPT}\nold {IMAGE}\n{BREAK}\n"
    f"{HIDDEN}\n{{{{ 7 * 7 }}}}\n",
    "bytes.txt": b"caf\xe9 old\n\x1b[31mred\r\n",
}
HOSTILE_FIX = f"""\
id: hostile
title: Say new {SCRIPT}
recipe: evil
why: |
  It says {SCRIPT} and `{IMAGE}`.
evidence:
  - 'seen at https://example.com/a?b=1&c=<b> {BREAK}'
  - "javascript:alert(1)"
ops:
  - {{op: text.replace, file: "notes*", find: "old", with: "new"}}
  - {{op: text.replace, file: compose.yml, find: "=old", with: "=new"}}
  - {{op: file.remove, path: bytes.txt}}
"""
WORSE_FIX = """\
id: worse
title: Take the tag away
recipe: mattermost-lts
why: To see what the gate says.
ops:
  - {op: yaml.set, file: compose.yml, path: services.app.image, value: mattermost/mattermost}
"""


class Rendered(NamedTuple):
    """One fix on one recipe."""

    fix: Fix
    source: str
    patch: Patch
    gate: Gate


def result(fix: Fix, tree: RecipeTree | None = None, source: str = "a test") -> Rendered:
    """Render a fix on a tree, or on the sample of its recipe."""
    if tree is None:
        found = sources.sample(fix.repository, fix.kind)
        tree, source = found.tree(), found.name
    patch = render(fix, tree)
    return Rendered(fix, source, patch, check(fix, patch))


def entry(name: str, tree: RecipeTree | None = None) -> Entry:
    return Entry(result(load_fix(name), tree))


def hostile() -> Entry:
    """A recipe, a fix, judges and a forge that all try to get out of the text."""
    fix = loads_fix(HOSTILE_FIX, "fixes/hostile.yml")
    job = result(fix, RecipeTree.from_files(HOSTILE, f"evil{SCRIPT}"), f"/tmp/{IMAGE}")
    pull = pull_request(url=f"javascript:alert('{SCRIPT}')", state="open", head=QUOTES * 3)
    answer = Answer(CI.FAILURE, "data:text/html,x", Results(2, (Rung(SCRIPT, QUOTES),), (BREAK,)))
    row = Row("hostile", "evil", f"https://example.com/{QUOTES}", editors=(SCRIPT,), pull=pull)
    row = Row(
        **{f: getattr(row, f) for f in row.__slots__}
        | {"ci": answer, "plan": Plan(Action.EDITED, IMAGE)}
    )
    checks = (
        Check(SCRIPT, passed=False, output=f"{BREAK}\n\x1b[1m{IMAGE}", place=Place(QUOTES, 3)),
    )
    return Entry(
        job, (Judgement("caddy", State.FAILED, checks, (SCRIPT,), 1.0, IMAGE, BREAK),), row
    )


def pull_request(**given: object) -> PullRequest:
    known: dict[str, object] = {
        "number": 42,
        "url": "https://git.example.com/mirrors/gitea/pulls/42",
        "title": "fix",
        "body": "",
        "state": "open",
        "draft": False,
        "base": "main",
        "head": "patchkit/gitea",
        "head_owner": "mirrors",
        "head_sha": "0123456789abcdef0123456789abcdef01234567",
        "author": "bot",
        "mergeable": True,
        "created": datetime(2026, 2, 3, 4, 5, tzinfo=UTC),
    }
    return PullRequest(**known | given | ({"head_sha": given["head"]} if "head" in given else {}))  # type: ignore[arg-type]


def judgements() -> tuple[Judgement, ...]:
    """What judges say in each of their states."""
    passed = (Check("docker takes compose.yml", passed=True), Check("and both files", passed=True))
    output = "In pg_backup.sh line 12:\n  rm -rf $TMP\n         ^--^ SC2086: Double quote"
    failed = (
        Check(
            "ShellCheck finds nothing", passed=False, output=output, place=Place("pg_backup.sh", 12)
        ),
        Check("abra.sh is clean", passed=False, before=True),
    )
    return (
        Judgement("compose", State.PASSED, passed, ("docker stack config -c compose.yml",), 1.25),
        Judgement("shellcheck", State.FAILED, failed, ("shellcheck pg_backup.sh",), 0.5),
        Judgement(
            "postgres",
            State.NOT_AVAILABLE,
            reason="there is no initdb",
            hint="apt-get install postgresql",
        ),
        Judgement("caddy", State.NOTHING, reason="the recipe has no Caddyfile"),
    )


def standing() -> Row:
    """An open pull request whose CI does not give full marks."""
    rungs = tuple(
        Rung(n, s) for n, s in (("install", "pass"), ("upgrade", "pass"), ("lint", "fail"))
    )
    answer = Answer(CI.SUCCESS, "https://ci.example.com/runs/7", Results(4, rungs, ("R011",)))
    plan = Plan(Action.NOTHING, "the pull request is as it should be")
    return Row(
        "gitea",
        "gitea",
        "https://git.example.com/mirrors/gitea.git",
        pull=pull_request(),
        ci=answer,
        plan=plan,
    )


def everything() -> tuple[list[Entry], list[Failure]]:
    """One entry of every kind that a page can show, and a fix that could not be rendered."""
    mattermost = entry("mattermost")
    lost = Row(
        "bluesky-pds",
        "bluesky-pds",
        error=ForgeError("the forge gave no answer", hint="try again later"),
    )
    entries = [
        Entry(mattermost.result, judgements()),
        Entry(entry("gitea").result, row=standing()),
        Entry(entry("bluesky-pds").result, row=lost),
        entry("discourse"),
        entry("keycloak"),
        entry("mattermost", mattermost.result.patch.tree),
        entry("gitea", sources.sample("discourse").tree()),
        Entry(result(loads_fix(WORSE_FIX, "fixes/worse.yml"))),
        hostile(),
    ]
    place = Place("compose.yml", 3, 5, "  app: [")
    error = RecipeError("this is no YAML", place=place, hint="close the bracket")
    return entries, [Failure("fixes/broken.yml", error.problems)]


def many(number: int) -> list[Entry]:
    """As many entries, of the shipped fixes in turn."""
    fixes = ("mattermost", "gitea", "bluesky-pds", "discourse", "keycloak")
    return list(islice(cycle([entry(name) for name in fixes]), number))
