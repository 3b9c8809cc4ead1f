"""Judges an edit of a YAML text by other means than the editor's own.

PyYAML's composer and scanner read both texts; the edit is made again on plain data; what may
change is worked out from the old text alone. See `corpus_edit.py`.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchkit.edit.yaml import Path

PROBE = "patchkit-probe"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_COMMENT = re.compile(r"([ \t]*)#")
_TO_DASH = re.compile(r"(?:[ \t\r\n]|(?<!\S)#[^\n]*|[&!]\S+)*")
_TO_VALUE = re.compile(r"[ \t]*:?(?:[ \t\r\n]|(?<!\S)#[^\n]*|[&!]\S+)*")


class UnreadableError(Exception):
    """Docker refuses the text; or PyYAML refuses a later document, which Docker does not read."""

    def __init__(self, why: str, *, later: bool = False) -> None:
        super().__init__(why)
        self.later = later


# --- plain data ---------------------------------------------------------------------------


class Pairs(list):  # type: ignore[type-arg]
    """A mapping as a list of [key, value], so that order and repetition count."""


class Text(list):  # type: ignore[type-arg]
    """A scalar as [type, text]; a list, so that all users of an anchor can share it."""


def text_of(value: str) -> Text:
    return Text(["str", value])


def plain(node: Any, shared: dict[int, Any] | None = None) -> Any:
    """Return types and values of a composed node.

    Args:
        node: what PyYAML composed.
        shared: a dict when the users of an anchor are to share one object.
    """
    if shared is not None and id(node) in shared:
        return shared[id(node)]
    data: Any
    if isinstance(node, yaml.MappingNode):
        data = Pairs([plain(key, shared), plain(value, shared)] for key, value in node.value)
    elif isinstance(node, yaml.SequenceNode):
        data = [plain(item, shared) for item in node.value]
    else:
        data = Text([node.tag.rpartition(":")[2], node.value])
    if shared is not None:
        shared[id(node)] = data
    return data


def at(data: Any, path: Path) -> Any:
    """Return what stands at `path` of plain data."""
    for step in path:
        data = data[step] if isinstance(step, int) else _pair(data, step)[1]
    return data


def put(data: Any, path: Path, value: Any) -> None:
    """Replace or add (last) what stands at `path`."""
    holder, step = at(data, path[:-1]), path[-1]
    pair = [None, holder[step]] if isinstance(step, int) else _pair(holder, step)
    if pair is None:
        holder.append([text_of(str(step)), value])
    elif isinstance(pair[1], Text) and isinstance(value, Text):
        pair[1][:] = value
    elif isinstance(step, int):
        holder[step] = value
    else:
        pair[1] = value


def drop(data: Any, path: Path) -> None:
    """Remove what stands at `path`."""
    holder, step = at(data, path[:-1]), path[-1]
    if isinstance(step, int):
        del holder[step]
    else:
        holder.remove(_pair(holder, step))


def rekey(data: Any, path: Path, key: str) -> None:
    """Give the pair at `path` another key."""
    _pair(at(data, path[:-1]), path[-1])[0] = text_of(key)


def _pair(pairs: Any, key: Any) -> Any:
    return next((pair for pair in pairs if pair[0][1:] == [key]), None)


# --- texts --------------------------------------------------------------------------------


@dataclass
class Judged:
    """A text as PyYAML composes it: nodes with marks."""

    text: str
    roots: list[Any]
    shift: int

    @classmethod
    def read(cls, text: str) -> Judged:
        """Read a text, or raise `UnreadableError` as Docker would refuse it."""
        shift = text.startswith("\ufeff")
        roots: list[Any] = []
        try:
            roots.extend(yaml.compose_all(text[shift:], Loader=LOADER))
        except (yaml.YAMLError, UnicodeEncodeError) as error:
            why = str(error).partition("\n")[0]
            raise UnreadableError(why, later=bool(roots)) from None
        if any(_twice(root) for root in roots[:1]):
            raise UnreadableError("a key stands twice")
        return cls(text, roots, shift)

    @property
    def root(self) -> Any:
        return self.roots[0] if self.roots else None

    def data(self, *, shared: bool = False) -> list[Any]:
        """Return the documents as plain data, one object for the users of an anchor if wanted."""
        return [plain(root, {} if shared else None) for root in self.roots]

    def node(self, path: Path) -> Any:
        """Return the node at `path`; None if it is missing."""
        node = self.root
        for step in path:
            if isinstance(node, yaml.MappingNode):
                node = next((v for k, v in node.value if k.value == step), None)
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                node = node.value[step]
            else:
                return None
        return node

    def start(self, node: Any) -> int:
        return int(node.start_mark.index) + self.shift

    def span(self, node: Any) -> tuple[int, int]:
        """Return where a node's text begins and ends, trailing blanks and comments left out."""
        start, end = self.start(node), int(node.end_mark.index) + self.shift
        if isinstance(node, yaml.ScalarNode):
            return start, _content_end(self.text, start, end, node.style)
        if node.flow_style:
            return start, end
        return start, max(e for s, e, _ in self.tokens if start < e <= end and s < end)

    @cached_property
    def tokens(self) -> list[tuple[int, int, bool]]:
        """Start, end and whether it is an alias, of every token that has characters."""
        found = []
        for token in yaml.scan(self.text[self.shift :], Loader=LOADER):
            start, end = token.start_mark.index + self.shift, token.end_mark.index + self.shift
            if isinstance(token, yaml.ScalarToken):
                end = _content_end(self.text, start, end, token.style)
            if end > start:
                found.append((start, end, isinstance(token, yaml.AliasToken)))
        return found

    def end_of(self, value: Any, key_end: int) -> int:
        """Return the end of an entry; an alias stands on its line, its node stands elsewhere."""
        alias = self.alias_behind(key_end)
        return max(self.span(value)[1], key_end) if alias is None else alias

    def alias_behind(self, key_end: int) -> int | None:
        """Return the end of the alias behind a key or dash; None if no alias stands there."""
        found = _TO_VALUE.match(self.text, key_end)
        ends = [e for s, e, alias in self.tokens if alias and found and s == found.end()]
        return ends[0] if ends else None

    def aliased(self, path: Path) -> bool:
        """Whether an alias stands as the value at `path`."""
        holder, step = self.node(path[:-1]), path[-1]
        if isinstance(holder, yaml.MappingNode):
            key = next(key for key, _ in holder.value if key.value == step)
            return self.alias_behind(self.span(key)[1]) is not None
        return not holder.flow_style and (
            self.alias_behind(_entry_span(self, path)[0] + 1) is not None
        )

    def line(self, offset: int) -> int:
        """Return the line of a character, from 0."""
        return self.text.count("\n", 0, offset)

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their endings."""
        return [line.removesuffix("\r") for line in self.text.removeprefix("\ufeff").split("\n")]

    @cached_property
    def filled(self) -> set[int]:
        """The lines that are not blank, or that are content of a block scalar."""
        found = {i for i, line in enumerate(self.lines) if line.strip()}
        for start, end, _ in self.tokens:
            found.update(range(self.line(start), self.line(end) + 1))
        return found

    def column(self, offset: int) -> int:
        """Return the column of a character, from 0."""
        return offset - max(self.text.rfind("\n", 0, offset) + 1, self.shift)


def _content_end(text: str, start: int, end: int, style: str | None) -> int:
    if style not in {"|", ">"}:
        return end
    lines = text[start:end].split("\n")
    if "+" in lines[0].partition("#")[0]:
        return start + len(text[start:end].removesuffix("\n"))
    content = [line for line in lines[1:] if line.strip()]
    margin = len(content[0]) - len(content[0].lstrip(" ")) if content else 0
    # A line of more blanks than the indentation is content.
    while len(lines) > 1 and not lines[-1].strip() and len(lines[-1].rstrip("\r")) <= margin:
        lines.pop()
    return start + len("\n".join(lines).rstrip("\r"))


def _twice(root: Any) -> bool:
    """Whether a key stands twice in one mapping; each node is looked at once."""
    todo, seen = [root], set()
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


# --- what an edit may touch ---------------------------------------------------------------


def holds(a: str, b: str) -> bool:
    """Whether `b` is `a` with one run of characters put in."""
    return len(b) > len(a) and sum(_common(a, b)) >= len(a)


def _common(a: str, b: str) -> tuple[int, int]:
    """Return how many characters two texts share at their beginnings and at their ends."""
    most = min(len(a), len(b))
    head = next((i for i in range(most) if a[i] != b[i]), most)
    tail = next((i for i in range(most) if a[-1 - i] != b[-1 - i]), most)
    return head, tail


def flat(data: Any) -> Any:
    """Return plain data with merge keys followed, and without the order of keys."""
    if not isinstance(data, Pairs):
        return [flat(item) for item in data] if isinstance(data, list) else data
    found = {}
    for key, value in data:
        if key[0] == "merge":
            sources = [value] if isinstance(value, Pairs) else value
            for source in reversed(sources):
                found.update({str(k): (k, v) for k, v in flat(source)})
    found.update({str(k): (k, flat(v)) for k, v in data if k[0] != "merge"})
    return Pairs(list(found[key]) for key in sorted(found))


def written_out(old: Judged, new: Judged) -> str:
    """Judge what `expand` may do: the alias's line is written out, and at most one more changed."""
    changes = list(difflib.unified_diff(old.lines, new.lines, n=0, lineterm=""))[2:]
    gone = [line for line in changes if line.startswith("-")]
    one_place = sum(line.startswith("@@") for line in changes) == 1
    ok = (len(gone) <= 2 or one_place) and any("*" in line for line in gone)
    return "" if ok else "more than the alias's line is touched"


