"""The examples of workflows: their commands, run as a runner would, on a scratch pull request."""

from __future__ import annotations

import http.server
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from serving import serving

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "pages" / "examples"
SPEC = """\
id: pin-redis
title: Pin redis
recipe: shop
why: A moving tag broke it.
expects:
  - {service: cache, image: "redis:latest"}
ops:
  - {op: image.set, service: cache, tag: 7.4.5-alpine}
ensures:
  - {service: cache, image: "redis:7.4.5-alpine"}
"""
COMPOSE = """\
version: "3.8"
services:
  app:
    image: example/shop:1.0
  cache:
    image: redis:latest
"""
CHANGE = "-+    image: redis:7.4.5-alpine\n++    image: redis:7.4.6-alpine\n"


class Forge(http.server.BaseHTTPRequestHandler):
    """Takes comments and keeps them."""

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        body = json.loads(self.rfile.read(length))
        self.server.comments.append((self.path, self.headers["Authorization"], body["body"]))
        self.send_response(201)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def forge():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Forge)
    server.comments = []
    with serving(server):
        yield server


@pytest.fixture
def checkout(tmp_path):
    """A checkout of a pull request against main, as the action leaves it; with `patchkit`."""
    (tmp_path / "bin").mkdir()
    shim = tmp_path / "bin" / "patchkit"
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} -m patchkit "$@"\n')
    shim.chmod(0o755)
    folder = tmp_path / "work"
    for name, text in {"fixes/pin-redis.yml": SPEC, "recipes/shop/compose.yml": COMPOSE}.items():
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(text)
    step(folder, "patchkit test --snapshot-update")
    git = "git -c user.name=A -c user.email=a@example.com"
    step(folder, f"git init -q -b main && git add -A && {git} commit -qm start")
    step(folder, "git update-ref refs/remotes/origin/main HEAD && git checkout -q -b newer")
    (folder / "fixes" / "pin-redis.yml").write_text(SPEC.replace("7.4.5", "7.4.6"))
    return folder


def step(folder, script, **env):
    """Run a step's script as runners do: bash, -e and pipefail."""
    path = f"{folder.parent / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    keep = {k: v for k, v in os.environ.items() if k not in {"CI", "GITHUB_STEP_SUMMARY"}}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env=keep | {"PATH": path, "GIT_CONFIG_GLOBAL": os.devnull} | env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def steps(name):
    (job,) = yaml.safe_load((EXAMPLES / name).read_text())["jobs"].values()
    return {part["name"]: part for part in job["steps"] if "run" in part}


def filled(env, values):
    """Put values in the place of a workflow's expressions; one that is unknown is a mistake."""
    return {k: re.sub(r"\$\{\{ (.*?) \}\}", lambda m: values[m[1]], v) for k, v in env.items()}


@pytest.mark.parametrize("name", ["github-fixes.yml", "forgejo-fixes.yml"])
def test_commands_judge_a_pull_request(name, checkout):
    parts = steps(name)
    assert list(parts) == ["Install", "Form", "Tests", "What changes, for the review"]
    assert "pip install patchkit" in parts["Install"]["run"]
    assert step(checkout, parts["Form"]["run"]).returncode == 0
    tried = step(checkout, parts["Tests"]["run"])
    assert tried.returncode == 1
    assert CHANGE in tried.stdout.replace("\n  ", "\n")


def test_github_shows_the_change_in_the_summary(checkout, tmp_path):
    part = steps("github-fixes.yml")["What changes, for the review"]
    env = filled(part["env"], {"github.base_ref": "main"})
    summary = tmp_path / "summary.md"
    done = step(checkout, part["run"], GITHUB_STEP_SUMMARY=str(summary), **env)
    assert done.returncode == 0, done.stderr
    text = summary.read_text()
    assert CHANGE in text
    assert text.startswith("### What the fixes make of the samples, against main\n~~~diff\ndiff ")
    assert text.endswith("\n~~~\n")


def test_forgejo_writes_the_change_below_the_pull_request(checkout, forge):
    part = steps("forgejo-fixes.yml")["What changes, for the review"]
    values = {
        "github.base_ref": "main",
        "github.token": "t0ken",
        "github.api_url": f"http://127.0.0.1:{forge.server_address[1]}/api/v1",
        "github.repository": "ana/fixes",
        "github.event.number": "7",
    }
    env = filled(part["env"], values)
    done = step(checkout, part["run"], **env)
    assert done.returncode == 0, done.stderr
    ((path, token, body),) = forge.comments
    assert (path, token) == ("/api/v1/repos/ana/fixes/issues/7/comments", "token t0ken")
    assert CHANGE in body

    # Nothing is said where nothing changes.
    (checkout / "fixes" / "pin-redis.yml").write_text(SPEC)
    assert step(checkout, part["run"], **env).returncode == 0
    assert len(forge.comments) == 1
