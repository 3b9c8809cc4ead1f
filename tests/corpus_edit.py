"""Edits every compose file of a folder in every way, and judges each result by other means.

    python tests/corpus_edit.py FOLDER [--verbose] [--docker] [--places N] [--jobs N]

The judge reads both texts with PyYAML's composer, makes the same edit on plain data, and compares
characters and lines: an addition leaves every old character, a removal takes only the entry's own
lines, its comments and one run of blank lines, a replacement only the old value. A file that
PyYAML cannot compose, or that has a key twice, is not readable by Docker and must be refused.
Exit status 1: something is wrong, or more than 0.5 % of the edits are refused.
"""

from __future__ import annotations

import argparse
import copy
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from multiprocessing import Pool
from pathlib import Path as File
from typing import Any

import yaml

sys.path.insert(0, str(File(__file__).resolve().parent.parent))

from patchkit.edit.keyed import rename_entry, set_entry, unset_entry  # noqa: E402
from patchkit.edit.yaml import Path, YamlEditor  # noqa: E402
from patchkit.errors import EditRefused, PatchkitError, RecipeError  # noqa: E402

MOST_REFUSED = 0.005
OUTCOMES = ("ok", "refused", "wrong data", "noise", "unstable", "crash")
PROBE = "patchkit-probe"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TO_DASH = re.compile(r"(?:[ \t\r\n]|(?<!\S)#[^\n]*|[&!]\S+)*")
_TO_VALUE = re.compile(r"[ \t]*:?(?:[ \t\r\n]|(?<!\S)#[^\n]*|[&!]\S+)*")
_COMMENT = re.compile(r"^([ \t]*)#")


# --- the judge's own reading --------------------------------------------------------------


class Unreadable(Exception):
    """Docker refuses the text."""


@dataclass
class Judged:
    """A text as PyYAML composes it: nodes with marks, and plain data of tags and values."""

    text: str
    roots: list[Any]
    shift: int

    @classmethod
    def read(cls, text: str) -> Judged:
        shift = text.startswith("\ufeff")
        try:
            roots = list(yaml.compose_all(text[shift:], Loader=_LOADER))
        except yaml.YAMLError as error:
            raise Unreadable(str(error).partition("\n")[0]) from None
        return cls(text, roots, shift)

    @property
    def root(self) -> Any:
        return self.roots[0] if self.roots else None

    def data(self) -> Any:
        return [plain(root) for root in self.roots]

    def span(self, node: Any) -> tuple[int, int]:
        """Return where a node's text begins and ends, trailing blanks and comments left out."""
        start, end = node.start_mark.index + self.shift, node.end_mark.index + self.shift
        if isinstance(node, yaml.ScalarNode):
            if node.style in ("|", ">"):
                end = start + len(self.text[start:end].rstrip())
            return start, end
        if node.flow_style:
            return start, end
        return start, max(e for s, e, _ in self.tokens if start < e <= end and s < end)

    @cached_property
    def tokens(self) -> list[tuple[int, int, bool]]:
        """Start, end and whether it is an alias, of every token that has characters."""
        found = []
        for token in yaml.scan(self.text[self.shift :], Loader=_LOADER):
            start, end = token.start_mark.index + self.shift, token.end_mark.index + self.shift
            if isinstance(token, yaml.ScalarToken) and token.style in ("|", ">"):
                end = start + len(self.text[start:end].rstrip())
            if end > start:
                found.append((start, end, isinstance(token, yaml.AliasToken)))
        return found

    def start(self, node: Any) -> int:
        return int(node.start_mark.index) + self.shift

    def end_of(self, value: Any, key_end: int) -> int:
        """Return the end of an entry; an alias stands on its line, its node stands elsewhere."""
        start = _TO_VALUE.match(self.text, key_end).end()
        for at, end, alias in self.tokens:
            if alias and at == start:
                return end
        return max(self.span(value)[1], key_end)

    def lines(self, node: Any) -> tuple[int, int]:
        """Return the first and the last line of a node, from 0."""
        start, end = self.span(node)
        return self.line(start), self.line(end)

    def line(self, offset: int) -> int:
        return self.text.count("\n", 0, offset)


