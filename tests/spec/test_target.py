"""What a fix is for: a recipe, or a repository in which nothing is known but files."""

from __future__ import annotations

import pytest

from patchkit import Fix, loads_fix
from patchkit.errors import SpecError

SPEC = """\
id: f
title: t
repository: cc-ci
why: w
ops:
  - {op: text.replace, file: a.txt, find: a, with: b}
"""


def problems(text: str) -> list[tuple[int, str]]:
    with pytest.raises(SpecError) as caught:
        loads_fix(text, "f.yml")
    return [(p.place.line if p.place else 0, p.message) for p in caught.value.problems]


def made(**keys: str) -> str:
    return SPEC + "".join(f"{key}: {value}\n" for key, value in keys.items())


def test_a_fix_of_a_repository() -> None:
    fix = loads_fix(SPEC)
    assert isinstance(fix, Fix)
    assert (fix.repository, fix.for_recipe, fix.kind) == ("cc-ci", False, "repository")


def test_a_fix_of_a_recipe() -> None:
    fix = loads_fix(SPEC.replace("repository", "recipe").replace("cc-ci", "gitea"))
    assert (fix.repository, fix.for_recipe, fix.kind) == ("gitea", True, "recipe")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("expects", "[{file: a.txt, text: a}, {files: '*.py', matches: a, absent: true}]"),
        ("ensures", "[{any: [{file: a.txt}, {file: b.txt}], because: so}]"),
        ("params", "{n: 3, f: {find: file, text: abc}, m: {find: match, file: f, regex: a}}"),
        ("version", "leave"),
        ("with", "[gitea]"),
        ("alternative", "other"),
    ],
)
def test_what_any_fix_may_say(key: str, value: str) -> None:
    assert loads_fix(made(**{key: value})).repository == "cc-ci"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (made(recipe="gitea"), 3, '"recipe" and "repository" do not go together'),
        (SPEC.replace("repository: cc-ci\n", ""), 1, '"recipe" is missing'),
        (SPEC.replace("cc-ci", "a/b"), 3, '"repository": a repository\'s name is made of'),
        (made(version="patch"), 7, '"version" is for recipes'),
        (made(allow="[{rule: R001, reason: so}]"), 7, '"allow" is for recipes'),
        (made(expects="[{service: app}]"), 7, 'expects 1: "service" is for recipes'),
        (made(ensures="[{file: a}, {config: app}]"), 7, 'ensures 2: "config" is for recipes'),
        (made(ensures="[{any: [{file: a}, {network: b}]}]"), 7, '"network" is for recipes'),
        (made(params="{s: {find: service, name: app}}"), 7, 'param "s": what it finds is for'),
        (made(params="{s: {find: file, config: app}}"), 7, 'param "s": what it finds is for'),
        (
            SPEC.replace("text.replace", "labels.set").replace(
                "file: a.txt, find: a, with: b", "service: app, labels: {a: b}"
            ),
            6,
            "step 1 (labels.set): the op is for recipes",
        ),
        (
            SPEC.replace("with: b", "with: b, when: [{service: app}]"),
            6,
            'step 1 (text.replace): "when" entry 1: "service" is for recipes',
        ),
    ],
)
def test_what_it_may_not(text: str, line: int, message: str) -> None:
    found = problems(text)
    assert [place for place, said in found if message in said] == [line], found


def test_everything_wrong_is_told_at_once() -> None:
    text = made(version="patch", expects="[{service: app}]", ensures="[{secret: a}]")
    assert [line for line, _ in problems(text)] == [7, 8, 9]
