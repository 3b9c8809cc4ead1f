"""The token of a forge: from the environment, a program, or git's credential helper.

Never from an argument, which every process list shows. A token hides itself: only `reveal` gives
it away. https://git-scm.com/docs/git-credential
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

from patchkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_SECONDS = 60  # that a program may take: a password manager may ask its user
_MOST = 64 * 1024  # characters that it may say
_PRINTABLE = re.compile(r"[!-~]+")
# Variables that other programs read too, each for its own forge alone.
_OF_KIND = {
    "gitea": ("GITEA_TOKEN",),
    "forgejo": ("FORGEJO_TOKEN", "GITEA_TOKEN"),
    "github": ("GH_TOKEN", "GITHUB_TOKEN"),
    "github-enterprise": ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"),
}
# What says which repository is meant; a recipe's own settings must not name a helper.
_REPOSITORY = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE"})
_ASK_NOBODY = ("-c", "credential.interactive=false")


class Token:
    """A secret that no message, log or dump shows.

    Args:
        text: the secret.
        source: where it comes from, for messages: a variable's name, a program's.

    Raises:
        UsageError: it holds what no token holds.
    """

    __slots__ = ("_text", "source")

    def __init__(self, text: str, source: str = "the caller") -> None:
        if not _PRINTABLE.fullmatch(text):
            raise UsageError(
                f"the token from {source} is empty, or holds a space, a line end or no ASCII",
                hint="copy it from the forge again, without what stands around it",
            )
        self._text = text
        self.source = source

    def reveal(self) -> str:
        """Return the secret, for the header of a request or the standard input of git."""
        return self._text

    def __repr__(self) -> str:
        return f"<Token from {self.source}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a token is not written anywhere")


def find_token(
    url: str,
    kind: str,
    *,
    command: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
) -> Token | None:
    """Return the token for the forge at a URL, None when nothing has one.

    Asked are, in this order: the variables that `variables` names, the command, and git's
    credential helper.

    Args:
        url: the forge's, such as `https://git.example.org`.
        kind: `gitea`, `forgejo` or `github`.
        command: a program and its arguments, which prints the token; no shell is called.
        environ: the environment, this process's by default.

    Raises:
        UsageError: the command fails, or what was found is no token.
    """
    environ = os.environ if environ is None else environ
    for name in variables(url, kind):
        if value := environ.get(name, "").strip():
            return Token(value, name)
    if command:
        return Token(_printed(command, environ), f"the token command ({command[0]})")
    return _from_git(url, environ)


def variables(url: str, kind: str) -> tuple[str, ...]:
    """Return the variables that may hold the token of a forge, the one that is asked first first.

    GitHub's own stand for github.com alone, as they do for its command line.
    """
    host = urlsplit(url).netloc.rpartition("@")[2]
    if kind == "github" and host != "github.com" and not host.endswith(".ghe.com"):
        kind = "github-enterprise"
    own = re.sub(r"[^A-Z0-9]", "_", host.upper())
    return (f"PATCHKIT_TOKEN_{own}", "PATCHKIT_TOKEN", *_OF_KIND.get(kind, ()))


def _printed(command: Sequence[str], environ: Mapping[str, str]) -> str:
    hint = f"run it yourself to see why: {' '.join(command)}"
    try:
        return _ran(command, "", environ).strip()
    except FileNotFoundError:
        why = "there is no such program"
    except subprocess.TimeoutExpired:
        why = f"it took more than {_SECONDS} seconds"
    except (OSError, ValueError) as error:
        why = str(error)
    except subprocess.CalledProcessError as error:
        # Its words may hold the token.
        why = f"it ended with {error.returncode}"
    raise UsageError(f"the token command {command[0]} failed: {why}", hint=hint)


def _from_git(url: str, environ: Mapping[str, str]) -> Token | None:
    """Return the password that git would use; a missing git has none."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    asked = f"protocol={parts.scheme}\nhost={host}\n\n"
    plain = {name: value for name, value in environ.items() if name not in _REPOSITORY}
    # Nobody is there to answer; an ASKPASS that the user has set is a program that does.
    askpass = plain.get("GIT_ASKPASS", "")
    command = ("git", *(() if askpass else _ASK_NOBODY), "credential", "fill")
    try:
        told = _ran(command, asked, plain | {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": askpass})
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    password = next((line[9:] for line in _lines(told) if line.startswith("password=")), "")
    return Token(password, "git's credential helper") if password else None


def _lines(told: str) -> Iterator[str]:
    return (line.rstrip("\r") for line in told.split("\n"))


def _ran(command: Sequence[str], given: str, environ: Mapping[str, str]) -> str:
    """Return what a program prints; it runs where no recipe's settings reach it."""
    done = subprocess.run(  # noqa: S603  the user's own program, no shell
        list(command),
        input=given,
        capture_output=True,
        check=True,
        text=True,
        cwd=os.sep,
        env=dict(environ),
        timeout=_SECONDS,
    )
    return done.stdout[:_MOST]
