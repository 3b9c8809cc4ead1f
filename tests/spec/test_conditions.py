from __future__ import annotations

import pytest
from dummies import HEAD, STEP, loaded, refused

RIGHT = [
    "{service: app}",
    "{service: app, absent: true}",
    "{service: app, image: postgres, because: It must be a database.}",
    "{service: app, label: backupbot.backup.path}",
    "{service: app, label: a, value: 5}",
    "{service: app, label: a, matches: '^x+$'}",
    "{service: app, environment: KEY, value: x}",
    "{service: app, config_at: /etc/x}",
    "{service: app, volume_at: /data}",
    "{service: app, secret: db}",
    "{service: app, depends_on: db}",
    "{service: app, network: proxy}",
    "{file: docker-setup.sh}",
    "{file: x, text: literal}",
    "{file: x, matches: regex}",
    "{config: a}",
    "{volume: a}",
    "{secret: a}",
    "{network: a}",
    "{text: sidekiq, files: 'compose*.yml', absent: true}",
    "{matches: side.*, files: 'compose*.yml'}",
    "{any: [{service: a}, {volume: b}], absent: true}",
    "{service: '{{ a }}', label: b, matches: '{{ a }}(('}",
]


@pytest.mark.parametrize("condition", RIGHT)
def test_right(condition: str) -> None:
    fix = loaded(f"{HEAD}params: {{a: b}}\nexpects: [{condition}]\nensures: [{condition}]\n{STEP}")
    assert fix.spec.expects == fix.spec.ensures


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        pytest.param("5432", "5432", id="number"),
        pytest.param("0644", "0644", id="as-it-was-written"),
        pytest.param("1.20", "1.20", id="float"),
        pytest.param("true", "true", id="truth"),
        pytest.param("'no'", "no", id="text"),
    ],
)
def test_a_value_is_text(condition: str, value: str) -> None:
    fix = loaded(f"{HEAD}expects: [{{service: app, label: a, value: {condition}}}]\n{STEP}")
    assert fix.spec.expects[0].value == value


@pytest.mark.parametrize(
    ("condition", "subject"),
    [
        ("{service: app, secret: db}", "service"),
        ("{secret: db}", "secret"),
        ("{file: a, text: b}", "file"),
        ("{files: a, text: b}", "files"),
        ("{any: [{service: app}]}", "any"),
    ],
)
def test_subject(condition: str, subject: str) -> None:
    assert loaded(f"{HEAD}expects: [{condition}]\n{STEP}").spec.expects[0].subject == subject


SUBJECTS = '"any", "service", "file", "files", "config", "volume", "secret" or "network"'


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        pytest.param("{because: x}", f"a condition needs {SUBJECTS}", id="no-subject"),
        pytest.param("{image: postgres}", f"a condition needs {SUBJECTS}", id="fact-alone"),
        pytest.param("{text: x}", f"a condition needs {SUBJECTS}", id="text-alone"),
        pytest.param(
            "{service: a, image: b, label: c}",
            '"image" and "label" are two conditions; write one entry for each',
            id="two-facts",
        ),
        pytest.param(
            "{service: a, value: b}",
            '"value" needs "label", "environment" or "field"',
            id="value-of-nothing",
        ),
        pytest.param(
            "{service: a, image: b, matches: c}",
            '"matches" needs "label", "environment" or "field"',
            id="matches-of-an-image",
        ),
        pytest.param(
            "{service: a, label: b, value: c, matches: d}",
            '"matches" does not go with "value"',
            id="value-and-matches",
        ),
        pytest.param(
            "{service: a, volume: b}", '"volume" does not go with "service"', id="definition"
        ),
        pytest.param("{service: a, text: b}", '"text" does not go with "service"', id="text"),
        pytest.param("{file: a, files: b}", '"files" does not go with "file"', id="file-and-files"),
        pytest.param(
            "{file: a, text: b, matches: c}", '"matches" does not go with "text"', id="text-matches"
        ),
        pytest.param("{files: a}", '"files" needs "text" or "matches"', id="files-alone"),
        pytest.param("{volume: a, image: b}", '"image" does not go with "volume"', id="volume"),
        pytest.param(
            "{any: [{service: a}], service: b}", '"service" does not go with "any"', id="any"
        ),
        pytest.param("{any: []}", '"any": must not be empty', id="any-of-nothing"),
        pytest.param(
            "{any: [{service: a}, {servce: a}]}",
            'unknown key "servce" (did you mean "service"?)',
            id="inside-any",
        ),
        pytest.param(
            "{file: a, matches: '(a'}",
            '"matches": not a regular expression: missing ), unterminated subpattern at position 0',
            id="regex",
        ),
        pytest.param(
            "{file: 3}",
            '"file": expected text, found the number 3\n  put quotes around it to make it text',
            id="type",
        ),
    ],
)
def test_wrong(condition: str, message: str) -> None:
    problems = refused(f"{HEAD}expects:\n  - {condition}\n{STEP}")
    assert any(problem.endswith(message) for problem in problems), problems
    assert all(problem.startswith("fix.yml:6:") for problem in problems)
    assert ": expects 1: " in problems[0]


def test_a_mistake_inside_any_says_which_entry() -> None:
    assert refused(f"{HEAD}ensures: [{{any: [{{service: a}}, {{image: a}}]}}]\n{STEP}") == [
        f'fix.yml:5:32: ensures 1: "any" entry 2: a condition needs {SUBJECTS}'
    ]
