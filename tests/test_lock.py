"""The lock file: what the project's requirements come to, and how its audit ends."""

from __future__ import annotations

import http.server
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from audit import LOCK, NOT_AUDITED, OK, VULNERABLE, audit, judged, searched
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from serving import serving

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# `--output-file` makes uv keep the versions that stand there already.
WRITE = "uv pip compile --universal --generate-hashes --all-extras --no-header --no-annotate "
WRITE += (
    "--no-emit-index-url --no-emit-find-links pyproject.toml --output-file requirements-lock.txt"
)


def pins(path):
    """Return the lines of a lock file that name a package and its version."""
    return re.findall(r"(?m)^(\S+)==(\S+)(.*?) \\$", path.read_text())


def test_it_has_a_version_for_each_requirement():
    locked = {canonicalize_name(name): version for name, version, _ in pins(LOCK)}
    extras = PROJECT.get("optional-dependencies", {}).values()
    for text in (*PROJECT["dependencies"], *(need for extra in extras for need in extra)):
        need = Requirement(text)
        assert need.specifier.contains(locked[canonicalize_name(need.name)]), WRITE


def test_each_package_has_hashes_and_no_address():
    blocks = re.split(r"(?m)^(?=\S)", LOCK.read_text())[1:]
    assert len(blocks) == len(pins(LOCK)) > 20
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", block) for block in blocks)
    assert "://" not in LOCK.read_text()


def test_it_is_what_the_requirements_come_to(tmp_path):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    again = Path(shutil.copy(LOCK, tmp_path))
    command = [sys.executable, "-m", *WRITE.split(), "--quiet", "--no-config"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert pins(again) == pins(LOCK), WRITE


GOOD = {"name": "a", "version": "1", "vulns": []}
BAD = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"]}]}
LEFT = {"name": "c", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ([GOOD], OK, "1 of 1 packages were looked up, 0 findings"),
        ([GOOD, BAD], VULNERABLE, "b 2: PYSEC-1, fixed in 2.1"),
        ([GOOD, LEFT], NOT_AUDITED, "NOT AUDITED: 1 packages, such as: not found"),
        ([BAD, LEFT], VULNERABLE, "NOT AUDITED: 1 packages, such as: not found"),
        ([], NOT_AUDITED, "NOT AUDITED: 0 packages, such as: the report names no package"),
    ],
    ids=["nothing known", "known", "not found", "both", "no package"],
)
def test_how_an_audit_ends(packages, code, said):
    ended, lines = judged(packages)
    assert ended == code
    assert said in lines


RECORD = {
    "id": "PYSEC-0000-2",
    "modified": "2026-01-02T00:00:00Z",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "Some_Thing"},
            "ranges": [
                {"type": "GIT", "events": [{"introduced": "0"}]},
                {
                    "type": "ECOSYSTEM",
                    "events": [{"introduced": "2.0"}, {"fixed": "2.10"}, {"introduced": "3.0"}],
                },
            ],
            "versions": ["1.5"],
        }
    ],
}
OTHER = {"affected": [{**RECORD["affected"][0], "package": {"ecosystem": "npm", "name": "x"}}]}


@pytest.mark.parametrize(
    ("version", "change", "code"),
    [
        ("1.9", {}, OK),
        ("2.10", {}, OK),
        ("2.9", {"withdrawn": "2026-01-03T00:00:00Z"}, OK),
        ("2.9", OTHER, OK),
        ("1.5", {}, VULNERABLE),
        ("2.9", {}, VULNERABLE),
        ("3.1", {}, VULNERABLE),
    ],
)
def test_a_folder_of_records_is_searched(version, change, code, tmp_path):
    (tmp_path / "PYSEC-0000-2.json").write_text(json.dumps(RECORD | change))
    (tmp_path / "lock").write_text(f"some-thing=={version} \\\n")
    ended, lines = searched(tmp_path / "lock", tmp_path)
    assert ended == code
    assert lines[-1] == "1 records, the newest of 2026-01-02; later ones are not known"
    assert ("some-thing " in lines[0]) == (code == VULNERABLE)


def test_a_folder_without_records_is_told(tmp_path):
    assert searched(LOCK, tmp_path)[0] == NOT_AUDITED


class Service(http.server.BaseHTTPRequestHandler):
    """Answers as OSV does, and knows of one vulnerability. https://google.github.io/osv.dev/"""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = asked["package"]["name"]
        known = {"id": "PYSEC-0000-1", "summary": "A test.", "modified": "2026-01-01T00:00:00Z"}
        package = {"name": name, "ecosystem": "PyPI"}
        events = [{"introduced": "0"}, {"fixed": "99.0"}]
        known["affected"] = [
            {"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
        ]
        answer = json.dumps({"vulns": [known]} if name == self.server.bad else {}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


@pytest.mark.parametrize(("bad", "code"), [("", OK), ("requests", VULNERABLE)])
def test_the_real_program_looks_up_every_package(bad, code, tmp_path):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.bad = bad
    with serving(server):
        url = f"http://127.0.0.1:{server.server_address[1]}/v1/query"
        ended, lines = audit(LOCK, "-s", "osv", "--osv-url", url, "--cache-dir", str(tmp_path))
    assert ended == code, lines
    number = len(pins(LOCK))
    assert any(
        re.match(rf"(\d+) of \1 packages were looked up, {bool(bad):d} ", li) for li in lines
    )
    assert int(lines[-1].split()[0]) in {number, number - 1}  # one is for another Python
    assert not bad or lines[0].endswith("PYSEC-0000-1, fixed in 99.0")


def test_a_service_that_is_not_there_is_told(tmp_path):
    nowhere = ("-s", "osv", "--osv-url", "http://127.0.0.1:9/v1/query")
    ended, lines = audit(LOCK, *nowhere, "--cache-dir", str(tmp_path))
    assert ended == NOT_AUDITED
    assert lines[0].startswith("NOT AUDITED: ")