def put_in(old: Judged, new: Judged) -> str:
    """Judge that no old character is gone."""
    return "" if holds(old.text, new.text) else "an old character is gone"


def addition(path: Path) -> Callable[[Judged, Judged], str]:
    """Return the judge of an addition into the collection at `path`, which may be null or empty."""

    def check(old: Judged, new: Judged) -> str:
        node = old.node(path)
        if isinstance(node, yaml.CollectionNode) and not node.value:
            return _same_outside(old, new, old.span(node))
        if not isinstance(node, yaml.CollectionNode) and node is not None and node.value:
            return _same_outside(old, new, old.span(node))
        if isinstance(node, yaml.CollectionNode) and node.flow_style:
            return _same_outside(old, new, old.span(node))
        return put_in(old, new) or _placed(old, new)

    return check


def _placed(old: Judged, new: Judged) -> str:
    """Judge the line above new lines: no comment and no blank line is parted from its entry."""
    if len(new.lines) <= len(old.lines) or not isinstance(old.root, yaml.CollectionNode):
        return ""
    probe = first = next(i for i, line in enumerate(new.lines) if PROBE in line)
    same = next(i for i, line in enumerate(new.lines) if old.lines[i : i + 1] != [line])
    while first > same and first - 1 in new.filled:
        first -= 1
    above = first - 1
    if above >= 0 and above not in new.filled:
        above -= 1
        if new.lines.count("") == old.lines.count(""):
            return "a blank line above that stood below the last entry"
        if first == probe and all(line.strip() for line in old.lines[:-1]):
            return "a blank line in a file that has none"
    if above < 0:
        return ""
    if above not in new.filled:
        return "more than one blank line above"
    comment = _COMMENT.match(new.lines[above])
    column = len(new.lines[first]) - len(new.lines[first].lstrip(" "))
    if comment and len(comment[1]) <= column:
        return "a comment above that is about the next entry"
    return ""


