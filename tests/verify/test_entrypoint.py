"""The judge `entrypoint`: what Gitea's image does with a recipe's script, good and bad ones."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cases import judged, judged_as_is, sample, states

from patchkit import load_fix, render
from patchkit.verify import State
from patchkit.verify.entrypoint import enter, scenario
from patchkit.verify.entrypoint.settings import made, renewed, saved, values

if TYPE_CHECKING:
    from patchkit.tree import RecipeTree

needs_busybox = pytest.mark.skipif(
    not shutil.which("busybox"),
    reason="Gitea's image has busybox's tools: apt-get install busybox",
)
needs_container = pytest.mark.skipif(
    not shutil.which("bwrap") and os.geteuid() != 0,
    reason="containers are made by root or bubblewrap: apt-get install bubblewrap",
)
pytestmark = [needs_busybox, needs_container]

ALL = (
    scenario.RUNS,
    scenario.SAVES,
    scenario.PRIVATE,
    scenario.KEPT,
    scenario.WINS,
    scenario.STEADY,
)
SCRIPT = "docker-setup.sh.tmpl"
TARGET, SOURCE = "/etc/gitea/app.ini", "/etc/gitea-template/app.ini"
HEAD = f"#!/bin/sh\nset -eu\numask 077\nT={TARGET} C={SOURCE}\n"
# Takes the place of the empty file that Docker leaves where a config was mounted.
COPY = 'rm -f "$T"; cat "$C" >"$T"\n'


@cache
def fixed() -> RecipeTree:
    """The sample with its fix, in the one set of files that is quickest to deploy."""
    tree = render(load_fix("gitea"), sample("gitea")).tree
    text = tree.text(".env.sample")
    text = text.replace("COMPOSE_FILE=", "#OTHER_FILES=")
    return tree.with_file(".env.sample", f"COMPOSE_FILE=compose.yml:compose.sqlite3.yml\n{text}")


def with_script(text: str) -> RecipeTree:
    return fixed().with_file(SCRIPT, text)


def ours(more: str = "") -> str:
    return fixed().text(SCRIPT) + more


def failing(tree: RecipeTree, base: RecipeTree | None = None) -> set[str]:
    """Return what does not hold, after seeing that there is a reason for each."""
    judgement = judged_as_is("entrypoint", tree, base)
    assert judgement.state is (State.FAILED if judgement.failures else State.PASSED)
    assert all(check.output and check.place for check in judgement.failures)
    return {check.what for check in judgement.failures}


def test_shipped_fix():
    judgement = judged("entrypoint", "gitea", sample("gitea"))
    assert states(judgement) == dict.fromkeys(
        sorted(ALL, key=[check.what for check in judgement.checks].index), "passed"
    )
    assert judgement.state is State.PASSED
    assert f"{judgement.ran[3].split()[0]} … /usr/local/bin/docker-setup.sh" in (
        line.replace("'", "") for line in judgement.ran
    )


@pytest.fixture(params=enter.WAYS, ids=lambda way: way.__name__.lower())
def way(request, monkeypatch):
    """One way into a container, and no other."""
    if request.param is enter.Chroot and os.geteuid() != 0:
        pytest.skip("only root may change the root: run the tests as root")
    if request.param is not enter.Chroot and not shutil.which("bwrap"):
        pytest.skip("bubblewrap is not here: apt-get install bubblewrap")
    monkeypatch.setattr(enter, "WAYS", (request.param,))


def test_what_a_script_leaves_running_ends_with_it(way):
    """Out of the script's group, and deaf to what it is asked."""
    left = 'trap "" TERM; touch /tmp/up; sleep 86399'
    script = (
        f"{HEAD}setsid sh -c '{left}' >/dev/null 2>&1 </dev/null &\n"
        "until [ -e /tmp/up ]; do :; done\nexit 1\n"
    )
    assert failing(with_script(script)) == {scenario.RUNS}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            assert b"86399" not in (process / "cmdline").read_bytes()


