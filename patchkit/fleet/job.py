"""The job of a fleet: render fixes on one recipe, and say what came of each.

Pure but for reading: the same recipe and the same texts give the same outcomes in any process, so
a job that was cut off is done again, and one done twice is the same as once.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, Protocol

from patchkit import __version__, diff
from patchkit.errors import ExitCode, Problem
from patchkit.fleet.outcome import Outcome, Word, failed
from patchkit.fleet.rendered import Rendered
from patchkit.fleet.source import check_is_recipe
from patchkit.lint import Gate, Report
from patchkit.rendering import check, render
from patchkit.tree import RecipeTree
from patchkit.tree.entry import Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from patchkit.fleet.fix_text import FixText
    from patchkit.fleet.source import Read, Source
    from patchkit.git.author import Author


class Work(Protocol):
    """What a fleet does with one recipe; it can be pickled."""

    @property
    def source(self) -> Source:
        """Where the recipe comes from."""

    def __call__(self) -> Sequence[Outcome]:
        """Do it, and return an outcome for each fix; never an error."""

    def lost(self, error: Exception) -> Sequence[Outcome]:
        """Return the outcomes when whoever worked on it went away."""

    def portable(self) -> Work:
        """Return the same work for another machine; a PatchkitError when that cannot be."""

    def __len__(self) -> int:
        """Return how many outcomes it has."""

    def left(self, done: frozenset[str]) -> Work | None:
        """Return what of it is not done yet, by key; None when all is."""


class Seen(NamedTuple):
    """What a command makes of a rendered fix.

    Attributes:
        shown: text for standard output.
        code: the exit code that it asks for, beside the fix's own.
        word: how it ended; the verdict by default.
        note: a few words more.
        extra: what else the command needs of it; it must be picklable.
    """

    shown: str = ""
    code: ExitCode = ExitCode.OK
    word: Word | None = None
    note: str = ""
    extra: object = None


def key_of(source: Source, *more: str) -> str:
    """Return what a piece of work is known by: the recipe's origin, and what is done there."""
    return hashlib.sha256("\0".join((source.key, *more)).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Job:
    """Fixes to render on one recipe.

    Attributes:
        source: the recipe's origin.
        fixes: their texts.
        params: values for their parameters.
        view: what a command makes of each; it must be picklable.
        is_chained: whether each fix gets what the one before it left.
        is_kept: whether outcomes hold files: of a folder those that change, else all.
        author: who a commit is by, which is written into the recipe's repository; None writes
            none.
        salt: what else the outcome depends on, for its key.
        is_gated: whether lint is asked before and after; no command does without.
    """

    source: Source
    fixes: tuple[FixText, ...]
    params: Mapping[str, str] = field(default_factory=dict)
    view: Callable[[Rendered], Seen] | None = None
    is_chained: bool = False
    is_kept: bool = False
    author: Author | None = None
    salt: tuple[str, ...] = ()
    is_gated: bool = True

    def __call__(self) -> list[Outcome]:
        """Render every fix; one that fails does not stop the others."""
        try:
            read = self.source.read()
        except Exception as error:  # noqa: BLE001  whatever it is, the others go on
            return self.lost(error)
        outcomes = []
        for text in self.fixes:
            outcome, tree = self._outcome(text, read)
            outcomes.append(replace(outcome, key=self._key(text)))
            read = read._replace(tree=tree)
        return outcomes

    def lost(self, error: Exception) -> list[Outcome]:
        """Return an outcome for each fix of which nothing came."""
        source = self.source.bare()
        return [failed(source, text.id, error, self._key(text)) for text in self.fixes]

    def portable(self) -> Job:
        """Return the job with all that lies on this machine."""
        fixes = tuple(text.portable() for text in self.fixes)
        return replace(self, source=self.source.portable(), fixes=fixes)

    def __len__(self) -> int:
        """Return how many outcomes it has."""
        return len(self.fixes)

    def left(self, done: frozenset[str]) -> Job | None:
        """Return the job with those of its fixes that are not done; None when all are."""
        fixes = tuple(text for text in self.fixes if self._key(text) not in done)
        return replace(self, fixes=fixes) if fixes else None

    def _key(self, text: FixText) -> str:
        params = [f"{name}={value}" for name, value in sorted(self.params.items())]
        return key_of(self.source, text.digest, *params, *self.salt)

    def _outcome(self, text: FixText, read: Read) -> tuple[Outcome, RecipeTree]:
        try:
            fix = text.load().on(self.source.recipe)
            if fix.for_recipe:
                check_is_recipe(read.tree)
            patch = render(fix, read.tree, self.params)
            gate = check(fix, patch) if self.is_gated else Gate(Report(()), Report(()))
            source = self.source
            mirror = source.where if source.kind == "mirror" else ""
            rendered = Rendered(fix, source.name, patch, gate, source.recipe, mirror)
            outcome = self._told(rendered, read)
        except Exception as error:  # noqa: BLE001  as above
            return failed(self.source.bare(), text.id, error), read.tree
        goes_on = self.is_chained and rendered.code is ExitCode.OK
        return outcome, patch.tree if goes_on else read.tree

    def _told(self, rendered: Rendered, read: Read) -> Outcome:
        patch, code = rendered.patch, rendered.code
        seen = self.view(rendered) if self.view else Seen()
        changed = patch.tree.changed_paths(patch.base) if code is ExitCode.OK else ()
        return Outcome(
            self.source.bare(),
            rendered.fix.name,
            seen.word or _word(rendered),
            max(code, seen.code),
            _reasons(rendered),
            seen.note or _size(rendered),
            seen.shown,
            "" if self.view else patch.diff(),
            self._committed(rendered, read) if changed else "",
            *(self._kept(rendered, changed) if code is ExitCode.OK else (None, None)),
            extra=seen.extra,
        )

    def _kept(
        self, rendered: Rendered, changed: tuple[str, ...]
    ) -> tuple[RecipeTree | None, RecipeTree | None]:
        patch = rendered.patch
        if not self.is_kept or (self.source.kind == "folder" and not changed):
            return None, None
        if self.source.kind == "folder":
            return _only(patch.base, changed), _only(patch.tree, changed)
        return None, _only(patch.tree, patch.tree.paths())

    def _committed(self, rendered: Rendered, read: Read) -> str:
        if self.author is None or read.folder is None or not read.commit:
            return ""
        from patchkit.git.commit import commit  # noqa: PLC0415  few jobs write one

        fix = rendered.fix
        return commit(
            *(read.folder, read.commit, rendered.patch.tree, fix.title, self.author),
            fix=fix.id,
            digest=fix.digest,
            version=__version__,
            before=None if self.is_chained else rendered.patch.base,
        )


def _only(tree: RecipeTree, paths: Sequence[str]) -> RecipeTree:
    """Return some files of a tree, their bytes read."""
    there = {path: tree.entries[path] for path in paths if path in tree.entries}
    return RecipeTree({path: Entry(e.data, e.mode) for path, e in there.items()}, tree.name)


def _word(rendered: Rendered) -> Word:
    if not rendered.gate.passed:
        return Word.WORSE
    return Word.OPEN if rendered.patch.findings else Word(rendered.patch.word)


def _reasons(rendered: Rendered) -> tuple[Problem, ...]:
    """Return why a fix is not written; nothing where it is."""
    if rendered.code is ExitCode.REFUSED:
        return rendered.patch.reasons
    worse = [regression.finding for regression in rendered.gate.worse]
    found = [*worse, *(f for f in rendered.patch.findings if f not in worse)]
    return tuple(Problem(f"{f.message} [{f.rule}]", f.place, f.hint) for f in found)


def _size(rendered: Rendered) -> str:
    stats = diff.stat(rendered.patch.base, rendered.patch.tree)
    if not stats:
        return ""
    added, removed = sum(s.added for s in stats), sum(s.removed for s in stats)
    return f"{len(stats)} file{'s' * (len(stats) != 1)}, +{added} -{removed}"
