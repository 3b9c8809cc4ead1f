"""Where nobody looks at skipped tests, a skipped one is a failure: `CI=true` says so."""

from __future__ import annotations

import gc
import os
import signal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

# A sample may have tests of its own; they are not patchkit's.
collect_ignore = ["recipes"]
# A shell that starts tests in the background lets them ignore signals, and what they start too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
_IS_CI = os.environ.get("CI", "").lower() in {"1", "true"}


def _skipped(config: pytest.Config) -> int:
    reporter: TerminalReporter | None = config.pluginmanager.get_plugin("terminalreporter")
    return len(reporter.stats.get("skipped", [])) if reporter else 0


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Take ten thousand collected tests for what stays: the collector need not visit them again."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _IS_CI and _skipped(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    if _IS_CI and (number := _skipped(terminalreporter.config)):
        terminalreporter.write_line(
            f"{number} tests were skipped, which CI takes for a failure: install what they need",
            red=True,
        )
