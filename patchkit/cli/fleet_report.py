"""`patchkit report`: each result is drawn by whoever renders it, and the page is put together here.

Pages hold what judges say and how pull requests stand. Forges are asked in threads: what is known
of a mirror is known once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol

from patchkit.cli.fleet import conduct, counted, specs
from patchkit.cli.fleet_render import aimed
from patchkit.errors import ExitCode, UsageError
from patchkit.fleet.job import Job, Seen
from patchkit.fleet.outcome import Word
from patchkit.rendering import Verdict
from patchkit.report.ci_text import ci_text
from patchkit.report.html import Article, Entry, Failure, article, failed_article, page
from patchkit.verify import State, verify

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchkit.cli.job import Asked
    from patchkit.cli.options import Many
    from patchkit.fleet.outcome import Outcome
    from patchkit.fleet.rendered import Rendered
    from patchkit.publish.row import Row
    from patchkit.spec.fix import Fix
    from patchkit.verify import Judgement


class Look(Protocol):
    """Reads how a fix stands on its mirror."""

    def __call__(self, fix: Fix, url: str | None = None) -> Row:
        """Return it.

        Args:
            fix: the fix, on its recipe.
            url: the mirror's, where the command line names it.
        """


@dataclass
class Gathered:
    """What a page is made of.

    Attributes:
        articles: fixes on recipes, in their order.
        failures: fixes that could not be rendered.
        code: the highest exit code.
    """

    articles: list[Article] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    code: ExitCode = ExitCode.OK

    def page(self) -> str:
        """Return the page; what could not be rendered comes first."""
        return page([*map(failed_article, self.failures), *self.articles])

    def keep(self, outcome: Outcome) -> Outcome:
        """Keep what was drawn of an outcome, and return what is told of it."""
        if isinstance(outcome.extra, Article):
            self.articles.append(outcome.extra)
        else:
            source = outcome.source
            self.failures.append(Failure(outcome.fix, outcome.problems, source.recipe, source.name))
        return outcome


def gathered(
    names: Sequence[str],
    asked: Asked,
    many: Many,
    *,
    is_verified: bool,
    look: Look | None,
    profile: str | None,
) -> Gathered:
    """Render fixes on recipes, and return what the page shows of each.

    Args:
        names: of fixes, as typed.
        asked: where a recipe is, when it is one, and parameters.
        many: which recipes, and how.
        is_verified: whether real programs are asked.
        look: reads pull requests and CI; None does not.
        profile: of the settings.

    Raises:
        UsageError: no recipe is meant, or forges are to be asked from other processes.
    """
    if look is not None and (many.scheduler or many.executor not in {None, "threads"}):
        raise UsageError(
            "--status asks the forge from this process alone",
            hint="write --executor threads, or leave it out",
        )
    read = specs(names, is_all=many.is_all)
    fixes, broken = counted(read)
    pairs, stray = aimed(fixes, asked, many, profile)
    found = Gathered(failures=[Failure(name, e.problems) for name, e in read.broken])
    view = partial(drawn, is_verified=is_verified, look=look)
    code = conduct(
        [Job(source, texts, asked.params, view) for source, texts in pairs],
        many,
        command=None,
        settle=found.keep,
        kind="threads" if look else "processes",
        after=broken,
    )
    found.code = max(stray, code)
    return found


def drawn(rendered: Rendered, *, is_verified: bool, look: Look | None) -> Seen:
    """Return what the page shows of a rendered fix, and the exit code of judges and CI."""
    is_meant = rendered.patch.verdict is not Verdict.OTHER
    judgements = _judgements(rendered) if is_verified and is_meant else None
    row = look(rendered.fix, rendered.mirror or None) if look and is_meant else None
    failed = [j.judge for j in judgements or () if j.state is State.FAILED]
    code = max(ExitCode.CHANGE if failed else ExitCode.OK, row.code if row else ExitCode.OK)
    note = "; ".join([*(f"{judge} failed" for judge in failed), *_told(row)])
    word = Word.FAILS if code is ExitCode.CHANGE else None
    return Seen("", code, word, note, article(Entry(rendered, judgements, row)))


def _told(row: Row | None) -> Iterator[str]:
    """Yield why a pull request or CI asks for an exit code."""
    if row is None or row.code is ExitCode.OK:
        return
    if row.error:
        yield row.error.problems[0].message
    elif row.ci and row.ci.is_final and not row.ci.is_green:
        yield f"CI: {ci_text(row.ci)}"
    elif row.plan:
        yield ": ".join(part for part in (row.plan.action, row.plan.reason) if part)


def _judgements(rendered: Rendered) -> tuple[Judgement, ...]:
    if rendered.patch.verdict in {Verdict.DRIFTED, Verdict.BROKEN}:
        return ()
    return tuple(verify(rendered.fix, rendered.patch))
