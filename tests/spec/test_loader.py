from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from dummies import HEAD, STEP, FileAdd, LabelsSet, loaded, outcome, refused
from hypothesis import given, settings
from hypothesis import strategies as st

from patchkit.edit.yaml.values import FlowDict, StyledStr
from patchkit.errors import SpecError
from patchkit.spec.model import Condition

if TYPE_CHECKING:
    from patchkit.spec.fix import Fix

FULL = """\
# yaml-language-server: $schema=schema.json
id: mattermost
title: Back the database up
recipe: mattermost-lts
alternative: other
why: |
  A restore does nothing; {{ env "X" }} in prose is no template.
evidence: seen in 2.1.8
params:
  dump: backup.sql
  database: {find: service, image: postgres}
  flag: {type: bool, default: false}
expects:
  - service: "{{ database }}"
    image: postgres
    because: The dump of "{{ database }}" is made for it.
ops:
  - op: labels.set
    service: "{{ database }}"
    labels:
      "backup.{{ database }}": "{{ dump }}"
      'quoted': 'a'
    keep: "{{ 3 + 4 }}"
    optional: "{{ flag }}"
  - {op: file.add, path: "{{ dump }}.txt", text: ""}
ensures:
  - {text: sidekiq, files: "compose*.yml", absent: true}
allow:
  - {rule: R005, reason: no tags}
verify: [shellcheck]
with: [another]
pr:
  title: "Dump {{ database }}"
  body: [one, two]
version: patch
"""
VALUES = {"dump": "b.sql", "database": "db", "flag": True}


def test_a_right_spec_is_read() -> None:
    fix = loaded(FULL)
    assert (fix.id, fix.title, fix.repository) == (
        "mattermost",
        "Back the database up",
        "mattermost-lts",
    )
    assert (fix.path, fix.text) == ("fix.yml", FULL)
    spec = fix.spec
    assert spec.alternative == "other"
    assert spec.evidence == ["seen in 2.1.8"]
    assert spec.params["database"].find == "service"
    assert spec.expects[0].service == "{{ database }}"
    assert spec.with_ == ["another"]
    assert spec.allow[0].rule == "R005"
    assert spec.version == "patch"
    assert spec.ops[0]["service"] == "{{ database }}"


def test_parts_are_rendered() -> None:
    fix = loaded(FULL)
    step = fix.step(0, VALUES)
    assert isinstance(step, LabelsSet)
    assert (step.service, step.keep, step.optional) == ("db", 7, True)
    assert step.labels == {"backup.db": "b.sql", "quoted": "a"}
    assert fix.condition("expects", 0, VALUES) == Condition(
        service="db", image="postgres", because='The dump of "db" is made for it.'
    )
    assert fix.pull_request(VALUES).title == "Dump db"
    assert loaded(HEAD + STEP).pull_request({}).body == []


def test_quotes_survive_in_values_that_keep_them() -> None:
    step = loaded(FULL).step(0, VALUES)
    assert isinstance(step, LabelsSet)
    quoted = step.labels["quoted"]
    assert isinstance(quoted, StyledStr)
    assert quoted.style == "'"


