"""Reads a recipe as Docker does, on machines that have its client; no daemon is needed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import yaml

SECTIONS = ("configs", "secrets", "volumes")


def docker_reads(files, folder):
    """Check that `docker stack config` takes all compose files, and finds what services use."""
    if shutil.which("docker") is None:
        return
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode())
    names = set(re.findall(r"\$\{?([A-Z_]+)", "".join(files.values())))
    overlays = sorted(path for path in files if re.fullmatch(r"compose\..+\.yml", path))
    arguments = [arg for path in ("compose.yml", *overlays) for arg in ("-c", path)]
    done = subprocess.run(
        ["docker", "stack", "config", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **dict.fromkeys(names, "v1")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert undefined(yaml.safe_load(done.stdout)) == []


def undefined(stack):
    """Return what services use and no section defines."""
    return [
        (service, section, entry["source"])
        for service, body in stack["services"].items()
        for section in SECTIONS
        for entry in body.get(section, [])
        if entry.get("type", "volume") == "volume"
        and entry.get("source") not in stack.get(section, {})
    ]