def test_each_way_into_a_container(way):
    assert failing(fixed()) == set()
    assert failing(with_script(ours(f"chmod 0400 {TARGET}\n"))) == {scenario.SAVES}
    assert failing(with_script(HEAD + COPY)) == {scenario.KEPT}


def test_what_bash_reads_from_programs(monkeypatch):
    """Files that the system makes for it, and that not every container has."""
    tree = with_script(GOOD["one that is run by bash"]() + "cat <(echo a) >/dev/null\n")
    assert judged_as_is("entrypoint", tree).state in {State.PASSED, State.NOT_AVAILABLE}
    if os.geteuid() == 0:
        monkeypatch.setattr(enter, "WAYS", (enter.Chroot,))
        assert "needs /dev/fd" in judged_as_is("entrypoint", tree).reason


KEEPING = (
    'S=; if [ -r "$T" ]; then S=$(sed -n "s/^JWT_SECRET = //p" "$T"); fi\n'
    'L=; if [ -r "$T" ]; then L=$(sed -n "s/^LFS_JWT_SECRET = //p" "$T"); fi\n'
)
PUTTING = (
    'if [ -n "$S" ]; then sed -i "s/^\\[oauth2\\]/&\\nJWT_SECRET = $S/" "$T"; fi\n'
    'if [ -n "$L" ]; then sed -i "s/^\\[server\\]/&\\nLFS_JWT_SECRET = $L/" "$T"; fi\n'
)
GOOD = {
    "the script of the fix": ours,
    "another one, in sed": lambda: HEAD + KEEPING + COPY + PUTTING,
    "one that adds a setting of its own": lambda: ours(f'printf "[own]\\nA = 1\\n" >>{TARGET}\n'),
    "one that is run by bash": lambda: re.sub("^.*", "#!/bin/bash", ours(), count=1),
    "one that looks where it is": lambda: ours(
        '[ "$(id -u)" != 0 ] && [ "$PWD $HOME" = "/var/lib/gitea /var/lib/gitea/git" ]\n'
        "! touch /etc/new /usr/local/bin/new 2>/dev/null\n"
    ),
    "one that says nothing of what runs it": lambda: re.sub("^.*\n", "", ours(), count=1),
}


@pytest.mark.parametrize("script", GOOD.values(), ids=GOOD)
def test_good_scripts(script):
    assert failing(with_script(script())) == set()


BAD = {
    "loses every secret": (HEAD + COPY, {scenario.KEPT}),
    "loses one secret": (
        HEAD + KEEPING + COPY + PUTTING.splitlines(keepends=True)[0], {scenario.KEPT},
    ),
    "leaves the file read-only": (f"chmod 0400 {TARGET}\n", {scenario.SAVES}),
    "makes no file": (f"{HEAD}rm -f $T\n", {scenario.SAVES}),
    "leaves the file for all to read": (f"chmod 0644 {TARGET}\n", {scenario.PRIVATE}),
    "keeps the settings that it found": (
        f'{HEAD}if ! [ -s "$T" ]; then\n{COPY}fi\n', {scenario.WINS},
    ),
    "lets a saved secret win over a new one of the config": (
        'X="INTERNAL_TOKEN = of-the-first-start"\n'
        f'sed -i "s/^INTERNAL_TOKEN.*/$X/" {TARGET}\n',
        {scenario.WINS},
    ),
    "appends a line at each start": (
        f'{HEAD}O=; if [ -r "$T" ]; then O=$(grep "^; at" "$T" || true); fi\n'
        + KEEPING + COPY + PUTTING + 'printf "%s\\n; at\\n" "$O" >>"$T"\n',
        {scenario.STEADY},
    ),
    "appends the config at each start": (
        f'{HEAD}if ! [ -w "$T" ]; then rm -f "$T"; fi; cat "$C" >>"$T"\n',
        {scenario.STEADY, scenario.WINS},
    ),
    "leaves another file at each start": (
        "mktemp /etc/gitea/old.XXXXXX\n", {scenario.STEADY},
    ),
    "ends with an error": ("exit 3\n", {scenario.RUNS}),
    "fails at the second start": ("mkdir /etc/gitea/once\n", {scenario.RUNS}),
    "never ends": ("sleep 600\n", {scenario.RUNS}),
    "has an error of grammar": ("if true; then\n", {scenario.RUNS}),
    "is of Windows": ("\r\n", {scenario.RUNS}),
    "writes where it may not": ("touch /etc/passwd\n", {scenario.RUNS}),
    "changes the config's own file": (f"echo >>{SOURCE}\n", {scenario.RUNS}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "wrong"), BAD.values(), ids=BAD)
