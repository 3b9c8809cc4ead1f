"""What a command imports before it answers: each package that is not needed makes it slow."""

from __future__ import annotations

import subprocess
import sys

import pytest

OF_YAML = {"yaml", "cython_runtime"}
OF_PYDANTIC = {
    "annotated_types",
    "pydantic",
    "pydantic_core",
    "typing_extensions",
    "typing_inspection",
}
OF_DIFF = {"click", "jinja2", "markupsafe"} | OF_YAML | OF_PYDANTIC
PROGRAM = """
import sys
before = set(sys.modules)
sys.argv = ["patchkit", *sys.argv[1:]]
from patchkit.__main__ import main
try:
    main()
except SystemExit as end:
    assert end.code in (0, 4), end.code
names = {name.partition(".")[0] for name in set(sys.modules) - before}
public = {name for name in names if not name.startswith("_")}
print(*sorted(public - sys.stdlib_module_names - {"patchkit"}), file=sys.stderr)
"""


def imported(*arguments: str) -> set[str]:
    command = [sys.executable, "-c", PROGRAM, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return set(done.stderr.splitlines()[-1].split())


def test_version_imports_nothing_of_others():
    assert imported("--version") == set()


@pytest.mark.parametrize("fix", ["mattermost", "gitea"])
def test_diff_imports_what_it_needs(fix):
    assert imported("diff", fix) <= OF_DIFF


def test_names_alone_need_no_jinja():
    assert imported("diff", "bluesky-pds") == {"click"} | OF_YAML | OF_PYDANTIC


def test_lint_needs_no_specs():
    assert imported("lint", "--recipe", "gitea") == {"click"} | OF_YAML


def test_a_fix_of_python_files_imports_libcst():
    assert "libcst" in imported("diff", "keycloak")