def test_flow_style_survives_rendering() -> None:
    rendered = loaded(FULL)._rendered(FlowDict(a="{{ dump }}"), ("ops", 1), VALUES)
    assert isinstance(rendered, FlowDict)


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        pytest.param("ops: []\n", ['fix.yml:5:6: "ops": must not be empty'], id="no-ops"),
        pytest.param(
            "",
            ['fix.yml:1:1: "ops" is missing'],
            id="ops-missing",
        ),
        pytest.param(
            STEP + "ensure: []\n",
            ['fix.yml:9:1: unknown key "ensure" (did you mean "ensures"?)'],
            id="unknown-key-near",
        ),
        pytest.param(
            STEP + "pr: {zzz: red}\n",
            ['fix.yml:9:6: pr: unknown key "zzz"\n  known keys: title, body, labels, comment'],
            id="unknown-key-far",
        ),
        pytest.param(
            STEP + "version: huge\n",
            [
                (
                    'fix.yml:9:10: "version": expected "leave", "patch", "minor" or "major", '
                    'found the text "huge"'
                )
            ],
            id="choice",
        ),
        pytest.param(
            STEP + "version: major2\n",
            [
                (
                    'fix.yml:9:10: "version": expected "leave", "patch", "minor" or "major", '
                    'found the text "major2" (did you mean "major"?)'
                )
            ],
            id="choice-near",
        ),
        pytest.param(
            STEP + "evidence: {a: b}\n",
            ['fix.yml:9:11: "evidence": expected a list, found a mapping'],
            id="mapping-for-list",
        ),
        pytest.param(
            STEP + "evidence:\n  - 1.20\n",
            [
                (
                    'fix.yml:10:5: "evidence" entry 1: expected text, found the number 1.20\n'
                    "  put quotes around it to make it text"
                )
            ],
            id="number-for-text",
        ),
        pytest.param(
            STEP + "allow: [{rule: R001}, {rule: R002, reason: ' '}]\n",
            [
                'fix.yml:9:9: allow 1: "reason" is missing',
                'fix.yml:9:44: allow 2: "reason": must not be empty',
            ],
            id="reasons",
        ),
        pytest.param(
            STEP + "alternative: mattermost\nwith: [mattermost]\n",
            [
                'fix.yml:9:14: "alternative": names this fix itself',
                'fix.yml:10:7: "with": names this fix itself',
            ],
            id="itself",
        ),
        pytest.param(
            STEP + "with: [a, b, a]\n", ['fix.yml:9:7: "with": names a fix twice'], id="twice"
        ),
        pytest.param(
            STEP + "pr: {title: }\n",
            ['fix.yml:9:13: pr: "title": expected a value, found nothing'],
            id="empty-key",
        ),
        pytest.param(
            STEP + "expects: [{service: app, absent: yes}]\n",
            ['fix.yml:9:34: expects 1: "absent": expected true or false, found the text "yes"'],
            id="yes-is-text",
        ),
        pytest.param(
            STEP + "expects: [{service: app, absent: 'true'}]\n",
            [
                (
                    'fix.yml:9:34: expects 1: "absent": expected true or false, '
                    'found the text "true"\n  write it without quotes'
                )
            ],
            id="quoted-truth",
        ),
    ],
)
def test_wrong_spec(body: str, problems: list[str]) -> None:
    assert refused(HEAD + body) == problems


@pytest.mark.parametrize(
    ("head", "problems"),
    [
        pytest.param(
            HEAD.replace("id: mattermost", "id: Mattermost"),
            ['fix.yml:1:5: "id": an id is made of a-z, 0-9 and hyphens, and starts with no hyphen'],
            id="id",
        ),
        pytest.param(
            HEAD.replace("recipe: mattermost-lts", "recipe: ../x"),
            [
                (
                    'fix.yml:3:9: "recipe": a recipe\'s name is made of letters, digits, dots, '
                    "hyphens and _"
                )
            ],
            id="recipe",
        ),
        pytest.param(
            HEAD.replace("title: Back", "title: |\n  a\n  Back"),
            ['fix.yml:2:8: "title": must be one line'],
            id="title",
        ),
        pytest.param(
            HEAD.replace("why: A restore does nothing.", "why:"),
            ['fix.yml:4:5: "why": expected text, found nothing'],
            id="why",
        ),
    ],
)
def test_wrong_head(head: str, problems: list[str]) -> None:
    assert refused(head + STEP) == problems


