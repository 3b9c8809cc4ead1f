"""Asks pip-audit whether a package of the lock file has a known vulnerability.

pip-audit ends with 0 also when it could look up nothing at all: here that is said, and is another
exit code than «nothing is known». 0: every package was looked up, and nothing is known. 1: a
vulnerability is known. 3: not all packages could be looked up.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[1] / "requirements-lock.txt"
OK, VULNERABLE, NOT_AUDITED = 0, 1, 3
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
    """Run pip-audit on a lock file, and return the exit code and what to say."""
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


if __name__ == "__main__":
    code, told = audit(LOCK, *sys.argv[1:])
    print("\n".join(told))
    sys.exit(code)
