"""Paths as people write them, and the steps they mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchkit.edit.paths import dotted, parse_path


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("services", ("services",)),
        ("services.app.deploy", ("services", "app", "deploy")),
        ("services.app.ports[0]", ("services", "app", "ports", 0)),
        ("services.app.ports.0", ("services", "app", "ports", 0)),
        ("[1][2].a", (1, 2, "a")),
        (r"labels.traefik\.enable", ("labels", "traefik.enable")),
        ('labels."traefik.enable".x', ("labels", "traefik.enable", "x")),
        (r'a."say \"hi\" \\"', ("a", 'say "hi" \\')),
        ('ports."80"', ("ports", "80")),
        (r"a\[0\]", ("a[0]",)),
        (
            "deploy.labels.coop-cloud-${STACK_NAME}",
            ("deploy", "labels", "coop-cloud-${STACK_NAME}"),
        ),
        ('""', ("",)),
    ],
)
def test_path_has_these_steps(text, steps):
    assert parse_path(text) == steps


@pytest.mark.parametrize(
    "text", ["", ".a", "a.", "a..b", "a[", "a[x]", "a[-1]", 'a"b"', '"a"b', '"a', "a.[0]b"]
)
def test_no_path_is_refused(text):
    with pytest.raises(ValueError, match=r"expected a path such as services\.app\.ports\[0\]"):
        parse_path(text)


@given(st.lists(st.integers(0, 99) | st.text(max_size=8), min_size=1, max_size=5))
def test_written_path_is_read_back(steps):
    assert parse_path(dotted(tuple(steps))) == tuple(steps)
