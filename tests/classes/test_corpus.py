"""Every class over a part of the compose files of others, where the machine has them."""

from __future__ import annotations

import pytest
from corpus_classes import CLASSES, CORPUS, run, tasks

FILES = tasks(CORPUS, tuple(CLASSES), 12)


@pytest.mark.parametrize("task", FILES, ids=[task[0] for task in FILES])
def test_what_classes_change_is_what_they_ensure(task):
    rows = run(task)
    assert {name for name, *_ in rows} == set(CLASSES)
    assert [row for row in rows if row[1] == "wrong"] == []
