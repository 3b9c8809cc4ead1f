from __future__ import annotations

import math
import re
import shutil
import subprocess

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from patchkit.edit.scalars import needs_quotes, resolve

# Measured with `docker stack config` 28.2.2; `test_docker_reads_scalars_so` measures it again.
DOCKER_READS: dict[str, str | int | float | bool | None] = {
    # YAML 1.1 has booleans here, Docker has none
    "no": "no",
    "yes": "yes",
    "on": "on",
    "off": "off",
    "y": "y",
    "N": "N",
    "tRue": "tRue",
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
    # null
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "nUll": "nUll",
    "": None,
    # integers: a leading zero is octal, as in YAML 1.1; 0o as in 1.2
    "0": 0,
    "-0": 0,
    "00": 0,
    "1": 1,
    "+1": 1,
    "-1": -1,
    "0555": 365,
    "-0555": -365,
    "+0555": 365,
    "0o555": 365,
    "0O555": 365,
    "-0o17": -15,
    "0o-7": -7,
    "0o+7": 7,
    "0x1F": 31,
    "0X1f": 31,
    "-0x10": -16,
    "0b101": 5,
    "0B101": 5,
    "-0b11": -3,
    "0b-1": -1,
    "0b+1": 1,
    "1_000": 1000,
    "1__000": 1000,
    "1_": 1,
    "+_1": 1,
    "-_1": -1,
    "0_7": 7,
    "0x_1F": 31,
    "9223372036854775807": 9223372036854775807,
    "-9223372036854775808": -9223372036854775808,
    "18446744073709551615": 18446744073709551615,
    "0xffffffffffffffff": 18446744073709551615,
    # digits that are no octal, and what is too large for 64 bits, are floats
    "08": 8.0,
    "089": 89.0,
    "18446744073709551616": 18446744073709551616.0,
    "+18446744073709551615": 18446744073709551616.0,
    "-9223372036854775809": -9223372036854775808.0,
    "0777777777777777777777777": 777777777777777777777777.0,
    # floats
    "1.": 1.0,
    "0.": 0.0,
    "1.0": 1.0,
    "-0.0": -0.0,
    "3.8": 3.8,
    "0.10": 0.1,
    "1e3": 1000.0,
    "1E3": 1000.0,
    "1e-3": 0.001,
    "1.e3": 1000.0,
    "+12e03": 12000.0,
    "1e1_0": 1e10,
    "1_0e1": 100.0,
    "1_000.5": 1000.5,
    "0.1e-400": 0.0,
    ".5": 0.5,
    "-.5": -0.5,
    "+.5": 0.5,
    ".5_0": 0.5,
    ".5e3": 500.0,
    ".inf": math.inf,
    "+.INF": math.inf,
    "-.Inf": -math.inf,
    ".nan": math.nan,
    ".NaN": math.nan,
    # strings that look like numbers
    "0o": "0o",
    "0o8": "0o8",
    "0x": "0x",
    "0xg": "0xg",
    "0xfffffffffffffffff": "0xfffffffffffffffff",
    "00x1": "00x1",
    "0b2": "0b2",
    "-0b-1": "-0b-1",
    "_1": "_1",
    "1e": "1e",
    "1e400": "1e400",
    ".1e400": ".1e400",
    "0x1p-2": "0x1p-2",
    "._5": "._5",
    ".5__0": ".5__0",
    ".": ".",
    "..": "..",
    "+": "+",
    "--": "--",
    "-a": "-a",
    ".iNF": ".iNF",
    "+.nan": "+.nan",
    "inf": "inf",
    "NaN": "NaN",
    "1,000": "1,000",
    "1.2.3": "1.2.3",
    "5m": "5m",
    "\u0663": "\u0663",
    # base 60 is a number to YAML 1.1 alone
    "22:22": "22:22",
    "12:30:45": "12:30:45",
    "1:30.5": "1:30.5",
    "80:80": "80:80",
    "<<": "<<",
    "=": "=",
    # not a day, or a form that Docker does not know
    "2024-02-30": "2024-02-30",
    "2024-01-01T10:00:00": "2024-01-01T10:00:00",
}
# Docker makes these a time, and prints them in its own way.
DOCKER_TIMES = ["2024-01-01", "2024-1-1", "2024-01-01T10:00:00+02:00", "2024-01-01 10:00:00.5"]

needs_docker = pytest.mark.skipif(
    shutil.which("docker") is None, reason="docker is not on this machine"
)


def is_finite(value: object) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


def same(one: object, other: object) -> bool:
    """Equal and of one type; the sign of zero counts, and NaN is itself."""
    return type(one) is type(other) and repr(one) == repr(other)


@pytest.mark.parametrize(("text", "meant"), DOCKER_READS.items())
def test_resolve_reads_as_docker_does(text, meant):
    assert same(resolve(text), meant)


@pytest.mark.parametrize("text", DOCKER_TIMES)
def test_resolve_leaves_a_time_as_its_text(text):
    assert resolve(text) == text


def test_resolve_takes_any_number_of_digits():
    assert resolve("9" * 5000) == "9" * 5000
    assert resolve("0x" + "0" * 5000 + "1") == 1


@pytest.mark.parametrize("text", DOCKER_TIMES + [t for t, v in DOCKER_READS.items() if t != v])
def test_needs_quotes_for_what_docker_takes_for_something_else(text):
    assert needs_quotes(text)


