"""One entry of a dict: of a constant, or of what a function returns."""

from __future__ import annotations

import subprocess

import pytest
from ruff import find_ruff_bin

from patchkit.edit.python.assign import assign
from patchkit.edit.python.source import Source
from patchkit.errors import EditRefused


def entry(text, name="probe", value="hello", line_length=88):
    source = Source(text, "meta.py", line_length=line_length)
    return assign(source, name, value, key="hello")


DONE = [
    'def probe(ctx):\n    return {"hello": hello}\n',
    "def probe(ctx):\n    return {'hello': (hello)}\n",
    'def probe(ctx):\n    found = {"hello": hello, "port": 1}\n    return found\n',
]


@pytest.mark.parametrize("text", DONE)
def test_entry_that_is_there_is_left_alone(text):
    assert entry(text) == text


CHANGED = {
    "returned right there": (
        'def probe(ctx):\n    return {"port": 1}\n',
        'def probe(ctx):\n    return {"port": 1, "hello": hello}\n',
    ),
    "another value": (
        'def probe(ctx):\n    return {"hello": None, "port": 1}\n',
        'def probe(ctx):\n    return {"hello": hello, "port": 1}\n',
    ),
    "the quotes of the dict": (
        "def probe(ctx):\n    return {'port': 1}\n",
        "def probe(ctx):\n    return {'port': 1, 'hello': hello}\n",
    ),
    "an empty dict": (
        "def probe(ctx):\n    return {}\n",
        'def probe(ctx):\n    return {"hello": hello}\n',
    ),
    "by way of a variable": (
        'def probe(ctx):\n    found = {"port": 1}\n    found["stable"] = 3\n    return found\n',
        'def probe(ctx):\n    found = {"port": 1, "hello": hello}\n    found["stable"] = 3\n'
        "    return found\n",
    ),
    "a variable with a type": (
        'def probe(ctx):\n    found: dict[str, object] = {"port": 1}\n    return found\n',
        'def probe(ctx):\n    found: dict[str, object] = {"port": 1, "hello": hello}\n'
        "    return found\n",
    ),
    "nothing is returned at times": (
        'def probe(ctx):\n    if ctx.op:\n        return None\n    return {"port": 1}\n',
        "def probe(ctx):\n    if ctx.op:\n        return None\n"
        '    return {"port": 1, "hello": hello}\n',
    ),
    "one item a line": (
        'def probe(ctx):\n    return {\n        "port": 1,  # TCP\n    }\n',
        'def probe(ctx):\n    return {\n        "port": 1,  # TCP\n'
        '        "hello": hello,\n    }\n',
    ),
    "an inner function": (
        'def probe(ctx):\n    def inner():\n        return {}\n\n    return {"port": 1}\n',
        "def probe(ctx):\n    def inner():\n        return {}\n\n"
        '    return {"port": 1, "hello": hello}\n',
    ),
    "a method": (
        'class Meta:\n    def probe(self):\n        return {"port": 1}\n',
        'class Meta:\n    def probe(self):\n        return {"port": 1, "hello": hello}\n',
    ),
    "a constant": (
        'probe = {"port": 1}\n',
        'probe = {"port": 1, "hello": hello}\n',
    ),
}


@pytest.mark.parametrize("name", CHANGED)
def test_entry(name):
    text, expected = CHANGED[name]
    assert entry(text, "Meta.probe" if "class" in text else "probe") == expected


def test_line_that_would_be_too_long_is_spread():
    text = 'def probe(ctx):\n    return {"tcp_host": ctx.domain, "tcp_port": 64738}  # a\n'
    expected = (
        'def probe(ctx):\n    return {\n        "tcp_host": ctx.domain,\n'
        '        "tcp_port": 64738,\n        "hello": hello,\n    }  # a\n'
    )
    assert entry(text, line_length=60) == expected
    assert entry(text.replace("\n", "\r\n"), line_length=60) == expected.replace("\n", "\r\n")


ITEMS = '"tcp_host": ctx.domain, "tcp_port": 64738, "stable": 3, "why": "voice"'


@pytest.mark.parametrize(
    "statement",
    [
        f"probe = {{{ITEMS}}}",
        f"probe: dict[str, list[object]] = {{{ITEMS}}}",
        f"def probe(ctx):\n    return {{{ITEMS}}}",
    ],
)
def test_line_that_would_be_too_long_is_spread_as_ruff_does(statement):
    """Even where the items would fit on one line between the brackets."""
    length = max(map(len, statement.split("\n"))) + 3
    result = entry(f"{statement}\n", line_length=length)
    formatted = subprocess.run(
        [find_ruff_bin(), "format", f"--line-length={length}", "-"],
        input=f'{statement[:-1]}, "hello": hello}}\n',
        text=True,
        check=True,
        capture_output=True,
    )
    assert result == formatted.stdout
    assert result.count("\n") >= 7


REFUSED = {
    "several values": (
        'def probe(ctx):\n    if ctx.op:\n        return {}\n    return {"port": 1}\n',
        "probe returns 2 values, at lines 3 and 4",
    ),
    "no value": ("def probe(ctx):\n    ctx.wait()\n", "probe returns 0 values"),
    "made elsewhere": ("def probe(ctx):\n    return ctx.probe()\n", "probe is no dict in braces"),
    "set twice": (
        "def probe(ctx):\n    found = {}\n    found = {**found}\n    return found\n",
        "found is not set once and for good",
    ),
    "set under a condition": (
        "def probe(ctx):\n    if ctx:\n        found = {}\n    return found\n",
        "found is not set once and for good",
    ),
    "set later": (
        'def probe(ctx):\n    found = {}\n    found["hello"] = other\n    return found\n',
        r"found\['hello'\] is set later",
    ),
    "an argument": ("def probe(found):\n    return found\n", "found is not set once and for good"),
    "a class": ("class probe:\n    pass\n", "probe is no plain assignment"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    text, words = REFUSED[name]
    with pytest.raises(EditRefused, match=words) as error:
        entry(text)
    assert error.value.problems[0].place.line > 0
    assert error.value.problems[0].hint
