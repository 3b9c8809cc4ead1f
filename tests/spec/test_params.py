from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from dummies import HEAD, STEP, loaded

from patchkit.edit.yaml.values import StyledStr
from patchkit.errors import EditRefused, SpecError, UsageError
from patchkit.spec.params import given, resolve

if TYPE_CHECKING:
    from patchkit.spec.model import Param

PARAMS = """\
params:
  dump: backup.sql
  keep: {type: int, default: 7}
  rate: {type: float, default: 1.5}
  flag: true
  names: [a, b]
  size: {choices: [small, large]}
  port: {type: int, choices: [80, 443], default: 80}
"""


def fix_with(params: str) -> Any:
    return loaded(HEAD + params + STEP)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        pytest.param("dump", "x.sql", "x.sql", id="text"),
        pytest.param("dump", "7", "7", id="text-that-looks-like-a-number"),
        pytest.param("dump", "", "", id="empty-text"),
        pytest.param("keep", "14", 14, id="int-as-text"),
        pytest.param("keep", 14, 14, id="int"),
        pytest.param("rate", "2", 2, id="float-as-text"),
        pytest.param("rate", 2.5, 2.5, id="float"),
        pytest.param("flag", "false", False, id="bool-as-text"),
        pytest.param("flag", False, False, id="bool"),
        pytest.param("names", "x, y", ["x", "y"], id="list-as-text"),
        pytest.param("names", "", [], id="empty-list"),
        pytest.param("names", ["x, y"], ["x, y"], id="list"),
        pytest.param("port", "443", 443, id="choice-as-text"),
    ],
)
def test_given(name: str, value: object, expected: object) -> None:
    values = given(fix_with(PARAMS), {name: value, "size": "small"})
    assert values == {name: expected, "size": "small"}
    assert type(values[name]) is type(expected)


