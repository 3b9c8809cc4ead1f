"""Runs every class over compose files of others and over the samples, and judges what it changes.

    python tests/corpus_classes.py [FOLDER] [--class NAME] [--verbose] [--limit N] [--jobs N]

Every compose file of FOLDER is taken as a recipe of its own, as it is and with what recipes have
and others have not: backups switched on, labels of the old form, a service that only an overlay
mentions, a config without a version. Whatever is changed must be what the class ensures, as data
that PyYAML reads (`class_judge`), lint may not be worse, and a second run must change nothing.

Exit status 1: something is wrong.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from multiprocessing import Pool
from pathlib import Path

import yaml
from class_judge import held_back, wrong

from patchkit import RecipeTree, Verdict, load_fix
from patchkit.errors import PatchkitError
from patchkit.rendering import judge

ROOT = Path(__file__).parents[1]
CORPUS = ROOT.parent / "shared" / "corpus"
CLASSES = sorted(path.stem for path in (ROOT / "fixes" / "classes").glob("*.yml"))
VERDICTS = (*map(str, Verdict), "held back", "wrong")
REFUSALS = (str(Verdict.DRIFTED), str(Verdict.BROKEN), "held back")
ENV = b"TYPE=wiki\nDOMAIN=wiki.example.com\n"


def corpus(folder: Path) -> list[Path]:
    """Return the compose files of a folder, at any depth."""
    return sorted(p for p in folder.rglob("*.y*ml") if p.is_file() and _is_compose(p))


def _is_compose(path: Path) -> bool:
    return b"services:" in path.read_bytes()


def variants(text: bytes) -> dict[str, RecipeTree]:
    """Return recipes that hold a compose file, by what is in them besides."""
    try:
        data = yaml.load(text, yaml.CSafeLoader)
        services = {k: v for k, v in data["services"].items() if isinstance(v, dict)}
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError):
        return {"as it is": _recipe(text)}
    return {
        "as it is": _recipe(text),
        "backups on": _recipe(text, app={"services": {"app": _app()}}, volumes=_volumes(services)),
        "old labels": _recipe(text, volumes=_volumes(services), old={"services": _old(services)}),
        "an orphan": _recipe(text, orphan=_orphan(services)),
        "configs": _recipe(text, configs=_configs(services)),
    }


def _app() -> dict:
    return {"image": "nginx:1.27", "deploy": {"labels": ["backupbot.backup=true"]}}


def _volumes(services: dict) -> dict:
    """Return an overlay with a named volume for the first folder that each service mounts."""
    mounted = {name: target for name, body in services.items() if (target := _target(body))}
    return {
        "services": {name: {"volumes": [f"{name}_data:{at}"]} for name, at in mounted.items()},
        "volumes": {f"{name}_data": None for name in mounted},
    }


def _target(body: dict) -> str:
    for mount in body.get("volumes") or []:
        parts = [mount.get("target")] if isinstance(mount, dict) else str(mount).split(":")[1:2]
        if parts and isinstance(parts[0], str) and parts[0].startswith("/"):
            return parts[0].rstrip("/")
    return ""


def _recipe(text: bytes, **overlays: object) -> RecipeTree:
    files = {"compose.yml": text, ".env.sample": ENV, "abra.sh": b"", "app.ini": b"a=b\n"}
    for name, data in overlays.items():
        files[f"compose.{name}.yml"] = yaml.safe_dump(data, sort_keys=False).encode()
    return RecipeTree.from_files(files)


def _old(services: dict) -> dict:
    """Return the old label for the first volume of each service: all of it, or a file in it."""
    paths = [(name, at) for name, body in services.items() if (at := _target(body))]
    named = {name: f"{at}/dump.sql" if i % 2 else at for i, (name, at) in enumerate(paths)}
    return {
        name: {"deploy": {"labels": {"backupbot.backup.path": path, "com.example.keep": "yes"}}}
        for name, path in named.items()
    }


def _orphan(services: dict) -> dict:
    first = next(iter(services), "app")
    own = {"external": True, "name": "${STACK_NAME}_forgotten_${SECRET_FORGOTTEN_VERSION}"}
    return {
        "services": {
            "app": {"image": "nginx:1.27"},
            "forgotten": {"environment": {"A": "b"}, "secrets": ["forgotten"]},
            **({first: {"environment": {"PATCHKIT": "x"}}} if first != "app" else {}),
        },
        "secrets": {"forgotten": own},
    }


def _configs(services: dict) -> dict:
    first = next(iter(services), "app")
    mounted = [{"source": "plain-ini", "target": "/a.ini"}, {"source": "half", "target": "/b.ini"}]
    half = {"file": "app.ini", "name": "${STACK_NAME}_half_${HALF_VERSION}"}
    return {
        "services": {first: {"configs": mounted}},
        "configs": {"plain-ini": {"file": "app.ini"}, "half": half},
    }


def outcome(name: str, tree: RecipeTree) -> tuple[str, list[str]]:
    """Return the verdict of a class on a recipe, and what is wrong."""
    fix = load_fix(ROOT / "fixes" / "classes" / f"{name}.yml")
    try:
        patch = judge(fix, tree)
    except PatchkitError as error:
        return "wrong", [str(error)]
    if patch.verdict is not Verdict.APPLIES:
        said = [reason.message for reason in patch.reasons]
        return ("wrong" if patch.diff() else str(patch.verdict)), said
    if held := held_back(fix, patch):
        return "held back", held
    said = wrong(fix, patch)
    return ("wrong" if said else str(patch.verdict)), said


def run(task: tuple[str, str, bytes, tuple[str, ...]]) -> list[tuple[str, str, str, list[str]]]:
    """Return class, verdict, recipe and what is wrong, of one compose file."""
    path, sample, text, classes = task
    trees = {"sample": RecipeTree.from_dir(Path(sample))} if sample else variants(text)
    return [
        (name, *_safe(name, tree, f"{path} ({kind})"))
        for kind, tree in trees.items()
        for name in classes
    ]


def _safe(name: str, tree: RecipeTree, title: str) -> tuple[str, str, list[str]]:
    try:
        verdict, said = outcome(name, tree)
    except Exception as error:  # noqa: BLE001  a crash is what this looks for
        verdict, said = "wrong", [f"{type(error).__name__}: {error}"]
    return verdict, title, said


def tasks(folder: Path, classes: tuple[str, ...], limit: int | None = None) -> list:
    """Return what is to be run: the samples, and every compose file of a folder."""
    files = corpus(folder) if folder.is_dir() else []
    step = max(1, len(files) // limit) if limit else 1
    samples = [(p.name, str(p), b"", classes) for p in sorted((ROOT / "tests/recipes").iterdir())]
    shown = [(str(p.relative_to(folder)), "", p.read_bytes(), classes) for p in files[::step]]
    return [*samples, *shown]


def table(counts: Counter[tuple[str, str]], classes: tuple[str, ...]) -> str:
    """Return the verdicts of each class, a line each."""
    width = max(map(len, classes))
    lines = [f"{'':<{width}}" + "".join(f"{verdict:>15}" for verdict in VERDICTS)]
    for name in classes:
        row = "".join(f"{counts[name, verdict]:>15}" for verdict in VERDICTS)
        lines.append(f"{name:<{width}}{row}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Run every class over compose files.")
    parser.add_argument("folder", nargs="?", type=Path, default=CORPUS)
    parser.add_argument("--class", dest="classes", action="append", choices=CLASSES)
    parser.add_argument("--verbose", action="store_true", help="tell why classes refuse, too")
    parser.add_argument("--limit", type=int, help="at most about so many compose files")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    classes = tuple(options.classes or CLASSES)
    counts: Counter[tuple[str, str]] = Counter()
    with Pool(options.jobs) as pool:
        todo = tasks(options.folder, classes, options.limit)
        for rows in pool.imap_unordered(run, todo, chunksize=4):
            for name, verdict, title, said in rows:
                counts[name, verdict] += 1
                if verdict == "wrong" or (options.verbose and verdict in REFUSALS):
                    print(f"{verdict}: {name}: {title}: {said[0]}")
    print(table(counts, classes))
    return 1 if any(counts[name, "wrong"] for name in classes) else 0


if __name__ == "__main__":
    sys.exit(main())
