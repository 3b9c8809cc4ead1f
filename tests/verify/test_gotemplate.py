"""The renderer of Go templates against Go itself, its places, and its bounds."""

from __future__ import annotations

import json
import shutil
import time

import pytest
from template_cases import ANSWERS, TASK, ask_go, ask_patchkit, cases, written

from patchkit.errors import RecipeError
from patchkit.recipe.model import Recipe
from patchkit.tree import RecipeTree
from patchkit.verify.gotemplate import Task, TemplateError, render, trace
from patchkit.verify.mounted import mounted, rendered_config, secret


def test_as_go_answered():
    recorded = json.loads(ANSWERS.read_text())
    asked = cases()
    assert [row["template"] for row in recorded] == [text for text, _ in asked], (
        "run python tests/verify/record_templates.py"
    )
    for (text, env), row in zip(asked, recorded, strict=True):
        assert ask_patchkit(text, env) == row["answer"], text


def test_the_cases_are_many_and_of_both_kinds():
    answers = [row["answer"] for row in json.loads(ANSWERS.read_text())]
    assert len(answers) > 500
    assert sum(answer is None for answer in answers) > 200


# The recorded answers hold everywhere; where Go is, it is asked again.
if shutil.which("go"):

    def test_as_go_answers_now():
        asked = cases()
        for (text, env), answer in zip(asked, ask_go(asked), strict=True):
            assert ask_patchkit(text, env) == answer, text

    def test_what_is_not_known_here_is_known_to_go():
        texts = written("not_known_here.txt")
        for text, answer in zip(texts, ask_go([(text, {}) for text in texts]), strict=True):
            assert answer is not None, text


@pytest.mark.parametrize("text", written("not_known_here.txt"))
def test_what_is_not_known_here_is_refused(text):
    assert ask_patchkit(text, {}) is None


# --- places


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ('a\n{{ if eq (env "X") "y" }}\nb\n', 2, 4, "this block has no {{ end }}"),
        ("a\n  {{ end }}", 2, 6, "'end' cannot stand in the text, which no block encloses here"),
        ('{{ env "A" }}\n{{ split "," "b" }}', 2, 4, "Swarm has no function 'split'; it has and,"),
        ('x {{ secret "none" }}', 1, 6, "the service mounts no secret 'none'"),
        ("\n\n{{ .Service.Nope }}", 3, 4, "Service has no field 'Nope'; it has ID, Name, Labels"),
        ("{{ .Service.Labels.nope }}", 1, 4, "map[string]string has no field 'nope'"),
        ('{{ "open }}', 1, 4, "this quoted string has no end"),
        ('{{ env "A"', 1, 11, "an action has no end: }} is missing"),
        ("{{ /* late */ }}", 1, 4, "'/' cannot stand in an action"),
        ('{{ eq 1 "a" }}', 1, 4, "eq: int and string cannot be compared"),
        ("{{ env 1 }}", 1, 4, "env takes texts, not int"),
        ('{{ env "a" "b" }}', 1, 4, "env takes 1 argument, not 2"),
        ("ü{{ $x }}", 1, 5, "the variable $x is not declared here"),
        ('{{ "\\q" }}', 1, 4, "\\q is no escape of Go"),
        ("{{ 1+2i }}", 1, 4, "this is no number, or a complex one, which is not known here"),
    ],
)
def test_an_error_has_its_place(text, line, column, message):
    with pytest.raises(TemplateError) as caught:
        render(text, {}, path="x.tmpl")
    place = caught.value.place
    assert (place.path, place.line, place.column) == ("x.tmpl", line, column)
    assert place.text == text.split("\n")[line - 1]
    assert caught.value.problems[0].message.startswith(message)


def test_lines_are_traced_back():
    text = (
        "#!/bin/sh\n"
        '{{ if env "A" -}}\n'
        "a\n"
        "{{- end }}\n"
        "{{/* gone\n"
        " */ -}}\n"
        "\n"
        'b="{{ env "B" }}" c\n'
        "d\n"
    )
    found = trace(text, Task({"A": "1", "B": "one\ntwo"}), path="x.sh.tmpl")
    assert found.text == '#!/bin/sh\na\nb="one\ntwo" c\nd\n'
    assert [found.place(line).line for line in range(1, 6)] == [1, 3, 8, 8, 9]
    assert (found.place(4, 6).line, found.place(4, 6).column) == (8, 19)
    assert found.place(5).text == "d"