def test_bad_scripts(text, wrong, monkeypatch):
    monkeypatch.setattr(enter, "_SECONDS", 2.0 if "sleep" in text else 30.0)
    script = text if text.startswith("#!") else ours(text)
    assert failing(with_script(script.replace("\n", "\r\n") if text == "\r\n" else script)) == wrong


def changed(old: str, new: str) -> RecipeTree:
    text = fixed().text("compose.yml")
    assert old in text
    return fixed().with_file("compose.yml", text.replace(old, new, 1))


def test_config_that_is_mounted_on_the_file():
    """The sample without its fix: read-only is read-only, whatever the script does."""
    judgement = judged_as_is("entrypoint", sample("gitea"))
    assert states(judgement) == {scenario.SAVES: "failed"}
    (check,) = judgement.checks
    assert check.output.count("a config is mounted on app.ini itself, and is read-only") == 7
    assert str(check.place) == "compose.yml:28:9"


def test_folder_that_is_no_volume():
    tree = changed("      - config:/etc/gitea\n", "")
    assert failing(tree) == {scenario.KEPT}


def test_folder_that_is_a_volume_for_reading():
    assert scenario.RUNS in failing(changed("config:/etc/gitea", "config:/etc/gitea:ro"))


def test_script_that_may_not_be_run():
    assert failing(changed("mode: 0555", "mode: 0444")) == {scenario.RUNS}


def test_config_that_gitea_may_not_read():
    source = f"target: {SOURCE}\n"
    assert failing(changed(source, f"{source}        mode: 0400\n")) == {scenario.RUNS}
    own = f'{source}        mode: 0400\n        uid: "1000"\n'
    assert failing(changed(source, own)) == set()


def test_every_set_of_files_counts():
    """One overlay alone makes it wrong, and is named."""
    tree = render(load_fix("gitea"), sample("gitea")).tree
    text = tree.text(SCRIPT) + '{{ if eq (env "GITEA_MAILER_ENABLED") "true" }}exit 1\n{{ end }}'
    judgement = judged_as_is("entrypoint", tree.with_file(SCRIPT, text))
    (failure,) = judgement.failures
    assert failure.what == scenario.RUNS
    assert failure.output.startswith(
        "compose.yml with compose.mariadb.yml with compose.smtp.yml: start 1 ended with code 1"
    )


def test_what_failed_before_is_not_the_fixs_fault():
    base = with_script(HEAD + COPY)
    judgement = judged_as_is("entrypoint", base.with_file("README.md", "x\n"), base)
    assert judgement.state is State.PASSED
    assert states(judgement)[scenario.KEPT] == "failed before"
    worse = base.with_file(SCRIPT, f"{HEAD}{COPY}chmod 0644 $T\n")
    assert failing(worse, base) == {scenario.PRIVATE}


NOTHING = {
    "another recipe": (lambda: sample("discourse"), "no service mounts a config at /usr/local/bin"),
    "no config": (
        lambda: changed(
            "      - source: app_ini\n        target: /etc/gitea-template/app.ini\n", ""
        ),
        "no config beside /usr/local/bin/docker-setup.sh is certain to become /etc/gitea/app.ini",
    ),
    "a script of another stack": (
        lambda: changed("    file: docker-setup.sh.tmpl\n", "    external: true\n"),
        "the config at /usr/local/bin/docker-setup.sh is none of the recipe's own",
    ),
}


