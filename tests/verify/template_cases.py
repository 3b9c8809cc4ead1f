"""Templates on which patchkit's renderer and Go's must agree, and the way to ask Go."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

from patchkit.verify.gotemplate import Task, TemplateError, trace

FOLDER = Path(__file__).parent / "gotemplate"
PROGRAM = FOLDER / "reference.go"
ANSWERS = FOLDER / "answers.json"
RECIPES = Path(__file__).parents[1] / "recipes"
SECRETS = ("db_password", "int_token", "jwt_secret", "lfs_jwt", "secret_key", "smtp_pw")

TASK = Task(
    env={
        "DOMAIN": "example.com",
        "EMPTY": "",
        "ON": "true",
        "OFF": "false",
        "N": "3",
        "LIST": "a,b,c",
        "MARKUP": '<a href="x">it\'s & that</a>\x00',
        "WIDE": "naïve 日本 🙂",
        "LINES": "one\ntwo\tthree\r\n",
    },
    secrets={name: f"<{name} & more>" for name in SECRETS},
    configs={"/etc/other.conf": "raw {{ env }}"},
    service="stack_app",
    labels={"a": "1", "coop-cloud.version": "2.0", "zeta": ""},
)
_PICTURES = str.maketrans("␊␉␍␁⍽␠", "\n\t\r\x01\u00a0 ")


def written(name: str) -> list[str]:
    """Return the templates of a file, one a line."""
    lines = (FOLDER / name).read_text().split("\n")
    return [line.translate(_PICTURES) for line in lines if line and not line.startswith("#")]


def of_recipes(root: Path = RECIPES) -> list[tuple[str, dict[str, str]]]:
    """Return every `*.tmpl` below a folder, with all that it asks for on, as a number and off."""
    asked = []
    for path in sorted(root.rglob("*.tmpl")):
        text = path.read_text()
        names = sorted(set(re.findall(r'env "(\w+)"', text)))
        asked += [(text, dict.fromkeys(names, value)) for value in ("true", "1", "")]
    return asked


def cases() -> list[tuple[str, dict[str, str]]]:
    """Return every template with the environment of its service."""
    return [(text, dict(TASK.env)) for text in ("", *written("cases.txt"))] + of_recipes()


def ask_go(questions: list[tuple[str, dict[str, str]]]) -> list[str | None]:
    """Return what Go makes of templates, None where it fails."""
    facts = {
        "Secrets": TASK.secrets,
        "Configs": TASK.configs,
        "Labels": TASK.labels,
        "Service": TASK.service,
        "ServiceID": TASK.service_id,
        "Task": f"{TASK.service}.{TASK.slot}.{TASK.task_id}",
        "TaskID": TASK.task_id,
        "Slot": TASK.slot,
        "NodeID": TASK.node_id,
        "Hostname": TASK.hostname,
        "Arch": TASK.architecture,
        "OS": TASK.os,
    }
    asked = [{"Template": text, "Env": env} for text, env in questions]
    ran = subprocess.run(
        ["go", "run", str(PROGRAM)],
        input=json.dumps({"Facts": facts, "Questions": asked}).encode(),
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    return [None if answer["error"] else answer["text"] for answer in json.loads(ran.stdout)]


def ask_patchkit(text: str, env: dict[str, str]) -> str | None:
    """Return what patchkit makes of a template, None where it refuses."""
    try:
        return trace(text, replace(TASK, env=env)).text
    except TemplateError:
        return None