def _same_outside(old: Judged, new: Judged, span: tuple[int, int]) -> str:
    first, last = map(old.line, span)
    behind = len(old.lines) - last - 1
    head = old.lines[:first] == new.lines[:first]
    tail = not behind or old.lines[-behind:] == new.lines[-behind:]
    return "" if head and tail else "lines outside the collection are touched"


def replacement(path: Path) -> Callable[[Judged, Judged], str]:
    """Return the judge of a value replaced: nothing before or behind the value is touched."""

    def check(old: Judged, new: Judged) -> str:
        if old.aliased(path):
            return written_out(old, new)
        node, after = old.node(path), new.node(path)
        if why := _kept_around(old, new, old.span(node)):
            return why
        was, now = node.style or "", after.style or ""
        if was in {"", "'", '"'} and was != now and node.value:
            return f"the quote style {was!r} became {now!r}"
        return ""

    return check


def renaming(path: Path) -> Callable[[Judged, Judged], str]:
    """Return the judge of a key renamed."""

    def check(old: Judged, new: Judged) -> str:
        key = next(key for key, _ in old.node(path[:-1]).value if key.value == path[-1])
        return _kept_around(old, new, old.span(key))

    return check


def _kept_around(old: Judged, new: Judged, span: tuple[int, int]) -> str:
    if not new.text.startswith(old.text[: span[0]]):
        return "text before the value is touched"
    return "" if new.text.endswith(old.text[span[1] :]) else "text behind the value is touched"


