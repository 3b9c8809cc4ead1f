"""The fix of mumble: the patched probe and handshake, with servers that are not well at first."""

from __future__ import annotations

import contextlib
import types

import mumble_server
import pytest
from cc_ci import HARNESS, fixed, importing, module_of, tree_of
from variants import sample

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
def run_of(folder, kind):
    """Give a run of mumble against a server: what waits for it, what tests it, and the server."""
    with importing(folder) as load, contextlib.closing(kind()) as server:
        meta, lifecycle, mumble = load("meta"), load("lifecycle"), load("mumble")

        def pause(seconds):
            server.pause(seconds)
            mumble.TIMEOUT = server.patience()

        mumble.TIMEOUT = server.patience()
        mumble.time = lifecycle.time = types.SimpleNamespace(sleep=pause)
        ctx = meta.Context(domain=mumble_server.HOST, meta=meta.load("mumble"))
        probe = ctx.meta.READY_PROBE(ctx)
        assert (probe["tcp_host"], probe["tcp_port"]) == (mumble_server.HOST, 64738)
        ctx.meta.READY_PROBE = lambda ctx: probe | {"tcp_port": server.port}
        test = module_of(folder / "tests/mumble/custom/test_protocol_handshake.py")
        yield types.SimpleNamespace(
            server=server,
            wait=lambda: lifecycle.wait_ready(ctx.meta.READY_PROBE(ctx)),
            test=lambda: test.test_handshake_completes_with_channel_presence(ctx),
            errors=(OSError, mumble.HandshakeError, lifecycle.NotReadyError),
        )


def passes(folder, kind):
    """Whether the custom tier passes once the recipe counts as ready."""
    with run_of(folder, kind) as run:
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
