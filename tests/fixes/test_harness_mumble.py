"""The fix of mumble: the patched probe and handshake, with servers that are not well at first."""

from __future__ import annotations

import contextlib
import textwrap
import types

import mumble_server
import pytest
from cc_ci import (
    HARNESS,
    fixed,
    formatted,
    importing,
    module_of,
    patched,
    ruff_says,
    tree_of,
    write,
)
from variants import changed_lines, crlf, no_final_newline, resub, sample, then, without

RUNS = 3
SERVERS = (
    mumble_server.AcceptsLate,
    mumble_server.DropsTheFirst,
    mumble_server.AnswersSlowly,
    mumble_server.IsCrowded,
)


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    return written(tree_of(sample(HARNESS)), tmp_path_factory)


@pytest.fixture(scope="module")
def after(tmp_path_factory):
    return written(fixed("mumble"), tmp_path_factory)


def written(tree, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cc-ci")
    tree.write(folder)
    return folder


@contextlib.contextmanager
def run_of(folder, kind, protocol="mumble"):
    """Give a run of mumble against a server: what waits for it, what tests it, and the server."""
    with importing(folder) as load, contextlib.closing(kind()) as server:
        meta, lifecycle, mumble = load("meta"), load("lifecycle"), load(protocol)

        def pause(seconds):
            server.pause(seconds)
            mumble.TIMEOUT = server.patience()

        mumble.TIMEOUT = server.patience()
        mumble.time = lifecycle.time = types.SimpleNamespace(sleep=pause)
        wait = getattr(lifecycle, "wait_ready", None) or lifecycle.await_probe
        ctx = meta.Context(domain=mumble_server.HOST, meta=meta.load("mumble"))
        probe = ctx.meta.READY_PROBE(ctx)
        assert (probe["tcp_host"], probe["tcp_port"]) == (mumble_server.HOST, 64738)
        ctx.meta.READY_PROBE = lambda ctx: probe | {"tcp_port": server.port}
        test = module_of(folder / "tests/mumble/custom/test_protocol_handshake.py")
        yield types.SimpleNamespace(
            server=server,
            wait=lambda: wait(ctx.meta.READY_PROBE(ctx)),
            test=lambda: test.test_handshake_completes_with_channel_presence(ctx),
            errors=(OSError, mumble.HandshakeError, lifecycle.NotReadyError),
        )


def passes(folder, kind, protocol="mumble"):
    """Whether the custom tier passes once the recipe counts as ready."""
    with run_of(folder, kind, protocol) as run:
        try:
            run.wait()
            run.test()
        except run.errors:
            return False
        return True


@pytest.mark.parametrize("kind", SERVERS)
def test_server_that_is_not_well_fails_the_test_before(before, kind):
    assert [passes(before, kind) for _ in range(RUNS)] == [False] * RUNS


@pytest.mark.parametrize("kind", [mumble_server.Server, *SERVERS])
def test_server_that_is_not_well_passes_the_test_after(after, kind):
    assert [passes(after, kind) for _ in range(RUNS)] == [True] * RUNS


def test_healthy_server_passed_before(before):
    assert passes(before, mumble_server.Server)


@pytest.mark.parametrize("kind", SERVERS[:3])
def test_recipe_is_ready_once_a_handshake_was_answered(before, after, kind):
    with run_of(before, kind) as run:
        run.wait()
        assert run.server.handshakes == 0
    with run_of(after, kind) as run:
        run.wait()
        assert run.server.handshakes > 0


class NeverAnswers(mumble_server.Server):
    """Hangs up on everybody."""

    def treat(self, connection, number):
        pass


def test_server_that_never_answers_is_not_ready(before, after):
    """The tries are counted: nothing waits for ever."""
    with run_of(before, NeverAnswers) as run:
        run.wait()
    with run_of(after, NeverAnswers) as run:
        with pytest.raises(run.errors):
            run.wait()
        assert run.server.pauses < 100


META, LIFECYCLE, PROTOCOL, TEST = (
    "tests/mumble/recipe_meta.py",
    "runner/harness/lifecycle.py",
    "runner/harness/mumble.py",
    "tests/mumble/custom/test_protocol_handshake.py",
)
PROBE = r"return (\{.*\})"
SIGNATURE = r"attempts: int = ATTEMPTS"
LOOP = """
    streak = 0
    for _ in range(tries):
        streak = streak + 1 if accepts(probe["tcp_host"], probe["tcp_port"]) else 0
        if streak >= probe.get("stable", 1):
            return
        time.sleep(pause)
    raise NotReadyError("not ready")
"""


def renamed(path):
    """Give the protocol another file."""
    return lambda files: {path if old == PROTOCOL else old: t for old, t in files.items()}


# Harnesses that say the same in another way.
VARIANTS = {
    "probe that is built": resub(META, (PROBE, r"probe = \1\n    return probe")),
    "probe that is built step by step": resub(
        META,
        (
            PROBE,
            'probe = {"stable": 3}\n    probe["tcp_host"] = ctx.domain\n'
            '    probe["tcp_port"] = 64738\n    return probe',
        ),
    ),
    "probe with a type": resub(META, (PROBE, r"probe: dict[str, object] = \1\n    return probe")),
    "probe on several lines": resub(
        META,
        (
            PROBE,
            'return {\n        "tcp_host": ctx.domain,\n        "tcp_port": 64738,  # TCP\n'
            '        "stable": 3,\n    }',
        ),
    ),
    "probe with other keys, in another order": resub(
        META,
        (PROBE, 'return {"stable": 3, "why": "voice", "tcp_port": 64738, "tcp_host": ctx.domain}'),
    ),
    "probe for one step alone": resub(
        META, (PROBE, r'if ctx.op == "restore":\n        return None\n    return \1')
    ),
    "lines that no formatter may touch": resub(
        META, (PROBE, r"# fmt: off\n    return \1"), (r"return \{", "return {  ")
    ),
    "tabs": resub(META, (r"^    ", "\t")),
    "shorter lines": then(
        resub("pyproject.toml", ("line-length = 100", "line-length = 88")), formatted
    ),
    "settings behind other imports": resub(
        META,
        (
            r"^HEALTH_PATH",
            "import os\n\nfrom harness import warm\n\nown = os.name, warm\n\nHEALTH_PATH",
        ),
    ),
    "single quotes": resub(META, (r'"(tcp_host|tcp_port|stable)"', r"'\1'")),
    "Windows line ends": crlf("*.py"),
    "no final newline": no_final_newline("*.py"),
    "other names": then(
        resub(LIFECYCLE, (r"\bwait_ready\b", "await_probe"), (r"\bprobe\b", "wanted")),
        resub("tests/unit/*.py", (r"\bwait_ready\b", "await_probe")),
    ),
    "protocol in another file": then(
        renamed("runner/harness/voice.py"),
        resub("tests/*.py", (r"from harness import mumble", "from harness import voice as mumble")),
    ),
    "waiting in a loop of its own": resub(LIFECYCLE, (r"\n    wait_tcp\(probe.*\n", LOOP)),
    "attempts written out": resub(
        PROTOCOL, (SIGNATURE, "attempts: int = 3"), (r"^ATTEMPTS.*\n", "")
    ),
    "attempts without a type, on several lines": resub(
        PROTOCOL, (SIGNATURE, "attempts=3"), (r"^ATTEMPTS.*\n", "")
    ),
    "attempts by another name": then(
        resub(PROTOCOL, (r"\battempts\b", "retries"), ("ATTEMPTS", "RETRIES")),
        resub("tests/unit/*.py", (r"\battempts=", "retries=")),
    ),
    "attempts of the test's own": resub(
        TEST, (r'probe\["tcp_port"\]\)', 'probe["tcp_port"], attempts=4)')
    ),
    "attempts that are many already": resub(PROTOCOL, ("ATTEMPTS = 3", "ATTEMPTS = 60")),
    "comments": then(
        resub(PROTOCOL, ("ATTEMPTS = 3", "ATTEMPTS = 3  # in a row")),
        resub(META, (PROBE, r"# Three in a row.\n    return \1")),
        resub(LIFECYCLE, (r"^(    wait_tcp\(probe.*)$", r"\1  # first of all")),
    ),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_variant(name, tmp_path):
    files = VARIANTS[name](sample(HARNESS))
    after = patched("mumble", files)
    folder = write(after, tmp_path / "after")
    protocol = "voice" if "runner/harness/voice.py" in files else "mumble"
    for kind in (mumble_server.AcceptsLate, mumble_server.DropsTheFirst):
        assert passes(folder, kind, protocol)
    assert ruff_says(folder) == ruff_says(write(files, tmp_path / "before"))


SECONDS = (
    (r", attempts: int = ATTEMPTS, pause: float = 1.0", ", budget: float = BUDGET"),
    (r"^ATTEMPTS = 3$", "BUDGET = 15.0  # seconds"),
    (r"for _ in range\(attempts - 1\)", "for _ in until(budget)"),
)


def test_budget_of_seconds():
    files = resub(PROTOCOL, *SECONDS)(sample(HARNESS))
    after = patched("mumble", files)
    gone, new = changed_lines(files[PROTOCOL], after[PROTOCOL])
    assert (gone, new) == (["BUDGET = 15.0  # seconds"], ["BUDGET = 120  # seconds"])
    after = patched("mumble", files, {"seconds": 300})
    assert "BUDGET = 300  # seconds" in after[PROTOCOL]


def in_class(match):
    return "class Waiting:\n" + textwrap.indent(match[1], "    ")


DRIFTED = {
    "probe that is made elsewhere": (
        resub(META, (PROBE, "return probe_of(ctx)  # tcp_port")),
        ("READY_PROBE is no dict in braces",),
    ),
    "two probes": (
        resub(META, (PROBE, r'if ctx.op == "restore":\n        return {}\n    return \1')),
        ("READY_PROBE returns 2 values", "python.replace"),
    ),
    "no probe": (resub(META, (r"READY_PROBE", "ready_probe")), ("the fix extends the probe",)),
    "a probe of another kind": (
        resub(META, (PROBE, 'return {"url": ctx.base_url}')),
        ("met by something else than connections",),
    ),
    "no retry_handshake": (
        then(
            resub(PROTOCOL, (r"\bretry_handshake\b", "handshake_often")),
            resub("tests/*.py", (r"\bretry_handshake\b", "handshake_often")),
        ),
        ("the harness has no function retry_handshake",),
    ),
    "retry_handshake in the folder of the tests": (
        renamed("tests/mumble/custom/protocol.py"),
        ("move retry_handshake below runner/", "--param module="),
    ),
    "no bound": (
        resub(PROTOCOL, (r", attempts: int = ATTEMPTS", ""), (r"attempts - 1", "2")),
        ("retry_handshake has no argument that bounds it",),
    ),
    "a bound from elsewhere": (
        resub(PROTOCOL, (SIGNATURE, "attempts: int = settings.attempts()")),
        ("bounded in a way that the fix does not know",),
    ),
    "waiting that ends in an error": (
        resub(LIFECYCLE, (r"^(    wait_tcp\(probe.*)$", r"\1\n    raise NotReadyError")),
        ("behind this statement the code would never run",),
    ),
    "waiting elsewhere": (
        resub(LIFECYCLE, (r'"tcp_port"', '"tcp-port"')),
        ("nothing in that file reads the tcp_port of a probe",),
    ),
    "waiting in a class": (
        resub(
            LIFECYCLE,
            (r"(?s)^(def wait_ready.*?\n)(?=\n\ndef wait_tcp)", in_class),
        ),
        ("no name wait_ready", "there is"),
    ),
    "no settings": (without(META), (META,)),
}


@pytest.mark.parametrize("name", DRIFTED)
def test_drifts(name, check_drifts):
    variant, words = DRIFTED[name]
    check_drifts("mumble", variant(sample(HARNESS)), *words)
