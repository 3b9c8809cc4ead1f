"""Asks judges about what a fix made, one after the other, each on a bench of its own."""

from __future__ import annotations

import contextlib
import signal
import tempfile
import threading
import time
from importlib import import_module
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, get_args

from patchkit.errors import PatchkitError
from patchkit.spec.model import JudgeName
from patchkit.verify.bench import Bench
from patchkit.verify.judge import (
    Case,
    Check,
    Judgement,
    NotAvailableError,
    NothingToJudgeError,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from patchkit.rendering import Patch
    from patchkit.spec.fix import Fix
    from patchkit.verify.judge import Judge

JUDGES: tuple[str, ...] = get_args(JudgeName)
LIMIT = 300.0  # seconds a judge may take
# Asked wherever it is installed: CI of the mirrors asks it too.
_UNASKED = "abra"
# What judges files of any repository.
_OF_FILES = ("shellcheck", "python")


def find_judge(name: str) -> Judge:
    """Return a judge by name, imported when it is first asked for."""
    judge: Judge = import_module(f"patchkit.verify.{name}").JUDGE
    return judge


def chosen(fix: Fix) -> tuple[str, ...]:
    """Return the judges that a spec's `verify:` lists, all of them where it lists none."""
    names = tuple(fix.spec.verify) or (JUDGES if fix.for_recipe else _OF_FILES)
    asks = fix.for_recipe and _UNASKED not in names and which(_UNASKED)
    return (*names, _UNASKED) if asks else names


def verify(
    fix: Fix, patch: Patch, names: Iterable[str] | None = None, *, seconds: float = LIMIT
) -> Iterator[Judgement]:
    """Yield what each judge says of a patch, as it ends.

    Args:
        fix: the spec.
        patch: what `render` made of a recipe; its tree is what is judged.
        names: the judges; those that the spec lists by default.
        seconds: how long each judge may take.
    """
    for name in chosen(fix) if names is None else names:
        yield _judged(find_judge(name), fix, patch, seconds)


def _judged(judge: Judge, fix: Fix, patch: Patch, seconds: float) -> Judgement:
    start = time.monotonic()
    temporary = tempfile.TemporaryDirectory(prefix="patchkit-", ignore_cleanup_errors=True)
    with _ending_in_order(), temporary as scratch:
        folder = Path(scratch).resolve()
        folder.chmod(0o711)  # programs that run as nobody pass through it
        bench = Bench(folder, seconds)
        state, checks, reason, hint = _asked(judge, Case(fix, patch, bench))
    took = time.monotonic() - start
    return Judgement(judge.name, state, checks, tuple(bench.ran), took, reason, hint)


def _asked(judge: Judge, case: Case) -> tuple[State, tuple[Check, ...], str, str]:
    checks: list[Check] = []
    try:
        checks.extend(judge.check(case))
    except NotAvailableError as error:
        return State.NOT_AVAILABLE, (), str(error), error.hint
    except NothingToJudgeError as error:
        return State.NOTHING, (), str(error), ""
    except PatchkitError as error:
        checks += [Check(p.message, passed=False, place=p.place) for p in error.problems]
    except OSError as error:
        checks.append(Check(f"the judge ran to its end: {error}", passed=False))
    if case.bench.remaining <= 0:
        checks.append(Check("the judge ended within its time", passed=False))
    passed = bool(checks) and all(check.passed or check.before for check in checks)
    return State.PASSED if passed else State.FAILED, tuple(checks), "", ""


@contextlib.contextmanager
def _ending_in_order() -> Iterator[None]:
    """Let what was started end, and folders go, when patchkit itself is told to end."""

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)  # as shells say it

    is_main = threading.current_thread() is threading.main_thread()
    told = (signal.SIGTERM, signal.SIGHUP) if is_main else ()
    taken = [number for number in told if signal.getsignal(number) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)
