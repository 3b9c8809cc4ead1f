"""Looks for a token wherever a command may have left it, with everything that can talk talking.

Git's traces are on, http.client prints what it sends, every log is written at its lowest level,
and errors are shown with the names of their functions, as some programs do.
"""

from __future__ import annotations

import base64
import functools
import http.client
import logging
import os
import shlex
import subprocess
import sys
import threading
import traceback
import uuid
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from scanning import logged, shown

from patchkit.cli.boundary import run
from patchkit.errors import PatchkitError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loopback import Request
    from stages import Stage

TRACES = {
    "GIT_TRACE": "1",
    "GIT_TRACE_CURL": "{here}/trace",
    "GIT_TRACE_PACKET": "1",
    "GIT_TRACE_SETUP": "1",
    "GIT_TRACE2_EVENT": "{here}/trace2",
    "GIT_TRACE_REDACT": "0",
    "GIT_CURL_VERBOSE": "1",
    "PYTHONFAULTHANDLER": "1",
}
NAMES = ("x-access-token", "bot", "patchbot", "")


@functools.cache
def forms(token: str) -> list[str]:
    """Return what a token looks like as it is, in a URL, and in a header, with a name and alone."""
    pairs = [token, *(f"{name}:{token}" for name in NAMES)]
    encoded = [base64.b64encode(pair.encode()).decode().rstrip("=") for pair in pairs]
    return [token, quote(token, safe=""), quote(token), *encoded]


def known_token(stage: Stage) -> str:
    """Return a token that nothing else on this machine knows, and that git's helper knows too."""
    secret = f"known+/{uuid.uuid4().hex}"
    stage.world.add_token(secret)
    answer = stage.folder / "answer"
    answer.write_text(f"username=bot\npassword={secret}\n")
    helper = f"!f() {{ cat {shlex.quote(str(answer))}; }}; f"
    (stage.folder / "home" / ".gitconfig").write_text(f'[credential]\nhelper = "{helper}"\n')
    return secret


class Scan:
    """A user with a token on a stage, and all that was to be seen meanwhile.

    Attributes:
        token: the token.
        lines: the command lines of all processes, also of those that were there but for a moment.
    """

    def __init__(
        self, stage: Stage, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
    ) -> None:
        self.stage, self.token = stage, known_token(stage)
        self.lines: set[str] = set()
        self._errors: list[BaseException] = []
        self._caplog, self._capfd = caplog, capfd
        stage.world.proxy.watch = self._look

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Let everything talk, and note it."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in TRACES.items():
                patch.setenv(name, value.replace("{here}", str(Path.cwd())))
            patch.setenv("PATCHKIT_TOKEN", self.token)
            patch.setattr(http.client.HTTPConnection, "debuglevel", property(_is_here))
            patch.setattr(PatchkitError, "__init__", self._noting(PatchkitError.__init__))
            patch.setattr(subprocess.Popen, "__init__", self._starting(subprocess.Popen.__init__))
            for name in ("urllib3", "requests", "stamina", "patchkit", "github"):
                patch.setattr(logging.getLogger(name), "level", 1)
            with self._caplog.at_level(1):
                yield
        self.stage.world.proxy.watch = bool

    def run(self, words: list[str], url: str) -> int:
        """Run a command on a mirror, look for the token everywhere, and return the exit code."""
        self._capfd.readouterr()
        self._errors.clear()
        code = run([word.replace("{url}", url) for word in words])
        self.check(*self._capfd.readouterr())
        return code

    def check(self, *said: str) -> None:
        """Check that the token is nowhere."""
        proxy = self.stage.world.proxy
        texts = [*said, *self.lines, *logged(self._caplog.records)]
        texts += [text for error in self._errors for text in shown(error, names=True)]
        texts += [f"{r.target} {r.body!r} {_others(r)}" for r in proxy.requests]
        texts += [_text(path) for path in self._files()]
        found = [text for text in texts for form in forms(self.token) if form in text]
        assert not found, found[0][:2000]
        self._caplog.clear()

    def _files(self) -> Iterator[str]:
        """Every file of the user and of the forge, but where the user keeps the token."""
        for folder, folders, names in os.walk(self.stage.folder):
            folders[:] = [name for name in folders if name != "saved"]
            yield from (f"{folder}/{name}" for name in names if name not in {"answer", "saved"})

    def _look(self) -> None:
        for name in os.listdir("/proc"):  # noqa: PTH208  at each request, of all processes
            with suppress(OSError):
                self.lines.add(_text(f"/proc/{name}/cmdline").replace("\0", " "))

    def _noting(self, real):
        def init(error: PatchkitError, *given: object, **named: object) -> None:
            self._errors.append(error)
            real(error, *given, **named)

        return init

    def _starting(self, real):
        def init(process: object, command: list[str], *given: object, **named: object) -> None:
            self.lines.add(" ".join(map(str, command)))
            real(process, command, *given, **named)

        return init


def _text(path: str) -> str:
    with open(path, "rb") as file:  # noqa: PTH123  as above
        return file.read().decode(errors="replace")


def _is_here(_: object) -> bool:
    """Whether the program asks, not the proxy before the forge, which has other threads."""
    return threading.current_thread() is threading.main_thread()


def _others(request: Request) -> dict[str, str]:
    """Return the headers but the one that carries the token."""
    return {name: value for name, value in request.headers.items() if name != "Authorization"}


def bugs_shown(patch: pytest.MonkeyPatch, kept: list[str]) -> None:
    """Keep what is told of bugs with the names of every function, too."""
    real = traceback.format_exc

    def told() -> str:
        error = sys.exception()
        assert error is not None
        kept.extend(shown(error, names=True))
        return real()

    patch.setattr(traceback, "format_exc", told)
