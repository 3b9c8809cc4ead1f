from __future__ import annotations

import shutil

import pytest
from canonical import canonical, unordered
from reading import read
from record_overlays import CASES, EXPECTED, FOLDER, HOME, compose_files, dummy_variables, printed

from patchkit.recipe.merge import merge


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_merge_gives_what_docker_printed(case):
    files = compose_files(case)
    merged = merge([read(path) for path in files])
    expected = unordered(read(case / EXPECTED))
    assert canonical(merged, dummy_variables(files), FOLDER, HOME) == expected


@pytest.mark.skipif(shutil.which("docker") is None, reason="docker is not on this machine")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_docker_still_prints_the_record(case):
    assert printed(case) == (case / EXPECTED).read_text()