def step(text: str, params: str = "params: {database: db}\n") -> list[str]:
    """Return the problems of one op, which stands from line 6 on."""
    return refused(HEAD + params + "ops:\n" + text)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        pytest.param(
            "  - op: labels.set\n    labels: {}\n",
            ['fix.yml:7:5: step 1 (labels.set): "service" is missing'],
            id="missing-key",
        ),
        pytest.param(
            "  - op: labels.set\n    servce: app\n    labels: {}\n",
            [
                'fix.yml:7:5: step 1 (labels.set): "service" is missing',
                'fix.yml:8:5: step 1 (labels.set): unknown key "servce" (did you mean "service"?)',
            ],
            id="unknown-key",
        ),
        pytest.param(
            "  - service: app\n",
            ['fix.yml:7:5: step 1: "op" is missing\n  `patchkit explain` lists the ops'],
            id="no-op",
        ),
        pytest.param(
            "  - op: 3\n", ['fix.yml:7:9: step 1: "op": expected text, found the number 3'], id="3"
        ),
        pytest.param(
            "  - op: label.set\n",
            ['fix.yml:7:9: step 1: unknown op "label.set" (did you mean "labels.set"?)'],
            id="unknown-op-near",
        ),
        pytest.param(
            "  - op: dance\n",
            ['fix.yml:7:9: step 1: unknown op "dance"\n  `patchkit explain` lists the ops'],
            id="unknown-op-far",
        ),
        pytest.param(
            "  - dance\n",
            ['fix.yml:7:5: step 1: expected a mapping, found the text "dance"'],
            id="no-mapping",
        ),
        pytest.param(
            "  - {op: labels.set, service: app, labels: {a: [1]}}\n",
            [
                (
                    'fix.yml:7:48: step 1 (labels.set): "a": expected text, a number, true, false '
                    "or nothing, found a list"
                )
            ],
            id="list-for-scalar",
        ),
        pytest.param(
            "  - {op: labels.set, service: app, labels: {}, keep: x, where: 3}\n",
            [
                (
                    'fix.yml:7:54: step 1 (labels.set): "keep": expected a whole number, '
                    'found the text "x"'
                ),
                (
                    'fix.yml:7:64: step 1 (labels.set): "where": expected a mapping or a list, '
                    "found the number 3"
                ),
            ],
            id="types-and-union",
        ),
        pytest.param(
            "  - {op: labels.set, service: app, labels: {}, where: {a: 1}}\n",
            [
                (
                    'fix.yml:7:59: step 1 (labels.set): "a": expected text, found the number 1\n'
                    "  put quotes around it to make it text"
                )
            ],
            id="union-that-came-further",
        ),
        pytest.param(
            '  - {op: labels.set, service: app, labels: {}, limits: {A: 1, "{{ database }}": 1}}\n',
            [
                (
                    'fix.yml:7:57: step 1 (labels.set): "limits": "A": an id is made of a-z, 0-9 '
                    "and hyphens, and starts with no hyphen"
                )
            ],
            id="key",
        ),
        pytest.param(
            "  - {op: labels.set, service: '', labels: {}, keep: 1.5}\n",
            [
                'fix.yml:7:31: step 1 (labels.set): "service": must not be empty',
                (
                    'fix.yml:7:53: step 1 (labels.set): "keep": expected a whole number, '
                    "found the number 1.5"
                ),
            ],
            id="empty-text-and-fraction",
        ),
        pytest.param(
            "  - {op: labels.set, service: app, labels: {}, keep: -1}\n",
            ['fix.yml:7:54: step 1 (labels.set): "keep": must be at least 0'],
            id="limit",
        ),
        pytest.param(
            "  - {op: labels.set, service: app, labels: {}, keep: '7'}\n",
            [
                (
                    'fix.yml:7:54: step 1 (labels.set): "keep": expected a whole number, '
                    'found the text "7"\n  write it without quotes'
                )
            ],
            id="quoted-number",
        ),
        pytest.param(
            "  - {op: file.add, path: /x}\n",
            ['fix.yml:7:5: step 1 (file.add): say either "text" or "template"'],
            id="keys-together",
        ),
        pytest.param(
            "  - {op: file.add, path: /x, text: a}\n",
            ["fix.yml:7:5: step 1 (file.add): the path must be inside the recipe"],
            id="values",
        ),
        pytest.param(
            '  - {op: file.add, path: "{{ database }}"}\n',
            ['fix.yml:7:5: step 1 (file.add): say either "text" or "template"'],
            id="keys-together-whatever-the-template-gives",
        ),
        pytest.param(
            '  - {op: labels.set, service: "{{ databse }}", labels: {}}\n',
            [
                (
                    'fix.yml:7:31: step 1 (labels.set): "service": "databse" is not defined '
                    '(did you mean "database"?)'
                )
            ],
            id="undefined-near",
        ),
        pytest.param(
            '  - {op: labels.set, service: "{{ zzz }}", labels: {}}\n',
            [
                (
                    'fix.yml:7:31: step 1 (labels.set): "service": "zzz" is not defined\n'
                    "  defined: database"
                )
            ],
            id="undefined-far",
        ),
        pytest.param(
            '  - {op: labels.set, service: app, labels: {"{{ zzz }}": a}}\n',
            [
                (
                    'fix.yml:7:45: step 1 (labels.set): "labels": "zzz" is not defined\n'
                    "  defined: database"
                )
            ],
            id="undefined-in-a-key",
        ),
        pytest.param(
            "  - op: file.add\n    path: x\n    text: |\n      one {{ database }}\n"
            "      two {{ zzz }}\n",
            ['fix.yml:11: step 1 (file.add): "text": "zzz" is not defined\n  defined: database'],
            id="undefined-in-a-block-has-its-own-line",
        ),
        pytest.param(
            "  - {op: file.add, path: x, text: '{{ env \"X\" }}'}\n",
            [
                (
                    'fix.yml:7:35: step 1 (file.add): "text": the template cannot be read: '
                    "expected token 'end of print statement', got 'string'\n"
                    '  text for another program, such as Go\'s {{ env "X" }}, goes between '
                    "{% raw %} and {% endraw %}"
                )
            ],
            id="go-template",
        ),
        pytest.param(
            "  - {op: file.add, path: x, text: '{{ end }}'}\n",
            [
                (
                    'fix.yml:7:35: step 1 (file.add): "text": "end" is not defined\n'
                    '  text for another program, such as Go\'s {{ env "X" }}, goes between '
                    "{% raw %} and {% endraw %}"
                )
            ],
            id="go-word",
        ),
        pytest.param(
            "  - {op: file.add, path: x, text: '{{ database | shellquote }}'}\n",
            [
                (
                    'fix.yml:7:35: step 1 (file.add): "text": there is no filter "shellquote" '
                    '(did you mean "shell_quote"?)'
                )
            ],
            id="unknown-filter",
        ),
        pytest.param(
            "  - {op: file.add, path: x, text: \"{% include 'x' %}\"}\n",
            [
                (
                    'fix.yml:7:35: step 1 (file.add): "text": a value includes no template\n'
                    "  make it a template file"
                )
            ],
            id="include",
        ),
    ],
)
def test_wrong_step(text: str, problems: list[str]) -> None:
    assert step(text) == problems


