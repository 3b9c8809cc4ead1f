"""Worlds that are ready for a command, made once in a process and put back after each use."""

from __future__ import annotations

import copy
import itertools
import os
import shutil
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Self

import pytest
import stamina
import trustme
from faults import Fault
from lifecycle import FLOWS, branches, called, check, state
from world import TOKEN, World

from patchkit.cli import waiting
from patchkit.forge.http import Http
from patchkit.git import push
from patchkit.publish.wait import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gitea_state import Forge
    from lifecycle import Result
    from loopback import Request

SOON = 0.2  # seconds after which a slow answer is taken for lost


@contextmanager
def at_home(folder: Path, ca: Path | None = None) -> Iterator[None]:
    """Be a user with a home, a cache, a token and a folder of settings, all below a folder."""
    with pytest.MonkeyPatch.context() as patch, stamina.set_testing(True, attempts=4, cap=True):
        for name in [name for name in os.environ if name.startswith(("GIT_", "PATCHKIT_"))]:
            patch.delenv(name)
        for name in ("home", "here"):
            (folder / name).mkdir(exist_ok=True)
        for name, value in environment(folder, ca).items():
            patch.setenv(name, value)
        patch.chdir(folder / "here")
        yield


@contextmanager
def hurry(*faults: Fault) -> Iterator[None]:
    """Take answers for lost that do not come soon, where they do not, and let git give up."""
    with pytest.MonkeyPatch.context() as patch:
        seconds = itertools.count()
        patch.setattr(waiting, "CLOCK", Clock(lambda: float(next(seconds)), lambda _: None))
        if Fault.SLOW in faults:
            patch.setitem(Http.__init__.__kwdefaults__, "timeout", SOON)
            patch.setenv("GIT_HTTP_LOW_SPEED_LIMIT", "1")
            patch.setenv("GIT_HTTP_LOW_SPEED_TIME", "1")
        if Fault.CUT in faults:
            patch.setattr(push, "_TIMEOUT", 1)
        yield


def environment(folder: Path, ca: Path | None = None) -> dict[str, str]:
    """Return the variables of that user, who trusts an authority."""
    home = folder / "home"
    trusted = {"GIT_SSL_CAINFO": str(ca), "REQUESTS_CA_BUNDLE": str(ca)} if ca else {}
    return trusted | {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "PATCHKIT_CACHE": str(folder / "cache"),
        "PATCHKIT_TOKEN": TOKEN,
    }


def furnished(world: World, folder: Path) -> World:
    """Give a world the mirror of gitea, and the settings in a folder that name it."""
    world.add("gitea")
    (folder / "here" / "patchkit.toml").write_text(
        f'mirror = "{world.url()}"\nforge = "gitea"\nauthor = "Bot <bot@example.com>"\n'
    )
    return world


class Stage:
    """A world as it is before a command, to come back to.

    Attributes:
        flow: the name of what happens on it.
        words: the command.
        folder: of the user; `cache` in it is patchkit's, `other` that of another machine.
        asked: what a run asks that nothing befalls.
        whole: how it is after such a run.
    """

    def __init__(self, flow: str, world: World, folder: Path) -> None:
        self.flow, self.world, self.folder = flow, world, folder
        self.words = FLOWS[flow].words
        self._known: list[object] = []
        FLOWS[flow].before(world)
        self._saved = shutil.copytree(folder / "cache", folder / "saved")
        self._forge, self._branches = _copied(world.gitea.forge), branches(world)
        done, self.asked = self.run(), self._requests
        assert done.code == 0, done.err
        self.whole = state(world)
        check(flow, self.whole, world.origins["gitea"].bare)

    def run(self) -> Result:
        """Run the command in this process."""
        before = len(self.world.proxy.requests)
        self.world.proxy.first = self.world.proxy._seen
        done = called(self.words)
        self._requests = self.world.proxy.requests[before:]
        return done

    def restore(self) -> None:
        """Put the forge, its branches and the cache back."""
        for name in ("cache", "other"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
            shutil.copytree(self._saved, self.folder / name)
        self.world.gitea.forge = _copied(self._forge)
        references = self.world.repo("gitea").git.references
        now = branches(self.world)
        for name in now.keys() - self._branches.keys():
            references.delete(name)
        for name, sha in self._branches.items():
            if now.get(name) != sha:
                references.create(name, sha, force=True)
        self.world.proxy.reset()
        self.world.proxy.hook = bool
        self.world.forget()

    @property
    def is_whole(self) -> bool:
        """Whether all is as after a run that nothing befell."""
        return state(self.world) == self.whole

    def mended(self) -> None:
        """Run the command again, and check that all is as it should be; what was seen counts."""
        self.world.proxy.reset()
        self.world.proxy.hook = bool
        now = (state(self.world), _files(self.folder / "cache"))
        if now in self._known:
            return
        again = self.run()
        assert again.code == 0, again.err
        assert state(self.world) == self.whole
        self._known.append(now)


class Stages:
    """The stages of this process; `with` begins and ends them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[tuple[str, bool], Stage] = {}
        self._open = ExitStack()
        self._authority: trustme.CA | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @contextmanager
    def on(self, flow: str, *, tls: bool = False) -> Iterator[Stage]:
        """Be the user of a stage, which is as before the command; over TLS if wished."""
        folder = self._folder / f"{flow}{'-tls' * tls}"
        ca = self._folder / "ca.pem"
        if tls and self._authority is None:
            self._authority = trustme.CA()
            self._authority.cert_pem.write_to_path(str(ca))
        folder.mkdir(exist_ok=True)
        with at_home(folder, ca if tls else None):
            if (flow, tls) not in self._made:
                world = World(folder / "srv", self._authority if tls else None)
                furnished(self._open.enter_context(world), folder)
                self._made[flow, tls] = Stage(flow, world, folder)
            stage = self._made[flow, tls]
            stage.restore()
            yield stage


def _copied(forge: Forge) -> Forge:
    """Return a copy of all that a forge knows, which goes on counting as the forge does."""
    return copy.deepcopy(forge, {id(count): count for count in (forge.ids, forge.ticks)})


def _files(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def is_git(request: Request) -> bool:
    """Whether a request is git's."""
    return not request.path.startswith("/api/")


def writes(request: Request) -> bool:
    """Whether a request writes, or is the way to a push."""
    if is_git(request):
        return "git-receive-pack" in request.target
    return request.method != "GET"
