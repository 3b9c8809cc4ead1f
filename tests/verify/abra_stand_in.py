"""A stand-in for `abra recipe lint`: it does what is known of abra, with rules of its own.

The tests put it on the PATH with settings above it:
STYLE: heavy, light, markdown or colours. WIDTH: of the widest cells. PRETEND: marks by ref.
"""

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import yaml

STYLE, WIDTH, PRETEND, MODE = "heavy", 100, {}, ""  # SETTINGS

VERTICAL = {"heavy": "┃", "colours": "┃", "light": "│", "markdown": "|"}[STYLE]
RULES = {
    "R001": ("warn", "compose config has expected version", "ensure version is 3.8"),
    "R008": ("error", ".env.sample provided", "create an example .env.sample"),
    "R009": ("error", "one service named 'app'", "name a service 'app'"),
    "R010": ("error", "traefik routing enabled", "include traefik.enable=true"),
    "R011": ("error", "all services have images", "ensure image: is set everywhere"),
    "R013": ("warn", "git.example.com repo exists", "upload your recipe"),
    "R014": ("error", "only annotated tags used", "replace lightweight tags"),
    "R016": ("warn", "a rule of a later version, and a long one to say what it wants", "do | it"),
}


def git(folder, *arguments):
    command = ["git", "-C", folder, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def services(folder):
    merged = {}
    for path in sorted(folder.glob("compose*.yml")):
        for name, body in yaml.safe_load(path.read_text())["services"].items():
            merged.setdefault(name, {}).update(body or {})
    return merged


def judged(folder):
    every = services(folder)
    tags = git(folder, "for-each-ref", "--format=%(objecttype)", "refs/tags").split()
    failing = {
        "R009": "app" not in every,
        "R010": "traefik.enable=true" not in (folder / "compose.yml").read_text(),
        "R011": not all(body.get("image") for body in every.values()),
        "R014": tags != ["tag"],
    }
    marks = {ref: ("❌", "-") if failing.get(ref) else ("✅", "-") for ref in RULES}
    return marks | {"R013": ("-", "✅")} | PRETEND


def rows(marks):
    yield ("REF", "RULE", "SEVERITY", "SATISFIED", "SKIPPED", "RESOLVE")
    for ref, (severity, rule, resolve) in RULES.items():
        yield (ref, rule, severity, *marks[ref], resolve)


def folded(row):
    cells = [textwrap.wrap(cell, WIDTH) or [""] for cell in row]
    for line in range(max(map(len, cells))):
        yield [cell[line] if line < len(cell) else "" for cell in cells]


def coloured(cell):
    return f"\x1b[1;38;5;99m{cell}\x1b[0m" if STYLE == "colours" else cell


def show(marks):
    print("┏━━━━┳━━━━┓" if VERTICAL == "┃" else "")
    for row in rows(marks):
        for cells in folded(row):
            shown = (f" {coloured(cell.ljust(9))} " for cell in cells)
            print(coloured(VERTICAL) + coloured(VERTICAL).join(shown) + coloured(VERTICAL))
    print("┗━━━━┻━━━━┛" if VERTICAL == "┃" else "")


def main():
    assert sys.argv[1:4] == ["recipe", "lint", "-n"], sys.argv
    folder = Path(os.environ["ABRA_DIR"], "recipes", sys.argv[4])
    if not sys.stdout.isatty():
        return  # what a pipe gets
    if MODE == "hangs":
        print("one moment")
        time.sleep(600)
    if MODE == "asks":
        print("really?", input("which recipe? "))
    if MODE == "network":
        print("WARN catalogue is old\nFATA dial tcp: lookup git.example.com: no such host")
        sys.exit(1)
    if MODE == "another":
        print("usage: abra GENOME")
        sys.exit(2)
    assert git(folder, "status", "--porcelain") == ""
    assert git(folder, "branch", "--show-current") == "main"
    git(folder, "fetch", "--tags", "origin")
    assert os.get_terminal_size(1).columns >= 200
    if not (folder / ".env.sample").is_file():
        print("\x1b[1;31mFATA\x1b[0m <recipe.go:12> unable to discover .env.sample")
        sys.exit(1)
    try:
        marks = judged(folder)
    except yaml.YAMLError as error:
        print(f"FATA unable to read {error}")
        sys.exit(1)
    show(marks)
    if any(RULES[ref][0] == "error" and "❌" in mark for ref, mark in marks.items()):
        print("WARN critical errors present in recipe config")


main()