def test_a_range_is_traced_back():
    found = trace("{{ range 2 }}\nx{{ . }}\n{{ end }}y", Task())
    assert found.text == "\nx0\n\nx1\ny"
    assert [found.place(line).line for line in range(1, 6)] == [1, 2, 1, 2, 3]


# --- bounds


@pytest.mark.parametrize(
    "text",
    [
        "{{ range 1000000000 }}{{ end }}",
        "{{ range 1000000 }}{{ range 1000000 }}{{ end }}{{ end }}",
        '{{ $x := "0123456789" }}{{ range 60 }}{{ $x = print $x $x }}{{ end }}',
        '{{ $x := "0123456789" }}{{ range 60 }}{{ $x = join $x $x $x $x }}{{ end }}',
        '{{ $x := "<" }}{{ range 60 }}{{ $x = html $x $x }}{{ end }}',
        "{{ range 100000 }}0123456789abcdef0123456789abcdef{{ end }}",
        '{{ printf "%999999999d" 1 }}',
        '{{ printf "%.999999999f" 1.5 }}',
        '{{ define "t" }}{{ template "t" }}{{ template "t" }}{{ end }}{{ template "t" }}',
        "{{ if true }}" * 5000 + "{{ end }}" * 5000,
        "{{" + "(" * 5000 + "1" + ")" * 5000 + "}}",
        "{{ if false }}" + "{{ else if false }}" * 5000 + "{{ end }}",
        "{{ print " + "(print 1) " * 90_000 + "}}",
        "{{" * 500_000,
        "x" * 2_000_000,
    ],
    ids=lambda text: text[:40],
)
def test_work_is_bounded(text):
    start = time.monotonic()
    with pytest.raises(TemplateError):
        render(text, {})
    assert time.monotonic() - start < 30


# --- what a service's container gets


def _recipe(compose: str, **files: str) -> Recipe:
    sample = "DOMAIN=app.example.org\nNAME=from sample\n#OFFERED=yes\n"
    named = {name.replace("_", "."): text for name, text in files.items()}
    tree = RecipeTree.from_files({"compose.yml": compose, ".env.sample": sample, **named})
    return Recipe(tree)


COMPOSE = """\
services:
  app:
    image: nginx:1
    environment:
      - NAME=${NAME}!
      - OFFERED
      - LATE=${LATE:-later}
    configs:
      - source: conf
        target: /etc/app.conf
      - plain
    secrets:
      - db_password
      - source: smtp
        target: smtp_pw
    deploy:
      labels: ["name=${STACK_NAME}"]
configs:
  conf:
    file: ./app.tmpl
    template_driver: golang
  plain:
    file: plain.txt
  missing:
    file: none.txt
  odd:
    file: plain.txt
    template_driver: jinja
"""


def test_a_config_is_rendered_for_its_service():
    recipe = _recipe(
        COMPOSE,
        app_tmpl='{{ env "NAME" }} {{ env "OFFERED" }} {{ env "LATE" }} {{ .Service.Name }}'
        '|{{ config "plain" }}|{{ secret "smtp_pw" }}|{{ index .Service.Labels "name" }}',
        plain_txt="{{ raw }}",
    )
    assert rendered_config(recipe, "app", "conf") == (
        "from sample! yes later app_example_org_app|{{ raw }}|"
        f"{secret('smtp_pw')}|app_example_org"
    )
    assert rendered_config(recipe, "app", "plain") == "{{ raw }}"
    assert len(secret("smtp_pw")) == 32
    assert secret("smtp_pw").isalpha()
    assert secret("smtp_pw") != secret("db_password")


def test_a_secret_is_known_by_the_name_of_its_mount():
    recipe = _recipe(COMPOSE, app_tmpl='\n{{ secret "smtp" }}', plain_txt="")
    with pytest.raises(TemplateError) as caught:
        mounted(recipe, "app", "conf")
    assert str(caught.value.place) == "app.tmpl:2:4"


def test_configs_that_cannot_be_rendered_say_where():
    recipe = _recipe(COMPOSE, app_tmpl="", plain_txt="")
    with pytest.raises(RecipeError, match=r"compose\.yml:25:5: the config missing has no file"):
        rendered_config(recipe, "app", "missing")
    with pytest.raises(RecipeError, match=r"compose\.yml:28:5: Swarm has no template driver 'jin"):
        rendered_config(recipe, "app", "odd")


def test_the_task_has_the_names_of_the_cases():
    dot = TASK.dot()
    assert set(dot.fields) == {"Context", "Service", "Node", "Task"}
