"""The command line in this process, in an empty folder."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from patchkit.cli.boundary import run


class Result(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def patchkit(capfdbinary, tmp_path, monkeypatch):
    """Run the command line in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> Result:
        capfdbinary.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capfdbinary.readouterr()
        return Result(int(code), out.decode(errors="surrogateescape"), err.decode())

    return call
