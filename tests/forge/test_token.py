"""Where tokens come from, and that they hide."""

from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from gitea_tools import SECRET

from patchkit.errors import UsageError
from patchkit.forge.token import Token, find_token, variables

GITEA = "https://git.example.org"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder as home, with git's settings in it alone; and an environment without tokens."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if "TOKEN" in name or name.startswith("GIT_"):
            monkeypatch.delenv(name)
    return environ


def with_helper(home: dict[str, str], script: str) -> Path:
    """Make a program git's credential helper."""
    folder = Path(home["HOME"])
    helper = folder / "helper"
    helper.write_text(f"#!/bin/sh\n{script}\n")
    helper.chmod(0o755)
    (folder / ".gitconfig").write_text(f"[credential]\n  helper = {helper}\n")
    return helper


def test_a_token_hides() -> None:
    token = Token(SECRET, "GITEA_TOKEN")
    shown = [repr(token), str(token), f"{token}", f"{token!r:>40}", "%s" % token, ascii(token)]  # noqa: UP031
    shown += [repr([token]), repr({"x": token}), json.dumps(token, default=str)]
    assert not [text for text in shown if SECRET in text]
    assert shown[0] == "<Token from GITEA_TOKEN>"
    assert token.reveal() == SECRET
    assert not hasattr(token, "__dict__")
    for write in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not written anywhere"):
            write(token)


@pytest.mark.parametrize("text", ["", "a b", "a\nb", "a\r\nX-Evil: 1", "tökèn", "a\0b"])
def test_what_is_no_token_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(UsageError, match="the token from HERE is empty, or holds") as caught:
        Token(text, "HERE")
    assert text == "" or text not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "kind", "names"),
    [
        (GITEA, "gitea", ("PATCHKIT_TOKEN_GIT_EXAMPLE_ORG", "PATCHKIT_TOKEN", "GITEA_TOKEN")),
        (
            "http://localhost:3000",
            "forgejo",
            ("PATCHKIT_TOKEN_LOCALHOST_3000", "PATCHKIT_TOKEN", "FORGEJO_TOKEN", "GITEA_TOKEN"),
        ),
        (
            "https://github.com",
            "github",
            ("PATCHKIT_TOKEN_GITHUB_COM", "PATCHKIT_TOKEN", "GH_TOKEN", "GITHUB_TOKEN"),
        ),
        (
            "https://git.example.org",
            "github",
            (
                "PATCHKIT_TOKEN_GIT_EXAMPLE_ORG",
                "PATCHKIT_TOKEN",
                "GH_ENTERPRISE_TOKEN",
                "GITHUB_ENTERPRISE_TOKEN",
            ),
        ),
    ],
)
def test_variables_of_a_forge(url: str, kind: str, names: tuple[str, ...]) -> None:
    assert variables(url, kind) == names


def test_the_first_variable_that_holds_something_is_taken(home) -> None:
    names = variables(GITEA, "gitea")
    environ = home | {name: f"from-{name}" for name in names} | {names[0]: "  "}
    found = find_token(GITEA, "gitea", environ=environ)
    assert (found.reveal(), found.source) == ("from-PATCHKIT_TOKEN", "PATCHKIT_TOKEN")


def test_one_forges_token_is_not_anothers(home) -> None:
    environ = home | {
        "GITHUB_TOKEN": SECRET,
        "GH_TOKEN": SECRET,
        "PATCHKIT_TOKEN_OTHER_EXAMPLE_ORG": SECRET,
    }
    assert find_token(GITEA, "gitea", environ=environ) is None
    assert find_token(GITEA, "github", environ=environ) is None
    assert find_token("https://github.com", "github", environ=environ).source == "GH_TOKEN"


def test_a_command_prints_it(home) -> None:
    command = (sys.executable, "-c", f"print('{SECRET}')")
    found = find_token(GITEA, "gitea", command=command, environ=home)
    assert found.reveal() == SECRET
    assert found.source == f"the token command ({sys.executable})"
    first = find_token(GITEA, "gitea", command=command, environ=home | {"GITEA_TOKEN": "other"})
    assert first.reveal() == "other"