def removal(path: Path) -> Callable[[Judged, Judged], str]:
    """Return the judge of a removal: the entry's lines, its comments, one run of blank lines."""

    def check(old: Judged, new: Judged) -> str:
        if old.node(path[:-1]).flow_style:
            return _same_outside(old, new, old.span(old.node(path[:-1])))
        if not holds(new.text, old.text):
            return "a character is new"
        start, end = _entry_span(old, path)
        if old.text[old.text.rfind("\n", 0, start) + 1 : start].strip(" \ufeff"):
            return _same_outside(old, new, (start, old.span(old.node(path[:-1]))[1]))
        return _judge_cut(old, new, start, end)

    return check


def moving(path: Path) -> Callable[[Judged, Judged], str]:
    """Return the judge of a removal that gives anchors to their users: the rest is still there."""

    def check(old: Judged, new: Judged) -> str:
        start, end = _entry_span(old, path)
        first, last = old.line(start), old.line(end)
        head, tail = _comments(old.lines, first, last, old.column(start))
        kept = [line for line in old.lines[:head] + old.lines[tail + 1 :] if "*" not in line]
        rest = iter(new.lines)
        gone = [line for line in kept if line.strip() and line not in rest]
        return f"the line {gone[0]!r} is gone" if gone else ""

    return check


def _entry_span(old: Judged, path: Path) -> tuple[int, int]:
    """Return the span of a block entry, from its key or dash."""
    holder, step = old.node(path[:-1]), path[-1]
    if isinstance(holder, yaml.MappingNode):
        key, value = next(pair for pair in holder.value if pair[0].value == step)
        return old.span(key)[0], old.end_of(value, old.span(key)[1])
    start, end = 0, old.start(holder)
    for item in holder.value[: int(step) + 1]:
        found = _TO_DASH.match(old.text, end)
        start = found.end() if found else end
        end = old.end_of(item, start + 1)
    return start, end


def _judge_cut(old: Judged, new: Judged, start: int, end: int) -> str:
    """Judge the lines that are gone; where equal lines meet, any reading that is right will do."""
    first, last = old.line(start), old.line(end)
    head, tail = _comments(old.lines, first, last, old.column(start))
    above = _blanks(old, head, -1)
    below = _blanks(old, tail, 1)
    newline = new.text.endswith("\n") and not old.text.endswith("\n")
    left = new.lines[:-1] if newline else new.lines
    count = len(old.lines) - len(left)
    for i in range(above, first + 1):
        j = i + count - 1
        if last <= j <= below and old.lines[:i] + old.lines[j + 1 :] == left:
            both = i < head and j > tail
            if not both:
                return ""
    return f"lines {above + 1} to {below + 1} may go, {count} went"


def _needs_newline(new: Judged) -> bool:
    """Whether a text ends in a block scalar, whose value holds the newline at its end."""
    root = new.root
    while isinstance(root, yaml.CollectionNode) and not root.flow_style and root.value:
        last = root.value[-1]
        root = last[1] if isinstance(last, tuple) else last
    return isinstance(root, yaml.ScalarNode) and root.style in {"|", ">"}


def _comments(lines: list[str], first: int, last: int, column: int) -> tuple[int, int]:
    """Return the first and the last line of an entry with its comments."""
    head, tail = first, last
    while head and (found := _COMMENT.match(lines[head - 1])) and len(found[1]) == column:
        head -= 1
    for i in range(last + 1, len(lines)):
        found = _COMMENT.match(lines[i])
        if found and len(found[1]) > column:
            tail = i
        elif lines[i].strip():
            break
    return head, tail


def _blanks(old: Judged, at: int, step: int) -> int:
    """Return the last of the blank lines beside line `at`."""
    while 0 <= at + step < len(old.lines) and at + step not in old.filled:
        at += step
    return at


def endings(old: Judged, new: Judged) -> str:
    """Judge line endings: new lines end as the old ones do, the last one as it was."""
    a, b = old.text, new.text
    if a.strip("\ufeff") and a.endswith("\n") != b.endswith("\n") and not _needs_newline(new):
        return "the end of the last line changed"
    crlf, lf = a.count("\r\n"), a.count("\n")
    if not crlf and "\r" in b:
        return "CRLF in a file of LF"
    if crlf and crlf == lf and b.count("\r\n") != b.count("\n"):
        return "LF in a file of CRLF"
    return ""
