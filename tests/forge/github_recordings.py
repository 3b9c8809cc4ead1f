"""Real answers of GitHub, replayed: recorded by the tests of PyGithub and of ogr.

A recorded call answers a request of its method and path; where a page or a state was asked for,
those too. Calls that stand several times answer one after another, the last of them for good.
"""

from __future__ import annotations

import ast
import json
import os
from dataclasses import astuple, dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import yaml
from fetched import recordings
from loopback import Loopback, Reply, Request

if TYPE_CHECKING:
    from collections.abc import Callable

_GITHUB = ("https://api.github.com:443", "https://api.github.com")
_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
# What says which answer it is; a page's size and order are the reader's taste.
_TELLING = ("page", "state", "check_name", "base", "head")
_KEPT = {"content-type", "link", "location", "retry-after"}
_LINES = 11  # of a call in PyGithub's files, the last one empty


@dataclass(frozen=True)
class Call:
    """A recorded call."""

    method: str
    target: str
    asked: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def data(self) -> Any:
        return json.loads(self.body)

    def at(self, method: str, target: str) -> Call:
        """Return the same answer as one to another request: what it says of is the same."""
        return replace(self, method=method, target=target)

    def answers(self, request: Request) -> bool:
        query = dict(parse_qsl(urlsplit(self.target).query))
        return (
            self.method == request.method
            and self.path in {request.path, _legacy(request.path)}
            and all(query.get(name) in {None, request.query.get(name)} for name in _TELLING)
            and query.get("page", "1") == request.query.get("page", "1")
        )


def _legacy(path: str) -> str:
    """Return the older name of a list of statuses, which GitHub keeps and describes no more."""
    before, commits, after = path.partition("/commits/")
    sha, slash, rest = after.partition("/")
    return f"{before}/statuses/{sha}" if commits and slash and rest == "statuses" else path


def pygithub(test: str) -> tuple[Call, ...]:
    """Return the calls of one of PyGithub's tests, such as `PullRequest.testConvertToDraft`."""
    lines = (recordings("pygithub") / f"{test}.txt").read_text(encoding="utf-8").split("\n")
    blocks = [lines[at : at + _LINES] for at in range(0, len(lines) - _LINES + 2, _LINES)]
    return tuple(
        Call(b[1], b[4], b[6], int(b[7]), tuple(ast.literal_eval(b[8])), b[9])
        for b in blocks
        if b[0]
    )


def the(calls: tuple[Call, ...], method: str, part: str = "", status: int = 0) -> Call:
    """Return the first call of a method whose path has a part, and whose answer a status."""
    found = (call for call in calls if call.method == method and part in call.target)
    return next(call for call in found if status in {0, call.status})


@cache
def ogr(kind: str, test: str) -> tuple[Call, ...]:
    """Return the calls of one of ogr's tests, such as `PullRequests.test_pr_list`."""
    file = recordings("ogr") / kind / f"{test}.yaml"
    read = file.with_suffix(".json")
    if not read.exists():  # libyaml takes 17 seconds for the largest
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        calls = [astuple(call) for call in _requre(yaml.load(file.read_text(), loader), ())]
        new = file.with_suffix(f".{os.getpid()}")
        new.write_text(json.dumps(calls))
        new.rename(read)
    return tuple(
        Call(*whole[:4], tuple(map(tuple, whole[4])), whole[5])
        for whole in json.loads(read.read_text())
    )


def _requre(node: Any, path: tuple[str, ...]) -> Any:
    if isinstance(node, dict) and {"metadata", "output"} <= set(node):
        yield _call(path, node["output"])
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _requre(value, (*path, str(key)))
    elif isinstance(node, list):
        for item in node:
            yield from _requre(item, path)


def _call(path: tuple[str, ...], output: dict[str, Any]) -> Call:
    method = next(part for part in path if part in _METHODS)
    url = next(part for part in path if part.startswith("http"))
    for base in _GITHUB:
        url = url.removeprefix(base)
    content = output["_content"]
    body = content if isinstance(content, str) else json.dumps(content)
    return Call(method, url, "", output["status_code"], tuple(output["headers"].items()), body)


@dataclass
class Replay(Loopback):
    """Answers with recorded calls, as if they had been made here; nothing else is answered."""

    calls: tuple[Call, ...] = ()
    check: Callable[[Request], None] = lambda request: None
    told: list[Call] = field(default_factory=list)

    def answer(self, request: Request) -> Reply:
        self.check(request)
        return self.reply(request)

    def reply(self, request: Request) -> Reply:
        found = [call for call in self.calls if call.answers(request)]
        assert found, f"nothing is recorded of {request.method} {request.target}"
        call = next(
            (call for call in found if not any(call is old for old in self.told)), found[-1]
        )
        self.told.append(call)
        here = f"http://{request.headers['Host']}"
        kept = [(name, value) for name, value in call.headers if name.lower() in _KEPT]
        return Reply(
            call.status,
            _moved(call.body, here).encode(),
            tuple((name, _moved(value, here)) for name, value in kept),
        )


def _moved(text: str, here: str) -> str:
    for base in _GITHUB:
        text = text.replace(base, here)
    return text
