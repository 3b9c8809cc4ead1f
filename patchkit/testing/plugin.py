"""The plugin of pytest: `pytest fixes/` tries every spec there, with the checks of this room.

Nothing of patchkit is imported until a spec is collected.
https://docs.pytest.org/en/stable/example/nonpython.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from patchkit.testing.failure import Failure
    from patchkit.testing.suite import Case

_UPDATE = "--snapshot-update"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the setting that tells which files are specs."""
    parser.addini(
        "patchkit_fixes",
        "Patterns of the fix specs that patchkit tries, read from the right as by Path.match.",
        type="args",
        default=["fixes/*.yml", "fixes/classes/*.yml"],
    )


@pytest.hookimpl(trylast=True)
def pytest_load_initial_conftests(parser: pytest.Parser) -> None:
    """Take `--snapshot-update`, unless a plugin for other snapshots has taken it by now."""
    _, unknown = parser.parse_known_and_unknown_args([_UPDATE])
    if _UPDATE in unknown:
        group = parser.getgroup("patchkit", "fix specs")
        group.addoption(_UPDATE, action="store_true", help="Make today's diffs the reviewed ones.")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> FixFile | None:
    """Collect the spec files, and any that is named on the command line."""
    if file_path.suffix != ".yml":
        return None
    patterns = parent.config.getini("patchkit_fixes")
    is_named = parent.session.isinitpath(file_path)
    if not is_named and not any(file_path.match(pattern) for pattern in patterns):
        return None
    file: FixFile = FixFile.from_parent(parent, path=file_path)
    return file


class FixFile(pytest.File):
    """A spec file."""

    def collect(self) -> Iterator[FixItem]:
        """Yield an item for each case."""
        from patchkit.testing.layout import shown  # noqa: PLC0415  see above
        from patchkit.testing.suite import Suite  # noqa: PLC0415  see above

        update = bool(self.config.getoption(_UPDATE, default=False))
        for case in Suite(shown(self.path), update=update).cases():
            yield FixItem.from_parent(self, name=case.name, case=case)


class FixItem(pytest.Item):
    """One check of one fix."""

    def __init__(self, *, case: Case, **of_pytest: Any) -> None:
        super().__init__(**of_pytest)
        self.case = case

    def runtest(self) -> None:
        """Make the check."""
        from patchkit.testing.failure import Failure, NotTried  # noqa: PLC0415  see above

        outcome = self.case.run()
        if isinstance(outcome, NotTried):
            pytest.skip(outcome.reason)
        if isinstance(outcome, Failure):
            raise CheckFailedError(outcome)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *_: Any) -> Any:
        """Return what the author needs: the problems with their places, and no traceback."""
        if isinstance(excinfo.value, CheckFailedError):
            return excinfo.value.failure.text()
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return what pytest calls the item."""
        return self.path, None, f"{self.path.stem}: {self.name}"


class CheckFailedError(Exception):
    """A fix did not pass a check.

    Attributes:
        failure: what is wrong.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.problems[0].message)
        self.failure = failure