@pytest.mark.parametrize(("tree", "reason"), NOTHING.values(), ids=NOTHING)
def test_nothing_to_judge(tree, reason):
    judgement = judged_as_is("entrypoint", tree())
    assert judgement.state is State.NOTHING
    assert judgement.reason.startswith(reason)


def test_program_that_only_the_image_has():
    text = ours(f"environment-to-ini --config {TARGET}\n")
    judgement = judged_as_is("entrypoint", with_script(text))
    assert judgement.state is State.NOT_AVAILABLE
    assert "environment-to-ini" in judgement.reason


def test_program_that_runs_the_script_and_is_not_here():
    judgement = judged_as_is("entrypoint", with_script("#!/usr/bin/env fish\n"))
    assert judgement.state is State.NOT_AVAILABLE
    assert "fish" in judgement.reason


def test_without_busybox(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    judgement = judged_as_is("entrypoint", fixed())
    assert judgement.state is State.NOT_AVAILABLE
    assert judgement.reason == "busybox is not installed"


def test_no_way_into_a_container(monkeypatch):
    monkeypatch.setattr(enter, "WAYS", ())
    judgement = judged_as_is("entrypoint", fixed())
    assert judgement.state is State.NOT_AVAILABLE
    assert "bubblewrap" in judgement.hint


def test_templates_that_swarm_does_not_render():
    judgement = judged_as_is("entrypoint", with_script(ours('{{ env "A" "B" }}\n')))
    assert judgement.state is State.FAILED
    assert judgement.checks[0].place.path == SCRIPT


@pytest.mark.skipif(os.geteuid() != 0, reason="links are dangerous for root alone")
def test_link_that_leads_out_of_the_container(tmp_path, monkeypatch):
    """What patchkit writes as root lands in the container, or nowhere."""
    monkeypatch.setattr(enter, "WAYS", (enter.Chroot,))
    folder = "/var/lib/gitea/conf"
    text = ours(f"mv {folder} {folder}.old && ln -s {tmp_path} {folder}\n")
    extra = f"      - source: extra\n        target: {folder}/extra.ini\n"
    compose = changed(f"{SOURCE}\n", f"{SOURCE}\n{extra}").text("compose.yml")
    compose += "  extra:\n    file: README.md\n"
    judgement = judged_as_is("entrypoint", with_script(text).with_file("compose.yml", compose))
    assert judgement.state is State.FAILED
    assert list(Path(tmp_path).iterdir()) == []


# The settings.


def test_secrets_that_gitea_makes():
    config = "[oauth2]\nJWT_SECRET =\n[server]\nLFS_JWT_SECRET_URI = file:/x\n[security]\n"
    assert {key for _, key in made(config)} == {"JWT_SECRET", "INTERNAL_TOKEN"}
    text = saved(f"A = 1\n{config}", made(config))
    assert values(text) == {
        ("", "A"): "1",
        ("oauth2", "JWT_SECRET"): made(config)["oauth2", "JWT_SECRET"],
        ("server", "LFS_JWT_SECRET_URI"): "file:/x",
        ("security", "INTERNAL_TOKEN"): made(config)["security", "INTERNAL_TOKEN"],
    }
    assert values(saved("A = 1", {("x", "B"): "2"})) == {("", "A"): "1", ("x", "B"): "2"}


def test_later_version_of_a_config():
    config = "A = 1\nB = `x y`\n[security]\nINTERNAL_TOKEN = t\nC = 3\n[z]\nD = 4"
    assert values(renewed(config)) == {
        ("", "A"): "another",
        ("", "B"): "x y",
        ("security", "INTERNAL_TOKEN"): "another",
        ("security", "C"): "3",
        ("patchkit", "NEW"): "true",
    }
    assert values(renewed("")) == {("patchkit", "NEW"): "true"}
