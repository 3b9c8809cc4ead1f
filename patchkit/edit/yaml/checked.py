"""A YAML text that changes only when the change means what was meant.

Every new text is parsed again and compared with the same edit made on the old tree as data; what
stands outside the spliced places is the old text by construction.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from patchkit.edit.yaml.data import to_data
from patchkit.edit.yaml.layout import Layout
from patchkit.edit.yaml.lines import foreign_break
from patchkit.edit.yaml.nodes import Mapping, Node, Scalar, same
from patchkit.edit.yaml.parse import parsed
from patchkit.edit.yaml.splices import splice
from patchkit.errors import BugError, EditRefused, Problem, RecipeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.edit.yaml.nodes import Path
    from patchkit.edit.yaml.parse import Document
    from patchkit.edit.yaml.splices import Splice


class CheckedText:
    """One YAML text, what it says, and the one way to change it."""

    def __init__(self, text: str, path: str = "") -> None:
        self.document = parsed(text, path)
        self._layout: Layout | None = None
        self._checked = False

    @property
    def text(self) -> str:
        """The text as it is now."""
        return self.document.text

    @property
    def layout(self) -> Layout:
        """Lines and habits of the text as it is now."""
        if self._layout is None:
            self._layout = Layout(self.document)
        return self._layout

    @property
    def data(self) -> Any:
        """The text as plain data, aliases and merge keys followed."""
        return to_data(self.document)

    def node(self, path: Path) -> Node | None:
        """Return the node at `path`, aliases and merge keys not followed."""
        return self.document.find(path)

    def check(self) -> None:
        """Refuse a text that Docker refuses: a key that stands twice, an alias of nothing.

        Raises:
            EditRefused: the key stands twice; with the place.
            RecipeError: see `to_data`.
        """
        if self._checked:
            return
        if key := self.document.duplicate():
            raise self._refusal(
                f"the key {key.value!r} stands twice in one mapping; Docker refuses such a file",
                key.start,
                "remove one of the two first",
            )
        if (at := foreign_break(self.document)) is not None:
            raise self._refusal(
                "a character stands here that ends a line for YAML, and for nothing else",
                at,
                "replace it by a newline or a blank first",
            )
        if self.document.aliases:
            to_data(self.document)
        self._checked = True

    def commit(
        self, made: list[Splice], expected: Node | None, *, doubt: tuple[str, int] | None = None
    ) -> None:
        """Take the spliced text if it means what was meant, and nothing else changed.

        Args:
            made: the splices of one edit.
            expected: what the first document must mean; None if the caller compares the data.
            doubt: for lines that are moved as they stand: what to refuse where that does not
                do, and the offset to name.

        Raises:
            EditRefused: in case of doubt.
            BugError: it means something else; the text is as it was.
        """
        document, why = self._read(splice(self.text, made), expected)
        if document is not None:
            self.document, self._layout = document, None
        elif doubt is not None:
            message, offset = doubt
            raise self._refusal(message, offset, "write it there by hand first")
        else:
            raise self._mismatch(why)

    def _read(self, text: str, expected: Node | None) -> tuple[Document | None, str]:
        """Return the new text read, or None and why it does not do."""
        try:
            new = parsed(text, self.document.path)
            if new.aliases:
                to_data(new)
        except RecipeError as error:
            return None, str(error)
        if expected is not None and not (new.root and same(new.root, expected)):
            return None, "the edited text does not mean what was meant"
        old = self.document.rest
        if len(new.rest) != len(old) or not all(map(same, new.rest, old)):
            return None, "the edit reached another document of the file"
        return new, ""

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Take back all of an edit when a part of it is refused."""
        self.check()
        before = self.document, self._layout
        try:
            yield
        except BaseException:
            self.document, self._layout = before
            raise

    def _root(self) -> Node:
        return self.document.root or Scalar("")

    def _node(self, path: Path) -> Node:
        node = self.document.find(path)
        assert node is not None, f"{dotted(path)} has vanished"  # noqa: S101
        return node

    def _is_there(self, path: Path) -> bool:
        return not path or self.document.find(path) is not None

    def _start(self, path: Path) -> int:
        """Return where the pair or item at `path` begins."""
        holder, node = self.document.find(path[:-1]), self.document.find(path)
        if path and isinstance(holder, Mapping):
            return holder.pairs[holder.index(str(path[-1])) or 0][0].start
        return node.start if node else 0

    def _refusal(self, message: str, offset: int, hint: str) -> EditRefused:
        return EditRefused(message, place=self.document.place(offset), hint=hint)

    def _mismatch(self, why: str) -> BugError:
        return BugError(
            (
                Problem(
                    f"an edit of {self.document.path or 'a YAML text'} failed its check: {why}",
                    hint="nothing was written; please report the file and the edit",
                ),
            )
        )


def dotted(path: Path) -> str:
    """Return a path as messages write it."""
    return ".".join(str(step) for step in path)