def test_every_problem_is_told_at_once_in_the_order_of_the_file() -> None:
    text = """\
id: x
titel: y
recipe: z
params:
  keep: {type: int, default: many}
ops:
  - op: labels.st
  - op: labels.set
    labels: {a: "{{ kep }}"}
ensures: [{image: a}]
"""
    assert refused(text) == [
        'fix.yml:1:1: "title" is missing',
        'fix.yml:1:1: "why" is missing',
        'fix.yml:2:1: unknown key "titel" (did you mean "title"?)',
        'fix.yml:5:9: param "keep": expected a whole number, found the text "many"',
        'fix.yml:7:9: step 1: unknown op "labels.st" (did you mean "labels.set"?)',
        'fix.yml:8:5: step 2 (labels.set): "service" is missing',
        'fix.yml:9:17: step 2 (labels.set): "a": "kep" is not defined (did you mean "keep"?)',
        (
            'fix.yml:10:11: ensures 1: a condition needs "any", "service", "file", "files", '
            '"config", "volume", "secret" or "network"'
        ),
    ]


PARAM_NAME = "a param's name is made of letters, digits and _, and no word of Jinja2"


@pytest.mark.parametrize(
    ("param", "problems"),
    [
        pytest.param("my-name: 1", [f'fix.yml:6:3: "params": "my-name": {PARAM_NAME}'], id="name"),
        pytest.param("range: 1", [f'fix.yml:6:3: "params": "range": {PARAM_NAME}'], id="reserved"),
        pytest.param(
            "a:",
            [
                (
                    'fix.yml:6:5: param "a": expected a default, or a mapping such as {type: str}; '
                    "found nothing"
                )
            ],
            id="nothing",
        ),
        pytest.param(
            "a: {type: text}",
            [
                (
                    'fix.yml:6:13: param "a": "type": expected "str", "int", "float", "bool" or '
                    '"list", found the text "text"'
                )
            ],
            id="type",
        ),
        pytest.param(
            "a: {type: bool, default: 1}",
            ['fix.yml:6:6: param "a": expected true or false, found the number 1'],
            id="default",
        ),
        pytest.param(
            "a: {type: int, default: true}",
            ['fix.yml:6:6: param "a": expected a whole number, found true'],
            id="true-is-no-number",
        ),
        pytest.param(
            "a: [x, 1]",
            [
                (
                    'fix.yml:6:6: param "a": expected a list of texts, '
                    "found a list that holds the number 1"
                )
            ],
            id="list-of-numbers",
        ),
        pytest.param(
            "a: {choices: [x, y], default: z}",
            ['fix.yml:6:6: param "a": expected "x" or "y", found the text "z"'],
            id="choices",
        ),
        pytest.param(
            "a: {type: int, choices: [1, two]}",
            ['fix.yml:6:6: param "a": "choices" holds the text "two", which is not a whole number'],
            id="choice-of-another-type",
        ),
        pytest.param(
            "a: {find: services, name: app}",
            [
                (
                    'fix.yml:6:13: param "a": "find": expected "service", "volume", "mount", '
                    '"config", "variable", "secret", "environment", "label", "file", "network" '
                    'or "match", found the text "services" (did you mean "service"?)'
                )
            ],
            id="find",
        ),
        pytest.param(
            "a: {find: volume, service: x}",
            ['fix.yml:6:6: param "a": find: volume needs "at"'],
            id="selector-missing",
        ),
        pytest.param(
            "a: {find: volume, service: x, at: /y, image: z}",
            ['fix.yml:6:6: param "a": find: volume takes no "image"; it takes "service" or "at"'],
            id="selector-of-another-kind",
        ),
        pytest.param(
            "a: {find: network}",
            ['fix.yml:6:6: param "a": find: network needs "service" or "name"'],
            id="no-selector",
        ),
        pytest.param(
            "a: {image: postgres}",
            ['fix.yml:6:6: param "a": "image" is for a param with "find"'],
            id="selector-without-find",
        ),
        pytest.param(
            'a: "{{ zzz }}"',
            ['fix.yml:6:6: param "a": "zzz" is not defined\n  defined: a'],
            id="undefined",
        ),
        pytest.param(
            'a: "{{ b }}"\n  b: {find: volume, service: "{{ c }}", at: x}\n  c: "{{ a }}"\n'
            '  d: "{{ d }}"',
            [
                'fix.yml:6:3: param "a" needs itself: a → b → c → a\n  give one of them a value',
                'fix.yml:7:3: param "b" needs itself: a → b → c → a\n  give one of them a value',
                'fix.yml:8:3: param "c" needs itself: a → b → c → a\n  give one of them a value',
                'fix.yml:9:3: param "d" needs itself: d → d\n  give one of them a value',
            ],
            id="cycles",
        ),
    ],
)
def test_wrong_param(param: str, problems: list[str]) -> None:
    assert refused(f"{HEAD}params:\n  {param}\n{STEP}") == problems