@pytest.mark.parametrize(
    ("values", "problems"),
    [
        pytest.param(
            {},
            ['fix.yml:11:3: param "size" is not given\n  add --param size=VALUE'],
            id="missing",
        ),
        pytest.param(
            {"size": "big"},
            ['fix.yml:11:3: param "size": expected "small" or "large", found the text "big"'],
            id="choice",
        ),
        pytest.param(
            {"size": "small", "keep": "many"},
            ['fix.yml:7:3: param "keep": expected a whole number, found the text "many"'],
            id="int",
        ),
        pytest.param(
            {"size": "small", "keep": True},
            ['fix.yml:7:3: param "keep": expected a whole number, found true'],
            id="true-is-no-int",
        ),
        pytest.param(
            {"size": "small", "keep": "1.5"},
            ['fix.yml:7:3: param "keep": expected a whole number, found the number 1.5'],
            id="float-for-int",
        ),
        pytest.param(
            {"size": "small", "flag": "yes"},
            ['fix.yml:9:3: param "flag": expected true or false, found the text "yes"'],
            id="bool",
        ),
        pytest.param(
            {"size": "small", "dump": 5},
            ['fix.yml:6:3: param "dump": expected text, found the number 5'],
            id="number-for-text",
        ),
        pytest.param(
            {"size": "small", "dmp": "x"},
            ['fix.yml has no param "dmp" (did you mean "dump"?)'],
            id="unknown-near",
        ),
        pytest.param(
            {"size": "small", "zzz": "x"},
            [
                (
                    'fix.yml has no param "zzz"\n'
                    "  its params: dump, keep, rate, flag, names, size, port"
                )
            ],
            id="unknown-far",
        ),
        pytest.param(
            {"dmp": "x", "flag": "1"},
            [
                'fix.yml has no param "dmp" (did you mean "dump"?)',
                'fix.yml:9:3: param "flag": expected true or false, found the number 1',
                'fix.yml:11:3: param "size" is not given\n  add --param size=VALUE',
            ],
            id="all-at-once",
        ),
    ],
)
def test_given_wrongly(values: dict[str, object], problems: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        given(fix_with(PARAMS), values)
    assert [str(problem) for problem in caught.value.problems] == problems
    assert caught.value.exit_code == 2


def test_a_param_to_be_found_or_left_out_need_not_be_given() -> None:
    fix = fix_with("params:\n  a: {find: service, image: x}\n  b: {type: str, optional: true}\n")
    assert given(fix, {}) == {}


class Finder:
    """A recipe that holds what it was made with; it notes what it is asked."""

    def __init__(self, **held: object) -> None:
        self.held = held
        self.asked: list[tuple[str, dict[str, object]]] = []

    def __call__(self, name: str, query: Param) -> object:
        told = query.model_dump(exclude_none=True, exclude_defaults=True)
        self.asked.append((name, told))
        return self.held.get(name)


FOUND = """\
params:
  volume: {find: volume, service: "{{ database }}", at: /data}
  dump: "{{ volume }}/{{ prefix }}.sql"
  database: {find: service, image: postgres}
  prefix: dump
  copy: "{{ keep }}"
  keep: 7
"""


def test_resolve_goes_from_what_is_used_to_what_uses_it() -> None:
    finder = Finder(database="db", volume="pgdata")
    values = resolve(fix_with(FOUND), {}, finder)
    assert values == {
        "volume": "pgdata",
        "dump": "pgdata/dump.sql",
        "database": "db",
        "prefix": "dump",
        "copy": 7,
        "keep": 7,
    }
    assert list(values) == ["volume", "dump", "database", "prefix", "copy", "keep"]
    assert finder.asked == [
        ("database", {"find": "service", "image": "postgres"}),
        ("volume", {"find": "volume", "service": "db", "at": "/data"}),
    ]


def test_what_is_given_is_not_looked_for() -> None:
    finder = Finder(volume="pgdata")
    values = resolve(fix_with(FOUND), {"database": "pg", "prefix": "x"}, finder)
    assert values["dump"] == "pgdata/x.sql"
    assert [name for name, _ in finder.asked] == ["volume"]
    assert finder.asked[0][1]["service"] == "pg"


def test_the_default_stands_in_for_what_is_not_found() -> None:
    fix = fix_with(
        "params:\n  name: {find: environment, service: app, name: DB, default: mattermost}\n"
        "  gone: {find: service, image: x, optional: true}\n"
        '  below: {find: volume, service: "{{ gone }}", at: /data, default: data}\n'
    )
    finder = Finder()
    assert resolve(fix, {}, finder) == {"name": "mattermost", "gone": None, "below": "data"}
    assert [name for name, _ in finder.asked] == ["name", "gone"]


def test_what_must_be_found_and_is_not_refuses_the_recipe() -> None:
    with pytest.raises(EditRefused) as caught:
        resolve(fix_with("params:\n  db: {find: service, image: postgres}\n"), {}, Finder())
    assert str(caught.value) == (
        'fix.yml:6:3: param "db": the recipe has no such service\n'
        "  if it goes by another name, add --param db=VALUE"
    )
    assert caught.value.exit_code == 3


def test_what_is_found_twice_says_how_to_choose() -> None:
    def find(*_: object) -> object:
        raise EditRefused("two services have such an image: a and b")

    with pytest.raises(EditRefused) as caught:
        resolve(fix_with("params:\n  db: {find: service, image: postgres}\n"), {}, find)
    assert str(caught.value) == (
        "two services have such an image: a and b\n"
        "  if you know which is meant, add --param db=VALUE"
    )


def test_what_is_found_is_read_in_the_type_of_the_param() -> None:
    fix = fix_with(
        "params:\n  port: {find: environment, service: app, name: PORT, type: int, default: 1}\n"
    )
    assert resolve(fix, {}, Finder(port="8080")) == {"port": 8080}
    with pytest.raises(SpecError) as caught:
        resolve(fix, {}, Finder(port="none"))
    assert str(caught.value) == (
        'fix.yml:6:3: param "port": expected a whole number, found the text "none" in the recipe'
    )


def test_a_default_made_by_a_template_is_checked() -> None:
    fix = fix_with('params:\n  a: seven\n  n: {type: int, default: "{{ a }}"}\n')
    with pytest.raises(SpecError) as caught:
        resolve(fix, {}, Finder())
    assert str(caught.value) == (
        'fix.yml:7:27: param "n": expected a whole number, found the text "seven"'
    )


def test_a_selector_that_fails_has_its_place() -> None:
    fix = fix_with('params:\n  n: 5\n  s: {find: service, image: "{{ n }}"}\n')
    with pytest.raises(SpecError) as caught:
        resolve(fix, {}, Finder())
    assert str(caught.value) == (
        'fix.yml:7:29: param "s": "image": expected text, found the number 5\n'
        "  put quotes around it to make it text"
    )


def test_quotes_of_a_default_survive() -> None:
    values = resolve(fix_with("params:\n  a: 'x'\n"), {}, Finder())
    assert isinstance(values["a"], StyledStr)
    assert values["a"].style == "'"


def test_a_fix_without_params_has_no_values() -> None:
    assert resolve(fix_with(""), given(fix_with(""), {}), Finder()) == {}
