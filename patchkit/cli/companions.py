"""The fixes that belong together with one, each with its pull request on whatever mirror."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchkit.errors import PatchkitError
from patchkit.fixes import partners, siblings
from patchkit.publish.body import part_of
from patchkit.publish.target import branch_of
from patchkit.report.pull_request import code
from patchkit.settings import profiles, settings_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.cli.targets import Site, Targets
    from patchkit.forge import PullRequest
    from patchkit.spec.fix import Fix

_URL = re.compile(r"https?://[^\s()<>\"\\]+")


class Companions:
    """Finds the pull requests of companions, of each once.

    Args:
        targets: the mirrors; the settings' other profiles are asked where those have none.
    """

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._pages: dict[str, str | None] = {}
        self._read: dict[str, list[Fix]] = {}

    def lines(self, fix: Fix, body: str) -> list[str]:
        """Return the companions of a fix as Markdown: a link, or a name while there is none.

        Args:
            fix: the spec; that another one names it in `with:` is enough.
            body: the pull request's, whose links stay while a mirror cannot be read.
        """
        known = {other.id: other for other in self._siblings(fix) if other.id != fix.id}
        named = {one.id: ids for one, ids in partners([fix, *known.values()])}[fix.id]
        ids = sorted({*named, *fix.spec.with_})
        return [self._line(id_, known.get(id_), part_of(body)) for id_ in ids]

    def _siblings(self, fix: Fix) -> list[Fix]:
        if fix.path not in self._read:
            self._read[fix.path] = siblings(fix)
        return self._read[fix.path]

    def _line(self, id_: str, fix: Fix | None, body: str) -> str:
        name = code(id_)
        if fix is None:
            return name
        if id_ not in self._pages:
            self._pages[id_] = self._page(fix)
        page = self._pages[id_]
        if page is None:
            had = re.search(rf"^- \[{re.escape(name)}\]\(({_URL.pattern})\)$", body, re.MULTILINE)
            page = had[1] if had else ""
        return f"[{name}]({page})" if _URL.fullmatch(page) else name

    def _page(self, fix: Fix) -> str | None:
        """Return the page of a fix's pull request, empty for none; None when nobody can tell."""
        try:
            pulls = (_pull(site, fix.id, self._targets.fork) for site in self._sites(fix))
            return next((pull.url for pull in pulls if pull is not None), "")
        except PatchkitError:
            return None

    def _sites(self, fix: Fix) -> Iterator[Site]:
        """Yield the mirrors of a fix's repository that the settings name, this profile's first."""
        seen = {""}
        for profile in (self._targets.profile, None, *profiles()):
            settings = settings_for(fix.repository, profile=profile)
            url = settings.mirror_of(fix.repository) or ""
            if url not in seen and (site := self._targets.site(url, settings)):
                yield site
            seen.add(url)


def _pull(site: Site, fix_id: str, fork: str | None) -> PullRequest | None:
    """Return the pull request of a fix: the one that is open, else the newest that was merged."""
    owner = fork or site.repository.owner
    found = site.forge.find(head=branch_of(fix_id), head_owner=owner)
    ranked = sorted(found, key=lambda pull: (pull.state == "open", pull.number))
    return next((pull for pull in reversed(ranked) if pull.state != "closed"), None)