def test_a_template_is_taken_on_trust_and_judged_when_it_is_filled_in() -> None:
    text = (
        HEAD + "params: {keep: 3, path: a}\nops:\n"
        '  - {op: labels.set, service: a, labels: {}, keep: "{{ keep }}"}\n'
        '  - {op: file.add, path: "{{ path }}", text: ""}\n'
    )
    fix = loaded(text)
    assert fix.step(0, {"keep": 5}) == LabelsSet(op="labels.set", service="a", labels={}, keep=5)
    assert fix.step(1, {"path": "x"}) == FileAdd(op="file.add", path="x", text="")
    with pytest.raises(SpecError) as caught:
        fix.step(0, {"keep": "many"})
    assert str(caught.value) == (
        'fix.yml:7:52: step 1 (labels.set): "keep": expected a whole number, found the text "many"'
    )
    with pytest.raises(SpecError) as caught:
        fix.step(1, {"path": "/x"})
    assert str(caught.value) == (
        "fix.yml:8:5: step 2 (file.add): the path must be inside the recipe"
    )


def test_a_template_that_fails_has_its_place() -> None:
    text = HEAD + 'ops:\n  - {op: file.add, path: x, text: "{{ 1 / 0 }}"}\n'
    with pytest.raises(SpecError) as caught:
        loaded(text).step(0, {})
    assert str(caught.value) == ("fix.yml:6:35: the template cannot be rendered: division by zero")


def test_keys_that_become_one_are_refused() -> None:
    text = HEAD + (
        'params: {a: x}\nops:\n  - {op: labels.set, service: s, labels: {x: 1, "{{ a }}": 2}}\n'
    )
    with pytest.raises(SpecError) as caught:
        loaded(text).step(0, {"a": "x"})
    assert str(caught.value) == (
        "fix.yml:7:49: the key {{ a }} becomes x, which is no text or stands there already"
    )


def test_an_empty_any_typed_value_is_a_value() -> None:
    text = HEAD + "ops:\n  - {op: labels.set, service: s, labels: {a: }}\n"
    assert loaded(text).step(0, {}) == LabelsSet(op="labels.set", service="s", labels={"a": None})