def test_no_shell_reads_the_command(home, tmp_path) -> None:
    command = ("echo", "$HOME;touch", f"{tmp_path}/made")
    with pytest.raises(UsageError, match="holds a space"):
        find_token(GITEA, "gitea", command=command, environ=home)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (("no-such-program-here",), "there is no such program"),
        ((sys.executable, "-c", f"import sys; sys.exit('{SECRET}')"), "it ended with 1"),
        ((sys.executable, "-c", "import os; os.write(1, b'\\xff')"), "can't decode"),
        (("a\0b",), "null byte"),
    ],
)
def test_a_command_that_fails_is_told_without_its_words(home, command, why) -> None:
    with pytest.raises(UsageError, match=why) as caught:
        find_token(GITEA, "gitea", command=command, environ=home)
    assert SECRET not in str(caught.value.problems[0].message)


def test_a_command_that_never_ends_is_left(home, monkeypatch) -> None:
    monkeypatch.setattr("patchkit.forge.token._SECONDS", 0.1)
    command = (sys.executable, "-c", "import time; time.sleep(60)")
    with pytest.raises(UsageError, match=r"it took more than 0\.1 seconds"):
        find_token(GITEA, "gitea", command=command, environ=home)


def test_gits_credential_helper_has_it(home, tmp_path) -> None:
    with_helper(home, f"cat > {tmp_path}/asked; echo username=bot; echo password={SECRET}")
    found = find_token(GITEA, "gitea", environ=home)
    assert (found.reveal(), found.source) == (SECRET, "git's credential helper")
    asked = (tmp_path / "asked").read_text().splitlines()
    assert {"protocol=https", "host=git.example.org"} <= set(asked)


def test_the_real_store_of_git_has_it(home) -> None:
    folder = Path(home["HOME"])
    (folder / ".gitconfig").write_text("[credential]\n  helper = store\n")
    given = f"protocol=https\nhost=git.example.org\nusername=bot\npassword={SECRET}\n\n"
    command = ["git", "credential", "approve"]
    subprocess.run(command, input=given, text=True, env=home, check=True)
    assert find_token(GITEA, "gitea", environ=home).reveal() == SECRET
    assert find_token("https://other.example.org", "gitea", environ=home) is None


def test_nobody_is_asked_on_a_terminal_or_in_a_window(home, tmp_path) -> None:
    asking = tmp_path / "asking"
    asking.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\necho x\n")
    asking.chmod(0o755)
    (tmp_path / ".gitconfig").write_text(f"[core]\n  askPass = {asking}\n")
    environ = home | {"SSH_ASKPASS": str(asking), "DISPLAY": ":0"}
    assert find_token(GITEA, "gitea", environ=environ) is None
    assert not (tmp_path / "asked").exists()


def test_an_askpass_that_the_user_has_set_is_asked(home, tmp_path) -> None:
    asking = tmp_path / "asking"
    asking.write_text(f"#!/bin/sh\necho {SECRET}\n")
    asking.chmod(0o755)
    environ = home | {"GIT_ASKPASS": str(asking)}
    assert find_token(GITEA, "gitea", environ=environ).reveal() == SECRET


def test_a_recipes_own_settings_run_nothing(home, tmp_path, monkeypatch) -> None:
    recipe = tmp_path / "recipe"
    subprocess.run(["git", "init", "-q", str(recipe)], check=True, env=home)
    evil = f"[credential]\n  helper = !touch {tmp_path}/made; echo password=x\n"
    with (recipe / ".git" / "config").open("a") as config:
        config.write(evil)
    monkeypatch.chdir(recipe)
    environ = home | {"GIT_DIR": str(recipe / ".git"), "GIT_WORK_TREE": str(recipe)}
    assert find_token(GITEA, "gitea", environ=environ) is None
    assert not (tmp_path / "made").exists()


def test_without_git_there_is_none(home) -> None:
    assert find_token(GITEA, "gitea", environ=home | {"PATH": "/nowhere"}) is None


def test_the_token_is_in_no_argument(home, tmp_path) -> None:
    """The helper looks at the arguments of all programs that run meanwhile."""
    with_helper(
        home,
        f"cat /proc/[0-9]*/cmdline > {tmp_path}/seen 2>/dev/null\n"
        f"echo username=bot; echo password=$(cat {tmp_path}/secret)",
    )
    (tmp_path / "secret").write_text(SECRET)
    assert find_token(GITEA, "gitea", environ=home).reveal() == SECRET
    seen = (tmp_path / "seen").read_bytes()
    assert b"credential" in seen
    assert SECRET.encode() not in seen