def plain(node: Any) -> Any:
    """Return tags and values; mappings as lists of pairs, so that order and repetition count."""
    if isinstance(node, yaml.MappingNode):
        return Pairs([plain(key), plain(value)] for key, value in node.value)
    if isinstance(node, yaml.SequenceNode):
        return [plain(item) for item in node.value]
    return (node.tag.rpartition(":")[2], node.value)


class Pairs(list):  # type: ignore[type-arg]
    """A mapping as a list of [key, value]."""


def twice(node: Any) -> bool:
    """Whether a key stands twice in one mapping; each node is looked at once."""
    todo, seen = [node], set()
    while todo:
        node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
            if len(set(keys)) < len(keys):
                return True
            todo += [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            todo += node.value
    return False


def text_of(value: str) -> tuple[str, str]:
    return ("str", value)


def at(data: Any, path: Path) -> Any:
    """Return what stands at `path` of plain data."""
    for step in path:
        data = data[step] if isinstance(step, int) else value_of(data, step)
    return data


def value_of(pairs: Any, key: str) -> Any:
    return next(value for (_, name), value in pairs if name == key)


def put(data: Any, path: Path, value: Any) -> None:
    """Replace or add (last) what stands at `path`."""
    holder, step = at(data, path[:-1]), path[-1]
    if isinstance(step, int):
        holder[step] = value
    else:
        for pair in holder:
            if pair[0][1] == step:
                pair[1] = value
                return
        holder.append([text_of(step), value])


def drop(data: Any, path: Path) -> None:
    holder, step = at(data, path[:-1]), path[-1]
    if isinstance(step, int):
        del holder[step]
    else:
        holder[:] = [pair for pair in holder if pair[0][1] != step]


# --- edits --------------------------------------------------------------------------------

Check = Callable[[Judged, Judged], str]


@dataclass
class Edit:
    """One edit: `act` makes it on an editor, `expect` on plain data; `check` judges the text.

    `again` says what the same act must do a second time: leave the text, or be refused.
    """

    kind: str
    path: Path
    act: Callable[[YamlEditor], object]
    expect: Callable[[Any], None]
    check: Check
    again: str = "same"
    docker: Callable[[Any], None] | None = None


def insertion(old: Judged, new: Judged) -> str:
    """Judge that no old character is gone, and that no blank line stands above what was added."""
    a, b = old.text, new.text
    if not holds(a, b):
        return "an old character is gone"
    return placed(old, new)


def holds(a: str, b: str) -> bool:
    """Whether `b` is `a` with one run of characters put in."""
    head = len(os.path.commonprefix([a, b]))
    tail = len(os.path.commonprefix([a[::-1], b[::-1]]))
    return len(b) > len(a) and head + tail >= len(a)


def placed(old: Judged, new: Judged) -> str:
    """Judge the line above new lines: a new entry never parts a comment from what it is about."""
    a, b = bare(old.text), bare(new.text)
    count = len(b) - len(a)
    if count <= 0:
        return ""
    first = next((i for i, line in enumerate(b) if PROBE in line), 0)
    above = first - 1
    if above >= 0 and not b[above].strip():
        above -= 1
        if not any(not line.strip() for line in a):
            return "a blank line in a file that has none"
    if above < 0:
        return ""
    if not b[above].strip():
        return "more than one blank line above"
    comment = _COMMENT.match(b[above])
    column = len(b[first]) - len(b[first].lstrip(" "))
    if comment and len(comment[1]) <= column and old.root is not None:
        return "a comment above that is about the next entry"
    return ""


def bare(text: str) -> list[str]:
    """Return lines without their endings."""
    return [line.removesuffix("\r") for line in text.split("\n")]


def removal(path: Path) -> Check:
    """Return the judge of a removal: the entry's lines, its comments, one run of blank lines."""

    def check(old: Judged, new: Judged) -> str:
        a, b = bare(old.text), bare(new.text)
        if not holds(new.text, old.text):
            return "a character is new"
        entry, flow = entry_span(old, path)
        if flow:
            first, last = old.line(entry[0]), old.line(entry[1])
            return same_outside(a, b, first, last)
        return judge_cut(a, b, *allowed(a, old, entry))

    return check


def entry_span(old: Judged, path: Path) -> tuple[tuple[int, int], bool]:
    """Return the span of the entry at `path`, and whether it stands in brackets."""
    holder = node_at(old.root, path[:-1])
    if holder.flow_style:
        return old.span(holder), True
    if isinstance(holder, yaml.MappingNode):
        key, value = next(pair for pair in holder.value if pair[0].value == path[-1])
        return (old.span(key)[0], old.end_of(value, old.span(key)[1])), False
    end = old.start(holder)
    for item in holder.value[: path[-1] + 1]:
        start = _TO_DASH.match(old.text, end).end()
        end = old.end_of(item, start + 1)
    return (start, end), False


def allowed(a: list[str], old: Judged, entry: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the lines an entry's removal must take (first, last) and may take (first, last)."""
    first, last = old.line(entry[0]), old.line(entry[1])
    column = entry[0] - (old.text.rfind("\n", 0, entry[0]) + 1)
    head = first
    while head and (c := _COMMENT.match(a[head - 1])) and len(c[1]) == column:
        head -= 1
    tail, at_line = last, last + 1
    while at_line < len(a):
        c = _COMMENT.match(a[at_line])
        if c and len(c[1]) > column:
            tail = at_line
        elif a[at_line].strip():
            break
        at_line += 1
    return first, last, head, tail


def judge_cut(a: list[str], b: list[str], first: int, last: int, head: int, tail: int) -> str:
    """Judge the lines that are gone; where equal lines meet, any reading that is right will do."""
    count = len(a) - len(b)
    above = head
    while above and not a[above - 1].strip():
        above -= 1
    below = tail
    while below + 1 < len(a) and not a[below + 1].strip():
        below += 1
    if not a[-1] and below == len(a) - 1 and b and not b[-1]:
        below -= 1
    for start in range(above, first + 1):
        end = start + count - 1
        if last <= end <= below and a[:start] + a[end + 1 :] == b:
            blanks = (above <= start < head and above < head, tail < end)
            if not all(blanks):
                return ""
    return f"lines {above + 1}-{below + 1} may go, {count} went"


def replacement(path: Path) -> Check:
    """Return the judge of a value replaced: nothing before or behind the value is touched."""

    def check(old: Judged, new: Judged) -> str:
        node = node_at(old.root, path)
        start, end = old.span(node)
        if not new.text.startswith(old.text[:start]):
            return "text before the value is touched"
        if not new.text.endswith(old.text[end:]):
            return "text behind the value is touched"
        after = node_at(new.root, path)
        if isinstance(node, yaml.ScalarNode) and isinstance(after, yaml.ScalarNode):
            was, now = node.style or "", after.style or ""
            if was in ("", "'", '"') and was != now and node.value:
                return f"the quote style {was!r} became {now!r}"
        return ""

    return check


def renaming(path: Path) -> Check:
    """Return the judge of a key renamed."""

    def check(old: Judged, new: Judged) -> str:
        holder = node_at(old.root, path[:-1])
        key = next(key for key, _ in holder.value if key.value == path[-1])
        start, end = old.span(key)
        ok = new.text.startswith(old.text[:start]) and new.text.endswith(old.text[end:])
        return "" if ok else "text beside the key is touched"

    return check


def addition(path: Path) -> Check:
    """Return the judge of an addition into the collection at `path`, which may be null or empty."""

    def check(old: Judged, new: Judged) -> str:
        node = node_at(old.root, path)
        if isinstance(node, yaml.CollectionNode) and not node.value:
            return same_outside(bare(old.text), bare(new.text), *old.lines(node))
        return insertion(old, new)

    return check


def same_outside(a: list[str], b: list[str], first: int, last: int) -> str:
    behind = len(a) - last - 1
    ok = a[:first] == b[:first] and (not behind or a[-behind:] == b[-behind:])
    return "" if ok else "lines outside the brackets are touched"


def node_at(node: Any, path: Path) -> Any:
    """Return a composed node; None if it is missing."""
    for step in path:
        if isinstance(node, yaml.MappingNode):
            node = next((v for k, v in node.value if k.value == step), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
        else:
            return None
    return node


# --- the places of a file -----------------------------------------------------------------


def sample(found: list[Any], most: int) -> list[Any]:
    """Return at most `most` of what was found: first, last, and evenly between."""
    if len(found) <= most:
        return found
    return [found[i * (len(found) - 1) // (most - 1)] for i in range(most)]


def keys_of(node: Any) -> list[str]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return [k.value for k, _ in pairs if isinstance(k, yaml.ScalarNode) and not merge(k)]


def merge(key: Any) -> bool:
    return bool(key.tag == "tag:yaml.org,2002:merge")


def services_path(root: Any) -> Path | None:
    """Return where the services stand: below `services`, or at the top in the oldest form."""
    if isinstance(node_at(root, ("services",)), yaml.MappingNode):
        return ("services",)
    tops = root.value if isinstance(root, yaml.MappingNode) else []
    old = [v for _, v in tops if {"image", "build"} & set(keys_of(v))]
    return () if tops and len(old) == len(tops) else None


def edits(judged: Judged, most: int) -> Iterator[Edit]:
    """Yield the edits of one file."""
    root = judged.root
    if root is not None and not isinstance(root, yaml.MappingNode):
        return
    yield from section_edits(root)
    if root is None:
        return
    services = services_path(root)
    if services is not None:
        names = keys_of(node_at(root, services))
        for name in sample(names, most):
            yield from service_edits(root, (*services, name), alone=len(names) == 1)
        for name in names:
            yield from entry_edits(root, (*services, name), 2)
    yield from sequence_edits(root, most)
    yield from scalar_edits(root, most)


def section_edits(root: Any) -> Iterator[Edit]:
    value = {"file": "./" + PROBE}
    there = node_at(root, ("configs",))
    pairs = Pairs([[text_of("file"), text_of("./" + PROBE)]])
    if there is not None and not isinstance(there, yaml.MappingNode) and there.value:
        return

    def expect(data: Any) -> None:
        if root is None:
            data[:] = [Pairs()]
        if not isinstance(there, yaml.MappingNode):
            put(data[0], ("configs",), Pairs())
        put(data[0], ("configs", PROBE), pairs)

    def docker(data: Any) -> None:
        made = data.setdefault("configs", {})
        made[PROBE] = None

    yield Edit(
        "section add" if there is None else "section entry",
        ("configs", PROBE),
        lambda editor: editor.set(("configs", PROBE), value),
        expect,
        addition(("configs",)),
        docker=docker,
    )


def service_edits(root: Any, path: Path, *, alone: bool) -> Iterator[Edit]:
    name = path[-1]
    service = node_at(root, path)
    if isinstance(service, yaml.MappingNode):
        yield Edit(
            "service add key",
            path,
            lambda editor: editor.set((*path, "x-" + PROBE), "1m30s"),
            lambda data: put(data[0], (*path, "x-" + PROBE), text_of("1m30s")),
            addition(path),
            docker=lambda data: data["services"][name].update({"x-" + PROBE: "1m30s"}),
        )
    gone = pruned(root, path)
    if gone is not None:
        yield Edit(
            "service remove",
            path,
            lambda editor: editor.unset(path, move_anchors=True),
            lambda data: drop(data[0], gone),
            removal(gone),
            again="refused",
            docker=None if alone else lambda data: data["services"].pop(name),
        )

    def renamed(data: Any) -> None:
        holder = at(data[0], path[:-1])
        for pair in holder:
            if pair[0][1] == name:
                pair[0] = text_of(PROBE)

    def docker(data: Any) -> None:
        data["services"][PROBE] = data["services"].pop(name)

    yield Edit(
        "service rename",
        path,
        lambda editor: editor.rename(path, PROBE),
        renamed,
        renaming(path),
        again="refused",
        docker=docker,
    )


def pruned(root: Any, path: Path) -> Path | None:
    """Return what goes with the entry: the collection that it alone fills; None if all does."""
    while len(path) > 1 and len(node_at(root, path[:-1]).value) == 1:
        path = path[:-1]
    return None if len(path) == 1 and len(root.value) == 1 else path


def entry_edits(root: Any, service: Path, most: int) -> Iterator[Edit]:
    for holder in (("labels",), ("deploy", "labels"), ("environment",)):
        path = (*service, *holder)
        node = node_at(root, path)
        if isinstance(node, yaml.SequenceNode) and node.value:
            yield from list_edits(root, path, node, most)
        elif isinstance(node, yaml.MappingNode) and keys_of(node):
            yield from mapping_edits(root, path, node, most)


def list_edits(root: Any, path: Path, node: Any, most: int) -> Iterator[Edit]:
    kind = ".".join(map(str, path[2 if path[0] == "services" else 1 :])) + " list"
    new = "zz" + PROBE
    yield Edit(
        f"{kind} add",
        path,
        lambda editor: set_entry(editor, path, new, "a b"),
        lambda data: at(data[0], path).append(text_of(f"{new}=a b")),
        addition(path),
    )
    if not all(isinstance(item, yaml.ScalarNode) for item in node.value):
        return
    texts = [item.value for item in node.value]
    names = [text.partition("=")[0] for text in texts]
    for i in sample(range(len(texts)), most):
        key, spot = names[i], (*path, i)
        if names.count(key) > 1:
            continue
        yield Edit(
            f"{kind} set",
            spot,
            lambda editor, key=key: set_entry(editor, path, key, PROBE),
            lambda data, key=key, spot=spot: put(data[0], spot, text_of(f"{key}={PROBE}")),
            replacement(spot),
        )
        yield Edit(
            f"{kind} rename",
            spot,
            lambda editor, key=key: rename_entry(editor, path, key, PROBE),
            lambda data, spot=spot, text=texts[i]: put(
                data[0], spot, text_of(PROBE + "".join(text.partition("=")[1:]))
            ),
            replacement(spot),
        )
        gone = pruned(root, spot)
        if gone is not None:
            yield Edit(
                f"{kind} remove",
                spot,
                lambda editor, key=key: unset_entry(editor, path, key),
                lambda data, gone=gone: drop(data[0], gone),
                removal(gone),
            )


def mapping_edits(root: Any, path: Path, node: Any, most: int) -> Iterator[Edit]:
    kind = ".".join(map(str, path[2 if path[0] == "services" else 1 :])) + " mapping"
    new = "zz" + PROBE
    yield Edit(
        f"{kind} add",
        path,
        lambda editor: set_entry(editor, path, new, "a b"),
        lambda data: put(data[0], (*path, new), text_of("a b")),
        addition(path),
    )
    for key in sample(keys_of(node), most):
        spot = (*path, key)
        if not isinstance(node_at(node, (key,)), yaml.ScalarNode):
            continue
        yield Edit(
            f"{kind} set",
            spot,
            lambda editor, key=key: set_entry(editor, path, key, PROBE),
            lambda data, spot=spot: put(data[0], spot, text_of(PROBE)),
            replacement(spot),
        )

        def renamed(data: Any, key: str = key) -> None:
            for pair in at(data[0], path):
                if pair[0][1] == key:
                    pair[0] = text_of(PROBE)

        yield Edit(
            f"{kind} rename",
            spot,
            lambda editor, key=key: rename_entry(editor, path, key, PROBE),
            renamed,
            renaming(spot),
        )
        gone = pruned(root, spot)
        if gone is not None:
            yield Edit(
                f"{kind} remove",
                spot,
                lambda editor, key=key: unset_entry(editor, path, key),
                lambda data, gone=gone: drop(data[0], gone),
                removal(gone),
            )


def places(root: Any) -> Iterator[tuple[Path, Any]]:
    """Yield every value with its path, each node once: where an anchor stands, not its aliases."""
    seen: set[int] = set()

    def walk(path: Path, node: Any) -> Iterator[tuple[Path, Any]]:
        if id(node) in seen:
            return
        seen.add(id(node))
        yield path, node
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode) and not merge(key):
                    yield from walk((*path, key.value), value)
        elif isinstance(node, yaml.SequenceNode):
            for i, item in enumerate(node.value):
                yield from walk((*path, i), item)

    return walk((), root)


def sequence_edits(root: Any, most: int) -> Iterator[Edit]:
    for form in ("block", "flow"):
        found = [
            (path, node)
            for path, node in places(root)
            if isinstance(node, yaml.SequenceNode) and bool(node.flow_style) == (form == "flow")
        ]
        for path, node in sample(found, most):
            new = PROBE + ":1"
            yield Edit(
                f"sequence {form} append",
                path,
                lambda editor, path=path: editor.append(path, new),
                lambda data, path=path: at(data[0], path).append(text_of(new)),
                addition(path),
                again="",
            )
            if node.value:
                yield Edit(
                    f"sequence {form} insert first",
                    path,
                    lambda editor, path=path: editor.insert(path, 0, new),
                    lambda data, path=path: at(data[0], path).insert(0, text_of(new)),
                    lambda old, new: "" if holds(old.text, new.text) else "an old character is gone",
                    again="",
                )
            for i in sample(range(len(node.value)), most):
                gone = pruned(root, (*path, i))
                if gone is None:
                    continue
                yield Edit(
                    f"sequence {form} remove",
                    (*path, i),
                    lambda editor, path=path, i=i: editor.unset((*path, i)),
                    lambda data, gone=gone: drop(data[0], gone),
                    removal(gone),
                    again="",
                )


def scalar_edits(root: Any, most: int) -> Iterator[Edit]:
    names = {"": "plain", "'": "single", '"': "double", "|": "literal", ">": "folded"}
    for style, name in names.items():
        found = [
            path
            for path, node in places(root)
            if isinstance(node, yaml.ScalarNode) and (node.style or "") == style
        ]
        for path in sample(found, most):
            yield Edit(
                f"scalar {name} replace",
                path,
                lambda editor, path=path: editor.set(path, PROBE),
                lambda data, path=path: put(data[0], path, text_of(PROBE)),
                replacement(path),
                docker=None,
            )


# --- judging one edit ---------------------------------------------------------------------


def judge(name: str, old: Judged, edit: Edit) -> tuple[str, str]:
    """Return the outcome of one edit and why."""
    editor = YamlEditor(old.text, name)
    try:
        edit.act(editor)
    except EditRefused as refusal:
        return refused(refusal, untouched=editor.text == old.text)
    except Exception as error:
        return "crash", f"{type(error).__name__}: {error}"
    try:
        new = Judged.read(editor.text)
    except Unreadable as error:
        return "wrong data", str(error)
    expected = copy.deepcopy(old.data())
    edit.expect(expected)
    if new.data() != expected:
        return "wrong data", "the text means something else"
    if why := edit.check(old, new) or endings(old.text, new.text):
        return "noise", why
    if why := unstable(name, editor.text, edit):
        return "unstable", why
    return "ok", ""


def refused(refusal: PatchkitError, *, untouched: bool) -> tuple[str, str]:
    problem = refusal.problems[0]
    if not untouched:
        return "crash", f"refused, but the text changed: {problem}"
    if problem.place is None or not problem.place.line:
        return "crash", f"refused without a line: {problem}"
    return "refused", f"line {problem.place.line}: {problem.message}"


def endings(a: str, b: str) -> str:
    """Judge line endings: those of old lines stay, new lines are as most, the last as it was."""
    if a.strip("\ufeff") and a.endswith("\n") != b.endswith("\n"):
        return "the end of the last line changed"
    crlf, lf = a.count("\r\n"), a.count("\n")
    if not crlf and "\r" in b:
        return "CRLF in a file of LF"
    if crlf and crlf == lf and b.count("\r\n") != b.count("\n"):
        return "LF in a file of CRLF"
    return ""


def unstable(name: str, text: str, edit: Edit) -> str:
    """Judge the same edit made again on the result."""
    if not edit.again:
        return ""
    editor = YamlEditor(text, name)
    try:
        edit.act(editor)
    except EditRefused as refusal:
        return "" if edit.again == "refused" else f"refused the second time: {refusal}"
    except Exception as error:
        return f"{type(error).__name__} the second time: {error}"
    if edit.again == "refused":
        return "not refused the second time"
    return "" if editor.text == text else "the second time changes the text"


# --- one file, one folder -----------------------------------------------------------------


@dataclass
class Report:
    """What came out: counts per kind and outcome, and a line for all that is not ok."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    files: Counter[str] = field(default_factory=Counter)
    notes: list[tuple[str, str]] = field(default_factory=list)

    def add(self, kind: str, outcome: str, note: str = "") -> None:
        self.counts[kind, outcome] += 1
        if outcome != "ok":
            self.notes.append((outcome, f"{kind}: {note}"))

    def merge(self, other: Report) -> None:
        self.counts += other.counts
        self.files += other.files
        self.notes += other.notes

    def total(self, outcome: str) -> int:
        return sum(n for (_, o), n in self.counts.items() if o == outcome)

    @property
    def edits(self) -> int:
        return sum(self.counts.values())

    @property
    def refused_share(self) -> float:
        return self.total("refused") / max(self.edits, 1)

    @property
    def failures(self) -> list[str]:
        """What breaks the bar, one line each."""
        found = [f"{o}: {note}" for o, note in self.notes if o not in ("refused", "unreadable")]
        if self.refused_share > MOST_REFUSED:
            found.append(f"{self.refused_share:.2%} of the edits are refused")
        return found


def check_file(name: str, text: str, *, most: int = 3, docker: str = "") -> Report:
    """Make every edit on one text and judge each."""
    report = Report()
    try:
        judged = Judged.read(text)
        if any(twice(root) for root in judged.roots[:1]):
            raise Unreadable("a key stands twice")
    except Unreadable as why:
        report.files["not readable by Docker"] += 1
        must_refuse(report, name, text, str(why))
        return report
    report.files["readable"] += 1
    for edit in edits(judged, most):
        outcome, why = judge(name, judged, edit)
        report.add(edit.kind, outcome, f"{name} {'.'.join(map(str, edit.path))}: {why}")
    return report


def must_refuse(report: Report, name: str, text: str, why: str) -> None:
    """Hold that a text which Docker cannot read is refused with a place."""
    try:
        YamlEditor(text, name).set(("configs", PROBE), {"file": PROBE})
    except (RecipeError, EditRefused) as refusal:
        place = refusal.place
        if place is not None and place.line:
            report.notes.append(("unreadable", f"{name}: {refusal.problems[0].message}"))
            return
        report.notes.append(("crash", f"{name}: refused without a line: {refusal}"))
    except Exception as error:
        report.notes.append(("crash", f"{name}: {type(error).__name__}: {error}"))
    else:
        report.notes.append(("wrong data", f"{name}: edited, although {why}"))


def compose_files(folder: File) -> list[File]:
    found = [path for end in ("*.yml", "*.yaml") for path in folder.rglob(end)]
    return sorted(path for path in found if path.is_file())


def _check_path(task: tuple[File, File, int]) -> Report:
    folder, path, most = task
    text = path.read_bytes().decode("utf-8")
    return check_file(str(path.relative_to(folder)), text, most=most)


def check_folder(folder: File, *, most: int = 3, jobs: int = 1) -> Report:
    """Check every compose file below a folder."""
    report = Report()
    tasks = [(folder, path, most) for path in compose_files(folder)]
    if jobs == 1:
        for task in tasks:
            report.merge(_check_path(task))
        return report
    with Pool(jobs) as pool:
        for part in pool.imap(_check_path, tasks, chunksize=8):
            report.merge(part)
    return report


def table(report: Report) -> str:
    kinds = sorted({kind for kind, _ in report.counts})
    rows = [("kind", "edits", *OUTCOMES, "refused %")]
    for kind in [*kinds, "all"]:
        counts = [
            report.total(o) if kind == "all" else report.counts[kind, o] for o in OUTCOMES
        ]
        share = f"{100 * counts[1] / max(sum(counts), 1):.2f}"
        rows.append((kind, str(sum(counts)), *map(str, counts), share))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    files = ", ".join(f"{n} {what}" for what, n in sorted(report.files.items()))
    return "\n".join([*lines, f"files: {files}"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=File)
    parser.add_argument("--verbose", action="store_true", help="list refusals and bad files too")
    parser.add_argument("--places", type=int, default=3, help="most places of a kind in a file")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    report = check_folder(args.folder, most=args.places, jobs=args.jobs)
    print(table(report))
    for outcome, note in report.notes:
        if args.verbose or outcome not in ("refused", "unreadable"):
            print(f"{outcome}: {note}")
    for failure in report.failures[-1:]:
        print("FAILED:", failure)
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