FILE_STEP = "ops:\n  - {op: file.add, path: x, template: run.sh.j2}\n"


def test_digest_is_of_the_text_and_of_the_templates_it_names(tmp_path: Path) -> None:
    (tmp_path / "run.sh.j2").write_text("{% include 'head.j2' %}echo\n", encoding="utf-8")
    (tmp_path / "head.j2").write_text("#!/bin/sh\n", encoding="utf-8")
    text = HEAD + FILE_STEP
    assert loaded(text).digest == hashlib.sha256(text.encode()).hexdigest()
    first = loaded(text, tmp_path)
    assert first.template_dirs == (tmp_path,)
    assert first.digest == loaded(text, tmp_path).digest != loaded(text).digest
    (tmp_path / "other.j2").write_text("not named", encoding="utf-8")
    assert first.digest == loaded(text, tmp_path).digest
    (tmp_path / "head.j2").write_text("#!/bin/bash\n", encoding="utf-8")
    assert first.digest != loaded(text, tmp_path).digest


def test_a_missing_template_is_told_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "run.sh").write_text("x", encoding="utf-8")
    assert refused(HEAD + FILE_STEP, tmp_path) == [
        (
            'fix.yml:6:39: step 1 (file.add): "template": there is no template "run.sh.j2" '
            f'(did you mean "run.sh"?)\n  searched: {tmp_path}'
        )
    ]


def test_a_broken_template_is_told_in_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "run.sh.j2").write_text("one\n{{ x\n", encoding="utf-8")
    assert refused(HEAD + FILE_STEP, tmp_path) == [
        (
            f"{tmp_path}/run.sh.j2:2: the template cannot be read: unexpected end of template, "
            "expected 'end of print statement'.\n  text for another program, such as Go's "
            '{{ env "X" }}, goes between {% raw %} and {% endraw %}'
        )
    ]


def test_a_template_named_by_a_template_is_looked_for_later(tmp_path: Path) -> None:
    text = HEAD + 'params: {a: b}\nops:\n  - {op: file.add, path: x, template: "{{ a }}"}\n'
    assert refused(text, tmp_path) == []


def test_the_room_is_entered_without_pydantic_and_jinja() -> None:
    program = "import sys, patchkit.spec; print({'pydantic', 'jinja2', 'yaml'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


LINES = """\
id: x
title: t
recipe: r
why: w
evidence: |
  x
params:
  a: 1
  b: "{{ a }}"
  c: {find: service, image: x}
  d:
    type: int
expects:
ensures:
  - {service: a, label: b}
  - any: []
  - file: "{{ a
ops:
  - op: labels.set
    service: s
    labels: {a: b}
    keep: "{{ ((1 }}"
  - op: file.add
    path: [
    text: "{% for x in y %}"
    template: ../x
- x
allow:
  - {rule: R1, reason: x}
pr: {body: [a]}
with: [a]
version: patch
x: &a {{ a }}
y: *a
""".splitlines(keepends=True)


def assert_every_problem_has_a_place(result: Fix | SpecError) -> None:
    if isinstance(result, SpecError):
        assert result.problems
        assert all(problem.place for problem in result.problems)


@settings(deadline=None, max_examples=400)
@given(st.one_of(st.lists(st.sampled_from(LINES), max_size=25).map("".join), st.text(max_size=40)))
def test_any_text_gives_a_fix_or_problems_with_places(text: str) -> None:
    assert_every_problem_has_a_place(outcome(text, Path(__file__).parent))


VALUES_OF_KEYS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text("a{}%# |\"'\n1", max_size=12)),
    lambda below: st.one_of(
        st.lists(below, max_size=3),
        st.dictionaries(
            st.sampled_from(["op", "service", "labels", "path", "text", "find", "default"]),
            below,
            max_size=3,
        ),
    ),
    max_leaves=8,
)
KEYS = st.sampled_from(["ops", "params", "expects", "pr", "allow", "with", "evidence", "why"])


@settings(deadline=None, max_examples=300)
@given(VALUES_OF_KEYS, KEYS)
def test_any_value_of_a_key_gives_a_fix_or_problems(value: object, key: str) -> None:
    head = HEAD.replace("why", "evidence") if key == "why" else HEAD
    assert_every_problem_has_a_place(outcome(f"{head}{key}: {json.dumps(value)}\n"))