@pytest.mark.parametrize(
    "text",
    [
        "gitea/gitea:1.22",
        "1.2.3",
        "v1",
        "5m",
        "8080:80",
        "/bin/sh",
        "./data:/data:ro",
        "http://app:3000",
        "--config.file=/etc/x.yml",
        "-c",
        "a#b",
        "${STACK_NAME}_app",
        "traefik.http.routers.app.rule=Host(`example.com`)",
        "two words",
        "it's",
        "déjà vu",
        "1a",
        "node.role == manager",
    ],
)
def test_needs_no_quotes(text):
    assert not needs_quotes(text)


@pytest.mark.parametrize(
    "text",
    [
        *("yes", "No", "ON", "off", "y", "N"),  # booleans to YAML 1.1
        *("22:22", "190:20:30", "1:30.5"),  # base 60 to YAML 1.1
        *("<<", "="),  # PyYAML has no value for them
        "1e400",  # infinity to the YAML 1.2 core schema
        *("", " a", "a ", "a\n", "a\tb", "a\u0085b", "a\u2028b", "\ufeffa", "a\x00"),
        *("- a", "-", "? a", "?a", ":a", "a:", "a: b", "a #b", "#a"),
        *("[a", "{a", "]a", "}a", ",a", "&a", "*a", "!a", "|a", ">a", "'a", '"a', "%a", "@a", "`a"),
        *("---", "--- a", "...", "... a"),
    ],
)
def test_needs_quotes_where_plain_style_fails(text):
    assert needs_quotes(text)


@pytest.mark.parametrize("text", ["a,b", "a[0]", "{{.Name}}", "${A}", "a]", "what?"])
def test_needs_quotes_in_flow_only(text):
    assert needs_quotes(text, flow=True)
    assert needs_quotes(text) == text.startswith("{")


PIECES = st.lists(
    st.sampled_from(list("aeExoObBnNyYfF0179 _-+.:,[]{}#&*!|>'\"%@`?=<~/$TZ\t\n"))
    | st.sampled_from([": ", " #", "---", "...", "null", "true", "inf", "nan", "0x", "20", "-01"]),
    max_size=12,
).map("".join)


@settings(deadline=None, max_examples=500)
@given(PIECES | st.text(max_size=20))
@example("0o17")
@example("12:30")
@example("2001-12-14 21:59:43.10 -5")
def test_plain_text_comes_back_from_every_reader(text):
    if needs_quotes(text):
        return
    assert resolve(text) == text
    for loader in (yaml.SafeLoader, yaml.CSafeLoader):
        assert yaml.load(f"key: {text}\nnext: 1\n", loader) == {"key": text, "next": 1}
        assert yaml.load(f"- {text} # comment\n- 1\n", loader) == [text, 1]
        assert yaml.load(f"{text}: 1\n", loader) == {text: 1}
        if not needs_quotes(text, flow=True):
            assert yaml.load(f"[{text}, 1]", loader) == [text, 1]
            assert yaml.load(f"{{key: {text}}}", loader) == {"key": text}


@needs_docker
def test_docker_reads_scalars_so(tmp_path):
    finite = {text: meant for text, meant in DOCKER_READS.items() if is_finite(meant)}
    lines = [f"x-{number}: {text}\n" for number, text in enumerate(finite)]
    printed = printed_nodes(docker_config(tmp_path, "".join(lines)).stdout)
    for number, (text, meant) in enumerate(finite.items()):
        found = measured(printed[f"x-{number}"], text, tmp_path)
        assert same(found, meant), text


@needs_docker
@pytest.mark.parametrize("text", [t for t, v in DOCKER_READS.items() if not is_finite(v)])
def test_docker_has_no_way_to_print_infinity_and_nan(text, tmp_path):
    error = docker_config(tmp_path, f"x-0: {text}\n").stderr
    assert re.search("unsupported value: ([-+]Inf|NaN)", error)


@needs_docker
@pytest.mark.parametrize("text", DOCKER_TIMES)
def test_docker_reads_a_time(text, tmp_path):
    node = printed_nodes(docker_config(tmp_path, f"x-0: {text}\n").stdout)["x-0"]
    assert node.style is None
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[-+]\d\d:\d\d)", node.value)


def docker_config(folder, extensions, service="image: a"):
    """Run Docker on a file with top-level extension fields, whose values it prints back."""
    path = folder / "compose.yml"
    path.write_text(f"version: '3.8'\n{extensions}services: {{app: {{{service}}}}}\n")
    command = ["docker", "stack", "config", "-c", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def printed_nodes(text):
    return {key.value: value for key, value in yaml.compose(text).value}


def measured(node, text, folder):
    """The value behind a printed scalar: Docker quotes strings that would not be strings plain."""
    words = {"true": True, "false": False, "null": None}
    if node.style is not None:
        return node.value
    if node.value in words:
        return words[node.value]
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?(e[-+][0-9]+)?", node.value):
        return node.value
    return int(node.value) if is_integer(text, folder) else float(node.value)


def is_integer(text, folder):
    """Docker prints 1e3 as 1000: only the field `ulimits` tells a float from an integer."""
    limits = f"image: a, ulimits: {{nofile: {text}}}"
    result = docker_config(folder, "", limits)
    if result.returncode == 0 or "invalid type uint64" in result.stderr:
        return True
    assert "invalid type float64" in result.stderr or "must be a integer" in result.stderr
    return False
