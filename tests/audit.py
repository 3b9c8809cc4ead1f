"""Asks whether a package of the lock file has a known vulnerability, and says what was looked up.

    python tests/audit.py                      # pip-audit: the package index, else OSV
    python tests/audit.py --database FOLDER    # without a network: records that lie in a folder

FOLDER is a clone of PyPA's advisory database, or what OSV exports, unpacked. It ends with 0: every
package was looked up, and nothing is known. 1: a vulnerability is known. 3: not every package could
be looked up.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

LOCK = Path(__file__).parents[1] / "requirements-lock.txt"
OK, VULNERABLE, NOT_AUDITED = 0, 1, 3
SERVICES = ("pypi", "osv")
_SECONDS = 300


def judged(packages: list[dict[str, Any]]) -> tuple[int, list[str]]:
    """Return the exit code, and what to say, for the packages of pip-audit's JSON report."""
    known = [(p, vuln) for p in packages for vuln in p.get("vulns", ())]
    skipped = [p for p in packages if "skip_reason" in p]
    lines = [
        f"{p['name']} {p['version']}: {vuln['id']}, fixed in {', '.join(vuln['fix_versions'])}"
        for p, vuln in known
    ]
    number = len(packages) - len(skipped)
    lines.append(f"{number} of {len(packages)} packages were looked up, {len(known)} findings")
    if skipped or not packages:
        reason = skipped[0]["skip_reason"] if skipped else "the report names no package"
        lines.append(f"NOT AUDITED: {len(skipped)} packages, such as: {reason}")
    return VULNERABLE if known else NOT_AUDITED if skipped or not packages else OK, lines


def audit(lock: Path, *options: str) -> tuple[int, list[str]]:
    """Run pip-audit on a lock file, and return the exit code and what to say.

    It ends with 0 also when it could look up nothing at all: here that is another code.
    """
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--require-hashes"]
    command += ["--disable-pip", "--format=json", "--progress-spinner=off", *options]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_SECONDS
        )
        return judged(json.loads(done.stdout)["dependencies"])
    except subprocess.TimeoutExpired:
        return NOT_AUDITED, [f"NOT AUDITED: pip-audit took more than {_SECONDS} seconds"]
    except ValueError:
        last = done.stderr.strip().split("\n")[-1]
        return NOT_AUDITED, [f"NOT AUDITED: pip-audit ended with {done.returncode}: {last}"]


def asked(lock: Path) -> tuple[int, list[str]]:
    """Ask one service after the other until one knows every package; say what each said."""
    said: list[str] = []
    for service in SERVICES:
        code, lines = audit(lock, "--vulnerability-service", service)
        said += [f"{service}: {line}" for line in lines]
        if code != NOT_AUDITED:
            break
    return code, said


def searched(lock: Path, folder: Path) -> tuple[int, list[str]]:
    """Look a lock file's packages up in a folder of OSV records; https://ossf.github.io/osv-schema/."""
    pins = dict(re.findall(r"(?m)^(\S+?)==(\S+)", lock.read_text()))
    every = [_read(path) for path in sorted(folder.rglob("*")) if _is_record(path)]
    found = [
        {"name": name, "version": version, "vulns": list(_known(every, name, version))}
        for name, version in pins.items()
    ]
    newest = max((str(record["modified"])[:10] for record in every), default="")
    if not newest:
        return NOT_AUDITED, [f"NOT AUDITED: {folder} has no records of vulnerabilities"]
    code, lines = judged(found)
    return code, [*lines, f"{len(every)} records, the newest of {newest}; later ones are not known"]


def _is_record(path: Path) -> bool:
    return path.suffix in {".yaml", ".json"} and "-" in path.stem and path.is_file()


def _read(path: Path) -> dict[str, Any]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return json.loads(text)
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _known(records: list[dict[str, Any]], name: str, version: str) -> Any:
    """Yield the vulnerabilities of a package, as pip-audit's report has them."""
    for record in records:
        for affected in record.get("affected", ()) if not record.get("withdrawn") else ():
            package = affected.get("package", {})
            if (
                package.get("ecosystem") == "PyPI"
                and canonicalize_name(package["name"]) == canonicalize_name(name)
                and (version in affected.get("versions", ()) or _within(affected, version))
            ):
                yield {"id": record["id"], "fix_versions": _fixes(affected)}


def _within(affected: dict[str, Any], version: str) -> bool:
    """Whether the last event at or before a version is not the one that fixed it."""
    for span in (r for r in affected.get("ranges", ()) if r["type"] == "ECOSYSTEM"):
        events = [(_version(v), kind) for event in span["events"] for kind, v in event.items()]
        state = False
        for at, kind in sorted(events, key=lambda event: event[0]):
            passed = at < _version(version) if kind == "last_affected" else at <= _version(version)
            state = kind == "introduced" if passed else state
        if state:
            return True
    return False


def _version(text: object) -> Version:
    try:
        return Version(str(text))
    except InvalidVersion:
        return Version("0")


def _fixes(affected: dict[str, Any]) -> list[str]:
    spans = (r for r in affected.get("ranges", ()) if r["type"] == "ECOSYSTEM")
    return [str(event["fixed"]) for r in spans for event in r["events"] if "fixed" in event]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--database", type=Path)
    database = parser.parse_args().database
    ended, told = searched(LOCK, database) if database else asked(LOCK)
    print("\n".join(told))
    sys.exit(ended)
